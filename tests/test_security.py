"""What SECURITY.md and the sheet of the ASVS promise: every row has its evidence, and what many rows rest on is so."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from docs.generate import SHEET, Requirement, asvs, sheet
from dragoman.cli import cli
from dragoman.cli.export import FORMATS
from dragoman.store import open_store
from dragoman.store import schema as t
from dragoman.web import Settings
from dragoman.web.access import PERMISSIONS, RANK
from dragoman.web.pages import _TEMPLATES, FOLDER
from tests.hostile import CANARY, fill_with_canaries
from tests.serving import Visitor, send_raw, serving

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "dragoman").rglob("*.py"))

# --- the sheet ----------------------------------------------------------------------------------------------------

LEVELS = """
V1.1 22 V1.2 1111122223 V1.3 112222222223 V1.4 222 V1.5 123
V2.1 122 V2.2 112 V2.3 12223 V2.4 23
V3.1 3 V3.2 113 V3.3 12223 V3.4 11222233 V3.5 11122333 V3.6 3 V3.7 22333
V4.1 12233 V4.2 23333 V4.3 22 V4.4 1222
V5.1 2 V5.2 112333 V5.3 113 V5.4 222
V6.1 122 V6.2 111111112222 V6.3 11223333 V6.4 112233 V6.5 22222333 V6.6 2223 V6.7 33 V6.8 2222
V7.1 222 V7.2 1111 V7.3 22 V7.4 11222 V7.5 223 V7.6 22
V8.1 1233 V8.2 1123 V8.3 133 V8.4 23
V9.1 111 V9.2 1222
V10.1 22 V10.2 223 V10.3 22223 V10.4 1111122222233333 V10.5 22222 V10.6 22 V10.7 222
V11.1 2233 V11.2 22233 V11.3 11233 V11.4 1222 V11.5 23 V11.6 23 V11.7 33
V12.1 12233 V12.2 11 V12.3 22223
V13.1 2333 V13.2 222223 V13.3 2233 V13.4 1222233
V14.1 22 V14.2 12223333 V14.3 122
V15.1 12233 V15.2 12233 V15.3 1222222 V15.4 3333
V16.1 2 V16.2 22222 V16.3 2222 V16.4 222 V16.5 2223
V17.1 23 V17.2 22223333 V17.3 22
"""
"""Of each section of version 5.0.0 the levels of its requirements, in their order."""


def required() -> dict[str, int]:
    """Every requirement of the standard with its level."""
    words = LEVELS.split()
    return {
        f"{section}.{number}": int(level)
        for section, levels in zip(words[::2], words[1::2], strict=True)
        for number, level in enumerate(levels, 1)
    }


def test_the_standard_has_345_requirements_and_253_of_the_first_two_levels() -> None:
    assert Counter(required().values()) == {1: 70, 2: 183, 3: 92}


def test_every_requirement_of_the_first_two_levels_has_one_row() -> None:
    rows = [(row.id, row.level) for row in sheet()]
    assert rows == [(id, level) for id, level in required().items() if level < 3]
    assert len(rows) == 253


@pytest.mark.parametrize("row", sheet(), ids=lambda row: row.id)
def test_every_row_says_how_it_stands_and_shows_it(row: Requirement) -> None:
    assert row.status in {"met", "not met", "not applicable"}
    assert 3 < len(row.subject) < 90
    if row.status == "met":
        assert row.evidence, "what is met is shown"
    else:
        assert len(row.reason) > 5, "what is not met, or does not apply, has its reason"
    for place in row.evidence:
        assert stands(place), f"{place} is not there"


def stands(place: str) -> bool:
    """Whether a test, a piece of code or a part of a document is where a row says."""
    path, _, name = place.partition("::")
    file, _, heading = path.partition("#")
    if not (ROOT / file).exists():
        return False
    if heading:
        return heading in headings(ROOT / file)
    return not name or name in names(ROOT / file)


@cache
def names(path: Path) -> frozenset[str]:
    """What a Python file defines at its top, and methods as ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if hasattr(inner, "name")}
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name.id for name in targets if isinstance(name, ast.Name)}
    return frozenset(found)


