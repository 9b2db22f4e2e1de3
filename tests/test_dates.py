"""Words of time in news, and what they date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.dates import date_event, date_saying, date_story, find_dates
from dragoman.record import Span, TimeExpression

TUESDAY = "2022-01-25"
SATURDAY = "2024-08-17"


def words(text: str, *parts: str) -> list[Span]:
    """Where the parts stand, each after the one before."""
    spans, at = [], 0
    for part in parts:
        at = text.index(part, at)
        spans.append(Span(at, at + len(part)))
    return spans


def only(text: str, published: str | None) -> TimeExpression:
    found = find_dates(text, published)
    assert len(found) == 1, [text[e.span.start : e.span.end] for e in found]
    return found[0]


RELATIVE = [
    ("Pact to answer the proposals by Friday", "Friday", "2022-01-28", "2022-01-28"),
    ("Envoys to meet in Doha on Thursday", "Thursday", "2022-01-27", "2022-01-27"),
    ("The party called a rally for Sunday.", "Sunday", "2022-01-30", "2022-01-30"),
    ("A reply to the raid of Friday", "Friday", "2022-01-21", "2022-01-21"),
    ("Police were blamed for Sunday's raid.", "Sunday", "2022-01-23", "2022-01-23"),
    ("The talks were adjourned until Thursday.", "Thursday", "2022-01-27", "2022-01-27"),
    ("The curfew lasted until Thursday.", "Thursday", "2022-01-20", "2022-01-20"),
    ("We need the ship gone by Sunday.", "Sunday", "2022-01-30", "2022-01-30"),
    ("Troops will move on the town Tuesday night.", "Tuesday night", "2022-01-25", "2022-01-25"),
    ("It would let United Nations teams in on Friday.", "Friday", "2022-01-28", "2022-01-28"),
    # weekdays
    ("The envoy arrived on Monday.", "Monday", "2022-01-24", "2022-01-24"),
    ("The envoys met Tuesday.", "Tuesday", "2022-01-25", "2022-01-25"),
    ("Wednesday's talks brought nothing.", "Wednesday", "2022-01-19", "2022-01-19"),
    ("The two ministers spoke on Friday night.", "Friday night", "2022-01-21", "2022-01-21"),
    ("The ministers will meet on Friday.", "Friday", "2022-01-28", "2022-01-28"),
    ("The envoy is to speak when he visits Doka on Sunday.", "Sunday", "2022-01-30", "2022-01-30"),
    ("The pact will be signed on Friday.", "Friday", "2022-01-28", "2022-01-28"),
    ("The pact would also be formally signed on Friday.", "Friday", "2022-01-28", "2022-01-28"),
    ("The court is to rule on Thursday.", "Thursday", "2022-01-27", "2022-01-27"),
    ("On Thursday, the parliaments will vote.", "Thursday", "2022-01-27", "2022-01-27"),
    ("On Thursday, the parliaments voted it down.", "Thursday", "2022-01-20", "2022-01-20"),
    ("A summit is scheduled for Tuesday.", "Tuesday", "2022-02-01", "2022-02-01"),
    ("The president said Monday that troops will stay.", "Monday", "2022-01-24", "2022-01-24"),
    ("They left last Friday.", "last Friday", "2022-01-21", "2022-01-21"),
    ("They left last Monday.", "last Monday", "2022-01-17", "2022-01-17"),
    ("They leave next Monday.", "next Monday", "2022-01-31", "2022-01-31"),
    ("The premier resigned this Monday.", "this Monday", "2022-01-24", "2022-01-24"),
    ("A truce holds since Friday of last week.", "Friday of last week", "2022-01-21", "2022-01-21"),
    ("The vote came Monday morning.", "Monday morning", "2022-01-24", "2022-01-24"),
    # days
    ("The two leaders spoke today.", "today", "2022-01-25", "2022-01-25"),
    ("Yesterday the border was closed.", "Yesterday", "2022-01-24", "2022-01-24"),
    ("The border opens tomorrow.", "tomorrow", "2022-01-26", "2022-01-26"),
    ("Shells fell last night.", "last night", "2022-01-24", "2022-01-24"),
    ("He spoke earlier today to reporters.", "earlier today", "2022-01-25", "2022-01-25"),
    ("The council sits this afternoon.", "this afternoon", "2022-01-25", "2022-01-25"),
    ("He will speak tonight.", "tonight", "2022-01-25", "2022-01-25"),
    ("They had met the day before yesterday.", "the day before yesterday", "2022-01-23", "2022-01-23"),
    # weeks, months, years
    ("The ship sailed last week.", "last week", "2022-01-17", "2022-01-23"),
    ("Inspectors arrive next week.", "next week", "2022-01-31", "2022-02-06"),
    ("Talks began earlier this week.", "earlier this week", "2022-01-24", "2022-01-25"),
    ("Talks resume later this week.", "later this week", "2022-01-25", "2022-01-30"),
    ("The talks broke down last month.", "last month", "2021-12-01", "2021-12-31"),
    ("The loan was cut earlier in the month.", "earlier in the month", "2022-01-01", "2022-01-25"),
    ("The accord was signed last year.", "last year", "2021-01-01", "2021-12-31"),
    ("He was freed earlier this year.", "earlier this year", "2022-01-01", "2022-01-25"),
    ("The summit is planned for next month.", "next month", "2022-02-01", "2022-02-28"),
    ("Both sides fired at the weekend.", "at the weekend", "2022-01-22", "2022-01-23"),
    ("Troops leave by the end of the month.", "end of the month", "2022-01-21", "2022-01-31"),
    ("A vote is due at the end of next week.", "end of next week", "2022-02-04", "2022-02-06"),
    ("The ministers gather this weekend.", "this weekend", "2022-01-29", "2022-01-30"),
    # counting
    ("The attack came two days ago.", "two days ago", "2022-01-23", "2022-01-23"),
    ("Shells fell overnight.", "overnight", "2022-01-24", "2022-01-25"),
    ("The ban will be lifted overnight.", "overnight", "2022-01-25", "2022-01-26"),
    ("The envoys will meet in three days.", "in three days", "2022-01-28", "2022-01-28"),
    ("A decade ago the dam was built.", "A decade ago", "2012-01-01", "2012-12-31"),
    ("A fortnight ago the bridge fell.", "A fortnight ago", "2022-01-08", "2022-01-14"),
    ("Shells fell at 10 p.m. Monday (0300 GMT Tuesday).", "Monday", "2022-01-24", "2022-01-24"),
    ("A week ago the envoy left.", "A week ago", "2022-01-18", "2022-01-18"),
    ("Three months ago the pact was torn up.", "Three months ago", "2021-10-01", "2021-10-31"),
    ("He was jailed 10 years ago.", "10 years ago", "2012-01-01", "2012-12-31"),
    ("Over the past three days shells fell.", "past three days", "2022-01-22", "2022-01-25"),
    ("The pact will lapse in two weeks' time.", "in two weeks' time", "2022-02-05", "2022-02-11"),
    # days and months without a year
    ("He was shot on January 2 near the border.", "January 2", "2022-01-02", "2022-01-02"),
    ("The order takes effect on February 10.", "February 10", "2022-02-10", "2022-02-10"),
    ("The cabinet fell on 29 December.", "29 December", "2021-12-29", "2021-12-29"),
    ("MOSCOW, Jan. 25 (Agency) - The talks failed.", "Jan. 25", "2022-01-25", "2022-01-25"),
    ("He visited on the 11th of January.", "11th of January", "2022-01-11", "2022-01-11"),
    ("The envoy arrived on the third of January.", "the third of January", "2022-01-03", "2022-01-03"),
    ("He visited on the 11th.", "on the 11th", "2022-01-11", "2022-01-11"),
    ("She was arrested in November.", "November", "2021-11-01", "2021-11-30"),
    ("The ceasefire will begin in March.", "March", "2022-03-01", "2022-03-31"),
    ("The war broke out last May.", "last May", "2021-05-01", "2021-05-31"),
    ("He resigned in early December.", "early December", "2021-12-01", "2021-12-10"),
    ("He was exiled in May last year.", "May last year", "2021-05-01", "2021-05-31"),
    ("They talked on Christmas Day.", "Christmas Day", "2021-12-25", "2021-12-25"),
    ("Last summer the dam was blown up.", "Last summer", "2021-06-01", "2021-08-31"),
]


@pytest.mark.parametrize(
    ("text", "phrase", "first", "last"), RELATIVE, ids=[r[1] + "|" + r[0][:20] for r in RELATIVE]
)
def test_relative_words_are_read_against_the_day_of_publication(
    text: str, phrase: str, first: str, last: str
) -> None:
    expression = only(text, TUESDAY)
    assert text[expression.span.start : expression.span.end] == phrase
    assert (expression.first, expression.last) == (first, last)


@pytest.mark.parametrize("text", [r[0] for r in RELATIVE])
def test_relative_words_say_nothing_without_a_day_of_publication(text: str) -> None:
    assert find_dates(text, None) == ()


ABSOLUTE = [
    ("Signed on 25 January 2022 in Vienna.", "25 January 2022", "2022-01-25", "2022-01-25", "2022-01-25"),
    ("On January 25, 2022 he resigned.", "January 25, 2022", "2022-01-25", "2022-01-25", "2022-01-25"),
    (
        "Sunday, October 27, 2019\n\nText.",
        "Sunday, October 27, 2019",
        "2019-10-27",
        "2019-10-27",
        "2019-10-27",
    ),
    ("The 3rd of June 1999 was quiet.", "3rd of June 1999", "1999-06-03", "1999-06-03", "1999-06-03"),
    ("Filed 2021-11-07 by post.", "2021-11-07", "2021-11-07", "2021-11-07", "2021-11-07"),
    ("Dated 25/01/2022 and sealed.", "25/01/2022", "2022-01-25", "2022-01-25", "2022-01-25"),
    (
        "They talked from March 23-25, 2025 there.",
        "March 23-25, 2025",
        "2025-03-23",
        "2025-03-25",
        "2025-03-23",
    ),
    (
        "A fair from July 8 to July 11, 2009 drew many.",
        "July 8 to July 11, 2009",
        "2009-07-08",
        "2009-07-11",
        "2009-07-08",
    ),
    ("The camp opened in January 2002.", "January 2002", "2002-01-01", "2002-01-31", "2002-01"),
    ("In late March 2014 it was annexed.", "late March 2014", "2014-03-21", "2014-03-31", "2014-03"),
    ("Elections in mid-October 2019 failed.", "mid-October 2019", "2019-10-11", "2019-10-20", "2019-10"),
    ("The war began in 2014.", "2014", "2014-01-01", "2014-12-31", "2014"),
    ("Under sanctions since 2001, it trades little.", "2001", "2001-01-01", "2001-12-31", "2001"),
    ("The 2008 attacks hit the port.", "2008", "2008-01-01", "2008-12-31", "2008"),
    ("A truce after the war (1999) held.", "1999", "1999-01-01", "1999-12-31", "1999"),
    ("They fought between 1998 and 2000 there.", "1998 and 2000", "1998-01-01", "2000-12-31", "1998"),
    ("The 2011/12 budget was cut.", "2011/12", "2011-01-01", "2012-12-31", "2011"),
    ("In the 1990s it was a republic.", "1990s", "1990-01-01", "1999-12-31", "1990"),
    ("It was built in the early 1970s.", "early 1970s", "1970-01-01", "1973-05-01", "1970"),
    ("In the summer of 2012 rebels took it.", "summer of 2012", "2012-06-01", "2012-08-31", "2012"),
    (
        "On the twenty-first day of June 1999 it fell.",
        "the twenty-first day of June 1999",
        "1999-06-21",
        "1999-06-21",
        "1999-06-21",
    ),
    ("At the end of March 2014 it was annexed.", "end of March 2014", "2014-03-21", "2014-03-31", "2014-03"),
    ("In late 2013 protests began.", "late 2013", "2013-09-01", "2013-12-31", "2013"),
    ("The September 11 attacks changed it.", "September 11", "2001-09-11", "2001-09-11", "2001-09-11"),
    ("Since 9/11 the law is stricter.", "9/11", "2001-09-11", "2001-09-11", "2001-09-11"),
]


@pytest.mark.parametrize("published", [None, TUESDAY])
@pytest.mark.parametrize(("text", "phrase", "first", "last", "value"), ABSOLUTE, ids=[a[1] for a in ABSOLUTE])
def test_full_dates_need_no_publication(
    text: str, phrase: str, first: str, last: str, value: str, published: str | None
) -> None:
    expression = find_dates(text, published)[0]
    assert text[expression.span.start : expression.span.end] == phrase
    assert (expression.first, expression.last, expression.value) == (first, last, value)


@pytest.mark.parametrize(
    "text",
    [
        "Theresa May resigned.",
        "May he rest in peace.",
        "The Women's March on the capital drew many.",
        "The march began at noon.",
        "Some 2,014 troops crossed.",
        "Of 2000 troops, half left.",
        "It rose by 1999.5 points.",
        "About 250 people died.",
        "April Smith spoke for the ministry.",
        "The 40-year-old was held.",
        "He thanked the second army.",
        "Radio Free Asia reported it.",
        "The town fell in three days.",
        "It was lost in two weeks of fighting that will be remembered.",
    ],
)
def test_what_only_looks_like_a_time_is_not_read(text: str) -> None:
    assert find_dates(text, TUESDAY) == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("They met on January 20. A day later they signed.", ["2022-01-20", "2022-01-21"]),
        ("They met on January 20. Earlier that day shells fell.", ["2022-01-20", "2022-01-20"]),
        ("They met on January 20 and parted the next day.", ["2022-01-20", "2022-01-21"]),
        ("He left on 3 March 2014. The previous week he had lied.", ["2014-03-03", "2014-02"]),
        ("They talked Monday about a convoy held up the night before.", ["2022-01-24", "2022-01-23"]),
        ("They met on January 20. Two weeks earlier they had not.", ["2022-01-20", "2022-01"]),
        (
            "Rules from December 10 were told on Friday, the same day.",
            ["2021-12-10", "2022-01-21", "2022-01-21"],
        ),
        ("The ministry spoke Monday; the day before, it had been silent.", ["2022-01-24", "2022-01-23"]),
        ("They met on January 20, a week before the vote was held.", ["2022-01-20", "2022-01-27"]),
        ("They came a week before the vote was held.", []),
    ],
)
def test_some_words_count_from_the_day_told_before(text: str, values: list[str]) -> None:
    assert [e.value for e in find_dates(text, TUESDAY)] == values


def test_a_weekday_of_the_day_of_publication_is_that_day() -> None:
    assert only("Police clashed with marchers Saturday.", SATURDAY).value == SATURDAY


def test_last_weekday_is_not_yesterday() -> None:
    assert only("They left last Friday.", SATURDAY).value == "2024-08-09"


def test_where_only_the_month_of_publication_is_known_days_become_the_month() -> None:
    assert only("Shells fell today.", "2016-05").value == "2016-05"
    assert only("The pact of 3 March 2014 holds.", "2016-05").value == "2014-03-03"
    assert find_dates("Shells fell last year and next year.", "2016-05") == ()


@pytest.mark.parametrize(
    ("published", "first", "value"),
    [("2013-11-08", "2013-10-28", "2013-10"), ("2020-01-08", "2019-12-30", "2020-01")],
)
def test_a_week_across_months_has_the_value_of_the_month_of_its_middle(
    published: str, first: str, value: str
) -> None:
    expression = only("The ship sailed last week.", published)
    assert (expression.first, expression.value) == (first, value)


@pytest.mark.parametrize(
    ("published", "today"),
    [
        ("2022-01-26", "2022-01-25"),
        ("2022-01-25", "2022-01-25"),
        ("2022-02-26", "2022-02-26"),
        ("2022-01-24", "2022-01-24"),
    ],
    ids=["stamped a day later", "same day", "another month", "before the dateline"],
)
def test_today_is_the_day_of_the_dateline_where_that_goes_with_publication(
    published: str, today: str
) -> None:
    text = "Talks fail\n\nGENEVA, Jan. 25 (Agency) - The envoys met today."
    assert find_dates(text, published)[-1].value == today


@pytest.mark.parametrize(
    "head",
    [
        "NEW DELHI, 25 January 2022 (Agency) -- ",
        "Monrell, January 25, 2022 – ",
        "Tuesday, January 25, 2022\n\n",
        "Talks fail\n\n25 January 2022\xa0\n",
    ],
)
def test_a_report_without_a_day_of_publication_is_read_by_its_dateline(head: str) -> None:
    assert find_dates(f"{head}The envoys met yesterday.", None)[-1].value == "2022-01-24"


def test_a_year_told_at_the_end_of_a_list_is_that_of_all_its_days() -> None:
    text = "He was in Doka on 4 April and in Velmar from 5-6 April 2016."
    assert [e.value for e in find_dates(text, None)] == ["2016-04-04", "2016-04-05"]
    assert find_dates("He was in Doka on 4 April; the pact is of May 2016.", None)[0].value == "2016-05"


def test_a_date_in_running_text_is_no_dateline() -> None:
    text = "The pact of January 25, 2022 - the third - was broken yesterday."
    assert [e.value for e in find_dates(text, None)] == ["2022-01-25"]


@pytest.mark.parametrize(
    "stamp", ["2022-01-25T23:30:00-05:00", "2022-01-25T00:10:00+09:00", "2022-01-25 23:59 GMT"]
)
def test_the_day_of_publication_is_that_of_the_publishers_own_clock(stamp: str) -> None:
    assert only("Envoys met yesterday.", stamp).value == "2022-01-24"


def test_an_impossible_day_is_left_out() -> None:
    assert find_dates("Signed on 2020-13-45 or 30/02/2020.", None) == ()


@given(st.text(max_size=120), st.sampled_from([None, "2022-01-25", "2016-05", "0001-01-01", "x"]))
def test_any_text_gives_ordered_spans_and_intervals(text: str, published: str | None) -> None:
    found = find_dates(text, published)
    ends = [0, *(end for e in found for end in e.span)]
    assert ends == sorted(ends)
    assert all(e.first <= e.last and text[e.span.start : e.span.end] for e in found)


# --- dating ---------------------------------------------------------------------------------------------------------


def dated(text: str, trigger: str) -> str | None:
    """The value that dates a trigger of a sentence; times are read against TUESDAY."""
    (span,) = words(text, trigger)
    found = date_event(text, span, Span(0, len(text)), find_dates(text, TUESDAY))
    return found.value if found else None


def of_story(text: str, sentence: str, published: str | None = TUESDAY) -> str | None:
    """The value that dates a sentence without words of time."""
    (span,) = words(text, sentence)
    found = date_story(text, span, find_dates(text, published), published)
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "trigger", "value"),
    [
        ("The ministers met on Friday.", "met", "2022-01-21"),
        ("Police arrested him in May 2019 and freed him on Monday.", "arrested", "2019-05"),
        ("Police arrested him in May 2019 and freed him on Monday.", "freed", "2022-01-24"),
        ("On Friday, the ministers, who had quarrelled for weeks in the capital, met.", "met", "2022-01-21"),
        ("The spokesman said Monday that the strike in December killed ten.", "strike", "2021-12"),
        ("The patrols agreed on last August were stopped on Friday.", "stopped", "2022-01-21"),
        ("This month a firm began to dig, and on 12 January guards seized its ship.", "seized", "2022-01-12"),
        ('The evacuation, or "disengagement", is due to start after August 15.', "evacuation", "2022-08-15"),
        ("Tuesday, January 25, 2022\xa0\nOn Sunday the envoys met.", "met", "2022-01-23"),
        ("The ministers met.", "met", None),
        ("The marshal, who left on Friday, met the rebels.", "left", "2022-01-21"),
        ("The marshal, who left on Friday, met the rebels.", "met", None),
        ("They met on Monday, a day after the rebels took the port.", "met", "2022-01-24"),
        ("They met on Monday, a day after the rebels took the port.", "took", "2022-01-23"),
        ("Two days after the raid, they met.", "raid", "2022-01-23"),
        ("Two days after the raid, they met.", "met", None),
    ],
)
def test_an_event_has_the_nearest_time_of_its_sentence(text: str, trigger: str, value: str | None) -> None:
    assert dated(text, trigger) == value


def test_an_event_without_words_of_time_happens_on_the_day_of_its_paragraph_or_story() -> None:
    text = "Korvan troops crossed the river on Sunday. They burned two villages.\n\nThe army denied it."
    assert of_story(text, "They burned two villages.") == "2022-01-23"
    assert of_story(text, "The army denied it.") == "2022-01-23"
    assert of_story("The army denied it.", "The army denied it.") == TUESDAY
    assert of_story("The army denied it.", "The army denied it.", None) is None


def test_what_has_gone_on_since_a_day_is_not_the_story_of_that_day() -> None:
    text = "The marshal has not been seen since Sunday.\n\nThe army denied it."
    assert of_story(text, "The army denied it.") == TUESDAY


def test_background_runs_on_for_deeds_and_not_for_sayings() -> None:
    text = "Marines landed on 6 November 1956. The port burned. The envoy recalled it."
    assert of_story(text, "The port burned.") == "1956-11-06"
    cue = words(text, "recalled")[0]
    said = date_saying(
        text, cue, words(text, "The envoy recalled it.")[0], [], find_dates(text, TUESDAY), TUESDAY
    )
    assert said is not None
    assert said.value == TUESDAY


def test_without_a_day_of_publication_the_story_has_the_day_of_its_dateline() -> None:
    text = "MONRELL, Jan. 25, 2022 (Agency) - The army denied it."
    assert of_story(text, "The army denied it.", None) == "2022-01-25"


def test_the_day_of_publication_has_no_words() -> None:
    text = "The ministers met."
    expression = date_story(text, Span(0, len(text)), (), TUESDAY)
    assert expression == TimeExpression(Span(0, 0), TUESDAY, TUESDAY, TUESDAY, "publication")
    assert date_story(text, Span(0, len(text)), (), None) is None


def test_a_line_of_its_own_is_not_the_day_of_the_story() -> None:
    text = "Envoys meet\n\nTuesday, January 25, 2022\n\nThe envoys met on Sunday."
    expressions = find_dates(text, TUESDAY)
    found = date_story(text, Span(0, 11), expressions, TUESDAY)
    assert found is not None
    assert found.value == "2022-01-23"


def test_a_time_inside_what_is_said_does_not_date_the_saying() -> None:
    text = "The minister said on Monday that the base was closed in 2019."
    cue, content = words(text, "said", "that the base was closed in 2019")
    found = date_saying(text, cue, Span(0, len(text)), [content], find_dates(text, TUESDAY))
    assert found is not None
    assert found.value == "2022-01-24"


def test_a_saying_far_from_any_time_is_not_dated() -> None:
    text = "The minister said that the base was closed in 2019."
    cue, content = words(text, "said", "that the base was closed in 2019")
    assert date_saying(text, cue, Span(0, len(text)), [content], find_dates(text, TUESDAY)) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sanctions will stay until an inquiry into the June 11 raid has been held.", "2031-06-11"),
        ("Sanctions will be lifted on June 11.", "2032-06-11"),
    ],
)
def test_a_day_that_names_a_thing_is_not_dated_by_what_its_clause_promises(text: str, value: str) -> None:
    assert [e.value for e in find_dates(text, "2031-08-20")] == [value]


@pytest.mark.parametrize(
    ("text", "last", "first", "end"),
    [
        ("The war began in 1956. They left that winter.", "that winter", "1956-12-01", "1957-02-28"),
        ("Latvia shut them in 2019 and sold them the following year.", "the following year", "2020", "2020"),
        ("Votes in 2011 and, on Friday, here. That spring guards fled.", "That spring", "2011-03", "2011-05"),
    ],
)
def test_that_season_and_the_following_year_count_from_the_year_told_last(
    text: str, last: str, first: str, end: str
) -> None:
    found = find_dates(text, SATURDAY)[-1]
    assert text[slice(*found.span)] == last
    assert (found.first[: len(first)], found.last[: len(end)]) == (first, end)


def test_that_winter_is_none_where_no_year_was_told() -> None:
    assert find_dates("They left that winter.", SATURDAY) == ()
