"""Many pages one after another, for programs that are not asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from dragoman.fetch.door import Fetcher
from dragoman.fetch.values import Fetched, FetchError, Limits

TOGETHER = 8
"""Pages fetched at once and held until they are taken."""


def fetch_all(
    urls: Iterable[str], limits: Limits | None = None, *, contact: str | None = None, robots: bool = True
) -> Iterator[tuple[str, Fetched | FetchError]]:
    """Every address with its page or why there is none, in the order asked.

    Nothing is under way while the caller works on a page. Raises DragomanError where the extra is not installed.
    """
    fetcher = Fetcher(limits, contact=contact)
    waiting = iter(urls)
    with asyncio.Runner() as runner:
        runner.run(fetcher.__aenter__())
        try:
            while some := list(islice(waiting, TOGETHER)):
                yield from zip(some, runner.run(_each(fetcher, some, robots)), strict=True)
        finally:
            runner.run(fetcher.__aexit__())


async def _each(fetcher: Fetcher, urls: Sequence[str], robots: bool) -> list[Fetched | FetchError]:
    return await asyncio.gather(*(_one(fetcher, url, robots) for url in urls))


async def _one(fetcher: Fetcher, url: str, robots: bool) -> Fetched | FetchError:
    try:
        return await fetcher.get(url, robots=robots)
    except FetchError as error:
        return error
