"""What goes over the wire: parameters in, rows out. A promise: keys may be added, none changes or goes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Literal, get_args

from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from dragoman.errors import RefusedInput
from dragoman.page import load_words
from dragoman.query import Filter, Table
from dragoman.record import Status
from dragoman.tables import guarded

# --- parameters ---------------------------------------------------------------------------------------------------


class BadWords(RefusedInput, ValueError):
    """Words that no database takes: a ValueError for pydantic, a refusal for everybody else."""

    def __init__(self) -> None:
        super().__init__("a null character or half a character", kind="bad_value")


def clean(value: str) -> str:
    """Words that a database takes. Raises BadWords for a null character or half of a pair."""
    if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise BadWords
    return value


Words = Annotated[str, Field(max_length=500), AfterValidator(clean)]
Many = Annotated[list[Words], Field(max_length=50)]


def _day(value: str) -> str:
    """A day, month or year that is in the calendar. Raises ValueError."""
    date.fromisoformat((value + "-01-01")[:10])
    return value


def _moment(value: str) -> str:
    """A moment as the store writes it, so that text compares as time does. Raises ValueError."""
    at = datetime.fromisoformat(value).replace(tzinfo=UTC)
    return at.isoformat(timespec="microseconds")


def _none(value: object) -> object:
    """An empty field of a form is a value that is not given."""
    return None if value == "" else value


_DAY = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|\+00:00)?)?$"
Day = Annotated[str, Field(pattern=_DAY), AfterValidator(_day)]
Moment = Annotated[str, Field(pattern=_MOMENT), AfterValidator(_moment)]
MOST = 200
"""Most rows of one page."""


def asked(
    request: Request,
    party: Annotated[
        Many, Query(description="Who speaks or acts, or is spoken for: name, ISO code or id.")
    ] = [],  # noqa: B006
    person: Annotated[Many, Query(description="Who speaks himself.")] = [],  # noqa: B006
    target: Annotated[Many, Query(description="Towards whom.")] = [],  # noqa: B006
    issue: Annotated[Many, Query(description="Codes of issues.")] = [],  # noqa: B006
    act: Annotated[Many, Query(description="Acts of statements.")] = [],  # noqa: B006
    type: Annotated[Many, Query(description="PLOVER types of events.")] = [],  # noqa: B006
    factuality: Annotated[Many, Query(description="Factuality of events.")] = [],  # noqa: B006
    country: Annotated[Many, Query(description="Where events took place, ISO 3166 alpha-3.")] = [],  # noqa: B006
    status: Annotated[Many, Query(description="said, unsaid or expected.")] = [],  # noqa: B006
    publisher: Annotated[Many, Query(description="Who published it.")] = [],  # noqa: B006
    article: Annotated[Many, Query(description="Ids of articles.")] = [],  # noqa: B006
    since: Annotated[
        Day | None, BeforeValidator(_none), Query(description="From this day, month or year.")
    ] = None,
    until: Annotated[
        Day | None, BeforeValidator(_none), Query(description="Up to this day, month or year.")
    ] = None,
    added: Annotated[
        Moment | None,
        BeforeValidator(_none),
        Query(description="In articles that came in after this moment, UTC."),
    ] = None,
    text: Annotated[
        Words | None, Query(description='Words in the quote, "a phrase", -without, begin*.')
    ] = None,
    least: Annotated[float, Query(ge=0, le=1, description="Least confidence.")] = 0.0,
    copies: Annotated[
        bool, Query(description="Every copy of a report and every telling of an event.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most rows.")] = 50,
    after: Annotated[Words | None, Query(description="The cursor that the page before gave as next.")] = None,
) -> Filter:
    """The filter that all questions share. Raises RefusedInput for codes that do not exist."""
    ontology = request.app.state.desk.ontology
    for name, given, known in (
        ("issue", issue, ontology.issues),
        ("act", act, ontology.acts),
        ("type", type, ontology.event_types),
        ("factuality", factuality, _factualities()),
        ("status", status, get_args(Status)),
    ):
        _refuse_unknown(name, given, known)
    return Filter(
        party=_given(party),
        person=_given(person),
        target=_given(target),
        issue=_given(issue),
        act=_given(act),
        type=_given(type),
        factuality=_given(factuality),
        country=_given(country),
        status=_given(status),
        publisher=_given(publisher),
        article=_given(article),
        since=since,
        until=until,
        added=added,
        text=text or None,
        least=least,
        copies=copies,
        limit=limit,
        after=after or None,
    )


@cache
def _factualities() -> Collection[str]:
    return tuple(load_words().factuality)


def _given(values: Iterable[str]) -> tuple[str, ...]:
    """The values of a parameter that say something."""
    return tuple(filter(None, values))


def _refuse_unknown(name: str, given: Iterable[str], known: Collection[str]) -> None:
    for code in _given(given):
        if code not in known:
            raise RefusedInput(f"{name} {code!r} is none of {', '.join(known)}", kind="bad_code")


# --- bodies -------------------------------------------------------------------------------------------------------

Text = Annotated[str, AfterValidator(clean)]


class TextIn(BaseModel):
    """A text to read. ``published``: ISO date."""

    text: Text
    published: Annotated[Day | None, BeforeValidator(_none)] = None
    title: Words | None = None
    publisher: Words | None = None
    url: Words | None = None


class CorrectionIn(BaseModel):
    """What a person says of a row. ``row`` is its id in the record (s1, e2); ``changes``: field → value in words."""

    article: Words
    row: Words
    verdict: Literal["accept", "reject", "correct", "withdraw"]
    changes: Annotated[dict[Words, Text], Field(max_length=20)] = {}
    note: Words | None = None
    expected: Annotated[int, Field(ge=0, le=2**31)] | None = None


class RowIn(BaseModel):
    """A row that the reader missed: where its cue or trigger stands, and what it should say."""

    article: Words
    kind: Literal["statement", "event"]
    start: Annotated[int, Field(ge=0, le=2**31)]
    end: Annotated[int, Field(ge=0, le=2**31)]
    values: Annotated[dict[Words, Text], Field(max_length=20)]
    note: Words | None = None


class RulingIn(BaseModel):
    """Whether two names are one party."""

    one: Words
    other: Words
    verdict: Literal["same", "apart", "withdraw"]
    note: Words | None = None


# --- answers ------------------------------------------------------------------------------------------------------


class Rows(BaseModel):
    """Rows of one shape, and the cursor of those behind."""

    columns: list[str]
    rows: list[dict[str, Any]]
    next: str | None


class Done(BaseModel):
    """What a change came to."""

    done: str
    revision: int | None = None


class Counts(BaseModel):
    """What became of the inputs given."""

    given: int
    read: int
    known: int
    skipped: int
    quarantined: int
    refused: list[dict[str, str]]
    articles: list[str]


class Trouble(BaseModel):
    kind: str
    reason: str
    near: list[str] = []


class Failure(BaseModel):
    """Why there is no answer."""

    error: Trouble


def dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf8", "replace")


def tagged(request: Request, body: bytes, media: str = "application/json", **headers: str) -> Response:
    """A body with its tag; nothing but the tag where the client has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = {word.strip().removeprefix("W/") for word in request.headers.get("if-none-match", "").split(",")}
    headers = {"etag": tag, "cache-control": "no-cache, private", "vary": "cookie, authorization", **headers}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)


def answer(request: Request, table: Table) -> Response:
    """A table as JSON, with the address of the next page in the header Link."""
    body = dumps({"columns": table.columns, "rows": list(table.rows), "next": table.next})
    if not table.next:
        return tagged(request, body)
    url = request.url.include_query_params(after=table.next)
    return tagged(request, body, Link=f'<{url.path}?{url.query}>; rel="next"')


def json_lines(tables: Iterable[Table]) -> Iterator[bytes]:
    for table in tables:
        for row in table:
            yield dumps(row) + b"\n"


def csv_lines(tables: Iterable[Table]) -> Iterator[bytes]:
    """Lists joined by "; ", nested values as JSON; what a spreadsheet would run gets an apostrophe."""
    first = True
    for table in tables:
        out = io.StringIO()
        writer = csv.writer(out)
        if first:
            writer.writerow(table.columns)
            first = False
        writer.writerows(_cells(table.columns, table.rows))
        yield out.getvalue().encode("utf8", "replace")


def _cells(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [guarded(_cell(row[name])) for name in columns]


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple | dict) else value
