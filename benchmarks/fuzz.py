"""Coverage-guided fuzzing of everything that reads what others wrote: nothing may come out but a refusal.

    pip install atheris
    python -m benchmarks.fuzz                          # each target for an hour
    python -m benchmarks.fuzz html csv --seconds 600

A target is a line of ``TARGETS``. A child does the work, for libFuzzer ends its process; what it finds lies in
``--found`` (input, error, where), an error that was seen before only once. Results of targets add up in
evaluation/results/fuzz.json and fuzz.md until the code that a target loads changes; the inputs that led somewhere are
kept in build/fuzz/, and the next run begins with them.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import importlib.util
import io
import json
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "evaluation" / "results"
SECONDS = 3600
LIMIT = 10
"""Seconds of processor that an input may take."""
MEMORY = 2048
"""MiB that the child may take, the instrumented code included."""
MEMORY_DISK = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Files of a target are written anew for each input."""
LONGEST = 12_288
"""Bytes of an input: enough for every rule (a tar of one file has 10,240), and quick."""

Take = Callable[[bytes], object]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser: ``open`` gives what is to take the inputs, and ``seeds`` inputs to begin with."""

    open: Callable[[Path], Take]
    seeds: Callable[[], Sequence[bytes]]


# --- articles -----------------------------------------------------------------------------------------------------

STORY = "Korvania and Doka\n\nKorvania denied on Tuesday that its army had shelled Doka, a spokesman said.\n"
_ROW = {"id": "a", "text": STORY, "title": "Doka", "published": "2031-05-13", "publisher": "Harbour Wire"}
_PAGE = (
    '<html><head><title>Doka</title><meta charset="utf-8"><meta property="og:title" content="Doka">'
    '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "headline": "Doka", '
    '"datePublished": "2031-05-13T10:00:00Z", "publisher": {"name": "Harbour Wire"}}]}</script></head>'
    f'<body><article><h1>Doka</h1><p>{STORY}</p><table><tr><td colspan="2">a</td></tr></table>'
    "<ul><li>b</li></ul></article></body></html>"
)


def _articles(kind: Any, _: Path) -> Take:
    from dragoman.extract import from_bytes

    return lambda data: list(from_bytes(data, name="input", kind=kind))


def _parser(name: str, _: Path) -> Take:
    """A parser that has a process of its own elsewhere, right here."""
    from dragoman.extract import feeds, html, sitemaps

    parsers: Mapping[str, Take] = {
        "page": lambda data: html.parse_page(data, html.Known()),
        "feed": feeds.parse_articles,
        "opml": feeds.parse_opml,
        "sitemap": sitemaps.parse_sitemap,
    }
    return parsers[name]


def _parquet() -> list[bytes]:
    from pyarrow import Table, parquet

    out = io.BytesIO()
    parquet.write_table(Table.from_pylist([_ROW, _ROW | {"id": "b"}]), out, compression="none")
    return [out.getvalue()]


_RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    "<title>Harbour Wire</title><item><title>Doka</title><link>https://example.org/a</link><guid>a</guid>"
    f"<pubDate>Tue, 13 May 2031 10:00:00 +0000</pubDate><description>{STORY}</description>"
    f"<content:encoded><![CDATA[<p>{STORY}</p>]]></content:encoded></item></channel></rss>"
)
_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Wire</title><entry><id>a</id><title>Doka</title>'
    '<link href="https://example.org/a"/><updated>2031-05-13T10:00:00Z</updated>'
    f'<content type="text">{STORY}</content></entry></feed>'
)
_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://example.org/a</loc>'
    "<lastmod>2031-05-13</lastmod></url></urlset>"
)
_OPML = '<opml version="2.0"><body><outline type="rss" xmlUrl="https://example.org/feed"/></body></opml>'


def _warcs() -> list[bytes]:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + _PAGE.encode()
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0b1d1a0e-0000-4000-8000-000000000000>\r\n"
        "WARC-Date: 2031-05-13T10:00:00Z\r\nWARC-Target-URI: https://example.org/a\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    record = head.encode() + page + b"\r\n\r\n"
    return [record * 2, gzip.compress(record, mtime=0) * 2]


def _archives() -> list[bytes]:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as made:
        made.writestr("a.txt", STORY)
        made.writestr("b.html", _PAGE)
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(STORY)
        tar.addfile(entry, io.BytesIO(STORY.encode()))
    return [zipped.getvalue(), tarred.getvalue(), gzip.compress(STORY.encode(), mtime=0)]


def _said(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


# --- what comes over the wire --------------------------------------------------------------------------------------

_CODINGS = ("gzip", "deflate", "br", "zstd")
_ROBOTS = (
    "User-agent: *\nDisallow: /private/*$\nAllow: /\nCrawl-delay: 2\n\nUser-agent: dragoman\nDisallow: /a\n"
)


def _body(_: Path) -> Take:
    """The first byte says in which codings the rest is."""
    from dragoman.fetch import unpack

    def take(data: bytes) -> None:
        first, second = divmod(data[0] if data else 0, 16)
        names = [_CODINGS[n] for n in (first, second) if n < len(_CODINGS)]
        unpack(data[1:], names)

    return take


def _bodies() -> list[bytes]:
    import brotli
    import zstandard

    text = STORY.encode()
    packed = [
        gzip.compress(text, mtime=0),
        zlib.compress(text),
        brotli.compress(text),
        zstandard.compress(text),
    ]
    return [*(bytes([16 * n + 15]) + data for n, data in enumerate(packed)), b"\0" + gzip.compress(packed[0])]


def _robots(_: Path) -> Take:
    from dragoman.fetch.robots import Rules, parse

    def take(data: bytes) -> None:
        rules = Rules(0.0, parsed=parse(data))
        rules.allow("https://example.org/private/a?b=c")
        assert rules.delay >= 0

    return take


def _address(_: Path) -> Take:
    """The first line is an address, the rest where its page leads."""
    from dragoman.fetch.urls import canonical_url, joined, target

    def take(data: bytes) -> None:
        first, _, rest = data.decode("utf8", "surrogateescape").partition("\n")
        there = joined(target(first), rest)
        assert canonical_url(canonical_url(there.url)) == canonical_url(there.url)

    return take


def _headers(_: Path) -> Take:
    from dragoman.fetch.door import content_type, retry_after

    def take(data: bytes) -> None:
        text = data.decode("latin-1")
        first, _, rest = text.partition("\n")
        content_type(text)
        wait = retry_after({"retry-after": first, "date": rest}, 2e9, 86_400.0)
        assert wait is None or 0 <= wait <= 86_400

    return take


# --- knowledge ----------------------------------------------------------------------------------------------------

_CODEBOOK = """
[acts.scold]
label = "scold"
from = ["accuse"]
cues = ["scold"]
[issues.river]
label = "river"
terms = ["dam*", "water rights"]
[types.MEET]
label = "meet"
from = ["CONSULT"]
modes = { visit = { definition = "goes there", score = 1.0 } }
[[predicates]]
lemma = "convene"
type = "MEET"
pos = "VERB"
[parties.KOR]
name = "Korvania"
kind = "state"
names = ["Korvania", { text = "Korvanians", form = "metonym", cased = true }]
"""


def _codebook(folder: Path) -> Take:
    from dragoman.ontology import load_ontology

    path = folder / "book.toml"
    load_ontology()
    return lambda data: (path.write_bytes(data), load_ontology(codebook=path))


_KNOWLEDGE = (
    "parties.tsv",
    "aliases.tsv",
    "titles.tsv",
    "leaders.tsv",
    "issues.toml",
    "acts.toml",
    "events.toml",
)


def _knowledge(folder: Path) -> Take:
    """The first byte of an input says which file it is."""
    from dragoman.ontology import load_ontology

    def take(data: bytes) -> None:
        for path in folder.iterdir():
            path.unlink()
        name = _KNOWLEDGE[data[0] % len(_KNOWLEDGE)] if data else _KNOWLEDGE[0]
        (folder / name).write_bytes(data[1:])
        load_ontology(extra=folder)

    return take


def _knowledge_seeds() -> list[bytes]:
    home = ROOT / "dragoman" / "ontology"
    return [bytes([n]) + (home / name).read_bytes()[:1500] for n, name in enumerate(_KNOWLEDGE)]


# --- a store ------------------------------------------------------------------------------------------------------


def _records() -> list[Any]:
    from tests.stories import EXCHANGE

    return list(EXCHANGE)


def _store(folder: Path) -> Any:
    """A store of a few short reports in which nothing stays: every change is taken back."""
    from sqlalchemy import Connection

    from dragoman.store import Store, open_store
    from dragoman.store.backends import open_backend, parse_url
    from tests.stories import keep

    class Forgetful(Store):
        def transact(self, work: Callable[[Connection], _T]) -> _T:
            with self.backend.writing.connect() as connection, connection.begin() as change:
                try:
                    return work(connection)
                finally:
                    change.rollback()

    where = folder / "press.db"
    with open_store(where, create=True) as store:
        keep(store, *_records())
    return Forgetful(open_backend(parse_url(where)))


def _query(folder: Path) -> Take:
    """The lines of an input are a query, a party, the first and last day, a cursor, an issue and an article."""
    from dragoman.query import Filter, actors, events, search, statements

    store = _store(folder)

    def take(data: bytes) -> None:
        said = [*data.decode("utf8", "surrogateescape").split("\n", 6), *[""] * 7]
        text, party, since, until, after, issue, article = said[:7]
        wanted = Filter(
            party=(party,) if party else (),
            since=since or None,
            until=until or None,
            after=after or None,
            issue=(issue,) if issue else (),
            article=(article,) if article else (),
        )
        with store.view() as view:
            for ask in (partial(search, text=text, wanted=wanted), partial(statements, wanted=wanted)):
                ask(view)
            events(view, wanted)
            actors(view, Filter(text=text or None))

    return take


def _brat(folder: Path) -> Take:
    """An input is an .ann; what stands before its first NUL, if there is one, the list of what was exported."""
    from dragoman.export.brat import MANIFEST
    from dragoman.imports import read_brat

    store, given = _store(folder), folder / "brat"
    given.mkdir()

    def take(data: bytes) -> None:
        manifest, nul, ann = data.partition(b"\0")
        (given / "r1.ann").write_bytes(ann if nul else manifest)
        (given / MANIFEST).unlink(missing_ok=True)
        if nul:
            (given / MANIFEST).write_bytes(manifest)
        read_brat(store, given, author="ana", accept=False)

    return take


def _brat_seeds() -> list[bytes]:
    from dragoman.export.brat import annotate

    (first, *_) = _records()
    ann = annotate(first)
    line = {"file": "r1", "article": "r1", "ann": ann, "sha256": "0"}
    return [ann.encode(), json.dumps(line).encode() + b"\0" + ann.encode()]


def _label_studio(folder: Path) -> Take:
    from dragoman.imports import read_label_studio

    store = _store(folder)
    return lambda data: read_label_studio(store, _opened(data), author="ana", accept=False)


def _label_studio_seeds() -> list[bytes]:
    from dragoman.export.labelstudio import task

    (first, *_) = _records()
    given = task(first)
    result = given["predictions"][0]["result"][:12]
    small = given | {"predictions": [{"result": result[:6]}], "annotations": [{"result": result}]}
    return [json.dumps([small]).encode()]


def _table(folder: Path) -> Take:
    from dragoman.imports import read_csv

    store = _store(folder)
    return lambda data: read_csv(store, _opened(data), author="ana", accept=False)


def _table_seeds() -> list[bytes]:
    from dragoman.tables import write_csv

    out = io.StringIO(newline="")
    write_csv(_records()[:1], out)
    lines = out.getvalue().splitlines(keepends=True)
    return ["".join(lines[:4]).encode(), "".join([lines[0], *lines[-3:]]).encode()]


def _opened(data: bytes) -> io.TextIOWrapper:
    """A file as the command line opens it."""
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")


TARGETS: Mapping[str, Target] = {
    "text": Target(partial(_articles, "text"), _said(STORY, "\ufeff" + STORY)),
    "html": Target(partial(_articles, "html"), _said(_PAGE)),
    "json": Target(partial(_articles, "json"), _said(json.dumps(_ROW), json.dumps([_ROW], indent=1))),
    "jsonl": Target(partial(_articles, "jsonl"), _said(f"{json.dumps(_ROW)}\n{json.dumps(_ROW)}\n")),
    "csv": Target(
        partial(_articles, "csv"), _said('id,text,published\na,"So it goes.",2031-05-13\n', "id;text\n")
    ),
    "parquet": Target(partial(_articles, "parquet"), _parquet),
    "page": Target(partial(_parser, "page"), _said(_PAGE)),
    "feed": Target(partial(_parser, "feed"), _said(_RSS, _ATOM)),
    "sitemap": Target(partial(_parser, "sitemap"), _said(_SITEMAP)),
    "opml": Target(partial(_parser, "opml"), _said(_OPML)),
    "xml": Target(partial(_articles, "xml"), _said(_RSS, _ATOM, _SITEMAP, _OPML)),
    "warc": Target(partial(_articles, "warc"), _warcs),
    "body": Target(_body, _bodies),
    "robots": Target(_robots, _said(_ROBOTS)),
    "address": Target(
        _address,
        _said("https://example.org/a?b=c&utm_source=d\n/news/../b%41#c", "http://[::1]:80/\n//x.org"),
    ),
    "headers": Target(
        _headers, _said("120\n", "text/html; charset=utf-8", "Tue, 13 May 2031 10:00:00 GMT\n")
    ),
    "archive": Target(partial(_articles, "archive"), _archives),
    "unknown": Target(partial(_articles, None), _said(STORY, _PAGE, json.dumps(_ROW))),
    "codebook": Target(_codebook, _said(_CODEBOOK)),
    "knowledge": Target(_knowledge, _knowledge_seeds),
    "query": Target(
        _query, _said('"gas and the treaty" -troops bor*\nKorvania\n2031\n2032-05\n\nborders\nr1')
    ),
    "brat": Target(_brat, _brat_seeds),
    "labelstudio": Target(_label_studio, _label_studio_seeds),
    "table": Target(_table, _table_seeds),
}


# --- the child ----------------------------------------------------------------------------------------------------


def _child(name: str, seconds: int, found: Path, here: Path) -> None:
    """Fuzz a target for some seconds; counts and errors go to files as they come. Does not return.

    ``here`` is an empty folder for whatever the target needs.
    """
    import atheris

    inputs = ROOT / "build" / "fuzz" / name
    for made in (here / "work", inputs):
        made.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["dragoman", "feedparser", "fastfeedparser"]):
        from dragoman.errors import DragomanError

        take = TARGETS[name].open(here / "work")
        for number, seed in enumerate(TARGETS[name].seeds()):
            (inputs / f"seed-{number}").write_bytes(seed)
            with contextlib.suppress(Exception):  # to load what is loaded when it is needed
                take(seed)
    seen = _Seen(found, name, code_digest())

    def one(data: bytes) -> None:
        began = time.process_time()  # a machine that others use too must not look like a hang
        try:
            take(data)
        except DragomanError:
            pass
        except Exception as error:
            seen.crash(data, error)
        seen.count(data, time.process_time() - began)

    options = [f"-max_total_time={seconds}", f"-timeout={6 * LIMIT}", f"-rss_limit_mb={MEMORY}"]
    options += [f"-max_len={LONGEST}", f"-artifact_prefix={found}/{name}-", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(inputs)], one)
    atheris.Fuzz()


class _Seen:
    """Counts inputs and keeps the first of each error, and those that take too long."""

    def __init__(self, folder: Path, name: str, code: str) -> None:
        self.folder, self.name, self.code = folder, name, code
        self.executions = 0
        self.slowest = 0.0
        self._errors: set[str] = set()
        self._next = 0.0

    def count(self, data: bytes, seconds: float) -> None:
        self.executions += 1
        self.slowest = max(self.slowest, seconds)
        if seconds > LIMIT:
            self._keep("hang", data, f"{seconds:.0f} seconds")
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            told = {"executions": self.executions, "slowest": round(self.slowest, 2), "code": self.code}
            (self.folder / f"{self.name}.counts").write_text(json.dumps(told))

    def crash(self, data: bytes, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if f"{ROOT.name}/dragoman" in f.filename or "/dragoman/" in f.filename]
        at = (own or frames)[-1]
        place = f"{type(error).__name__} at {Path(at.filename).name}:{at.lineno}"
        if place not in self._errors:
            self._errors.add(place)
            self._keep(
                "crash", data, f"{place}: {error}\n{''.join(traceback.format_tb(error.__traceback__))}"
            )

    def _keep(self, kind: str, data: bytes, told: str) -> None:
        path = self.folder / f"{self.name}-{kind}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(told, "utf8")


# --- the parent ---------------------------------------------------------------------------------------------------


def fuzz(name: str, seconds: int, found: Path) -> dict[str, Any]:
    """Fuzz a target in a child, again if it ended before its time; what was run and found."""
    began = time.monotonic()
    executions, ends, slowest, code = 0, 0, 0.0, ""
    while (left := seconds - (time.monotonic() - began)) > 1:
        counts = found / f"{name}.counts"
        counts.unlink(missing_ok=True)
        command = [sys.executable, "-m", "benchmarks.fuzz", name, "--child", "--seconds", str(int(left))]
        with (found / f"{name}.log").open("ab") as log, tempfile.TemporaryDirectory(dir=MEMORY_DISK) as work:
            command += ["--found", str(found), "--work", work]
            done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
        told: dict[str, Any] = {"executions": 0, "slowest": 0.0}
        if counts.exists():
            told = json.loads(counts.read_text())
        executions += told["executions"]
        slowest, code = max(slowest, told["slowest"]), told.get("code", code)
        if done.returncode == 0 and told["executions"]:
            continue
        ends += 1
        if ends > 20 or not told["executions"]:
            break
    return {
        "target": name,
        "executions": executions,
        "seconds": round(time.monotonic() - began),
        "errors": len(list(found.glob(f"{name}-crash-*.txt"))) + ends,
        "hangs": len(list(found.glob(f"{name}-hang-*.txt"))) + len(list(found.glob(f"{name}-timeout-*"))),
        "slowest": slowest,
        "code": code,
        "python": platform.python_version(),
    }


def code_digest() -> str:
    """One value for the code of ours that is loaded."""
    whole = hashlib.sha256()
    loaded = (
        m for n, m in sys.modules.items() if n.split(".")[0] == "dragoman" and getattr(m, "__file__", None)
    )
    for path in sorted({str(module.__file__) for module in loaded}):
        whole.update(Path(path).read_bytes())
    return whole.hexdigest()[:12]


def add_up(known: Sequence[Mapping[str, Any]], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """A result with what the same code did before."""
    made = dict(fresh)
    for row in known:
        if (row["target"], row["code"]) == (fresh["target"], fresh["code"]):
            made |= {n: row[n] + fresh[n] for n in ("executions", "seconds")}
            made |= {n: max(row[n], fresh[n]) for n in ("errors", "hangs", "slowest")}
    return made


def table(results: Sequence[Mapping[str, Any]]) -> str:
    columns = ("target", "executions", "seconds", "errors", "hangs", "slowest")
    lines = [
        "what reads | inputs | seconds | errors | longer than 10 s | slowest, s",
        "---|---:|---:|---:|---:|---:",
    ]
    lines += [
        " | ".join(f"{row[c]:,}" if not isinstance(row[c], str) else row[c] for c in columns)
        for row in results
    ]
    return "".join(f"| {line} |\n" for line in lines)


def write(fresh: Mapping[str, Any]) -> None:
    path = RESULTS / "fuzz.json"
    known = json.loads(path.read_text("utf8")) if path.exists() else []
    rows = {row["target"]: row for row in known} | {fresh["target"]: add_up(known, fresh)}
    results = [rows[name] for name in TARGETS if name in rows]
    path.write_text(json.dumps(results, indent=1) + "\n", "utf8")
    (RESULTS / "fuzz.md").write_text(table(results), "utf8")


def replay(name: str, inputs: Sequence[bytes]) -> Iterator[str]:
    """What comes out of a target for some inputs, without a fuzzer: the refusals. Other errors are raised."""
    from dragoman.errors import DragomanError

    with tempfile.TemporaryDirectory() as folder:
        take = TARGETS[name].open(Path(folder))
        for data in inputs:
            try:
                take(data)
            except DragomanError as error:
                yield str(error)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target")
    parser.add_argument("--found", type=Path, help="a folder for inputs that broke something")
    parser.add_argument("--print", action="store_true", help="do not write the results")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.names) - set(TARGETS):
        parser.error(f"no target is called {', '.join(sorted(unknown))}")
    if importlib.util.find_spec("atheris") is None:
        print("fuzzing needs atheris: pip install atheris")
        return
    found = given.found or Path(tempfile.mkdtemp(prefix="dragoman-found-"))
    found.mkdir(parents=True, exist_ok=True)
    if given.child:
        _child(given.names[0], given.seconds, found, given.work)
    bad = 0
    for name in given.names or TARGETS:
        row = fuzz(name, given.seconds, found)
        bad += row["errors"] + row["hangs"]
        print(table([row]).splitlines()[-1], flush=True)
        if not given.print:
            write(row)
    sys.exit(f"see {found}" if bad else None)


if __name__ == "__main__":
    main()