@cache
def headings(path: Path) -> frozenset[str]:
    told = re.findall(r"^#+ (.+)$", path.read_text("utf8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in told)


def test_a_test_that_is_named_is_a_test() -> None:
    named = [place for row in sheet() for place in row.evidence if place.startswith("tests/")]
    assert len(set(named)) > 100
    assert all(re.fullmatch(r"tests/test_\w+\.py::test_\w+", place) for place in named)


def test_places_that_are_not_there_would_be_seen() -> None:
    assert not stands("tests/test_security.py::test_nowhere")
    assert not stands("dragoman/nowhere.py")
    assert not stands("SECURITY.md#nowhere")
    assert stands("dragoman/web/guard.py::Guard")


def test_the_page_counts_what_the_sheet_says() -> None:
    text = asvs()
    counts = Counter(row.status for row in sheet())
    assert f"| all | 253 | {counts['met']} | {counts['not applicable']} | {counts['not met']} |" in text
    assert all(row.id in text for row in sheet())


def test_the_sheet_is_plain() -> None:
    with SHEET.open(encoding="utf8", newline="") as lines:
        found = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert found[0] == ["id", "level", "status", "subject", "evidence", "reason"]
    assert {len(row) for row in found} == {6}


# --- documents ----------------------------------------------------------------------------------------------------


def test_the_limits_told_are_those_that_hold() -> None:
    page = (ROOT / "docs" / "explanation" / "security.md").read_text("utf8")
    s = Settings(where="x")
    told = {
        "idle": f"{s.idle / 3600:.0f} hours",
        "longest": f"{s.longest / 86400:.0f} days",
        "wrong": f"{s.wrong} wrong tokens",
        "body": f"{s.body // 10**6} MB",
        "upload": f"{s.upload // 10**6} MB",
        "rate": f"{s.rate:.0f} requests a second",
        "burst": f"{s.burst} at once",
        "seconds": f"{s.seconds:.0f} second",
        "reading": f"{s.reading:,} characters",
        "waiting": f"{s.waiting} texts",
    }
    assert [name for name, words in told.items() if words not in page] == []


def test_what_is_promised_is_tested() -> None:
    named = re.findall(r"`(tests/test_\w+\.py::test_\w+)`", (ROOT / "SECURITY.md").read_text("utf8"))
    assert len(named) > 10
    assert [place for place in named if not stands(place)] == []


# --- the source ---------------------------------------------------------------------------------------------------


@cache
def nodes() -> tuple[tuple[Path, ast.AST], ...]:
    """Everything that is written in the package, by file."""
    return tuple((path, node) for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf8"))))


def calls() -> Iterator[tuple[str, str]]:
    """Every call in the package, by file and dotted name."""
    for path, node in nodes():
        if isinstance(node, ast.Call):
            yield path.relative_to(ROOT).as_posix(), ast.unparse(node.func)


def imports() -> Iterator[tuple[str, str]]:
    for path, node in nodes():
        if isinstance(node, ast.Import):
            yield from ((path.relative_to(ROOT).as_posix(), name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield path.relative_to(ROOT).as_posix(), node.module


RUNNING = re.compile(
    r"(builtins\.)?(eval|exec|compile)|os\.(system|popen|exec\w+|spawn\w+)|subprocess\.\w+|"
    r"(pickle|marshal|shelve|dill|joblib)\.\w+|yaml\.\w+|\w*\.?extractall"
)


def test_nothing_that_comes_in_is_run_unpickled_or_unpacked_by_its_own_names() -> None:
    assert [found for found in calls() if RUNNING.fullmatch(found[1])] == []
    banned = {"pickle", "marshal", "shelve", "yaml", "subprocess", "ctypes", "cffi", "ldap", "smtplib"}
    found = {(file, name.split(".")[0]) for file, name in imports()}
    assert {pair for pair in found if pair[1] in banned} <= {("dragoman/children.py", "ctypes")}


def test_one_digest_is_used_and_secrets_come_from_the_system() -> None:
    hashed = {
        ast.unparse(node.func)
        for _, node in nodes()
        if isinstance(node, ast.Call)
        and re.fullmatch(r"(hashlib|hmac)\.\w+", ast.unparse(node.func))
        and not any(
            word.arg == "usedforsecurity" for word in node.keywords
        )  # the checksums of others' formats
    }
    assert hashed == {"hashlib.sha256"}
    assert {file for file, name in imports() if name == "secrets"} == {"dragoman/tokens.py"}


def test_no_xml_is_parsed_by_the_parsers_of_the_language() -> None:
    """They expand entities; pages and feeds go through libraries that do not, in children that can be killed."""
    found = {name for _, name in imports() if name.startswith("xml.")}
    assert found <= {"xml.sax.saxutils"}, "which only writes"


def test_no_word_of_a_question_is_put_into_sql() -> None:
    """SQL as text stands only where the names in it are ours: migrations, pragmas, the full-text index."""
    spoken = re.compile(r"(.*\.)?(text|literal_column|exec_driver_sql|op\.execute)")
    found = {file for file, name in calls() if spoken.fullmatch(name) and file.startswith("dragoman/")}
    assert {file for file in found if "/query/" in file or "/web/" in file} == set()


ROUTES = {("sources.py", "path")}
"""Formats that are paths of routes of ours."""


def test_no_word_that_comes_in_is_a_format() -> None:
    """What is filled in stands in the source; what fills it is never looked into for braces."""
    for path, node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            told = ast.unparse(node.func.value)
            ours = isinstance(node.func.value, ast.Constant) or re.fullmatch(r"_?[A-Z_]+(\[.+\])?", told)
            assert ours or (path.name, told) in ROUTES, f"{path.name}: {told}"


HANDLERS = "abort|blur|change|click|error|focus|input|key[a-z]+|load|mouse[a-z]+|submit|toggle"
INLINE = re.compile(rf'<script(?! src="/static/)|\son({HANDLERS})=|javascript:|style=')


def test_templates_escape_and_nothing_is_taken_out_of_it() -> None:
    assert _TEMPLATES.autoescape is True
    for path in (FOLDER / "templates").iterdir():
        told = path.read_text("utf8")
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", told), path.name
        assert not INLINE.search(told), path.name
    assert not [file for file, name in calls() if name.endswith("Markup")]


def test_scripts_write_text_never_html_and_listen_to_no_other_window() -> None:
    risky = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|onmessage"
    )
    for path in (FOLDER / "static").glob("*.js"):
        assert not re.search(risky, path.read_text("utf8")), path.name
    stored = re.findall(
        r"(?:local|session)Storage\.\w+\(\"([\w-]+)",
        "".join(p.read_text("utf8") for p in (FOLDER / "static").glob("*.js")),
    )
    assert set(stored) <= {"dragoman-theme", "dragoman-nokeys"}


# --- canaries -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("canaries") / "press.db"
    with open_store(where, create=True) as store:
        fill_with_canaries(store)
    return where


@pytest.fixture(scope="module")
def app(trap: Path) -> Iterator[Any]:
    with serving(trap) as found:
        yield found


@pytest.fixture(scope="module")
def visitor(app: Any) -> Iterator[Visitor]:
    found = Visitor(app)
    yield found
    found.close()


OURS = {
    "id", "digest", "made_by", "dragoman", "model", "ontology", "outcome", "form", "verdict", "role", "state",
    "language", "published", "added", "made", "day", "said_on", "date", "first", "last", "started", "ended", "revoked",
    "act", "polarity", "status", "issue", "stance", "type", "cameo", "factuality", "checked", "kind", "country",
    "sector", "wikidata", "local", "why", "spans", "mentions", "place_country", "value", "article", "url", "name",
}  # fmt: skip
"""Columns of codes, days, digests and places, which a reader or the store writes, not an article; and ids and
addresses, which are tested below in words of their own."""


def test_a_canary_stands_in_every_column_that_holds_words_of_others(trap: Path) -> None:
    lacking = []
    with open_store(trap) as store, store.view() as view:
        for table in t.METADATA.sorted_tables:
            rows = [row._mapping for row in view.rows(select(table))]
            for column in table.c:
                words = [row[column.name] for row in rows if isinstance(row[column.name], str)]
                if column.name not in OURS and words and not any("onerror" in word for word in words):
                    lacking.append(f"{table.name}.{column.name}")
    assert lacking == []


def test_a_feed_of_canaries_is_a_feed(visitor: Visitor) -> None:
    answer = visitor.get("/feed.atom")
    feed = ElementTree.fromstring(answer.content)
    assert {element.tag.split("}")[0] for element in feed.iter()} == {"{http://www.w3.org/2005/Atom"}
    assert CANARY in "".join(feed.itertext())
    for link in feed.iter("{http://www.w3.org/2005/Atom}link"):
        assert link.attrib["href"].startswith(("http://", "https://", "/"))


@pytest.mark.parametrize(
    "path", [path for method, path in PERMISSIONS if method == "GET" and "{" not in path]
)
def test_every_answer_is_what_it_says_and_says_in_which_letters(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    kind = answer.headers.get("content-type", "")
    assert answer.status_code in {200, 307, 422}
    if kind.startswith("text/") or "xml" in kind:
        assert kind.endswith("; charset=utf-8"), kind
    if kind == "application/json":
        assert json.loads(answer.content) is not None
    if kind.startswith("text/html"):
        assert b"<img src=x" not in answer.content
        assert b"<script>" not in answer.content


@pytest.mark.parametrize("name", ["statements", "events", "records"])
def test_a_file_is_for_keeping_not_for_showing(visitor: Visitor, name: str) -> None:
    shown = visitor.get(f"/api/v1/export/{name}", name=CANARY).headers
    assert re.fullmatch(r'attachment; filename="\w+\.\w+"', shown["content-disposition"])


TABLES = {"csv": ",", "polecat": "\t", "icews": "\t", "gdelt": "\t", "gdelt1": "\t", "gdelt-mentions": "\t"}


@pytest.mark.parametrize("form", [name for name, made in FORMATS.items() if made.takes != "labelled"])
def test_exports_of_canaries_stay_what_they_are(trap: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["export", form, "--out", str(out), "--store", str(trap), "--quiet"])
    assert done.exit_code == 0, done.stderr
    for path in [p for p in out.rglob("*") if p.is_file()] if out.is_dir() else [out]:
        assert re.fullmatch(r"[\w.-]+", path.name), "names of files are made by us"
        if path.suffix == ".json" or form in {"labelstudio", "webannotation"}:
            json.loads(path.read_text("utf8"))
        if path.suffix == ".jsonl" or form in {"jsonl", "plover"}:
            assert all(json.loads(line) for line in path.read_text("utf8").split("\n") if line)
        if form in TABLES:
            with path.open(encoding="utf8", newline="") as lines:
                rows = list(csv.reader(lines, delimiter=TABLES[form]))
            assert len({len(row) for row in rows}) == 1
            assert not [cell for row in rows for cell in row if re.match(r"[=@\t\r\0]|[+-]\D", cell)]


# --- HTTP ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "OPTIONS"])
def test_only_the_methods_of_a_route_are_answered(app: Any, method: str) -> None:
    assert {send_raw(app, method, path)[0] for path in ("/", "/api/v1/statements", "/healthz")} == {405}


@pytest.mark.parametrize(
    "path", ["/.git/config", "/static/", "/static", "/docs", "/redoc", "/metrics", "/debug", "/admin"]
)
def test_nothing_else_is_served(app: Any, path: str) -> None:
    assert send_raw(app, path=path)[0] == 404


def test_no_answer_allows_another_origin_to_read_it(app: Any) -> None:
    headers = [("host", "localhost"), ("origin", "https://evil.example")]
    for path in ("/", "/api/v1/statements", "/healthz"):
        _, told, _ = send_raw(app, path=path, headers=headers)
        assert not [name for name in told if name.startswith("access-control-")]


def test_of_a_parameter_given_twice_the_last_holds_and_only_where_it_belongs(app: Any) -> None:
    _, _, twice = send_raw(app, path="/api/v1/articles", query=b"limit=2&limit=1")
    _, _, cookie = send_raw(
        app,
        path="/api/v1/articles",
        headers=[("host", "localhost"), ("cookie", "limit=1"), ("limit", "1")],
    )
    assert len(json.loads(twice)["rows"]) == 1
    assert len(json.loads(cookie)["rows"]) == 2


def test_over_tls_behind_a_proxy_the_browser_is_told_to_stay_with_it(app: Any) -> None:
    plain = send_raw(app)[1]
    over = send_raw(app, scheme="https")[1]
    refused = send_raw(app, scheme="https", headers=[("host", "evil.example")])[1]
    assert "strict-transport-security" not in plain
    for told in (over, refused):
        assert told["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_no_secret_stands_in_an_address(trap: Path) -> None:
    with serving(trap, tokens=[("admin", "t")], host="0.0.0.0") as app:
        for query in (b"token=t", b"access_token=t", b"dragoman_session=t"):
            assert send_raw(app, path="/api/v1/statements", query=query)[0] == 401


def test_every_route_that_changes_something_is_no_get() -> None:
    changing = {path for (method, path), role in PERMISSIONS.items() if method != "GET" and RANK[role] >= 2}
    assert {"/rulings", "/sources", "/api/v1/corrections"} <= changing
    assert {method for method, _ in PERMISSIONS} == {"GET", "POST"}


def test_the_database_of_the_compose_file_has_no_password_of_ours() -> None:
    told = (ROOT / "compose.yaml").read_text("utf8")
    assert re.search(r"POSTGRES_PASSWORD: \$\{\w+:\?", told), "it does not start before somebody sets one"
    assert "trust" not in told
    assert '"127.0.0.1:5432:5432"' in told


def test_a_store_on_another_machine_is_asked_for_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    from dragoman.store.backends import parse_url

    for name in ("PGSSLMODE", "PGSSLROOTCERT"):
        monkeypatch.delenv(name, raising=False)
    asked: dict[str, Any] = {
        where: tuple(map(parse_url(where).query.get, ("sslmode", "sslrootcert")))
        for where in (
            "postgresql://me@press.example/press",
            "postgresql://me@press.example/press?sslrootcert=own.pem",
            "postgresql://me@press.example/press?sslmode=require",
            "postgresql://me@localhost/press",
            "postgresql:///press",
            "postgresql://me@/press?host=/run/postgresql",
        )
    }
    assert list(asked.values()) == [
        ("verify-full", "system"),
        ("verify-full", "own.pem"),
        ("require", None),
        *[(None, None)] * 3,
    ]
