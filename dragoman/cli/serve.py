"""The commands around the web app: serve, and the tokens of those who may use it."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.base import CODEBOOK, EXIT_CODES, KNOWLEDGE, NOTHING, SIZE, cli

if TYPE_CHECKING:
    from dragoman.model import Size
    from dragoman.web import Settings

_TCP, _NODELAY = 6, 1
"""IPPROTO_TCP and TCP_NODELAY, of every system; nothing here opens a connection, so `socket` is not imported."""
_MISSING = "the web app needs its extra: pip install 'dragoman[web]'"
_TLS_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all good. Without a list uvicorn takes every one that OpenSSL has."""
_IN_THE_CLEAR = (
    "on {host} what goes over the line can be read and changed by others, tokens too: give --certificate and --key, or "
    "--plain-http where a proxy with TLS stands before it"
)
_STORE = click.option(
    "--store",
    "where",
    envvar="DRAGOMAN_STORE",
    metavar="FILE|URL",
    help="SQLite file or postgresql://…; without it a store in your data folder, begun with a sample.",
)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@cli.command(epilog=EXIT_CODES)
@_STORE
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; off loopback tokens are needed.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="Another name of this machine.",
)
@click.option("--tokens", is_flag=True, help="Everybody needs a token, at this machine too: behind a proxy.")
@click.option("--certificate", type=_FILE, help="Certificates for TLS, as PEM.")
@click.option("--key", type=_FILE, help="The private key of the certificate, as PEM.")
@click.option("--plain-http", is_flag=True, help="Listen to others without TLS, behind a proxy that has it.")
@click.option("--sample/--no-sample", default=None, help="Put the sample into a store that is made anew.")
@click.option(
    "--author", envvar="DRAGOMAN_AUTHOR", help="Who reviews on this machine; by default the user's name."
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.01, 3600),
    default=1.0,
    show_default=True,
    help="Most time a question.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1),
    default=50.0,
    show_default=True,
    help="Requests a second a client.",
)
@click.option("--browser/--no-browser", default=True, help="Open a browser.")
@SIZE
@KNOWLEDGE
@CODEBOOK
def serve(
    where: str | None,
    host: str,
    port: int,
    names: tuple[str, ...],
    tokens: bool,
    certificate: Path | None,
    key: Path | None,
    plain_http: bool,
    sample: bool | None,
    author: str | None,
    seconds: float,
    rate: float,
    browser: bool,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
) -> None:
    """Look at a store in a browser: dossier, reader, review, map, and the API.

    \b
    dragoman serve
    dragoman serve --store press.db --port 9000
    """
    try:
        import uvicorn

        from dragoman.web import Settings
    except ModuleNotFoundError:
        raise click.UsageError(_MISSING) from None
    own = where is None
    settings = Settings(
        where=where or _own_store(),
        knowledge=knowledge or (_sample_knowledge() if own else None),
        codebook=codebook,
        size=size,
        sample=own if sample is None else sample,
        host=host,
        port=port,
        names=names,
        tokens=tokens,
        reviewer=author or _user(),
        seconds=seconds,
        rate=rate,
    )
    from dragoman.web import create_app
    from dragoman.web.log import SETUP

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together")
    if not (settings.is_loopback or certificate or plain_http):
        raise click.UsageError(_IN_THE_CLEAR.format(host=host))
    if not settings.is_open:
        _ask_for_tokens(settings)
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        log_config=dict(SETUP),
        log_level="warning",
        lifespan="on",
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_ciphers=_TLS_CIPHERS,
    )
    try:
        listening = config.bind_socket()
    except SystemExit:
        raise click.UsageError(f"cannot listen on {host} port {port}; give another with --port") from None
    listening.setsockopt(_TCP, _NODELAY, 1)  # asyncio does not where a socket was bound outside: 40 ms
    listening.listen()  # from here on who comes before the server has begun waits and is not turned away
    shown = f"[{host}]" if ":" in host else host
    address = f"{'https' if certificate else 'http'}://{shown}:{listening.getsockname()[1]}/"
    click.echo(f"Dragoman is at {address}   (Ctrl+C ends it)", err=True)
    if browser and settings.is_loopback and sys.stderr.isatty():
        click.launch(address)
    uvicorn.Server(config).run(sockets=[listening])


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user that has no name
        return "reviewer"


