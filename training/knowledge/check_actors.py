"""How often the party behind an annotated phrase is found: a development check of mentions and actors.

    python training/knowledge/check_actors.py RECORDS.jsonl [--misses 40] [--role speaker] [--form name]

Reads annotated records, builds labels from the annotation itself (source spans, participant spans, contents) with a
rough tokenizer and rough names, resolves the actors, and counts how many phrases get the party they were annotated
with, by the form of the phrase (name, nominal, pronoun) and the kind of the annotated actor. No parser and no weights
are needed, so the figures measure the rules, not the encoder.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from dragoman.actors import CastIndex, index_cast, resolve_actors
from dragoman.mentions import find_mentions
from dragoman.ontology import Ontology, load_ontology
from dragoman.record import Actor, Attribution, Document, Labelled, Name, Sentence, Span, Token, Trigger

_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}|(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sen|Rep|Gov|St|Jr|Sr|Maj|Sgt|Capt|Adm)\."
    r"|n't|\d[\d,.]*\d|['’]s\b|\w+|[^\w\s]"
)
_END = {".", "!", "?"}
_PARTICLES = {"al", "bin", "de", "der", "van", "von", "el", "ibn", "ben", "da", "la", "-", "du"}
_PRONOUNS = set("i me my we us our he him his she her hers it its they them their who you your".split())
_OPENERS = set(
    "the a an in on at for to from by with before after during since while when as but and if two three four five six "
    "seven eight nine ten last this that these those also earlier meanwhile later both some many most other several "
    "under according among despite following former late there january february march april june july august september "
    "october november december monday tuesday wednesday thursday friday saturday sunday".split()
)
_PARTY_KINDS = {"state", "government_body", "armed_force", "person", "people"}
_WORD = re.compile(r"\w+")
_ALIAS = {"un": "united nations", "eu": "european union", "us": "united states", "uk": "united kingdom"}


def rough(row: dict[str, Any], ontology: Ontology) -> Labelled:
    """Labels as an encoder would give them, made from the annotation and the look of the words."""
    text = row["text"]
    tokens, sentences = tokenize(text)
    names = tuple(rough_names(text, tokens, ontology))
    document = Document(row["id"], text, publisher=row.get("publisher"), published=row.get("published"))
    attributions = tuple(attribution(s) for s in row["statements"])
    triggers = tuple(trigger(e) for e in row["events"])
    return Labelled(document, tokens, sentences, names, (None,) * len(tokens), attributions, triggers)


def attribution(s: dict[str, Any]) -> Attribution:
    cue = Span(*(s["cue"] or s["content"][0]))
    source = Span(*s["source"]) if s["source"] else None
    contents = tuple(Span(*c) for c in s["content"])
    return Attribution(cue, 0, 0, source, contents, s["form"], s["act"], 1.0, s["polarity"], (), (), (), 1.0)


def trigger(e: dict[str, Any]) -> Trigger:
    sources, targets = (tuple(Span(*s) for s in e[role]) for role in ("source_spans", "target_spans"))
    return Trigger(Span(*e["trigger"]), 0, 0, e["type"], e["factuality"], sources, targets, 1.0)


def tokenize(text: str) -> tuple[tuple[Token, ...], tuple[Sentence, ...]]:
    spans = [Span(*m.span()) for m in _TOKEN.finditer(text)]
    tokens: list[Token] = []
    starts = [0]
    number = 0
    for i, span in enumerate(spans):
        if i and ends_sentence(text, spans, i):
            number += 1
            starts.append(i)
        word = text[span.start : span.end]
        upos = "PRON" if word.lower() in _PRONOUNS else "X" if word[0].isalpha() else "PUNCT"
        tokens.append(Token(span, upos, "", word.lower(), -1, "", number))
    bounds = [*starts, len(spans)]
    sentences = tuple(
        Sentence(a, b, Span(spans[a].start, spans[b - 1].end)) for a, b in pairwise(bounds) if a < b
    )
    return tuple(tokens), sentences


def ends_sentence(text: str, spans: list[Span], i: int) -> bool:
    between = text[spans[i - 1].end : spans[i].start]
    before = text[spans[i - 1].start : spans[i - 1].end]
    quoted = i > 1 and before in {'"', "”"} and text[spans[i - 2].start : spans[i - 2].end] in _END
    return "\n" in between or (
        (before in _END or quoted) and between != "" and not text[spans[i].start].islower()
    )


def rough_names(text: str, tokens: tuple[Token, ...], ontology: Ontology) -> Iterator[Name]:
    words = [text[t.span.start : t.span.end] for t in tokens]
    known = set(ontology.titles)
    surnames: set[str] = set()
    i = 0
    found: list[tuple[int, int]] = []
    while i < len(tokens):
        if not name_word(words, i, tokens, known):
            i += 1
            continue
        j = i + 1
        while (
            j < len(tokens)
            and tokens[j].sentence == tokens[i].sentence
            and (
                (words[j][0].isupper() and words[j].lower() not in _OPENERS)
                or (
                    words[j] == "of"
                    and names_body(words[j - 1], ontology)
                    and j + 1 < len(tokens)
                    and words[j + 1][0].isupper()
                )
                or (
                    words[j].lower() in _PARTICLES
                    and j + 1 < len(tokens)
                    and (words[j + 1][0].isupper() or words[j + 1] == "-")
                )
            )
        ):
            j += 1
        found.append((i, j))
        i = j
    for first, last in found:
        kind = kind_of(words, first, last, ontology, surnames)
        if kind == "PER":
            surnames.update(words[first:last])
    for first, last in found:
        kind = kind_of(words, first, last, ontology, surnames)
        yield Name(Span(tokens[first].span.start, tokens[last - 1].span.end), first, last, kind, 1.0)


def names_body(word: str, ontology: Ontology) -> bool:
    title = ontology.titles.get(word.lower())
    return title is not None and title.kind not in {"person", "people", "state"}


def name_word(words: list[str], i: int, tokens: tuple[Token, ...], known: set[str]) -> bool:
    word = words[i]
    if word == "al" and i + 2 < len(words) and words[i + 1] == "-" and words[i + 2][0].isupper():
        return True
    if not word[0].isupper() or word.lower() in _PRONOUNS or word.lower() in _OPENERS:
        return False
    opens = i == 0 or tokens[i].sentence != tokens[i - 1].sentence or words[i - 1] in {'"', "“"}
    if not opens:
        return True
    if word.lower() in _OPENERS or word.endswith("ly"):
        return False
    return (
        i + 1 < len(words)
        and (words[i + 1][0].isupper() or words[i + 1] in {"said", "says", "told", "has", "'s", "-"})
        and len(word) > 3
    )


def kind_of(words: list[str], first: int, last: int, ontology: Ontology, surnames: set[str]) -> str:
    low = [w.lower() for w in words[first:last]]
    for w in low:
        title = ontology.titles.get(w)
        if title and title.kind not in {"person", "people"} and title.role not in {"document", "quantity"}:
            return "ORG"
    before = words[first - 1].lower() if first else ""
    title = ontology.titles.get(before)
    if (title and title.kind == "person") or any(w in surnames for w in words[first:last]):
        return "PER"
    if any((t := ontology.titles.get(w)) and t.kind == "person" for w in low):
        return "PER"
    if before in {"in", "at", "near"}:
        return "LOC"
    if before == "the":
        return "ORG"
    if last - first == 1:
        return "ORG" if words[first].isupper() else "LOC"
    if "of" in low or any(w.isupper() and len(w) > 2 and "." not in w for w in words[first:last]):
        return "ORG"
    return "PER" if 2 <= last - first <= 4 else "ORG"


# --- the party an actor stands for


def norm(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace(".", "")
    return (
        " ".join(_ALIAS.get(w, w) for w in _WORD.findall(plain) if w not in {"the", "of", "a", "an"})
        or name.casefold()
    )


def gold_party(actor_id: str | None, actors: dict[str, dict[str, Any]]) -> str | None:
    seen: set[str] = set()
    a = actors.get(actor_id or "")
    while a and a.get("on_behalf") in actors and a["id"] not in seen:
        seen.add(a["id"])
        a = actors[a["on_behalf"]]
    if not a:
        return None
    return str(a["country"]) if a.get("country") and a["kind"] in _PARTY_KINDS else norm(a["name"])


def found_party(actor_id: str | None, index: CastIndex) -> str | None:
    if actor_id is None:
        return None
    a: Actor = index.party(actor_id)
    return a.country if a.country and a.kind in _PARTY_KINDS else norm(a.name)


def same(a: str | None, b: str | None) -> bool:
    if a is None or b is None:
        return a is b
    x, y = set(a.split()), set(b.split())
    return a == b or (len(a) > 3 and len(b) > 3 and (x <= y or y <= x))


# --- counting


def form_of(phrase: str) -> str:
    if phrase.lower() in _PRONOUNS:
        return "pronoun"
    bare = re.sub(r"^(the|a|an|some|this)\s+", "", phrase, flags=re.I)
    return "name" if re.search(r"\b[A-Z]", bare) else "nominal"


def cases(row: dict[str, Any], index: CastIndex) -> Iterator[tuple[str, str, str, Any, Any, bool]]:
    """Phrase, role, kind, wanted, found, right, for every annotated source and participant."""
    text, actors = row["text"], {a["id"]: a for a in row["actors"]}
    for s in row["statements"]:
        if s["source"] and s["source_actor"]:
            want = gold_party(s["source_actor"], actors)
            got = found_party(index.at(Span(*s["source"])), index)
            yield (
                text[slice(*s["source"])],
                "speaker",
                actors[s["source_actor"]]["kind"],
                want,
                got,
                same(want, got),
            )
    for e in row["events"]:
        for role in ("source", "target"):
            want_all = {
                gold_party(i, actors) for i in (*e[role + "s"], *(e["targets"] if role == "source" else ()))
            }
            kind = actors[e[role + "s"][0]]["kind"] if e[role + "s"] else "none"
            for span in e[role + "_spans"]:
                got_all = [found_party(i, index) for i in index.all_at(Span(*span))] or [None]
                yield (
                    text[slice(*span)],
                    role,
                    kind,
                    want_all,
                    got_all,
                    all(any(same(w, g) for w in want_all) for g in got_all),
                )


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("records", type=Path)
    ap.add_argument("--misses", type=int, default=0)
    ap.add_argument("--skip", type=int, default=0)
    ap.add_argument("--role", default="")
    ap.add_argument("--form", default="")
    args = ap.parse_args()
    ontology = load_ontology()
    rows = [json.loads(line) for line in args.records.read_text("utf8").splitlines() if line.strip()]
    right, total, misses, spent = Counter[tuple[str, str]](), Counter[tuple[str, str]](), [], 0.0
    for row in rows:
        labelled = rough(row, ontology)
        start = time.process_time()
        index = index_cast(resolve_actors(labelled, find_mentions(labelled), ontology))
        spent += time.process_time() - start
        for phrase, role, kind, want, got, ok in cases(row, index):
            part = "speaker" if role == "speaker" else "participant"
            for key in ((part, "all"), (part, form_of(phrase)), (part, "kind " + kind)):
                total[key] += 1
                right[key] += ok
            if not ok and args.role in part and args.form in form_of(phrase):
                misses.append(f"{row['id'][:34]:34s} {part[:4]} {phrase[:60]!r}  want {want}  got {got}")
    for key in sorted(total):
        print(
            f"{key[0]:12s} {key[1]:22s} {right[key]:5d}/{total[key]:5d}  {100 * right[key] / total[key]:5.1f}"
        )
    print(f"{len(rows)} articles, {1000 * spent / len(rows):.1f} ms each")
    for miss in misses[args.skip : args.skip + args.misses]:
        print("  ", miss)


if __name__ == "__main__":
    main()
