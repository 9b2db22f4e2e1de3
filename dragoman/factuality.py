"""Whether a deed is told as done: what the encoder reads, and what the words and the acts around it make of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dragoman.record import Event, Labelled, Span, Statement, Token, Trigger

Moods = Mapping[str, Mapping[str, str]]
"""Role of a word → its form → what it makes of a deed."""

OPEN = frozenset({"actual", "ongoing"})
"""What the narrator may tell as so, and what an accuser's or a pleader's word alone does not make so."""
PAST = frozenset({"actual", "historical"})

_UNDER = {
    "demand": "hypothetical",
    "request": "hypothetical",
    "propose": "hypothetical",
    "willing": "hypothetical",
    "threaten": "hypothetical",
    "commit": "future",
    "predict": "possible",
    "question": "possible",
}
"""What an act makes of a deed that is its very content."""
_AHEAD = frozenset({"demand", "request", "propose", "willing", "threaten", "commit"})
"""Acts about what is to come: what stands in their content in the past happened before."""
_BINDING = frozenset({"commit", "threaten"})
_VOUCHING = frozenset({"confirm", "concede"})

_STEPS = 3
_FAR = 8
_PHRASE = 4
_ABOUT = frozenset({"of", "for", "to"})
_ABOUT_OBJECT = frozenset({"on", "to", "for"})
_AWAY = frozenset({"from", "against"})
_AFTER = frozenset({"obl", "advcl", "nmod"})
_MARKERS = frozenset({"case", "mark"})
_OWN = frozenset({"advmod", "aux", "mark", "det", "aux:pass", "cc", "case"})
_INNER = frozenset({"det", "cc:preconj", "advmod"})
_SIDES = frozenset({"nsubj", "nsubj:pass", "obj"})
_ROLES = {"xcomp": "verb", "obj": "object", "nsubj:pass": "object"}
_OBJECTS = frozenset({"obj", "nsubj:pass", "obl"})
_ORDER = ("hypothetical", "negated", "future", "possible")
"""Of several moods the strongest first."""


@dataclass(frozen=True, slots=True)
class Around:
    """A labelled text and the words that are known to change what it tells."""

    labelled: Labelled
    moods: Moods

    @property
    def tokens(self) -> Sequence[Token]:
        return self.labelled.tokens

    def word(self, at: int) -> str:
        """A word as it is written, in lower case, with straight apostrophes."""
        return self.labelled.word(at).lower().replace("’", "'")

    def children(self, at: int) -> tuple[int, ...]:
        return self.labelled.children(at)

    def is_a(self, role: str, at: int) -> bool:
        """Whether a word, alone or with its particle, plays a role."""
        return any(form in self.moods[role] for form in self.forms(at))

    def mood(self, role: str, at: int) -> str | None:
        """What a word in a role makes of a deed."""
        return next((self.moods[role][form] for form in self.forms(at) if form in self.moods[role]), None)

    def forms(self, at: int) -> list[str]:
        """A word with its particle, by itself, and its lemma."""
        word = self.word(at)
        particles = [self.word(i) for i in self.children(at) if self.tokens[i].deprel == "compound:prt"]
        return [*(f"{word} {particle}" for particle in particles), word, self.tokens[at].lemma.lower()]


@dataclass(frozen=True, slots=True)
class Deed:
    """A trigger and what speaks for and against its having happened.

    ``at``: the word the others of the trigger hang on. ``words``: what the words around it make of it. ``denied``: what
    denials make of it.
    """

    read: str
    at: int
    around: Around
    voucher: Statement | None
    words: str | None
    denied: str | None

    @property
    def is_told(self) -> bool:
        """Whether it is what the voucher says, and not what that takes for granted."""
        return self.voucher is not None and _is_told(self.at, self.voucher, self.around)

    @property
    def is_bargain(self) -> bool:
        """Whether its sentence names a condition."""
        span = self.around.labelled.sentence_of(self.at)
        words = self.around.labelled.document.text[slice(*span)].lower().replace(",", " ").split()
        return any(f" {term} " in f" {' '.join(words)} " for term in self.around.moods["condition"])


def judge(
    trigger: Trigger,
    labelled: Labelled,
    statements: Sequence[Statement],
    voucher: Statement | None,
    moods: Moods,
) -> str:
    """What the encoder reads, unless words around the trigger or acts that hold it make something else of it.

    ``voucher``: the innermost of the statements that hold the trigger.
    """
    around = Around(labelled, moods)
    at = labelled.top(trigger.first, trigger.last)
    deed = Deed(
        trigger.factuality,
        at,
        around,
        voucher=voucher,
        words=_by_words(at, around) or _by_sentence(trigger, at, around),
        denied=next((_of_denial(at, s, around) for s in statements if _is_denied(at, s, around)), None),
    )
    return _opened(deed) if deed.read in OPEN else _settled(deed)


def _opened(deed: Deed) -> str:
    """What becomes of a deed that the encoder takes for done."""
    return deed.words or deed.denied or _by_voucher(deed) or deed.read


def _by_voucher(deed: Deed) -> str | None:
    """What the act that holds a deed makes of it, where the deed is what it says."""
    if deed.voucher is None or not deed.is_told:
        return None
    charged = deed.around.tokens[deed.at].upos == "VERB" and _is_charge(deed.voucher, deed.around)
    return "possible" if charged else _UNDER.get(deed.voucher.act)


def _is_charge(voucher: Statement, around: Around) -> bool:
    """Whether the cue of a statement only accuses or supposes ("accused them of", "believe that")."""
    words = around.labelled.document.text[slice(*voucher.cue)].lower().split()
    return any(word in around.moods["charge"] for word in words)


def _settled(deed: Deed) -> str:
    """What the encoder does not take for done, set right where words or act leave no doubt."""
    return _SETTLED[deed.read](deed) if deed.read in _SETTLED else deed.read


def _possible(deed: Deed) -> str:
    if deed.denied or deed.words == "negated":
        return deed.denied or "negated"
    vouched = deed.voucher is not None and deed.voucher.act in _VOUCHING and deed.voucher.parent is None
    return "actual" if vouched and not deed.words and deed.is_told else deed.read


def _hypothetical(deed: Deed) -> str:
    """A plain promise is no bargain."""
    if deed.denied:
        return deed.denied
    promised = (
        deed.words == "future" if deed.voucher is None else deed.voucher.act == "commit" and deed.is_told
    )
    return "future" if promised and not deed.is_bargain else deed.read


def _future(deed: Deed) -> str:
    if deed.voucher and deed.voucher.act in _BINDING and deed.is_bargain:
        return "hypothetical"
    return "possible" if deed.words == "possible" and not deed.denied else deed.read


_SETTLED: Mapping[str, Callable[[Deed], str]] = {
    "possible": _possible,
    "hypothetical": _hypothetical,
    "future": _future,
}


# --- the words around --------------------------------------------------------------------------------------------


def _by_words(at: int, around: Around) -> str | None:
    """What the words around a deed make of it; None where they leave it as it is.

    Looked at: its own clause, and up to two clauses or phrases it hangs on ("fired no shot", "if they attack", "rumours
    of a raid").
    """
    here: int | None = at
    joined = False
    for _ in range(_STEPS):
        if here is None:
            return None
        mood = _own(here, around) or _before(here, around)
        if mood and not (joined and mood == "negated"):
            return mood
        joined = joined or around.tokens[here].deprel == "conj"
        here, above = _upwards(here, around)
        if above:
            return above
    return None


def _own(at: int, around: Around) -> str | None:
    """By particles, auxiliaries, conjunctions, determiners that hang on a word; by a subject or object that is none."""
    found = {around.mood("own", i) for i in _small(at, around)}
    if around.tokens[at].upos in {"NOUN", "PROPN"}:
        found |= {around.mood("adjective", i) for i in around.children(at) if _is_attribute(i, around)}
    return next((mood for mood in _ORDER if mood in found), None)


def _is_attribute(at: int, around: Around) -> bool:
    return around.tokens[at].deprel in {"amod", "compound"}


def _small(at: int, around: Around) -> Iterator[int]:
    for i in around.children(at):
        if around.tokens[i].deprel in _OWN and not _is_only(i, around):
            yield i
        elif around.tokens[i].deprel in _SIDES:
            inner = [j for j in around.children(i) if around.tokens[j].deprel in _INNER]
            yield from (
                j for j in (i, *inner) if around.mood("own", j) == "negated" and not _is_only(j, around)
            )


def _is_only(at: int, around: Around) -> bool:
    """Whether a "not" belongs to "not only"."""
    return at + 1 < len(around.tokens) and around.word(at + 1) in {"only", "just"}


def _before(at: int, around: Around) -> str | None:
    """By the words before its phrase, with the preposition or conjunction that opens it ("short of attacking")."""
    opening = [i for i in around.children(at) if around.tokens[i].deprel in {"mark", "case"} and i < at]
    if not opening:
        return None
    last = max(opening)
    noun = last - 1 if last and around.tokens[last - 1].upos == "NOUN" else None
    if noun is not None and around.word(last) in _ABOUT and around.mood("noun", noun):
        return around.mood("noun", noun)
    words = [around.word(i) for i in range(max(0, last - _PHRASE), last + 1)]
    phrases = (" ".join(words[n:]) for n in range(len(words)))
    return next((around.moods["before"][p] for p in phrases if p in around.moods["before"]), None)


def _upwards(at: int, around: Around) -> tuple[int | None, str | None]:
    """The word to look at next, and what the word a deed hangs on makes of it; other clauses speak for themselves."""
    head, relation = around.tokens[at].head, around.tokens[at].deprel
    if head < 0:
        return None, None
    if relation in {"nmod", "acl", "ccomp"}:
        return None, _by_noun(head, around)
    if relation in _AFTER and _stands_after(at, _AWAY, around) and around.mood("from", head):
        return None, around.mood("from", head)
    if relation == "obl" and _stands_after(at, _ABOUT_OBJECT, around):
        return None, around.mood("object", head)
    if relation.startswith("nsubj") and around.tokens[at].upos == "NOUN" and relation != "nsubj:pass":
        return (head if around.is_a("occur", head) else None), _by_outcome(head, around)
    if relation in _ROLES:
        known = relation != "nsubj:pass" or not _is_past(head, around)
        mood = around.mood(_ROLES[relation], head) if known else None
        return (None, mood) if mood else (head if _adds_nothing(at, head, around) else None, None)
    return (head if relation == "conj" and not _is_contrast(at, around) else None), None


def _stands_after(at: int, prepositions: Collection[str], around: Around) -> bool:
    return any(
        around.word(i) in prepositions for i in around.children(at) if around.tokens[i].deprel in _MARKERS
    )


def _by_outcome(at: int, around: Around) -> str | None:
    """What a verb makes of its subject that is yet to come about ("the talks are due to begin")."""
    starts = any(around.tokens[i].deprel == "xcomp" and around.is_a("occur", i) for i in around.children(at))
    return around.mood("verb", at) if starts else None


def _by_noun(at: int, around: Around) -> str | None:
    """What a noun makes of a deed that hangs on it; a report that is called a lie makes it untrue."""
    token = around.tokens[at]
    if token.upos != "NOUN":
        return None
    judged = token.head >= 0 and token.deprel.startswith("nsubj") and around.is_a("news", at)
    return "negated" if judged and around.is_a("lie", token.head) else around.mood("noun", at)


def _adds_nothing(at: int, head: int, around: Around) -> bool:
    """Whether a verb leaves its object or complement as it is ("launch an attack", "begin to attack")."""
    return around.is_a("light", head) or (
        around.tokens[at].deprel == "xcomp" and not around.is_a("real", head)
    )


def _is_contrast(at: int, around: Around) -> bool:
    return any(around.word(i) == "but" for i in around.children(at) if around.tokens[i].deprel == "cc")


def _by_sentence(trigger: Trigger, at: int, around: Around) -> str | None:
    """possible in a question; hypothetical where the verb comes first ("Had it fired, …")."""
    sentence = around.labelled.sentences[around.tokens[trigger.first].sentence]
    text = around.labelled.document.text
    if "?" in text[trigger.span.end : sentence.span.end].rstrip()[-3:]:
        return "possible"
    first = sentence.first
    opens = around.word(first) in {"had", "should", "were"} and text[sentence.span.start].isupper()
    subject = any(around.tokens[i].deprel.startswith("nsubj") for i in around.children(at) if i < at)
    clause = around.tokens[first].head in {at, around.tokens[at].head}
    before = all(around.word(i) != "," for i in range(first, at))
    return "hypothetical" if opens and subject and clause and before and at > first else None


# --- what is told, and what is taken for granted -----------------------------------------------------------------


def _is_told(at: int, statement: Statement, around: Around) -> bool:
    """Whether a deed is what a statement says, and not what it takes for granted ("demanded that they free those they
    had seized")."""
    content = next((c for c in statement.content if c.holds(around.tokens[at].span)), None)
    if content is None:
        return False
    ahead = statement.act in _AHEAD
    for here in _path(at, content, around):
        if _is_granted(here, content, statement.cue, around) or (ahead and _is_past(here, around)):
            return False
    return True


def is_claim(event: Event, statement: Statement, labelled: Labelled, moods: Moods) -> bool:
    """Whether an event is what a statement says, and not what it takes for granted."""
    at = labelled.head_of(event.trigger)
    return at is not None and _is_told(at, statement, Around(labelled, moods))


def _is_denied(at: int, statement: Statement, around: Around) -> bool:
    """Whether a deed is what a statement denies; of a quotation of several sentences only what stands by its cue."""
    if statement.act != "deny" or statement.status == "unsaid" or not _is_told(at, statement, around):
        return False
    sentence = around.labelled.sentence_of(at)
    return any(sentence.holds(c) for c in statement.content) or sentence.overlaps(statement.cue)


def _of_denial(at: int, statement: Statement, around: Around) -> str:
    """What a denial makes of a deed: it did not happen; where a report of it is denied, it may have."""
    content = next(c for c in statement.content if c.holds(around.tokens[at].span))
    return "possible" if any(around.is_a("news", i) for i in _path(at, content, around)) else "negated"


def _path(at: int, content: Span, around: Around) -> Iterator[int]:
    """A word and those above it inside a content."""
    here = at
    for _ in range(_FAR):
        if here < 0 or not content.holds(around.tokens[here].span):
            return
        yield here
        here = around.tokens[here].head


def _is_granted(at: int, content: Span, cue: Span, around: Around) -> bool:
    """Whether a word stands where it is taken for granted, under the word it hangs on."""
    token = around.tokens[at]
    above = around.tokens[token.head].span if token.head >= 0 else None
    if above and above.overlaps(cue) and token.deprel == "advcl" and around.is_a("charge", token.head):
        return False
    if token.deprel in {"acl:relcl", "appos", "amod"}:
        return True
    if token.deprel in {"acl", "advcl"}:
        unreal = around.is_a("noun", token.head) or around.is_a("news", token.head)
        return not (_is_infinitive(at, around) or unreal)
    if above is None or not content.holds(above):
        return False
    if token.deprel == "xcomp":
        return around.is_a("real", token.head)
    return token.upos in {"NOUN", "PROPN"} and _is_noun_granted(at, around)


def _is_noun_granted(at: int, around: Around) -> bool:
    """Whether a deed told by a noun is no news under the word it hangs on."""
    head, relation = around.tokens[at].head, around.tokens[at].deprel
    if relation == "nmod":
        return not any(around.is_a(role, head) for role in ("noun", "news", "heap"))
    if relation in _OBJECTS:
        return around.tokens[head].upos == "VERB" and not around.is_a("light", head)
    return relation == "nsubj" and around.tokens[head].upos == "VERB"


def _is_infinitive(at: int, around: Around) -> bool:
    return any(around.word(i) == "to" for i in around.children(at) if around.tokens[i].deprel == "mark")


def _is_past(at: int, around: Around) -> bool:
    """Whether a verb is told in the past or the present perfect."""
    if around.tokens[at].xpos == "VBD":
        return True
    helpers = [i for i in around.children(at) if around.tokens[i].deprel in {"aux", "aux:pass"}]
    modal = any(around.tokens[i].xpos == "MD" for i in helpers)
    return not modal and any(around.word(i) in _PERFECT for i in helpers)


def is_perfect(trigger: Trigger, labelled: Labelled) -> bool:
    """Whether a deed is told in the present perfect, which no day long past can date ("have met since 2010")."""
    here = labelled.top(trigger.first, trigger.last)
    helpers = [i for i in labelled.children(here) if i < here and labelled.tokens[i].deprel.startswith("aux")]
    return any(
        labelled.tokens[i].xpos in {"VBP", "VBZ"} and labelled.tokens[i].lemma == "have" for i in helpers
    )


_PERFECT = frozenset({"has", "have", "had", "was", "were", "'ve"})


def deniers(trigger: Trigger, statements: Collection[Statement]) -> set[str]:
    """Who denies something in whose words the trigger stands."""
    return {
        s.source_actor
        for s in statements
        if s.act == "deny" and s.source_actor and any(c.holds(trigger.span) for c in s.content)
    }
