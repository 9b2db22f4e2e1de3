"""A sentence with its labels, and the phrases that refer."""

from __future__ import annotations

from dragoman.mentions import find_mentions
from dragoman.record import Attribution, Document, Labelled, Mention, Name, Sentence, Span, Token, Trigger

TEXT = "The foreign minister of Tavenia, who met Ana Drumova in Doka, said he would not yield."
TREE = (
    "The DET 2 det/foreign ADJ 2 amod/minister NOUN 13 nsubj/of ADP 4 case/Tavenia PROPN 2 nmod/, PUNCT 7 punct/"
    "who PRON 7 nsubj/met VERB 2 acl:relcl/Ana PROPN 7 obj/Drumova PROPN 8 flat/in ADP 11 case/Doka PROPN 7 obl/"
    ", PUNCT 2 punct/said VERB -1 root/he PRON 17 nsubj/would AUX 17 aux/not PART 17 advmod/yield VERB 13 ccomp/"
    ". PUNCT 13 punct"
)


def labelled(
    text: str = TEXT, tree: str = TREE, names: dict[str, str] | None = None, **more: object
) -> Labelled:
    """Labels written as ``word UPOS head deprel`` between slashes; names as words → type."""
    tokens, at = [], 0
    for row in tree.split("/"):
        word, upos, head, deprel = row.split()
        at = text.index(word, at)
        tokens.append(Token(Span(at, at + len(word)), upos, "", word.lower(), int(head), deprel, 0))
        at += len(word)
    found = tuple(name(text, tokens, words, type_) for words, type_ in (names or {}).items())
    sentence = Sentence(0, len(tokens), Span(0, len(text)))
    return Labelled(Document("d", text), tuple(tokens), (sentence,), found, **more)  # type: ignore[arg-type]


def name(text: str, tokens: list[Token], words: str, type_: str) -> Name:
    span = Span(text.index(words), text.index(words) + len(words))
    inside = [i for i, t in enumerate(tokens) if span.holds(t.span)]
    return Name(span, inside[0], inside[-1] + 1, type_, 1.0)


def words(mentions: tuple[Mention, ...], text: str = TEXT) -> list[str]:
    return [text[slice(*m.span)] for m in mentions]


def test_a_phrase_keeps_its_determiner_and_complement_but_not_its_relative_clause() -> None:
    types = tuple("person" if i == 2 else None for i in range(19))
    found = find_mentions(labelled(entity_types=types))
    assert "The foreign minister of Tavenia" in words(found)


def test_names_and_pronouns_are_mentions_of_their_own() -> None:
    found = find_mentions(labelled(names={"Tavenia": "LOC", "Ana Drumova": "PER", "Doka": "LOC"}))
    forms = {TEXT[slice(*m.span)]: (m.form, m.type) for m in found}
    assert forms["Ana Drumova"] == ("name", "person")
    assert forms["Tavenia"] == ("name", "place")
    assert forms["he"] == ("pronoun", "person")
    assert forms["who"][0] == "pronoun"


def test_a_given_source_span_becomes_a_mention_with_the_head_the_parse_says() -> None:
    span = Span(0, len("The foreign minister of Tavenia"))
    cue = Span(TEXT.index("said"), TEXT.index("said") + 4)
    attribution = Attribution(
        cue,
        13,
        14,
        span,
        (Span(cue.end + 1, len(TEXT) - 1),),
        "indirect",
        "commit",
        1.0,
        "-",
        (),
        (),
        (),
        1.0,
    )
    found = [m for m in find_mentions(labelled(attributions=(attribution,))) if m.span == span]
    assert [m.head for m in found] == [2]


def test_participants_of_an_event_become_mentions() -> None:
    span = Span(TEXT.index("Ana"), TEXT.index(" in Doka"))
    trigger = Trigger(
        Span(TEXT.index("met"), TEXT.index("met") + 3), 7, 8, "CONSULT", "actual", (), (span,), 1.0
    )
    assert span in {m.span for m in find_mentions(labelled(triggers=(trigger,)))}


def test_one_mention_a_head() -> None:
    types = tuple("person" if i in {2, 8} else None for i in range(19))
    found = find_mentions(labelled(names={"Ana Drumova": "PER"}, entity_types=types))
    heads = [m.head for m in found]
    assert len(heads) == len(set(heads))


def test_a_broken_parse_still_gives_the_head_before_the_preposition() -> None:
    flat = "/".join(f"{row.split()[0]} {row.split()[1]} -1 dep" for row in TREE.split("/"))
    span = Span(0, len("The foreign minister of Tavenia"))
    trigger = Trigger(
        Span(TEXT.index("met"), TEXT.index("met") + 3), 7, 8, "CONSULT", "actual", (span,), (), 1.0
    )
    found = [m for m in find_mentions(labelled(tree=flat, triggers=(trigger,))) if m.span == span]
    assert [TEXT[slice(*labelled().tokens[m.head].span)] for m in found] == ["minister"]


def test_a_conjunct_is_a_phrase_of_its_own() -> None:
    text = "Two ministers and envoys left."
    tree = "Two NUM 1 nummod/ministers NOUN 4 nsubj/and CCONJ 3 cc/envoys NOUN 1 conj/left VERB -1 root/. PUNCT 4 punct"
    types = (None, "person", None, "person", None, None)
    assert words(find_mentions(labelled(text, tree, entity_types=types)), text) == ["Two ministers", "envoys"]


def test_a_text_without_tokens_has_no_mentions() -> None:
    assert find_mentions(Labelled(Document("d", ""), (), ())) == ()


def test_who_is_told_does_not_take_in_the_verb() -> None:
    text = "Toll told reporters so."
    tree = "Toll PROPN 1 nsubj/told VERB -1 root/reporters NOUN 1 iobj/so ADV 1 advmod/. PUNCT 1 punct"
    said = Attribution(
        Span(5, 9),
        1,
        2,
        Span(0, 4),
        (Span(20, 22),),
        "indirect",
        "assert",
        0.9,
        "+",
        (),
        (),
        ((1, 0.9), (2, 0.8)),
        0.9,
    )
    found = find_mentions(labelled(text, tree, attributions=(said,)))
    assert words(found, text) == ["Toll", "reporters"]
