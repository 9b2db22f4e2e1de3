"""A text → a Document, or a refusal that says why. Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from dragoman.errors import RefusedInput
from dragoman.extract import kinds
from dragoman.extract.language import told_language
from dragoman.record import Document

_TITLE_LENGTH = 200
"""A first line longer than this is a paragraph, not a title."""
_ID_DIGITS = 16


def document(
    text: str,
    *,
    published: str | None = None,
    title: str | None = None,
    url: str | None = None,
    publisher: str | None = None,
    id: str | None = None,
    place: str | None = None,
) -> Document:
    """A document of this very text. Without ``id`` it is the start of the SHA-256 of the text.

    Raises RefusedInput (empty, too_large, encoding, bad_date, language); ``place`` says where the text comes from.
    """
    where = place or id
    if not text.strip():
        raise RefusedInput("there is no text", kind="empty", document=where)
    if len(text) > kinds.MAX_CHARACTERS:
        raise RefusedInput(
            f"{len(text):,} characters, more than {kinds.MAX_CHARACTERS:,}; cut it into articles",
            kind="too_large",
            document=where,
        )
    _refuse_half_characters(text, where)
    return Document(
        id=id or content_id(text),
        text=text,
        url=url,
        publisher=publisher,
        published=iso_date(published, where),
        language=told_language(text, where),
        title=title,
    )


def content_id(text: str) -> str:
    """The first digits of the SHA-256 of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]


def _refuse_half_characters(text: str, place: str | None) -> None:
    if half := re.search("[\ud800-\udfff]", text):
        reason = f"half a surrogate pair at character {half.start()}"
        raise RefusedInput(reason, kind="encoding", document=place)


def iso_date(value: object, place: str | None = None) -> str | None:
    """The ISO date of an ISO date or datetime; None and the empty string are none."""
    if value is None or value == "":
        return None
    try:
        return datetime.fromisoformat(str(value).strip()).date().isoformat()
    except ValueError:
        raise RefusedInput(
            f"published is {shown(value)}, not a date like 2022-01-25", kind="bad_date", document=place
        ) from None


def shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def from_text(
    text: str, *, published: str | None = None, url: str | None = None, place: str | None = None
) -> Document:
    """A plain text, verbatim but for the line ends that close it; its title is a first line set off by a blank one."""
    text = text.rstrip("\r\n")
    return document(text, published=published, title=_first_line(text), url=url, place=place)


def _first_line(text: str) -> str | None:
    lines = re.split(r"\r\n|\r|\n", text.lstrip(), maxsplit=2)
    if len(lines) < 3 or lines[1].strip() or not lines[2].strip() or len(lines[0]) > _TITLE_LENGTH:
        return None
    return lines[0].strip()
