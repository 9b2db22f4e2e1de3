"""The commands that follow feeds: watch, and the list of what is followed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.base import (
    ALLOW,
    CODEBOOK,
    CONTACT,
    DONE,
    EXIT_CODES,
    INTERRUPTED,
    JSON,
    KNOWLEDGE,
    LED,
    PORTS,
    SIZE,
    THREADS,
    cli,
    need_watch,
)
from dragoman.cli.store import FORMAT, STORE, answer, write_rows

if TYPE_CHECKING:
    from dragoman.model import Size
    from dragoman.store import Feed
    from dragoman.watch.listing import Source

_CACHE = 2_048
"""KiB of the store kept in memory: a watcher asks for single rows by key. With the 64 MiB that a screen has, memory
would grow for days, until they are full."""
_SHOWN = "name state due fetched failures trouble items waiting url"


@cli.command(epilog=EXIT_CODES)
@click.argument("feeds", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FEEDS")
@STORE
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked for and when, and end.")
@click.option("--wait", is_flag=True, help="Stand by while another process follows the feeds of the store.")
@click.option(
    "--health", metavar="HOST:PORT", help="Answer /healthz and /metrics there; 127.0.0.1:9464, say."
)
@click.option("--health-anywhere", is_flag=True, help="Others than this machine may ask for them.")
@click.option(
    "--log",
    "log_form",
    type=click.Choice(["plain", "json"]),
    default="plain",
    show_default=True,
    help="Lines to read, or JSON.",
)
@CONTACT
@ALLOW
@PORTS
@THREADS
@SIZE
@KNOWLEDGE
@CODEBOOK
def watch(feeds: Path, where: str, dry_run: bool, **options: Any) -> None:
    """Follow feeds for ever, and read what they list into a store.

    \b
      dragoman watch feeds.toml --store press.db
      dragoman watch feeds.opml --store press.db --once
      dragoman watch feeds.toml --store press.db --health 127.0.0.1:9464 --log json

    FEEDS is TOML ([[feed]] with url, name, publisher, every, keep, enabled) or OPML. SIGTERM and Ctrl-C end it when the
    documents in hand are kept; given again, it goes on where it was.
    """
    from dragoman.store import open_store

    need_watch()
    sources = _load(feeds)
    if dry_run:
        _tell_plan(sources, where)
        raise SystemExit(DONE)
    with open_store(where, create=True, cache=_CACHE) as store:
        raise SystemExit(_follow(store, sources, **options))


def _load(feeds: Path) -> tuple[Source, ...]:
    from dragoman.watch.listing import BadList, load_sources

    try:
        return load_sources(feeds)
    except BadList as error:
        raise click.UsageError(error.reason) from None


def _follow(
    store: Any,
    sources: Sequence[Source],
    *,
    once: bool,
    wait: bool,
    health: str | None,
    health_anywhere: bool,
    log_form: str,
    contact: str | None,
    allow: tuple[str, ...],
    ports: tuple[int, ...],
    threads: int,
    size: Size,
    knowledge: Path | None,
    codebook: Path | None,
) -> int:
    """Follow until the end; the exit code."""
    import asyncio
    import signal

    from dragoman.watch.clock import stamp, utc_now
    from dragoman.watch.follow import Options, follow
    from dragoman.watch.health import BadAddress, read_address
    from dragoman.watch.lead import Led
    from dragoman.watch.log import make_log
    from dragoman.watch.work import Settings

    log = make_log(sys.stderr, log_form, lambda: stamp(utc_now()))
    try:
        options = Options(
            wait=wait,
            health=read_address(health, anywhere=health_anywhere) if health else None,
            knowledge=knowledge,
            codebook=codebook,
            threads=threads,
            size=size,
            contact=contact,
            allow=allow,
            ports=frozenset({80, 443, *ports}),
        )
        _, by = asyncio.run(follow(store, sources, options, Settings(once=once), log))
    except BadAddress as error:
        raise click.UsageError(error.reason) from None
    except Led as error:
        click.echo(f"dragoman: {error}", err=True)
        return LED
    except asyncio.CancelledError:
        return INTERRUPTED
    return INTERRUPTED if by == signal.SIGINT else DONE


def _tell_plan(sources: Sequence[Source], where: str) -> None:
    """Which feeds would be asked, and when."""
    from dragoman.query import Table
    from dragoman.store import StoreError, open_store
    from dragoman.watch import plan
    from dragoman.watch.clock import utc_now

    known: dict[int, Feed] = {}
    try:
        with open_store(where) as store, store.view() as view:
            known = {feed.id: feed for feed in view.feeds()}
    except StoreError as error:
        if error.kind != "missing":
            raise
    now = utc_now()
    rows = []
    for feed in plan.listed(sources):
        feed = known.get(feed.id, feed)
        when = "never: it is gone" if feed.is_gone else "now" if plan.is_due(feed, now) else feed.due
        rows.append(
            {"name": feed.name, "every": f"{feed.every // 60} min", "next": when, "url": feed.address}
        )
    write_rows(Table(("name", "every", "next", "url"), tuple(rows)), "table", "name every next url")


@cli.command(epilog=EXIT_CODES)
@STORE
@FORMAT
@JSON
def feeds(where: str, form: str) -> None:
    """List the feeds that were followed into a store: last and next look, failures, what waits."""
    from dragoman.query import feeds as ask
    from dragoman.store import open_store

    with open_store(where) as store, store.view() as view:
        table = ask(view)
    answer(table, form, _SHOWN)
