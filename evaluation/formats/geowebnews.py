"""GeoWebNews: news articles whose names of places are marked and, for most, put on the map (Gritta et al., 2019).

``<article><text>…</text><toponyms><toponym><extractedName/><type/><start/><end/><geonamesID/><latitude/><longitude/>``.
As in their paper, words that are no toponym (``Non_Toponym`` and the two kinds of ``Expression``) are left out.
Figures: those of places elsewhere here, with the gold names given and with names as the reader finds them.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from dragoman.places import Gazetteer
from dragoman.record import Document, Span
from evaluation.figures import Measured
from evaluation.formats import FormatError, Reads
from evaluation.places import Mapped, Toponym, finder, score_given, score_read

NO_TOPONYM = frozenset({"Non_Toponym", "Literal_Expression", "Non_Lit_Expression"})


def load(path: Path) -> list[Mapped]:
    """The articles of a file; a name that does not stand where it should is left out.

    Raises FormatError where the file is no XML or holds no article.
    """
    try:
        tree = ElementTree.parse(path)
    except ElementTree.ParseError as error:
        raise FormatError(f"{path}: no XML ({error})") from error
    articles = list(tree.iter("article"))
    if not articles:
        raise FormatError(
            f"{path}: a file of GeoWebNews holds <article> with <text> and <toponyms>, this one not"
        )
    return [_mapped(f"{path.stem}-{n}", article) for n, article in enumerate(articles)]


def _mapped(id_: str, article: ElementTree.Element) -> Mapped:
    text = article.findtext("text") or ""
    nodes = [node for node in article.iter("toponym") if node.findtext("type") not in NO_TOPONYM]
    named = [(node, span) for node in nodes if (span := _span(node, text))]
    known = tuple(toponym for node, span in named if (toponym := _toponym(node, span)))
    placed = {toponym.span for toponym in known}
    return Mapped(
        Document(id_, text, language="en"), known, tuple(span for _, span in named if span not in placed)
    )


def _span(node: ElementTree.Element, text: str) -> Span | None:
    """The span of a name, where the text holds it there."""
    start, end = (_number(node, tag) for tag in ("start", "end"))
    if start is None or end is None:
        return None
    span = Span(int(start), int(end))
    return span if text[slice(*span)] == (node.findtext("extractedName") or "") else None


def _toponym(node: ElementTree.Element, span: Span) -> Toponym | None:
    lat, lon, geonameid = (_number(node, tag) for tag in ("latitude", "longitude", "geonamesID"))
    if lat is None or lon is None:
        return None
    return Toponym(span, lat, lon, None if geonameid is None else int(geonameid))


def _number(node: ElementTree.Element, tag: str) -> float | None:
    """A number, None where there is none."""
    text = (node.findtext(tag) or "").strip()
    try:
        return float(text)
    except ValueError:
        return None


def score(path: Path, reader: Reads) -> list[Measured]:
    """The choice of places for gold names, then names and places as read."""
    gold = load(path)
    with Gazetteer() as gazetteer:
        find = finder(reader.ontology, gazetteer)
        given = score_given(f"{path.stem} given", gold, find)
        return [*given, *score_read(f"{path.stem} read", gold, find, reader)]
