"""Is a text English? By its function words, else by a model of languages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from dragoman.errors import RefusedInput

_ENGLISH = frozenset(
    "the and of to that with by from which his her their its were would this but they not have has had been said on "
    "for it at as are is be who when after will a in was he she an or if there about into than more also we you".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000
_TOO_SHORT = 40
"""With fewer letters than this nobody can tell the language of a text."""
_ENGLISH_SHARE = 0.25
"""Share of function words from which a text is English at once; see test_extract for what lies on each side."""
_SURE = 0.9
_AFTER_LATIN = "\u0250"


def told_language(text: str, place: str | None) -> str | None:
    """``en``, or None where it cannot be told. Raises RefusedInput for a text that is surely something else."""
    words = _WORD.findall(text[:_SAMPLE].lower())
    if sum(map(len, words)) < _TOO_SHORT:
        return None
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words):
        return "en"
    language, sureness = _classify(text[:_SAMPLE])
    if language == "en":
        return "en"
    if sureness < _SURE and _mostly_latin(words):
        return None
    raise RefusedInput(
        f"the text is not English but looks like {language!r}", kind="language", document=place
    )


def _mostly_latin(words: Iterable[str]) -> bool:
    letters = "".join(words)
    return sum(letter < _AFTER_LATIN for letter in letters) > len(letters) / 2


def _classify(text: str) -> tuple[str, float]:
    """The likeliest language (ISO 639-1) and how likely it is."""
    global _identifier
    if _identifier is None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        _identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    language, sureness = _identifier.classify(text)
    return str(language), float(sureness)


_identifier: Any = None
