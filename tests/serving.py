"""An app over a small store, and somebody who asks it things without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from dragoman.record import Record
from dragoman.store import open_store
from dragoman.tokens import digest
from dragoman.web import Settings, create_app
from tests.conftest import FakeReader
from tests.stories import EXCHANGE, keep

HOME = "http://localhost:8765"


class Visitor:
    """Asks an app; ``headers`` and cookies go with every request. Answers are those of httpx."""

    def __init__(self, app: Any, *, address: str = "127.0.0.1", token: str | None = None) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 4000))
        self._client = httpx.AsyncClient(transport=transport, base_url=HOME, headers=headers)
        self._loop = asyncio.Runner()
        self.desk = app.app.state.desk

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._loop.run(self._client.request(method, path, **options))

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """A question; parameters given as None are left out."""
        held = {name: value for name, value in parameters.items() if value is not None}
        return self.ask("GET", path, params=held or None)

    def rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = self.get(f"/api/v1/{path}", **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["rows"]

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **options)

    def settle(self) -> None:
        """Wait until all documents have been looked at together."""
        gatherer = self.desk._gatherer
        if gatherer is not None:
            gatherer.join()

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()


_filled: dict[tuple[Record, ...], bytes] = {}
"""Files that hold some records: the same ones are put into tables and looked at together once."""


def _fill(where: str | Path, records: tuple[Record, ...]) -> None:
    """Put records into a store; a file that is not there yet is copied, where one like it was made before."""
    new = isinstance(where, Path) and not where.exists()
    if new and records in _filled:
        Path(where).write_bytes(_filled[records])
        return
    with open_store(where, create=True) as store:
        keep(store, *records)
    if new:
        _filled[records] = Path(where).read_bytes()


@contextmanager
def serving(
    where: str | Path, *records: Record, tokens: Sequence[tuple[str, str]] = (), **settings: Any
) -> Iterator[Any]:
    """The app over a store that holds some records; ``tokens`` are roles and tokens that hold."""
    _fill(where, records)
    if tokens:
        with open_store(where) as store, store.writer() as writer:
            for role, token in tokens:
                writer.grant(f"a {role}", role, digest(token))
    limits = {"rate": 1e9, "burst": 10**9, "wrong": 10**9, "reviewer": "Ana"}
    make_reader: Any = lambda ontology: FakeReader()  # noqa: E731
    app: Any = create_app(Settings(where=where, **{**limits, **settings}), make_reader=make_reader)
    try:
        yield app
    finally:
        app.app.state.desk.close()


@contextmanager
def visiting(where: str | Path, *records: Record, **settings: Any) -> Iterator[Visitor]:
    """Somebody at the machine that serves the four reports of an exchange, or others."""
    with serving(where, *(records or EXCHANGE), **settings) as app:
        visitor = Visitor(app)
        try:
            yield visitor
        finally:
            visitor.settle()
            visitor.close()


def send_raw(
    app: Any,
    method: str = "GET",
    path: str = "/healthz",
    *,
    headers: Iterable[tuple[str, str]] = (("host", "localhost"),),
    parts: Sequence[bytes] = (b"",),
    query: bytes = b"",
    address: str = "127.0.0.1",
    scheme: str = "http",
) -> tuple[int, dict[str, str], bytes]:
    """A request byte by byte, as no polite client would send it: status, headers and body of the answer."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": (address, 4000),
        "server": ("127.0.0.1", 8765),
    }
    waiting = [
        {"type": "http.request", "body": part, "more_body": n < len(parts)} for n, part in enumerate(parts, 1)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    told = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])
