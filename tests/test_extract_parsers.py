"""What hangs, swells or crashes a parser becomes a refusal, and the next page is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.errors import RefusedInput
from dragoman.extract import Parsers, find_inputs, parsers
from dragoman.record import Document
from tests.test_extract_feeds import NEXT_FEED

STORY = (
    "<html><body><p>Ostrania on Monday rejected the offer of Sorvena to hold talks in May.</p></body></html>"
)
HOSTILE = {
    "attributes": "<html><body><p "
    + " ".join(f"a{n}='{n}'" for n in range(100_000))
    + ">Talks</p></body></html>",
    "links": "<html><body>" + "<a href='/x'>talks</a> " * 300_000 + "</body></html>",
    "nested": "<html><body>" + "<div>" * 50_000 + "Talks" + "</div>" * 50_000 + "</body></html>",
    "spans": "<html><body><table>"
    + "<tr><td colspan=9999999>x</td></tr>" * 20_000
    + "</table></body></html>",
    "paragraphs": "<html><body>" + "<p>The minister said so.</p>" * 200_000 + "</body></html>",
}


@pytest.fixture(scope="module")
def short() -> Iterator[Parsers]:
    with Parsers(seconds=1.0, memory=200_000_000) as found:
        found.page(STORY.encode())
        yield found


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_in_time_and_the_next_is_read(name: str, short: Parsers, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(HOSTILE[name])
    (tmp_path / "b.html").write_text(STORY)
    began = time.monotonic()
    hostile, after = find_inputs([str(tmp_path)], parsers=short)
    assert time.monotonic() - began < 8
    assert isinstance(after.outcome, Document)
    if isinstance(hostile.outcome, RefusedInput):
        assert hostile.outcome.kind in ("too_slow", "too_heavy", "crashed", "empty", "unreadable")
        assert hostile.outcome.document == str(tmp_path / "a.html")
        assert hostile.data == HOSTILE[name].encode()


def test_a_page_with_a_hundred_thousand_attributes_is_too_slow(short: Parsers) -> None:
    with pytest.raises(RefusedInput, match="more than 1 seconds") as refused:
        short.page(HOSTILE["attributes"].encode())
    assert refused.value.kind == "too_slow"


def test_a_page_that_swells_is_too_heavy() -> None:
    """A parser written in C may say that it got no memory, or die of it."""
    told = {"too_heavy": "more than 28 MB", "crashed": "its parser crashed"}
    with Parsers(memory=30_000_000) as small, pytest.raises(RefusedInput) as refused:
        small.page(b"<html><body>" + b"<p>The minister said so.</p>" * 600_000)
    assert told[refused.value.kind] in refused.value.reason


def test_a_parser_that_crashes_is_told(short: Parsers) -> None:
    short.page(STORY.encode())
    assert short._child
    assert short._child.pid
    os.kill(short._child.pid, signal.SIGSEGV)
    time.sleep(0.1)
    with pytest.raises(RefusedInput, match="crashed") as refused:
        short.page(STORY.encode())
    assert refused.value.kind == "crashed"
    assert short.page(STORY.encode()).text.startswith("Ostrania")


def test_feeds_sitemaps_and_lists_are_parsed_there_too(short: Parsers) -> None:
    assert [i.title for i in short.feed(NEXT_FEED).items] == ["Talks"]
    assert short.sitemap(b"https://harbour.example/1").pages[0].url == "https://harbour.example/1"
    assert short.opml(b"<opml><outline xmlUrl='https://harbour.example/f'/></opml>")[0].title is None
    with pytest.raises(RefusedInput) as refused:
        short.feed(b"no feed")
    assert refused.value.kind == "broken_feed"


def test_the_parsers_of_a_process_are_kept() -> None:
    assert parsers.shared_parsers() is parsers.shared_parsers()


def test_to_read_a_text_starts_no_process() -> None:
    """Nor does it load what parses pages."""
    script = (
        "import sys; from dragoman.extract import document; document('Talks fail')\n"
        "print({'multiprocessing', 'lxml', 'trafilatura', 'fastwarc'} & set(sys.modules))"
    )
    root = str(Path(__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert ran.stdout == "set()\n", ran.stderr
