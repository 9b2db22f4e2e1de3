"""When two names are one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

_EDGE = ",'’\"“”()"
_ALIKE = 0.8
_DROPPED = frozenset({"jr", "sr", "ii", "iii", ""})


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name for comparison: casefolded, without accents, dots, possessives and suffixes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    words = re.sub(r"['’]s\b", "", plain.casefold()).replace(".", "").replace("-", " ").split()
    return tuple(w for w in (w.strip(_EDGE) for w in words) if w not in _DROPPED) or (name.casefold(),)


def organisation_words(name: str) -> tuple[str, ...]:
    """The words of an organisation's name that tell it apart."""
    return tuple(w for w in name_words(name) if w not in {"the", "of", "and", "for"})


def same_person(known: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a shorter name can be the same person's: one of the known words, or its first and last."""
    if known == words:
        return True
    if len(words) >= len(known):
        return False
    if len(words) == 1:
        return words[0] in known
    return words[0] in known and words[-1] == known[-1]


def same_spelling(name: str, other: str) -> bool:
    """Whether two names are one in two spellings: "Taleban" and "Taliban"."""
    if name.count(" ") != other.count(" "):
        return False
    return SequenceMatcher(a=name.casefold(), b=other.casefold(), autojunk=False).ratio() >= _ALIKE


def clean_name(name: str) -> str:
    """A person's name as an actor is called: without possessive."""
    return re.sub(r"['’]s?$", "", name).strip()


def is_state_run(words: str) -> bool:
    """Whether a description says that the state owns or runs it."""
    return not {"state", "official"}.isdisjoint(re.split(r"\W", words.casefold()))


def singulars(key: str) -> Iterator[str]:
    """What a plural may be the plural of."""
    if key.endswith("women"):
        yield key[:-5] + "woman"
    elif key.endswith("men"):
        yield key[:-3] + "man"
    elif key.endswith("s") and not key.endswith("ss"):
        yield key[:-1]
        if key.endswith("es"):
            yield key[:-2]
        if key.endswith("ies"):
            yield key[:-3] + "y"
