"""Label Studio's JSON export: tasks of ``dragoman.export.labelstudio`` with what people made of them.

Each annotation of a task is one person's word. What changed is told by the predictions in the file (the one that the
annotation began from, else the first); where the export holds none, nothing counts as taken away. Annotations that
were skipped say nothing. Offsets are UTF-16 units of the text of the task.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from dragoman.errors import RefusedInput
from dragoman.export.labelstudio import DONE, PARTS, SAID, task
from dragoman.imports.account import Account, Outcome
from dragoman.imports.applying import By, Sheet, apply, record_of
from dragoman.imports.codings import Coding, Fault, Parsed, Tie, Words
from dragoman.record import Record, Span
from dragoman.store import Store

_STATEMENT = (*SAID, "source_actor", "co_sources", "targets", "addressee", "said_on")
_EVENT = (*DONE, "sources", "targets", "date", "cameo")
_SPANS = {
    "statement": {"content": "content", "source": "source"},
    "event": {"source_spans": "source", "target_spans": "target"},
}
_DEFAULT = {"polarity": "+", "form": "indirect", "status": "said", "factuality": "actual"}

Plain = Mapping[str, Any]


class Reads(Protocol):
    """What an export can be read from; an open file is one."""

    def read(self) -> str: ...


def read_label_studio(
    store: Store, source: Reads, *, author: str, note: str | None = None, accept: bool = True
) -> Account:
    """Take the annotations of an export for what ``author`` says of the articles of a store.

    Who annotated in Label Studio goes into the note. Regions that are as they were count as accepted, unless
    ``accept`` is False. Raises RefusedInput for what is no export with annotations.
    """
    outcomes: list[Outcome] = []
    for number, given in enumerate(_tasks(source), 1):
        for annotation in given.get("annotations") or ():
            if annotation.get("was_cancelled"):
                continue
            sheet = _sheet(store, given, annotation, f"task {given.get('id', number)}")
            told = "; ".join(filter(None, (note, _annotator(annotation)))) or None
            outcomes += apply(store, sheet, _of_record, By(author, told, accept))
    return Account(tuple(outcomes))


def _tasks(source: Reads) -> list[Plain]:
    try:
        tasks: Any = json.loads(source.read())
    except (ValueError, RecursionError) as error:
        raise RefusedInput(f"this is no JSON: {error}", kind="bad_import") from error
    whole = isinstance(tasks, list) and all(map(_is_task, tasks))
    if not whole or (tasks and not any("annotations" in t for t in tasks)):
        reason = "this is no list of tasks with annotations; export from Label Studio as JSON (not JSON-MIN)"
        raise RefusedInput(reason, kind="bad_import")
    return list(tasks)


def _is_task(task: Any) -> bool:
    """Whether this has the shape of a task, so far down as its annotations."""
    if not isinstance(task, dict) or not isinstance(task.get("data") or {}, dict):
        return False
    annotations, predictions = task.get("annotations") or [], task.get("predictions") or []
    if not isinstance(annotations, list) or not isinstance(predictions, list):
        return False
    made = [*annotations, *(one for one in predictions if isinstance(one, dict))]
    text = (task.get("data") or {}).get("text")
    return isinstance(text, str | None) and all(
        isinstance(one, dict) and isinstance(one.get("result") or [], list) for one in made
    )


def _annotator(annotation: Plain) -> str | None:
    who = annotation.get("completed_by")
    name = who.get("email") or who.get("id") if isinstance(who, dict) else who
    return None if name is None else f"Label Studio: {name}"


def _of_record(record: Record) -> Parsed:
    return parse(task(record)["predictions"][0]["result"], record.document.text, "")


def _sheet(store: Store, given: Plain, annotation: Plain, where: str) -> Sheet:
    data = given.get("data") or {}
    article = str(data.get("article", ""))
    text = data.get("text")
    if text is None:
        record = record_of(store, article)
        text = record.document.text if record else ""
    after = parse(annotation.get("result") or (), text, where)
    began = _prediction(given, annotation)
    before = parse(began["result"], text, where) if began else None
    return Sheet(where, article, after, before, data.get("sha256") if "text" not in data else None)


def _prediction(given: Plain, annotation: Plain) -> Plain | None:
    known = [p for p in given.get("predictions") or () if isinstance(p, dict) and "result" in p]
    began = [p for p in known if p.get("id") is not None and p["id"] == annotation.get("parent_prediction")]
    return next(iter([*began, *known]), None)


def parse(result: Sequence[Plain], text: str, where: str) -> Parsed:
    """What the regions and relations of a result say."""
    units = text.encode("utf-16-le", "surrogatepass")
    regions: dict[str, tuple[str, Words]] = {}
    fields: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    whole = [item for item in result if _is_whole(item)]
    if len(whole) < len(result):
        faults.append(Fault(where, f"{len(result) - len(whole)} parts are not as Label Studio writes them"))
    for item in whole:
        value = item.get("value") or {}
        if item.get("type") == "labels":
            words = _words(units, value)
            label = next(iter(value.get("labels") or ()), "")
            if words and label:
                regions[item["id"]] = (label, words)
            else:
                reason = "the region has no words or no label"
                faults.append(Fault(f"{where} {item['id']}", reason, item["id"]))
        elif item.get("type") in ("choices", "textarea"):
            values = value.get("choices") if item["type"] == "choices" else value.get("text")
            fields.setdefault(item["id"], {})[item["from_name"]] = "; ".join(_listed(values))
    relations = [_relation(item) for item in whole if item.get("type") == "relation"]
    return _parsed(regions, fields, [r for found in relations for r in found], faults, where)


_NAMED = {
    "labels": ("id",),
    "choices": ("id", "from_name"),
    "textarea": ("id", "from_name"),
    "relation": ("from_id", "to_id"),
}
"""What a part must be called by, by its type."""


def _is_whole(item: Any) -> bool:
    """Whether a part of a result has what a part of its type must have."""
    if not isinstance(item, dict) or not isinstance(item.get("value") or {}, dict):
        return False
    named = _NAMED.get(str(item.get("type")), ())
    lists = [item.get("labels"), *((item.get("value") or {}).get(n) for n in ("labels", "choices", "text"))]
    told = [str(one) for some in lists if isinstance(some, list) for one in some if not isinstance(one, str)]
    return (
        all(isinstance(item.get(name), str) for name in named)
        and all(isinstance(some, str | list | None) for some in lists)
        and not told
    )


def _listed(values: Any) -> list[str]:
    return [values] if isinstance(values, str) else [str(v) for v in values or ()]


def _words(units: bytes, value: Plain) -> Words | None:
    start, end = value.get("start"), value.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(units) // 2:
        return None
    before, words = (
        part.decode("utf-16-le", "surrogatepass") for part in (units[: 2 * start], units[2 * start : 2 * end])
    )
    return Words(Span(len(before), len(before) + len(words)), words)


def _relation(item: Plain) -> Iterator[tuple[str, str, str]]:
    one, other = item["from_id"], item["to_id"]
    if item.get("direction") == "left":
        one, other = other, one
    for label in item.get("labels") or ():
        yield label, one, other


def _parsed(
    regions: Mapping[str, tuple[str, Words]],
    fields: Mapping[str, Mapping[str, str]],
    relations: Sequence[tuple[str, str, str]],
    faults: list[Fault],
    where: str,
) -> Parsed:
    parts: dict[str, dict[str, list[Words]]] = {}
    tied: set[str] = set()
    ties: set[Tie] = set()
    names = {part.lower() for part in PARTS}
    for label, one, other in relations:
        if one not in regions or other not in regions:
            faults.append(Fault(where, f"the relation {label!r} has an end that is not there"))
        elif label in names:
            parts.setdefault(one, {}).setdefault(label, []).append(regions[other][1])
            tied.add(other)
        else:
            ties.add(Tie(label, _place(regions[one]), _place(regions[other])))
    rows = []
    for name, (label, words) in regions.items():
        if label not in PARTS:
            rows.append(_coding(name, label, words, fields.get(name, {}), parts.get(name, {}), where))
        elif name not in tied:
            faults.append(
                Fault(f"{where} {name}", f"the region {label} at {words.words!r} belongs to no row")
            )
    return Parsed(tuple(rows), tuple(faults), frozenset(ties))


def _coding(
    name: str,
    label: str,
    words: Words,
    fields: Mapping[str, str],
    parts: Mapping[str, Sequence[Words]],
    where: str,
) -> Coding:
    kind = "statement" if label == "Statement" else "event"
    values = {
        n: fields.get(n) or _DEFAULT.get(n, "") for n in (_STATEMENT if kind == "statement" else _EVENT)
    }
    if kind == "event":
        values["type"] = label
        values |= {part: "; ".join(w.words or "" for w in parts.get(part, ())) for part in ("place",)}
        values["date words"] = "; ".join(w.words or "" for w in parts.get("date", ()))
    spans = {n: tuple(sorted(parts.get(p, ()), key=lambda w: w.span)) for n, p in _SPANS[kind].items()}
    return Coding(f"{where} {name}", kind, name, words, values, spans)


def _place(region: tuple[str, Words]) -> str:
    label, words = region
    kind = "statement" if label == "Statement" else "event"
    return f"{kind}@{words.span.start}-{words.span.end}"
