"""What goes in and out of the door: limits, what was fetched, and why something was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dragoman.errors import DragomanError

WEB_PORTS = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost, and how hosts are treated. Every default can be changed."""

    seconds: float = 30.0
    """For all of one request: DNS, TLS, headers, body, redirects and robots.txt. Waiting for one's turn is extra."""
    body_bytes: int = 20_000_000
    """Bytes of a body, as sent and once inflated."""
    ratio: int = 200
    """Inflated bytes for each byte sent, once there are more than a MiB. News pages reach 5 to 20."""
    header_bytes: int = 65_536
    """Bytes of all headers of one response."""
    redirects: int = 5
    ports: frozenset[int] = WEB_PORTS
    gap: float = 1.0
    """Seconds between the end of one request to a host and the start of the next."""
    crawl_delay: float = 30.0
    """The longest Crawl-delay of a robots.txt that is kept, in seconds."""
    retry_after: float = 86_400.0
    """The longest Retry-After that is believed, in seconds."""
    at_once: int = 32
    """Requests under way at once, over all hosts. With body_bytes this bounds the memory they take."""
    allow: tuple[str, ...] = ()
    """Networks allowed though they are not public, such as "10.1.0.0/16": for intranets and tests."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page (status 200), or word that it has not changed (304, with an empty body)."""

    url: str
    """As asked for."""
    final_url: str
    status: int
    body: bytes
    """Inflated; the bytes are not decoded."""
    content_type: str | None
    """The media type in lower case, without parameters; None where the server names none."""
    charset: str | None
    etag: str | None
    last_modified: str | None
    retry_after: float | None
    """Seconds."""
    redirects: tuple[str, ...]
    """The addresses that were redirected to, in order; the last is final_url."""
    permanent: str | None
    """Where the address has moved for good (an unbroken beginning of 301 and 308); None where it has not."""


class FetchError(DragomanError):
    """Something was not fetched. ``kind`` is one of the words in the table of ``dragoman.fetch``."""

    def __init__(
        self, reason: str, *, kind: str, url: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(reason, document=url)
        self.kind = kind
        self.retry_after = retry_after

    def at(self, url: str) -> FetchError:
        """The same error, told of the address that was asked for; another place is named beside it."""
        reason = self.reason if self.document in (None, url) else f"{self.reason} (at {self.document})"
        return FetchError(reason, kind=self.kind, url=url, retry_after=self.retry_after)

    def __reduce__(self) -> tuple[Any, ...]:
        return _error, (self.reason, self.kind, self.document, self.retry_after)


def _error(reason: str, kind: str, url: str | None, retry_after: float | None) -> FetchError:
    return FetchError(reason, kind=kind, url=url, retry_after=retry_after)


def missing_extra(package: str) -> DragomanError:
    """The error of an installation that cannot fetch."""
    return DragomanError(f"fetching needs {package}: pip install 'dragoman[watch]'")
