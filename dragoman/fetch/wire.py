"""The only place that opens a connection: aiohttp, with every socket guarded.

An address is judged three times: each answer of DNS, each socket before it connects, and the peer of each connection
before anything is sent over it. No proxies, cookies or netrc; TLS is verified; redirects are not followed here.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from dragoman.fetch.addresses import Guard
from dragoman.fetch.inflate import Inflater
from dragoman.fetch.urls import Target
from dragoman.fetch.values import FetchError, Limits

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The network addresses of a host name, as text. Raises OSError where there are none."""

LONGEST_LINE = 8_190
"""Bytes of one header, and of the status line."""
MOST_HEADERS = 128
_LOOKUPS = 32
"""DNS questions at once; a name server that does not answer holds one of them for its own time."""
_OWN_DECODERS = "gzip, deflate, br, zstd"


@dataclass(frozen=True, slots=True)
class Answer:
    """One response. The body is inflated, and empty unless the status is 200."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case; of a repeated one, the first, but all of Content-Encoding."""
    body: bytes = b""


class Wire:
    """One session for one event loop."""

    def __init__(self, limits: Limits, agent: str, resolve: Resolve | None = None) -> None:
        self._limits = limits
        guard = Guard.of(limits.allow)
        self._resolver = _Resolver(guard, resolve)
        self._session = aiohttp.ClientSession(
            connector=_Connector(guard, self._resolver, limits.at_once),
            headers={"User-Agent": agent, "Accept-Encoding": _OWN_DECODERS, "Accept": "*/*"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
            auto_decompress=False,
            trust_env=False,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=MOST_HEADERS,
        )

    async def ask(self, target: Target, headers: Mapping[str, str], *, cut: int | None = None) -> Answer:
        """Ask once. ``cut`` takes so many bytes of a longer body; otherwise that is an error. Raises FetchError."""
        try:
            request = self._session.get(URL(target.url, encoded=True), headers=headers, allow_redirects=False)
            async with request as response:
                found = self._headers(response)
                body = await self._body(response, found, cut) if response.status == 200 else b""
                return Answer(response.status, found, body)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise failure(error).at(target.url) from None
        except FetchError as error:
            raise error.at(target.url) from None

    async def close(self) -> None:
        await self._session.close()
        self._resolver.stop()

    def _headers(self, response: aiohttp.ClientResponse) -> dict[str, str]:
        size = sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
        if size > self._limits.header_bytes:
            raise FetchError(
                f"{size:,} bytes of headers (at most {self._limits.header_bytes:,})", kind="headers"
            )
        found = {name.lower(): _readable(name, response.headers[name]) for name in response.headers}
        found["content-encoding"] = ",".join(response.headers.getall("Content-Encoding", ()))
        return found

    async def _body(
        self, response: aiohttp.ClientResponse, headers: Mapping[str, str], cut: int | None
    ) -> bytes:
        most = cut or self._limits.body_bytes
        length = response.content_length
        if cut is None and length is not None and length > most:
            raise FetchError(f"a body of {length:,} bytes (at most {most:,})", kind="too_large")
        encodings = [name.strip().lower() for name in headers["content-encoding"].split(",")]
        inflater = Inflater(encodings, body_bytes=most, ratio=self._limits.ratio)
        try:
            async for piece in response.content.iter_any():
                inflater.feed(piece)
        except FetchError as error:
            response.close()
            if cut is None or error.kind != "too_large":
                raise
            return inflater.body[:cut]
        except (aiohttp.ClientError, OSError) as error:
            raise FetchError(f"the body broke off ({_told(error)})", kind="short_body") from None
        return inflater.finish()


def _readable(name: str, value: str) -> str:
    """A header without the lone surrogates that stand for bytes that are no UTF-8; an address keeps its bytes."""
    if name.lower() == "location":
        return value
    return value.encode("utf8", "surrogateescape").decode("utf8", "replace")


def failure(error: Exception) -> FetchError:
    """What a failure below HTTP is called here."""
    for cause in (getattr(error, "os_error", None), error.__cause__):
        if isinstance(cause, _Blocked):
            return FetchError(str(cause), kind="blocked_address")
    return FetchError(_told(error), kind=next(kind for of, kind in _KINDS if isinstance(error, of)))


_KINDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "dns"),
    (aiohttp.ClientSSLError, "tls"),
    (aiohttp.ClientResponseError, "headers"),
    (aiohttp.ClientPayloadError, "short_body"),
    (aiohttp.InvalidURL, "url"),
    (Exception, "connect"),
)


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


# --- guarded sockets ----------------------------------------------------------------------------------------------


class _Blocked(OSError):
    """A socket that was about to reach, or did reach, an address that is not public."""


class _Connector(aiohttp.TCPConnector):
    def __init__(self, guard: Guard, resolver: _Resolver, most: int) -> None:
        super().__init__(
            resolver=resolver,
            socket_factory=guarded_socket(guard),
            use_dns_cache=False,
            limit=most,
            ttl_dns_cache=0,
            ssl=trusting(),
        )
        self._guard = guard

    async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:
        """A connection whose peer is allowed; nothing has been sent over it yet."""
        connection = await super().connect(req, traces, timeout)
        if connection.transport is None:  # gone already: nothing can be sent over it
            return connection
        peer = connection.transport.get_extra_info("peername")
        if peer is None or (reason := refused_peer(self._guard, peer)):
            connection.close()
            raise _Blocked(reason) if peer else OSError("the connection broke off")
        return connection


def trusting() -> ssl.SSLContext:
    """TLS 1.2 or later with whom the system trusts, or those that SSL_CERT_FILE or SSL_CERT_DIR name."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def guarded_socket(guard: Guard) -> Callable[[Any], socket.socket]:
    """Makes sockets for addresses that are allowed. Raises OSError for others, before they connect."""

    def make(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, peer = info
        if reason := refused_peer(guard, peer):
            raise _Blocked(reason)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def refused_peer(guard: Guard, peer: Sequence[Any]) -> str | None:
    """Why a socket address may not be reached: (address, port) or (address, port, flow, interface)."""
    if len(peer) == 4 and peer[3]:
        return f"{peer[0]} names an interface of this machine"
    return guard.refusal(peer[0])


class _Resolver(AbstractResolver):
    """Names to addresses. One answer that is not allowed refuses the name: that is how rebinding looks."""

    def __init__(self, guard: Guard, resolve: Resolve | None) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="dns")
        self._resolve = resolve or self._system

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._resolve(host)
        for address in addresses:
            if reason := self._guard.refusal(address):
                raise FetchError(f"{host}: {reason}", kind="blocked_address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _system(self, host: str) -> Sequence[str]:
        asked = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
        return await asked


def _look_up(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(_address(peer) for _, _, _, _, peer in found))


def _address(peer: tuple[Any, ...]) -> str:
    """The address with its interface, where it has one."""
    return f"{peer[0]}%{peer[3]}" if len(peer) == 4 and peer[3] and "%" not in peer[0] else str(peer[0])
