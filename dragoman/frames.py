"""Texts → data frames of statements or events: ``RecordTransformer``, and ``df.dragoman.read`` for pandas and polars.

    >>> import dragoman.frames
    >>> said = df.dragoman.read("text", published="day")  # doctest: +SKIP
    >>> df.join(said.set_index("row"), how="right")  # doctest: +SKIP

A frame has one row for each statement (or event), with the columns of the CSV table that such a row can fill. ``row``
says which text it comes from: the label of its row in a pandas frame, else its place. Cells that say nothing are empty;
words are as they stand in the text, not changed for spreadsheets.

Importing this module registers the accessor with those of pandas and polars that are installed.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from dragoman import extract
from dragoman.errors import DragomanError, ModelError, OntologyError, RefusedInput, broken_reader
from dragoman.model import Size
from dragoman.ontology import load_ontology
from dragoman.reader import Reader
from dragoman.record import Document, Record
from dragoman.tables import rows

Kind = Literal["statements", "events"]
Errors = Literal["raise", "warn"]
COLUMNS: dict[str, tuple[str, ...]] = {
    "statements": (
        *("row", "article", "published", "id", "type", "polarity", "form", "status"),
        *("sources", "source_countries", "on_behalf", "targets", "target_countries", "addressee"),
        *("issues", "parent", "date", "quote", "start", "end", "spans", "cue", "cue_span"),
        *("source_words", "source_spans", "confidence"),
    ),
    "events": (
        *("row", "article", "published", "id", "type", "mode", "cameo", "status"),
        *("sources", "source_countries", "on_behalf", "targets", "target_countries"),
        *("reported_by", "disputed_by", "date", "place", "place_country", "lat", "lon", "geonameid"),
        *("quote", "start", "end", "spans", "source_words", "source_spans"),
        *("target_words", "target_spans", "confidence"),
    ),
}
"""The columns of each kind, in order; all but ``row`` mean what they mean in ``dragoman.tables``."""
_WHOLE = frozenset({"geonameid", "start", "end"})
_BROKEN = frozenset({"lat", "lon", "confidence"})
_BATCH = 8


@dataclass(frozen=True, slots=True)
class Text:
    """A text to read, the label of the row it comes from, and its day of publication."""

    row: Hashable
    text: Any
    published: Any = None


Refused = tuple[Hashable, RefusedInput]


# --- texts → rows -------------------------------------------------------------------------------------------------


def read_texts(
    texts: Iterable[Text], reader: Reader, *, kind: Kind, errors: Errors
) -> tuple[list[dict[str, Any]], list[Refused]]:
    """The rows of some texts, and the texts that were refused, with ``errors="warn"`` only.

    Raises RefusedInput for a text that cannot be read (none, another language, a day that is none), naming its row.
    """
    found: list[dict[str, Any]] = []
    refused: list[Refused] = []
    for row, outcome in _outcomes(texts, reader):
        if isinstance(outcome, Record):
            found += _rows(row, outcome, kind)
        elif errors == "raise":
            raise outcome
        else:
            refused.append((row, outcome))
    if refused:
        reasons = "; ".join(str(refusal) for _, refusal in refused[:3])
        warnings.warn(f"{len(refused)} texts were refused: {reasons}", stacklevel=3)
    return found, refused


def _outcomes(texts: Iterable[Text], reader: Reader) -> Iterator[tuple[Hashable, Record | RefusedInput]]:
    queue = iter(texts)
    while some := list(islice(queue, _BATCH)):
        documents = [_document(text) for text in some]
        read = iter(_read([d for d in documents if isinstance(d, Document)], reader))
        for text, document in zip(some, documents, strict=True):
            outcome = next(read) if isinstance(document, Document) else document
            yield text.row, outcome


def _document(text: Text) -> Document | RefusedInput:
    place = f"row {text.row}"
    if not isinstance(text.text, str):
        return RefusedInput("there is no text", kind="empty", document=place)
    try:
        return extract.document(text.text, published=text.published, place=place)
    except RefusedInput as refusal:
        return refusal


def _read(documents: Sequence[Document], reader: Reader) -> list[Record | RefusedInput]:
    try:
        return list(reader.pipe(documents))
    except (ModelError, OntologyError):
        raise
    except Exception:  # find out which it was, and read the others
        return [_attempt(document, reader) for document in documents]


def _attempt(document: Document, reader: Reader) -> Record | RefusedInput:
    try:
        return reader.read(document)
    except (ModelError, OntologyError):
        raise
    except Exception as error:
        return broken_reader(error, document.id)


def _rows(row: Hashable, record: Record, kind: Kind) -> Iterator[dict[str, Any]]:
    wanted = kind.removesuffix("s")
    for cells in rows(record):
        if cells["kind"] == wanted:
            yield {"row": row, **{name: cells.get(name) for name in COLUMNS[kind][1:]}}


def _chosen(kind: str, errors: str) -> tuple[Kind, Errors]:
    for value, known in ((kind, get_args(Kind)), (errors, get_args(Errors))):
        if value not in known:
            raise DragomanError(f"{value!r} is none of {', '.join(known)}")
    return kind, errors  # type: ignore[return-value]


def _open(knowledge: str | Path | None, size: Size, threads: int) -> Reader:
    ontology = load_ontology(extra=Path(knowledge) if knowledge else None)
    return Reader(size=size, ontology=ontology, threads=threads)


# --- rows → frames ------------------------------------------------------------------------------------------------


def to_pandas(found: Sequence[dict[str, Any]], kind: Kind) -> Any:
    """A pandas frame whose types do not depend on what was found."""
    import pandas

    types = {name: _type(name, "Int64", "Float64", "string") for name in COLUMNS[kind][1:]}
    return pandas.DataFrame(list(found), columns=list(COLUMNS[kind])).astype(types)


def to_polars(found: Sequence[dict[str, Any]], kind: Kind) -> Any:
    """A polars frame whose types do not depend on what was found."""
    import polars

    types = {name: _type(name, polars.Int64, polars.Float64, polars.String) for name in COLUMNS[kind]}
    return polars.DataFrame(list(found), schema=types | {"row": polars.Int64})


def _type(column: str, whole: Any, broken: Any, words: Any) -> Any:
    return whole if column in _WHOLE else broken if column in _BROKEN else words


# --- scikit-learn -------------------------------------------------------------------------------------------------


class RecordTransformer:
    """Texts → a pandas frame of their statements or events, in the manner of scikit-learn, which it does not need.

    kind: ``statements`` or ``events`` · knowledge: a folder with parties, aliases … of your own · size, threads:
    of the encoder · published: the day of publication of all texts · errors: ``raise``, or ``warn`` to leave out what
    cannot be read; ``refused_`` then says which rows and why.

    There is nothing to fit. The encoder is loaded by the first ``transform`` and not pickled. A text gives as many rows
    as it has finds: ``row`` says which text, and the step behind must not take rows for texts.
    """

    def __init__(
        self,
        kind: Kind = "statements",
        *,
        knowledge: str | Path | None = None,
        size: Size = "full",
        threads: int = 1,
        published: str | None = None,
        errors: Errors = "raise",
    ) -> None:
        self.kind = kind
        self.knowledge = knowledge
        self.size = size
        self.threads = threads
        self.published = published
        self.errors = errors

    def fit(self, X: Iterable[str] | None = None, y: object = None) -> RecordTransformer:
        """Nothing is learnt; a wrong kind or way with errors is refused here."""
        _chosen(self.kind, self.errors)
        return self

    def transform(self, X: Iterable[str]) -> Any:
        """The frame of some texts. Raises RefusedInput unless ``errors`` is ``warn``."""
        kind, errors = _chosen(self.kind, self.errors)
        texts = (Text(n, text, self.published) for n, text in enumerate(X))
        found, self.refused_ = read_texts(texts, self._kept_reader(), kind=kind, errors=errors)
        return to_pandas(found, kind)

    def fit_transform(self, X: Iterable[str], y: object = None) -> Any:
        return self.fit(X, y).transform(X)

    def get_feature_names_out(self, input_features: object = None) -> Any:
        """The columns of the frame."""
        import numpy

        return numpy.array(COLUMNS[self.kind], dtype=object)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self, **params: Any) -> RecordTransformer:
        """Change settings. Raises DragomanError for one that there is not."""
        if unknown := set(params) - set(_PARAMETERS):
            raise DragomanError(
                f"no setting {', '.join(sorted(unknown))}; there are {', '.join(_PARAMETERS)}"
            )
        vars(self).update(params)
        return self

    def _kept_reader(self) -> Reader:
        made_for, reader = getattr(self, "_reader", (None, None))
        wanted = self.knowledge, self.size, self.threads
        if reader is None or made_for != wanted:
            reader = _open(*wanted)
            self._reader = wanted, reader
        return reader

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_reader"}

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"RecordTransformer({told})"


_PARAMETERS = ("kind", "knowledge", "size", "threads", "published", "errors")


# --- accessors ----------------------------------------------------------------------------------------------------


class _Accessor:
    """``df.dragoman`` of a pandas frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def read(
        self,
        text_column: str,
        *,
        published: str | None = None,
        kind: Kind = "statements",
        errors: Errors = "raise",
        size: Size = "full",
        reader: Reader | None = None,
    ) -> Any:
        """A frame of the statements or events in the texts of a column.

        ``published`` is the column with the days of publication, or one day for all. With ``errors="warn"`` texts that
        cannot be read are left out with a warning. ``size`` is that of the encoder. A ``reader`` of your own brings
        its size and your knowledge, and saves loading another.
        """
        kind, errors = _chosen(kind, errors)
        texts = map(Text, self._labels(), self._column(text_column), self._days(published))
        found, _ = read_texts(texts, reader or _open(None, size, 1), kind=kind, errors=errors)
        return self._made(found, kind)

    def _days(self, published: str | None) -> Iterable[Any]:
        if published is not None and published in self._frame.columns:
            return self._column(published)
        day = extract.iso_date(published, "published")
        return [day] * len(self._frame)

    def _column(self, name: str) -> Iterable[Any]:
        """The values of a column, None where there is none."""
        if name not in self._frame.columns:
            raise DragomanError(f"no column {name!r}; there are {', '.join(map(str, self._frame.columns))}")
        return self._values(name)

    def _values(self, name: str) -> Iterable[Any]:
        series = self._frame[name].astype(object)
        return list(series.where(series.notna(), None))

    def _labels(self) -> Iterable[Hashable]:
        return list(self._frame.index)

    def _made(self, found: Sequence[dict[str, Any]], kind: Kind) -> Any:
        return to_pandas(found, kind)


class _PolarsAccessor(_Accessor):
    """``df.dragoman`` of a polars frame."""

    def _values(self, name: str) -> Iterable[Any]:
        return list(self._frame[name])

    def _labels(self) -> Iterable[Hashable]:
        return range(len(self._frame))

    def _made(self, found: Sequence[dict[str, Any]], kind: Kind) -> Any:
        return to_polars(found, kind)


def _register() -> None:
    if find_spec("pandas"):
        from pandas.api.extensions import register_dataframe_accessor

        register_dataframe_accessor("dragoman")(_Accessor)
    if find_spec("polars"):
        from polars.api import register_dataframe_namespace

        register_dataframe_namespace("dragoman")(_PolarsAccessor)


_register()
