"""No character moves an offset: whatever a text holds, every span lies in it and says what the reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.model import BUNDLE
from dragoman.reader import Reader
from dragoman.record import Document, Labelled, Record, Span

pytestmark = pytest.mark.skipif(
    not (BUNDLE / "manifest.json").is_file(), reason="no weights: dragoman/weights holds no bundle"
)

NEWS = (
    "Korvania denied attacking Selmora.",
    "President Ila Brandt said on Tuesday that talks would resume in Port Sarn.",
    "“We will not yield,” she told reporters.",
    "The envoys met in Geneva on 3 May.",
    "If Selmora attacks, Korvania will respond, the ministry warned.",
)
ODD = {
    "ligatures": "The o\ufb03cial \ufb02atly denied the \ufb01ring, he said.",
    "emoji with joiners": "“Enough 👩\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈,” Brandt wrote 🇰🇵.",
    "combining accents": "Pre\u0301sident Bran\u0302dt sa\u0308id Korvani\u0303a would le\u0301ave.",
    "letters of two code points": "The \u1e9eaal, \u0130stanbul and \u01c4 said İİ.",
    "curly quotes": "“We ‘will’ not move,” Tarn said. ”Never.“",
    "odd quotes": "«Nous partons», „wir gehen“, 'we go', ``we stay'', said the envoy. \"Half open",
    "soft hyphens": "The minis\u00adter sa\u00adid Kor\u00advania would with\u00addraw.",
    "no-break spaces": "Mr.\u00a0Tarn\u202fsaid 10\u00a0000\u2009troops\u3000left.",
    "line ends of Windows": "Korvania said no.\r\n\r\nSelmora said yes.\r\nIt left.",
    "lone carriage returns": "Korvania said no.\rSelmora said yes.",
    "tabs": "Korvania\tsaid\t\tno.\n\t\tSelmora agreed.",
    "right to left": "المتحدث باسم الوزارة said كورفانيا would leave. דובר הממשלה denied it.",
    "marks of direction": "\u202eKorvania\u202c said \u2067no\u2069 to Selmora.\u200f",
    "Indic": "विदेश मंत्री ने कहा that क्षेत्र would be safe, said শান্তি ক্ষমতা.",
    "Han": "外交部发言人 said 中国 would “坚决反对” the plan.",
    "byte order mark": "\ufeffKorvania denied it, \ufeffthe ministry said.",
    "NUL": "Korvania\x00 said\x00no.\x00",
    "control characters": "Korvania\x01 said \x1b[31mno\x1b[0m \x7f to \x85Selmora.",
    "zero width": "Kor\u200bvania\u200c said\u200d no\u2060 to Selmora.",
    "astral letters": "𝐊𝐨𝐫𝐯𝐚𝐧𝐢𝐚 said 𝒏𝒐 to 𐍈.",
    "replacement": "Korvania\ufffd said \ufffd\ufffdno\ufffd.",
    "one long word": "Korvania said " + "no" * 3000 + ".",
    "no letters": "?!… — “”‘’ 😀 \u0301",
    "separators": "Korvania said no.\u2028Selmora said yes.\u2029It left.",
    "private use": "Korvania \ue000 said \uf8ff no.",
    "markup": "<b>Korvania</b> said &amp; &#8220;no&#8221; to [Selmora](x).",
}
CHARACTERS = (
    "\ufb01\ufb03 \u200d👩👧🏽\u0301\u0308\u00ad\u00a0\u202f\r\n\t“”‘’«»„\"'``´"
    "\u200b\u200f\u202e\ufeff\x00\x01\x85\u2028"
    "ßİŁعدנש\u0915\u094d\u0937中国。，—–-…0123456789aZ. ,:;?!()[]"
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(threads=1)


def spans(value: Any) -> Iterator[Span]:
    """Every span in a value, however deep."""
    if isinstance(value, Span):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from spans(part)
    elif is_dataclass(value):
        for field in fields(value):
            yield from spans(getattr(value, field.name))


def check(reader: Reader, text: str) -> Record:
    """Read a text and hold every span of labels and record to it."""
    document = Document("odd", text, published="2031-05-13")
    (labelled,) = reader.label([document])
    record = reader.read(document)
    assert labelled.document.text == record.document.text == text
    for span in (*spans(labelled), *spans(record)):
        assert 0 <= span.start < span.end <= len(text), span
    check_tokens(labelled)
    check_round_trip(record)
    return record


def check_tokens(labelled: Labelled) -> None:
    """Tokens follow one another and leave out white space only; sentences hold them all."""
    text = labelled.document.text
    tokens = [token.span for token in labelled.tokens]
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    edges = [0, *(edge for span in tokens for edge in span), len(text)]
    between = "".join(text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2))
    assert not between.strip(), f"not in any token: {between.strip()!r}"
    assert [i for s in labelled.sentences for i in range(s.first, s.last)] == list(range(len(tokens)))


def check_round_trip(record: Record) -> None:
    """What is read back from the line says the same words."""
    again = Record.from_json(record.to_json())
    assert again.to_json() == record.to_json()
    text = record.document.text
    assert [again.document.text[slice(*s)] for s in spans(again)] == [text[slice(*s)] for s in spans(record)]


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text(reader: Reader, text: str) -> None:
    check(reader, text)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_text_among_news(reader: Reader, text: str) -> None:
    whole = "\n\n".join([NEWS[0], text, *NEWS[1:]])
    record = check(reader, whole)
    assert record.statements, "the news around it is still read"


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u00a0"])
def test_nothing_to_read_is_a_record_with_nothing(reader: Reader, text: str) -> None:
    record = check(reader, text)
    assert (record.statements, record.events, record.actors) == ((), (), ())


pieces = st.one_of(
    st.sampled_from(NEWS),
    st.sampled_from(sorted(ODD.values(), key=len)[:20]),
    st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)
texts = st.builds(
    lambda parts, glue: glue.join(parts),
    st.lists(pieces, min_size=1, max_size=8),
    st.sampled_from([" ", "", "\n\n", "\r\n", "\u00a0", "\t"]),
)


@given(text=texts)
@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_any_text(reader: Reader, text: str) -> None:
    check(reader, text)


@given(position=st.integers(0, 60), odd=st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None, derandomize=True, database=None)
def test_odd_characters_inside_a_sentence(reader: Reader, position: int, odd: str) -> None:
    sentence = NEWS[1]
    check(reader, sentence[:position] + odd + sentence[position:])
