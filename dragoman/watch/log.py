"""What happens, a line each: plain, or JSON for other programs. No character of a feed steers a terminal or forges a
line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TextIO

from dragoman.page import printable

Log = Callable[..., None]
"""Called with what happened, in one word, and with what is known of it."""


def make_log(out: TextIO, form: str, now: Callable[[], str]) -> Log:
    """A log that writes lines; ``now`` gives the moment, ``form`` is plain or json."""
    line = _json_line if form == "json" else _plain_line

    def log(event: str, **known: Any) -> None:
        out.write(line(now(), event, known) + "\n")
        out.flush()

    return log


def silent(event: str, **known: Any) -> None:
    """A log that is not kept."""


def _json_line(moment: str, event: str, known: dict[str, Any]) -> str:
    """ASCII only: every other character is written as an escape."""
    return json.dumps({"time": moment, "event": event, **known}, ensure_ascii=True, default=str)


def _plain_line(moment: str, event: str, known: dict[str, Any]) -> str:
    told = " ".join(f"{name}={_shown(value)}" for name, value in known.items() if value is not None)
    return f"{moment} {event}" + (f" {told}" if told else "")


def _shown(value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    text = printable(value, lines=False)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or not text else text
