"""Addresses of pages: read strictly, written in one way (pure).

``canonical_url`` is for comparing and storing; what it changes does not change the page that is meant:
scheme and host in lower case, host in its ASCII form without a closing dot, default port and fragment dropped, dots
in the path resolved, percent signs spelled in one way, and the tracking parameters of ``tracking.toml`` dropped. The
order of parameters, a closing slash, "www." and http beside https stay as they are.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

from dragoman.fetch.values import FetchError

LONGEST = 4_096
"""Characters of an address. Servers refuse longer ones, and nothing grows with what a feed writes."""
DEFAULT_PORTS = {"http": 80, "https": 443}

_PATH = "/:@!$&'()*+,;=~-._"
_QUERY = _PATH + "?"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that can be asked for."""

    scheme: str
    host: str
    """In ASCII: a name, an IPv4 address, or an IPv6 address without brackets."""
    port: int
    path: str
    """Path and query, as they are sent."""

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        return self.origin + self.path


def target(url: str) -> Target:
    """Read an address. Raises FetchError (url, scheme) on one that is not http(s), whole and plain."""
    url = url.strip(" \t\r\n")
    if len(url) > LONGEST:
        raise _refused(f"an address of {len(url)} characters (at most {LONGEST})", url[:80] + "…")
    if any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise _refused("a control character in an address", ascii(url))
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise _refused(f"not an address ({error})", url) from None
    scheme = split.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise FetchError("only http and https are fetched", kind="scheme", url=url)
    host = _host(split, url)
    try:
        path = _resolved(_spelled(split.path, _PATH)) + _question(_spelled(split.query, _QUERY))
    except UnicodeEncodeError:
        raise _refused("an address that is no text", ascii(url)) from None
    found = Target(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, path)
    if len(found.url) > LONGEST:
        raise _refused(f"an address over {LONGEST} characters once written out", url[:80] + "…")
    return found


def joined(base: Target, location: str) -> Target:
    """Where a Location header leads."""
    try:
        return target(urljoin(base.url, location.strip(" \t\r\n")))
    except ValueError as error:
        raise _refused(f"not an address ({error})", location) from None


def canonical_url(url: str) -> str:
    """One spelling for all spellings of an address. Raises FetchError (url, scheme) on what is no web address."""
    found = target(url)
    path, _, query = found.path.partition("?")
    kept = [part for part in query.split("&") if part and not _tracks(part.partition("=")[0])]
    return found.origin + path + _question("&".join(kept))


def _refused(reason: str, url: str) -> FetchError:
    return FetchError(reason, kind="url", url=url)


# --- the host -----------------------------------------------------------------------------------------------------


def _host(split: SplitResult, url: str) -> str:
    """The host in ASCII. Raises FetchError on none, on user names, and on disguised addresses."""
    if "@" in split.netloc:
        raise _refused("an address with a user name or password", split.scheme + "://…")
    if "\\" in split.netloc or "%" in split.netloc:
        raise _refused("a host with an escape or a backslash", url)
    raw = split.hostname
    if not raw:
        raise _refused("an address without a host", url)
    if split.netloc.startswith("["):
        return _ipv6(raw, url)
    return _name(raw, url)


def _ipv6(raw: str, url: str) -> str:
    try:
        return str(IPv6Address(raw))
    except AddressValueError:
        raise _refused(f"[{raw}] is no IPv6 address", url) from None


def _name(raw: str, url: str) -> str:
    """A name in ASCII, or an IPv4 address in its usual form.

    A host that ends in a number is an IPv4 address to a resolver, in many forms (127.1, 0x7f.1, 2130706433). Only
    four decimal numbers are read: nobody publishes news under the others.
    """
    name = _ascii(raw, url).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(f"{raw!r} is no host", url)
    if _NUMBER.fullmatch(labels[-1]) and not _is_ipv4(name):
        raise _refused(f"{raw!r} hides a network address", url)
    return name


def _ascii(raw: str, url: str) -> str:
    """An international name in Punycode, with its wide digits and dots made plain."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).lower())
    if folded.isascii():
        return folded
    if any(unicodedata.category(character)[0] in "CZ" for character in folded):
        raise _refused(f"{raw!r} has invisible characters in its host", url)
    try:
        return ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in folded.replace("。", ".").split(".")
        )
    except UnicodeError:
        raise _refused(f"{raw!r} is no host", url) from None


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True


# --- path and query -----------------------------------------------------------------------------------------------


def _spelled(text: str, safe: str) -> str:
    """Percent escapes in one spelling: upper case, none where none is needed."""
    pieces, last = [], 0
    for escape in _ESCAPE.finditer(text):
        pieces += [_quoted(text[last : escape.start()], safe), _escape(escape[0])]
        last = escape.end()
    return "".join([*pieces, _quoted(text[last:], safe)])


def _quoted(text: str, safe: str) -> str:
    """Escaped as UTF-8; bytes of a header that are none come as lone surrogates and stay the bytes they were."""
    return quote(text, safe=safe, errors="surrogateescape")


def _escape(escape: str) -> str:
    byte = unquote_to_bytes(escape)[0]
    return chr(byte) if byte in _UNRESERVED else escape.upper()


def _resolved(path: str) -> str:
    """A path without "." and ".." segments."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _question(query: str) -> str:
    return f"?{query}" if query else ""


def _tracks(name: str) -> bool:
    names, prefixes = _tracking()
    return name.lower() in names or name.lower().startswith(prefixes)


@cache
def _tracking() -> tuple[frozenset[str], tuple[str, ...]]:
    told = tomllib.loads((files("dragoman.fetch") / "tracking.toml").read_text("utf8"))
    return frozenset(told["names"]), tuple(told["prefixes"])
