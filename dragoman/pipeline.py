"""The spaCy component: ``nlp.add_pipe("dragoman")`` on any pipeline, or alone on ``spacy.blank("en")``.

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> nlp.add_pipe("dragoman")  # doctest: +SKIP
    >>> doc = nlp.make_doc("Korvania denied on Monday that it had attacked Selmora.")  # doctest: +SKIP
    >>> doc._.published = "2031-05-13"  # doctest: +SKIP
    >>> nlp(doc)._.dragoman.statements  # doctest: +SKIP

``Doc._.dragoman`` (and ``Doc._.record``, unless somebody else has taken that name) is the Record. ``doc.spans`` holds
"statements", "cues" and "sources", labelled with the act, and "events", labelled with the type; ``span_id`` is the id
of the row in the record, and a statement whose content stands in several pieces has as many spans. A source whose
Wikidata id is known carries it as ``kb_id_``. ``doc.ents`` is left alone unless ``set_ents`` is set.

The text is ``doc.text`` as it stands. Spans of the record are in code points of that text and exact; those of spaCy can
begin and end at tokens only, so they are widened to whole tokens (``alignment_mode="expand"``). Where the very
characters matter, take ``Doc._.dragoman``.

The record is kept in ``doc.user_data`` as its line of JSON, so that it survives ``Doc.to_bytes``, ``DocBin`` with
``store_user_data`` and ``nlp.pipe(n_process=2)``; call ``extend()`` where documents are read without the component.
"""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import spacy  # type: ignore[import-not-found, unused-ignore]
from spacy import displacy
from spacy.language import Language  # type: ignore[import-not-found, unused-ignore]
from spacy.tokens import Doc, Span  # type: ignore[import-not-found, unused-ignore]

from dragoman import __version__, extract
from dragoman import record as r
from dragoman.actors.english import PRONOUNS
from dragoman.errors import DragomanError, ModelError, OntologyError
from dragoman.model import Size
from dragoman.ontology import Ontology, load_ontology
from dragoman.reader import Reader
from dragoman.record import Document, Record

FACTORY = "dragoman"
_ATTRIBUTES = ("dragoman", "record")
_BATCH = 8
"""Documents read together, however many spaCy hands over at once: what is labelled and not yet told takes memory."""

