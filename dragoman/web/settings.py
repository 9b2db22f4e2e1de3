"""What can be set about the app; read once, at the door."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from dragoman.model import Size

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every limit has a name here, and a test.

    where: path or address of the store · knowledge: folder of parties of one's own · codebook: file of categories of
    one's own · size: of the encoder · sample: put the sample into a store that is made anew · host, port: where it
    listens · names: further names of this machine that a browser may ask for · tokens: ask everybody for a token, at
    this machine too · reviewer: who speaks where no token says it · seconds: most time
    of one question to the store · reading: most code points of a text that is read at once · body: most bytes of a
    request, upload: of a file to add · rate: requests a second of one client, burst: at once · waiting: texts that may
    wait to be read · idle: seconds without a request after which one has to sign in again, longest: after which in any
    case · wrong: wrong tokens a minute of one client.
    """

    where: str | Path
    knowledge: Path | None = None
    codebook: Path | None = None
    size: Size = "full"
    sample: bool = False
    host: str = "127.0.0.1"
    port: int = 8765
    names: tuple[str, ...] = ()
    tokens: bool = False
    reviewer: str = "reviewer"
    seconds: float = 1.0
    reading: int = 50_000
    body: int = 1_000_000
    upload: int = 20_000_000
    rate: float = 50.0
    burst: int = 200
    waiting: int = 4
    idle: float = 12 * 3600
    longest: float = 7 * 86400
    wrong: int = 10

    @property
    def is_loopback(self) -> bool:
        """Whether it listens to this machine only."""
        host = self.host.strip("[]")
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    @property
    def is_open(self) -> bool:
        """Whether whoever asks at this machine is the admin; else everybody needs a token."""
        return self.is_loopback and not self.tokens

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which a request may ask for this app, without ports."""
        own = (self.host if ":" not in self.host.strip("[]") else f"[{self.host.strip('[]')}]").lower()
        return frozenset({own, *LOOPBACK_NAMES, *(name.lower() for name in self.names)})