def _own_store() -> str:
    from platformdirs import user_data_path

    folder = user_data_path("dragoman", ensure_exists=True)
    return str(folder / "dragoman.db")


def _sample_knowledge() -> Path:
    from dragoman.sample import KNOWLEDGE as FOLDER

    return FOLDER


def _ask_for_tokens(settings: Settings) -> None:
    """Refuse to listen to others where nobody could sign in."""
    from dragoman.query import tokens
    from dragoman.store import open_store

    with open_store(settings.where, create=True) as store, store.view() as view:
        if not any(row["holds"] for row in tokens(view)):
            raise click.UsageError(
                f"on {settings.host} everybody needs a token, and there is none yet; make one: "
                f"dragoman token invite NAME --role admin --store {store.place}"
            )


@cli.group()
def token() -> None:
    """Who may use the web app from other machines."""


_TOKEN_STORE = click.option("--store", "where", required=True, envvar="DRAGOMAN_STORE", metavar="FILE|URL")


_ROLE = click.option(
    "--role", type=click.Choice(["reader", "reviewer", "admin"]), default="reader", show_default=True
)
_DAYS = click.option(
    "--days", type=click.IntRange(1, 3660), default=365, show_default=True, help="How long the token holds."
)


@token.command("add", epilog=EXIT_CODES)
@click.argument("name")
@_ROLE
@_DAYS
@_TOKEN_STORE
def add_token(name: str, role: str, days: int, where: str) -> None:
    """Make a token for NAME, a program or yourself, and print it this once; other people are to be invited."""
    from dragoman.store import open_store
    from dragoman.tokens import digest, new_token

    made = new_token()
    with open_store(where, create=True) as store, store.writer() as writer:
        writer.grant(name, role, digest(made), days=days)
    click.echo(made)


@token.command("invite", epilog=EXIT_CODES)
@click.argument("name")
@_ROLE
@_DAYS
@click.option(
    "--hours",
    type=click.IntRange(1, 720),
    default=72,
    show_default=True,
    help="How long the invitation holds.",
)
@_TOKEN_STORE
def invite(name: str, role: str, days: int, hours: int, where: str) -> None:
    """Invite NAME: print what is shown once, when signing in, to be given a token that nobody else has seen."""
    from dragoman.store import open_store
    from dragoman.tokens import digest, new_invitation

    made = new_invitation()
    with open_store(where, create=True) as store, store.writer() as writer:
        writer.invite(name, role, digest(made), hours=hours, days=days)
    click.echo(made)


@token.command("list", epilog=EXIT_CODES)
@_TOKEN_STORE
def list_tokens(where: str) -> None:
    """Who has a token, and in which role."""
    from dragoman.page import printable
    from dragoman.query import tokens
    from dragoman.store import open_store

    with open_store(where) as store, store.view() as view:
        rows = tokens(view).rows
    for row in rows:
        ended = _until(row)
        click.echo(f"{printable(row['name'], lines=False)}  {row['role']}  made {row['made'][:10]}  {ended}")
    if not rows:
        click.echo("no token yet", err=True)
        raise SystemExit(NOTHING)


def _until(row: Mapping[str, Any]) -> str:
    if row["revoked"] is None:
        return "holds"
    holds = "is invited until" if row["invited"] else "holds until"
    return f"{holds if row['holds'] else 'ended'} {row['revoked'][:10]}"


@token.command("revoke", epilog=EXIT_CODES)
@click.argument("name")
@_TOKEN_STORE
def revoke_token(name: str, where: str) -> None:
    """End all tokens of NAME."""
    from dragoman.store import open_store

    with open_store(where) as store, store.writer() as writer:
        ended = writer.revoke(name)
    click.echo(f"{ended} revoked", err=True)
    if not ended:
        raise SystemExit(NOTHING)
