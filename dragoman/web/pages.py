"""Templates, and the words in which they speak: every code of a record in plain English."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams

from dragoman import __version__
from dragoman.ontology import Ontology
from dragoman.page import Words, date_in_words, unquoted
from dragoman.web.access import Caller

FOLDER = Path(__file__).parent
STATIC = {path.name: path for path in sorted((FOLDER / "static").iterdir()) if path.is_file()}
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml; charset=utf-8"}

STANCES = {"for": "+", "against": "−", "conditional": "±", "open": "○"}
"""The sign of a stance, so that colour is never the only one."""
CHANGES = {
    "hardened": "▲",
    "softened": "▼",
    "dropped": "✕",
    "contradicted": "≠",
    "new": "＊",
    "repeated": "=",
}
LINKS = {"answers": "↩", "denies": "✕", "contradicts": "≠", "reiterates": "=", "supports": "+"}
QUADS = {1: "verbal cooperation", 2: "material cooperation", 3: "verbal conflict", 4: "material conflict"}
_BANDS = ((0.85, "sure"), (0.65, "likely"), (0.45, "open"), (0.0, "doubtful"))
"""Words for a confidence, which is a calibrated chance that the row is right."""


@cache
def load_figures() -> list[dict[str, Any]]:
    """How good the reader is that this package comes with; written by ``python -m evaluation.readme``."""
    found: list[dict[str, Any]] = json.loads((FOLDER / "figures.json").read_text("utf8"))
    return found


class Plain:
    """Codes → words."""

    def __init__(self, words: Words, ontology: Ontology) -> None:
        self.words, self.ontology = words, ontology

    def act(self, code: str, polarity: str = "+") -> str:
        spelt = code.replace("_", " ")
        return self.words.acts.get(code, (spelt, f"not {spelt}"))[polarity == "-"]

    def act_name(self, code: str) -> str:
        return self.ontology.acts[code].label if code in self.ontology.acts else code.replace("_", " ")

    def issue(self, code: str) -> str:
        return code.replace("_", " ")

    def issue_told(self, code: str) -> str:
        """What an issue takes in."""
        return self.ontology.issues[code].label if code in self.ontology.issues else ""

    def type(self, code: str) -> str:
        return self.words.events.get(code, code.replace("_", " ").lower())

    def quad(self, code: str) -> int:
        return self.ontology.event_types[code].quad if code in self.ontology.event_types else 0

    def factuality(self, code: str) -> str:
        return self.words.factuality.get(code, code)

    def link(self, code: str) -> str:
        return self.words.links.get(code, code)

    def country(self, code: str | None) -> str:
        return self.words.countries.get(code or "", code or "")

    def kind(self, code: str | None) -> str:
        return self.words.kinds.get(code or "", code or "")

    def value(self, facet: str, value: str) -> str:
        """A value of a facet."""
        say = {
            "act": self.act_name,
            "issue": self.issue,
            "type": self.type,
            "factuality": self.factuality,
            "country": self.country,
        }
        return say[facet](value) if facet in say else value


def day(value: str | None) -> str:
    return date_in_words(value) if value else "no date"


def sure(confidence: float) -> str:
    """A word for a chance."""
    return next(word for least, word in _BANDS if confidence >= least)


def shorten(text: str | None, most: int = 240) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def words(text: str | None, most: int = 240) -> str:
    """A quotation without the marks around it, which the page writes itself."""
    return unquoted(shorten(text, most))


def web_link(url: str | None) -> str | None:
    """An address that a page may link to: of the web, nothing a browser would run."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def with_query(request: Request, **changes: Any) -> str:
    """This page's address with some parameters changed; None takes one out. The page begins anew."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in changes and k != "after" and v]
    for name, value in changes.items():
        if value is not None:
            kept += [(name, v) for v in (value if isinstance(value, list | tuple) else [value])]
    query = str(QueryParams(kept))
    return f"{request.url.path}?{query}" if query else request.url.path


def toggled(request: Request, name: str, value: str) -> str:
    """This page's address with a value of a parameter put in, or taken out where it is in."""
    held = request.query_params.getlist(name)
    now = [v for v in held if v != value] if value in held else [*held, value]
    return with_query(request, **{name: now or None})


def address(path: str, given: Sequence[tuple[str, Any]] = (), **parameters: Any) -> str:
    """A path with parameters; those that say nothing are left out."""
    kept = [(k, str(v)) for k, v in (*given, *parameters.items()) if v not in (None, "")]
    return f"{path}?{QueryParams(kept)}" if kept else path


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"day": day, "sure": sure, "shorten": shorten, "words": words, "web_link": web_link}
    made.globals |= {
        "stances": STANCES,
        "change_signs": CHANGES,
        "link_signs": LINKS,
        "quads": QUADS,
        "with_query": with_query,
        "toggled": toggled,
        "address": address,
        "version": __version__,
        "zip": zip,
    }
    return made


_TEMPLATES = _environment()


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """A page."""
    desk = request.app.state.desk
    caller: Caller = getattr(request.state, "caller", Caller("nobody", "nobody"))
    html = _TEMPLATES.get_template(template).render(
        request=request,
        caller=caller,
        path=request.url.path,
        query=request.query_params,
        store=desk.store.place,
        gathering=desk.is_gathering,
        local=desk.settings.is_open,
        say=Plain(desk.words, desk.ontology),
        **context,
    )
    body = html.encode("utf8", "replace")
    return Response(
        body, status_code=status, media_type="text/html; charset=utf-8", headers=dict(headers or {})
    )


def by_group(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, list[Mapping[str, Any]]]:
    """Rows by the value of a column, in the order in which the values come."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found