OnError = Callable[[str, Any, list[Any], Exception], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``config.cfg`` holds.

    published: the extension of Doc with the day of publication (ISO date, date or datetime), None where there is none ·
    knowledge: a folder with parties, aliases … of your own · size, threads: of the encoder · spans_key: goes before the
    keys of ``doc.spans`` · set_ents: whether actors become entities.
    """

    published: str = "published"
    knowledge: str | None = None
    size: Size = "full"
    threads: int = 1
    spans_key: str = ""
    set_ents: bool = False


# --- the record of a Doc ------------------------------------------------------------------------------------------


def extend(published: str = "published") -> None:
    """Make ``Doc._.dragoman``, ``Doc._.record`` and the attribute for the day known to spaCy; names in use stay."""
    for name in _ATTRIBUTES:
        if not Doc.has_extension(name):
            Doc.set_extension(name, getter=_kept, setter=_keep)
    if not Doc.has_extension(published):
        Doc.set_extension(published, default=None)


def _kept(doc: Doc) -> Record | None:
    line = doc.user_data.get(FACTORY)
    return _parsed(line) if line else None


def _keep(doc: Doc, record: Record) -> None:
    doc.user_data[FACTORY] = record.to_json()


@lru_cache(maxsize=64)
def _parsed(line: str) -> Record:
    return Record.from_json(line)


def annotate(doc: Doc, record: Record, *, spans_key: str = "", set_ents: bool = False) -> Doc:
    """Put a record, perhaps one from a store, onto the Doc of its text. Raises DragomanError for another text."""
    if doc.text != record.document.text:
        raise DragomanError("the record is of another text than the Doc", document=record.document.id)
    extend()
    _keep(doc, record)
    for kind, spans in _spans(doc, record).items():
        doc.spans[spans_key + kind] = spans
    if set_ents:
        doc.set_ents(_entities(doc, record), default="outside")
    return doc


def _spans(doc: Doc, record: Record) -> dict[str, list[Span]]:
    """The spans of each group, in the order of the record."""
    wikidata = {actor.id: actor.wikidata for actor in record.actors}
    said = record.statements
    return {
        "statements": [_span(doc, c, s.act, s.id) for s in said for c in s.content],
        "cues": [_span(doc, s.cue, s.act, s.id) for s in said],
        "sources": [
            _span(doc, s.source, s.act, s.id, wikidata.get(s.source_actor or "")) for s in said if s.source
        ],
        "events": [_span(doc, e.trigger, e.type, e.id) for e in record.events],
    }


def _span(doc: Doc, span: r.Span, label: str, id: str, wikidata: str | None = None) -> Span:
    found = doc.char_span(*span, label=label, kb_id=wikidata or "", alignment_mode="expand", span_id=id)
    if found is None:
        raise DragomanError(f"{id} stands where the text has no token", span=span)
    return found


_LABELS: Mapping[str, str] = {"state": "GPE", "person": "PERSON", "people": "NORP", "other": "MISC"}
"""What spaCy's own models call an actor of a kind; organisations of every kind are ORG."""


def _entities(doc: Doc, record: Record) -> list[Span]:
    """Actors where they are named, the longest name first, then the entities there were that none of them touches."""
    named = [
        _span(doc, mention, _LABELS.get(actor.kind, "ORG"), actor.id, actor.wikidata)
        for actor in record.actors
        for mention in actor.mentions
        if _names(record.document.text[slice(*mention)])
    ]
    named.sort(key=lambda span: (span.start - span.end, span.start))
    taken: set[int] = set()
    kept = []
    for span in [*named, *doc.ents]:
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            kept.append(span)
    return kept


def _names(words: str) -> bool:
    """Whether a mention is more than a pronoun or a description."""
    return words.casefold() not in PRONOUNS and any(c.isupper() for c in words)


# --- the component ------------------------------------------------------------------------------------------------


class Component:
    """Reads every Doc that goes through a pipeline. The encoder is loaded by the first one.

    A text of white space has an empty record. One that is refused (another language, a date that is none) raises
    RefusedInput, or goes to the error handler of the pipeline, as with spaCy's own components.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self.settings = settings
        self._knowledge: dict[str, str] | None = None
        self._reader: Reader | None = None
        self._process = 0
        self._on_error: OnError = _raised
        extend(settings.published)

    @property
    def reader(self) -> Reader:
        """The reader of this process: one opened before a fork is not used behind it."""
        if self._reader is None or self._process != os.getpid():
            size, threads = self.settings.size, self.settings.threads
            self._reader = Reader(size=size, ontology=self._ontology(), threads=threads)
            self._process = os.getpid()
        return self._reader

    def __call__(self, doc: Doc) -> Doc:
        """Read one Doc."""
        return self._read([doc])[0]

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """Read many, in order, some at a time."""
        queue = iter(stream)
        while some := list(islice(queue, min(batch_size, _BATCH))):
            try:
                read = self._read(some)
            except (ModelError, OntologyError):
                raise
            except Exception:  # find out which it was, and read the others
                yield from self._one_by_one(some)
            else:
                yield from read

    def _one_by_one(self, docs: Sequence[Doc]) -> Iterator[Doc]:
        for doc in docs:
            try:
                read = self(doc)
            except Exception as error:
                self._on_error(self.name, self, [doc], error)
            else:
                yield read

    def _read(self, docs: Sequence[Doc]) -> list[Doc]:
        documents = [self._document(doc) for doc in docs]
        read = self.reader.pipe([d for d in documents if d.text.strip()], batch=_BATCH)
        records = [next(read) if d.text.strip() else Record(d) for d in documents]
        keys, ents = self.settings.spans_key, self.settings.set_ents
        return [
            annotate(doc, record, spans_key=keys, set_ents=ents)
            for doc, record in zip(docs, records, strict=True)
        ]

    def _document(self, doc: Doc) -> Document:
        if not doc.text.strip():
            return Document(extract.content_id(doc.text), doc.text)
        return extract.document(doc.text, published=getattr(doc._, self.settings.published))

    def get_error_handler(self) -> OnError:
        return self._on_error

    def set_error_handler(self, error_handler: OnError) -> None:
        """What becomes of a Doc that cannot be read (``nlp.set_error_handler``)."""
        self._on_error = error_handler

    # What is saved is the knowledge: the folder of the config may not be there where the pipeline is loaded.

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the knowledge of your own, which from then on goes before the folder of the config."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "component.json").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Component:
        return self.from_bytes((Path(path) / "component.json").read_bytes())

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        saved = {"dragoman": __version__, "knowledge": self._files()}
        return json.dumps(saved, ensure_ascii=False, sort_keys=True).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Component:
        self._knowledge = json.loads(data)["knowledge"]
        self._reader = None
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Without the encoder, which every process loads for itself."""
        return self.__dict__ | {"_reader": None}

    def _files(self) -> dict[str, str] | None:
        """The files of knowledge by name; None where there is no knowledge of one's own."""
        if self._knowledge is not None or self.settings.knowledge is None:
            return self._knowledge
        folder = Path(self.settings.knowledge)
        load_ontology(extra=folder)  # refuses what could not be loaded again
        paths = sorted(p for p in folder.iterdir() if p.suffix in {".tsv", ".toml"})
        return {path.name: path.read_bytes().decode() for path in paths}

    def _ontology(self) -> Ontology:
        if self._knowledge is None:
            folder = self.settings.knowledge
            return load_ontology(extra=Path(folder) if folder else None)
        with TemporaryDirectory() as made:
            for name, text in self._knowledge.items():
                (Path(made) / Path(name).name).write_bytes(text.encode())
            return load_ontology(extra=Path(made))


def _raised(name: str, component: Any, docs: list[Any], error: Exception) -> None:
    raise error


def make_component(
    nlp: Language,
    name: str,
    published: str,
    knowledge: str | None,
    size: Size,
    threads: int,
    spans_key: str,
    set_ents: bool,
) -> Component:
    """The factory that spaCy calls with the settings of ``config.cfg``."""
    return Component(name, Settings(published, knowledge, size, threads, spans_key, set_ents))


Language.factory(
    FACTORY,
    default_config={name: getattr(Settings(), name) for name in Settings.__slots__},
    assigns=["doc._.dragoman", "doc._.record", "doc.spans"],
    requires=[],
    func=make_component,
)


# --- displaCy -----------------------------------------------------------------------------------------------------

_COOPERATION, _CONFLICT, _NEUTRAL = ("#bfe1d9", "#8fd0bf"), ("#ffd8c2", "#ff9f8a"), "#e4e7d2"
"""Verbal, then material."""


def colors() -> dict[str, str]:
    """A colour for each act and event type: greenish for cooperation, reddish for conflict, stronger for deeds."""
    ontology = load_ontology()
    types = {t.id: (*_COOPERATION, *_CONFLICT)[t.quad - 1] for t in ontology.event_types.values()}
    acts = {a.id: types[a.plover] if a.plover else _NEUTRAL for a in ontology.acts.values()}
    return acts | types


def view(shown: Record | Doc, *, kind: str = "statements", spans_key: str = "") -> str:
    """HTML of a text with its statements, cues, sources or events marked by displaCy; it loads nothing from elsewhere.

    A Record needs no pipeline. Of a Doc the spans ``spans_key + kind`` are shown.
    """
    doc: Any = shown
    if isinstance(shown, Record):
        doc = annotate(spacy.blank("en").make_doc(shown.document.text), shown, spans_key=spans_key)
    spans = [
        {
            "start_token": span.start,
            "end_token": span.end,
            "label": html.escape(span.label_),
            "kb_id": html.escape(span.kb_id_),
            "kb_url": f"https://www.wikidata.org/wiki/{html.escape(span.kb_id_)}",
        }
        for span in doc.spans.get(spans_key + kind, ())
    ]
    parsed = {"tokens": [token.text for token in doc], "spans": spans, "title": None}
    options = {"colors": colors()}
    return str(displacy.render(parsed, style="span", manual=True, jupyter=False, options=options))
