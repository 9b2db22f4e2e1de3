"""Who is signed in, and who tried too often with a wrong token. Kept in memory: a server begun anew knows nobody."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dragoman.tokens import digest, new_token

_SESSIONS = 20
"""Sessions of one token at once; the one begun first ends when another begins."""
_CLIENTS = 4096
"""Clients whose tries are remembered; the one that tried longest ago is forgotten first."""
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in: the digest of its token, when it began by the wall clock, and seconds of a steady clock."""

    holder: str
    since: str
    began: float
    seen: float


class Sessions:
    """Sessions by the digest of what the browser holds; ``idle`` and ``longest`` are seconds."""

    def __init__(self, *, idle: float, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.idle, self.longest, self.clock = idle, longest, clock
        self._held: OrderedDict[str, Session] = OrderedDict()
        self._programs: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, holder: str) -> str:
        """A new session of a token, by its digest; what the browser is to hold."""
        made, now = new_token(), self.clock()
        with self._lock:
            self._drop_ended(now)
            own = [name for name, session in self._held.items() if session.holder == holder]
            for name in own[: max(0, len(own) - _SESSIONS + 1)]:
                del self._held[name]
            moment = datetime.now(UTC).isoformat(timespec="seconds")
            self._held[digest(made)] = Session(holder, moment, now, now)
        return made

    def holder(self, shown: str | None) -> str | None:
        """The digest of the token whose session this is; None where it is none, or has ended."""
        if not shown:
            return None
        now, name = self.clock(), digest(shown)
        with self._lock:
            session = self._held.get(name)
            if session is None or not self._lasts(session, now):
                self._held.pop(name, None)
                return None
            self._held[name] = replace(session, seen=now)
            return session.holder

    def comes_anew(self, holder: str) -> bool:
        """Whether a token, by its digest, was not shown by a program for as long as a session may rest."""
        now = self.clock()
        with self._lock:
            last = self._programs.pop(holder, None)
            self._programs[holder] = now
            if len(self._programs) > _CLIENTS:
                self._programs.popitem(last=False)
        return last is None or now - last > self.idle

    def end(self, shown: str | None) -> None:
        with self._lock:
            self._held.pop(digest(shown or ""), None)

    def end_others(self, shown: str) -> int:
        """End every other session of the same token; how many there were."""
        name = digest(shown)
        with self._lock:
            own = self._held.get(name)
            others = [
                n for n, session in self._held.items() if own and session.holder == own.holder and n != name
            ]
            for other in others:
                del self._held[other]
        return len(others)

    def beside(self, shown: str | None) -> list[Session]:
        """The sessions of whoever this session is of, the oldest first."""
        holder = self.holder(shown)
        with self._lock:
            self._drop_ended(self.clock())
            return [session for session in self._held.values() if session.holder == holder]

    def _lasts(self, session: Session, now: float) -> bool:
        return now - session.seen <= self.idle and now - session.began <= self.longest

    def _drop_ended(self, now: float) -> None:
        for name in [name for name, session in self._held.items() if not self._lasts(session, now)]:
            del self._held[name]


class Tries:
    """How often each client showed a wrong token lately; no name of a person is held up by another's tries."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.clock = most, clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, client: str) -> None:
        """Count a wrong token."""
        with self._lock:
            many, since = self._lately(client)
            self._wrong.pop(client, None)
            self._wrong[client] = (many + 1, since)
            if len(self._wrong) > _CLIENTS:
                self._wrong.popitem(last=False)

    def wait(self, client: str) -> float:
        """Seconds until a client may show a token again; 0 where it may."""
        with self._lock:
            many, since = self._lately(client)
        return max(0.0, since + _MINUTE - self.clock()) if many >= self.most else 0.0

    def _lately(self, client: str) -> tuple[int, float]:
        now = self.clock()
        many, since = self._wrong.get(client, (0, now))
        return (many, since) if now - since < _MINUTE else (0, now)
