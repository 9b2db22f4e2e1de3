"""English is read, and what is surely not English is refused by name."""

from __future__ import annotations

import pytest

from dragoman.extract import document, language
from tests.inputs import STORY, read_one, refusal


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "Le ministre a déclaré mardi que les pourparlers de paix reprendraient la semaine prochaine à Genève.",
        ),
        (
            "de",
            "Der Minister sagte am Dienstag, die Gespräche würden in der kommenden Woche in Genf fortgesetzt.",
        ),
        (
            "es",
            "El ministro dijo el martes que las conversaciones de paz continuarán la próxima semana en Ginebra.",
        ),
        (
            "nl",
            "De minister zei dinsdag dat de gesprekken over vrede volgende week in Genève worden voortgezet.",
        ),
        ("sv", "Ministern sade på tisdagen att samtalen om fred ska fortsätta i Genève i nästa vecka."),
        ("ru", "Министр заявил во вторник, что мирные переговоры продолжатся на следующей неделе в Женеве."),
        (
            "zh",
            "部长星期二表示,和平谈判将于下周在日内瓦继续举行,双方都希望尽快达成协议,并呼吁各方保持克制,避免局势进一步升级。",
        ),
        ("ar", "قال الوزير يوم الثلاثاء إن محادثات السلام ستستأنف الأسبوع المقبل في جنيف."),
    ],
)
def test_what_is_not_english_is_refused_by_name(language: str, text: str) -> None:
    refused = refusal((text + "\n" + text).encode(), kind="text")
    assert refused.kind == "language"
    assert repr(language) in refused.reason


@pytest.mark.parametrize(
    "text",
    [
        "Talks fail",
        "Russia denied attacking Ukraine.",
        "NATO, EU, UN, OSCE, IAEA, WHO.",
        "Привет, мир",
        "Maelstad, Drumov, Aldermoor, Thorsby: Lindhaven, Dravik, Selmora",
    ],
)
def test_what_is_too_short_or_too_full_of_names_to_tell_is_read(text: str) -> None:
    assert read_one(text.encode(), kind="text").text == text


@pytest.mark.parametrize(
    "text",
    [
        "Tokyo, Manila sign visiting forces pact amid South China Sea tension, Beijing protests",
        "Seoul fires warning shots after North Korean soldiers cross border",
        "The minister said: “Nous ne céderons jamais.” He added that the talks were over and left the room.",
    ],
)
def test_headlines_and_foreign_words_are_english_enough(text: str) -> None:
    assert read_one(text.encode(), kind="text").text == text


def test_plain_english_is_told_without_the_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(text: str) -> tuple[str, float]:
        raise AssertionError("the language model was asked")

    monkeypatch.setattr(language, "_classify", never)
    assert document(STORY * 20).language == "en"
