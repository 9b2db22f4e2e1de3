"""When: words of time in news English as intervals of days, and which of them dates an event or a saying.

How a phrase without a year or a week is read (``published`` is the day of publication):

- a weekday is the most recent such day, publication included; after words of the future in its clause ("will meet on
  Friday") it is the next one, publication excluded;
- "last Friday" lies at least ``LAST_GAP`` days back, "next Friday" is the coming one, "this Friday" the one of the
  calendar week;
- a day of a month is the nearest such day, a month the nearest such month, the past before the future;
- "that day", "a day earlier", "two weeks later" count from the day told last before them, else from publication;
  "a day after the raid" dates the raid so, and nothing else;
- what is put off until a day or called for one is to come, whatever the verb says;
- a dateline ("GENEVA, Jan. 25 (Agency) -") or a day that fills a line at the head is the day the report was written:
  it stands in for publication where none is known, and goes before it where that was stamped a little later. Days
  are those of the publisher's own clock; hours and time zones move nothing.

Nothing relative is read where the day of publication is not known: such phrases are left out. Where only its month is
known, what falls into that month is read as the month and the rest left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from dragoman.record import Span, TimeExpression

LAST_GAP = 3
"""Days that "last Friday" lies back at least: said on a Saturday, it is the Friday of the week before."""

MONTHS_AHEAD = 4
"""A month without a year is read as to come only if so near, and if nothing in its clause speaks of the past."""

OPENING_REACH, LATE_DAYS = 600, 3
"""Characters within which a report has its dateline, and days by which its publication may be stamped later."""

_BY_MONTH = frozenset({"date", "iso", "slashes"})
"""Rules that tell a day by its month."""

SHARED_REACH = 60
"""Characters over which a day of a month whose year is not known looks for the same month with its year."""

REACH = 1000
"""Characters over which "that day" or "a day earlier" looks back for the day it counts from."""

Interval = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a phrase is read against: publication, the day and the year told last, and where its clause looks.

    ``ahead`` is True after words of the future, False after words of the past, None where neither stands near.
    """

    base: date | None
    told: date | None = None
    ahead: bool | None = None
    year: int | None = None

    @property
    def anchor(self) -> date | None:
        """The day that "a day earlier" counts from."""
        return self.told or self.base


_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth"
    " twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTS = {word: n for n, word in enumerate(_SMALL, 1)} | {
    "a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "a couple of": 2, "a few": 3, "few": 3, "several": 3,
}  # fmt: skip
_MULTIPLES = {"fortnight": ("week", 2), "decade": ("year", 10)}
_VAGUE = frozenset({"a couple of", "a few", "few", "several"})
_THIRDS = {
    "early": 0, "beginning of": 0, "start of": 0, "mid": 1, "middle of": 1, "late": 2, "end of": 2, "close of": 2,
}  # fmt: skip
_DIGITS = " ".join("0123456789")
_FEASTS = {
    "christmas day": (12, 25), "christmas eve": (12, 24), "new year's eve": (12, 31), "new year's day": (1, 1),
}  # fmt: skip
_SHIFTS = {
    "last": -1, "past": -1, "previous": -1, "before": -1, "this": 0, "": 0, "next": 1, "coming": 1,
    "following": 1, "after": 1,
}  # fmt: skip
_DAYS = {
    "today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1, "the day before yesterday": -2,
    "the day after tomorrow": 2,
    "this morning": 0, "this afternoon": 0, "this evening": 0, "last night": -1, "last evening": -1,
}  # fmt: skip


# --- the calendar -------------------------------------------------------------------------------------------------


def _day(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has none."""
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _one(day: date | None) -> Interval | None:
    return (day, day) if day else None


def _month(year: int, month: int) -> Interval:
    """The month as an interval; ``month`` may run over the ends of the year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _years(first: int, last: int) -> Interval:
    return date(first, 1, 1), date(last, 12, 31)


def _week(day: date) -> Interval:
    monday = day - timedelta(day.weekday())
    return monday, monday + timedelta(6)


def _third(whole: Interval, part: str) -> Interval:
    """The early, middle or late third of an interval; the whole for any other part."""
    if part not in _THIRDS:
        return whole
    first, days, nth = whole[0], (whole[1] - whole[0]).days + 1, _THIRDS[part]
    return first + timedelta(days * nth // 3), first + timedelta(days * (nth + 1) // 3 - 1)


def _cut(whole: Interval, part: str, base: date) -> Interval:
    """The part of an interval before ("earlier") or after ("later") publication, or a third of it."""
    if part == "earlier" and whole[0] <= base <= whole[1]:
        return whole[0], base
    if part == "later" and whole[0] <= base <= whole[1]:
        return base, whole[1]
    return _third(whole, part)


def _shifted(unit: str, by: int, day: date) -> Interval:
    """The calendar day, week, month or year that lies ``by`` units from the one of ``day``."""
    if unit == "day":
        return day + timedelta(by), day + timedelta(by)
    if unit == "week":
        return _week(day + timedelta(7 * by))
    if unit == "month":
        return _month(day.year, day.month + by)
    return _years(day.year + by, day.year + by)


def _near_month(month: int, ground: Ground) -> int | None:
    """The year that brings a month nearest to publication."""
    if ground.base is None:
        return None
    base, away = ground.base, (month - ground.base.month) % 12
    if away and (ground.ahead or away <= (1 if ground.ahead is False else MONTHS_AHEAD)):
        return base.year + (month < base.month)
    return base.year - (month > base.month)


def _near_day(month: int, day: int, ground: Ground) -> int | None:
    """The year that brings a day of a month nearest to publication."""
    base = ground.base
    if base is None:
        return None
    days = [d for year in (base.year - 1, base.year, base.year + 1) if (d := _day(year, month, day))]
    days = [d for d in days if d >= base] if ground.ahead else days
    return min(days, key=lambda d: abs((d - base).days)).year if days else None


# --- reading: a match on its ground gives an interval, or None where it says nothing -------------------------------


def _word(m: re.Match[str], group: str) -> str:
    """A group of the match in lower case with single blanks; empty if it took no part."""
    return " ".join((m.groupdict().get(group) or "").lower().replace("’", "'").split())


def _number(text: str) -> int:
    """A day of a month, in figures ("3", "3rd") or as a word ("third")."""
    if text.lower() in _ORDINALS:
        return _ORDINALS.index(text.lower()) + 1
    return int(re.sub(r"\D", "", text))


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _told_year(m: re.Match[str], ground: Ground) -> int | None:
    if year := _word(m, "y"):
        return int(year)
    if (shift := _word(m, "rel")) and ground.base:
        return ground.base.year + _SHIFTS[shift]
    return None


def _read_iso(m: re.Match[str], ground: Ground) -> Interval | None:
    return _one(_day(int(m["y"]), int(m["m"]), int(m["d"])))


def _read_slashes(m: re.Match[str], ground: Ground) -> Interval | None:
    """25/01/2022 and 01/25/2022, where only one order is in the calendar."""
    a, b, year = int(m["a"]), int(m["b"]), int(m["y"])
    days = {d for d in (_day(year, b, a), _day(year, a, b)) if d}
    return _one(days.pop()) if len(days) == 1 else None


def _read_date(m: re.Match[str], ground: Ground) -> Interval | None:
    """A day of a month, or a stretch from one to another."""
    month, day = _month_number(m["m"]), _number(m["d"])
    year = _told_year(m, ground) or _near_day(month, day, ground) or _shared_year(m, month)
    first = _day(year, month, day) if year else None
    if first is None or not m["d2"]:
        return _one(first)
    last_month = _month_number(m["m2"]) if m["m2"] else month
    last = _day(first.year, last_month, _number(m["d2"]))
    return (first, last) if last and last > first else _one(first)


def _shared_year(m: re.Match[str], month: int) -> int | None:
    """The year told once, at the end: "on 4 April in Doka and from 5 to 6 April 2016 in Velmar"."""
    rest = m.string[m.end() : m.end() + SHARED_REACH]
    last = re.match(rf"[^\n.;]*\b{_MONTHS[month - 1]}(?: \d{{1,2}})?,? (?P<y>\d{{4}})\b", rest)
    return int(last["y"]) if last else None


_MONTH_CUE = re.compile(
    r"(?:\b(?i:in|since|until|during|through(?:out)?|every|and|from|by|for|of|to|before|after|between|the|an?|its|their|that)"
    r"|['’]s) $"
)
_PLAIN_CUE = re.compile(r"\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Dd]uring|[Tt]hroughout) $")
_NAME_NEXT = re.compile(r" [A-Z]")


def _is_month(m: re.Match[str]) -> bool:
    """Whether a month stands for a time: not a person (May, April), a march or an auxiliary verb."""
    named = m.groupdict()
    if any(named.get(key) for key in ("y", "rel", "which", "part")):
        return True
    before = m.string[max(0, m.start() - 12) : m.start()]
    if m["m"] in ("May", "March"):
        return bool(_PLAIN_CUE.search(before))
    if _MONTH_CUE.search(before):
        return True
    return not (_NAME_NEXT.match(m.string, m.end()) or m["m"] in ("April", "June", "August"))


def _read_month(m: re.Match[str], ground: Ground) -> Interval | None:
    """A month with its year, or with a word that says which, or the nearest."""
    month, base, which = _month_number(m["m"]), ground.base, _word(m, "which")
    if not _is_month(m):
        return None
    year = _told_year(m, ground)
    if year is None and base and which:
        turn = {-1: -(month >= base.month), 0: 0, 1: int(month <= base.month)}
        year = base.year + turn[_SHIFTS[which]]
    year = year or _near_month(month, ground)
    return _third(_month(year, month), _word(m, "part")) if year else None


_OTHER_CLOCK = re.compile(r"\([^()]*\b(?:GMT|UTC|[ECMP][SD]T|local time)[, ][^()]*$")
"""A weekday by another clock, in brackets: "at 10 p.m. Tuesday (0300 GMT Wednesday)" is on Tuesday."""


def _read_weekday(m: re.Match[str], ground: Ground) -> Interval | None:
    base = ground.base
    if base is None or _OTHER_CLOCK.search(m.string, max(0, m.start() - 40), m.start()):
        return None
    wanted, which, week = _WEEKDAYS.index(m["w"]), _word(m, "which"), _word(m, "week")
    if week or which == "this":
        return _one(_week(base + timedelta(7 * _SHIFTS[week]))[0] + timedelta(wanted))
    if ground.ahead and not which and m["part"] and wanted == base.weekday():
        return _one(base)
    if _SHIFTS[which] > 0 or (ground.ahead and not which):
        return _one(base + timedelta((wanted - base.weekday() - 1) % 7 + 1))
    latest = base - timedelta(LAST_GAP if which == "last" else 0)
    return _one(latest - timedelta((latest.weekday() - wanted) % 7))


def _read_day(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "today", "yesterday", "last night"."""
    return _one(ground.base + timedelta(_DAYS[_word(m, "say_day")])) if ground.base else None


def _read_calendar(m: re.Match[str], ground: Ground) -> Interval | None:
    """This, last and next week, month, year."""
    if ground.base is None:
        return None
    whole = _shifted(_word(m, "u"), _SHIFTS[_word(m, "which")], ground.base)
    return _cut(whole, _word(m, "part"), ground.base)


def _read_weekend(m: re.Match[str], ground: Ground) -> Interval | None:
    """The weekend that is on, else the one before; the one to come after "next", "coming" or words of the future."""
    if ground.base is None:
        return None
    which, saturday = _word(m, "which"), _week(ground.base)[0] + timedelta(5)
    is_on = ground.base >= saturday
    if which == "next" or (is_on and which == "last"):
        saturday += timedelta(7 * _SHIFTS[which])
    elif not is_on and which not in ("coming", "this") and not ground.ahead:
        saturday -= timedelta(7)
    return saturday, saturday + timedelta(1)


def _counted(m: re.Match[str], sign: int, day: date) -> Interval:
    """So many units from a day: to the day for days and weeks, to the calendar month or year for those."""
    word, unit = _word(m, "n"), _word(m, "u")
    unit, times = _MULTIPLES.get(unit, (unit, 1))
    n = sign * times * (int(word) if word.isdigit() else _COUNTS[word])
    if unit in ("month", "year"):
        return _shifted(unit, n, day)
    middle = day + timedelta(n * (7 if unit == "week" else 1))
    slack = timedelta((unit == "week" and abs(n) > 1) * 3 or (word in _VAGUE) * 1)
    return middle - slack, middle + slack


def _read_ago(m: re.Match[str], ground: Ground) -> Interval | None:
    return _counted(m, -1, ground.base) if ground.base else None


def _read_hence(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "in two weeks' time"; "in two weeks" where the clause looks ahead."""
    return _counted(m, 1, ground.base) if ground.base and (m["time"] or ground.ahead) else None


def _read_overnight(m: re.Match[str], ground: Ground) -> Interval | None:
    """The night before publication, which has two days; the next one where the clause looks ahead."""
    if ground.base is None:
        return None
    first = ground.base - timedelta(0 if ground.ahead else 1)
    return first, first + timedelta(1)


def _read_counted(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "a day earlier", "two weeks later": from the day told last."""
    sign = -1 if _word(m, "way") in ("earlier", "before", "previously") else 1
    return _counted(m, sign, ground.anchor) if ground.anchor else None


def _read_offset(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "a day after the talks failed": they failed a day before the day told last.

    What something came "a week before" is dated only from a day that is told.
    """
    if m["way"] == "before":
        return _counted(m, 1, ground.told) if ground.told else None
    return _counted(m, -1, ground.anchor) if ground.anchor else None


def _read_same(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "that day", "the previous day", "the following week": from the day told last."""
    by = _SHIFTS.get(_word(m, "which") or _word(m, "eve"), 0)
    if _word(m, "u") == "year" and ground.year:
        return _years(ground.year + by, ground.year + by)
    return _shifted(_word(m, "u") or "day", by, ground.anchor) if ground.anchor else None


def _read_stretch(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "the past three weeks": up to publication."""
    return (_counted(m, -1, ground.base)[0], ground.base) if ground.base else None


def _read_year(m: re.Match[str], ground: Ground) -> Interval | None:
    """A year, or a stretch of years ("1998 to 2000", "2011/12")."""
    first, told = int(m["y"]), _word(m, "y2")
    last = first if not told else int(told) if len(told) == 4 else first // 100 * 100 + int(told)
    return _third(_years(first, last), _word(m, "part")) if last >= first else None


def _read_decade(m: re.Match[str], ground: Ground) -> Interval | None:
    year = int(_word(m, "y") or 1900 + int(m["yy"]))
    return _third(_years(year, year + 9), _word(m, "part"))


def _read_season(m: re.Match[str], ground: Ground) -> Interval | None:
    """A season; "last summer" is the latest that is over, "this" and "next" count by the calendar year.

    "That summer" is of the year told last.
    """
    begin, base, year = _SEASONS[_word(m, "season")], ground.base, _told_year(m, ground)
    if "that" in m.groupdict():
        year = ground.year
    elif year is None and base:
        shift = _SHIFTS[_word(m, "which")]
        over = _month(base.year, begin + 2)[1] < base
        year = base.year + shift + (shift < 0 and over)
    return (_month(year, begin)[0], _month(year, begin + 2)[1]) if year else None


def _read_ordinal(m: re.Match[str], ground: Ground) -> Interval | None:
    """ "on the 11th": of this month or the one before; where the clause looks ahead, of this or the next."""
    base, day = ground.base, _number(m["d"])
    if base is None:
        return None
    months = [_month(base.year, base.month + by)[0] for by in ((0, 1) if ground.ahead else (0, -1))]
    days = [d for month in months if (d := _day(month.year, month.month, day))]
    return _one(next((d for d in days if (d >= base if ground.ahead else d <= base)), None))


def _read_feast(m: re.Match[str], ground: Ground) -> Interval | None:
    month, day = _FEASTS[_word(m, "feast")]
    year = _told_year(m, ground) or _near_day(month, day, ground)
    return _one(_day(year, month, day)) if year else None


def _read_attacks(m: re.Match[str], ground: Ground) -> Interval | None:
    """The attacks that have their day for a name."""
    return _one(date(2001, 9, 11))


# --- the rules: the shapes of words, and how each is read -----------------------------------------------------------

Reader = Callable[[re.Match[str], Ground], Interval | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape of words and how to read it. The group ``say``, where there is one, is the span to show.

    A text with none of the strings in ``needs`` is not searched: most texts hold few of the shapes.
    """

    name: str
    needs: tuple[str, ...]
    pattern: re.Pattern[str]
    read: Reader


def _words(options: str) -> str:
    """Alternatives, divided by bars, whose first letter may be a capital."""
    return "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in options.split("|"))


_DAYNAME = rf"(?:{'|'.join(_WEEKDAYS)})"
_FULL = rf"(?:{'|'.join(_MONTHS)})"
_MONTH = rf"(?:{'|'.join(_MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
_YEAR = r"(?:1[5-9]\d\d|20\d\d)(?!\d|[,.]\d|%)"
_DAYNUM = r"(?:[12]\d|3[01]|0?[1-9])(?!\d)(?:st\b|nd\b|rd\b|th\b)?"
_DAYWORD = rf"(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
_REL_YEAR = r",? (?:of )?(?P<rel>this|last|next) year"
_YEAR_OF = rf"(?:,? (?:of )?(?P<y>{_YEAR})|{_REL_YEAR})"
_LEAD_DAY = rf"(?:(?:{_DAYNAME}|(?:Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)\.),? (?:the )?)?"
_RANGE = rf"(?:(?: ?[-–—] ?| to | and (?!{_MONTH})| through | until )(?:(?P<m2>{_MONTH}) )?(?P<d2>{_DAYNUM}))"
_WHICH = rf"(?P<which>{_words('last|this|next|coming')})"
_PART = (
    rf"(?:(?P<part>{_words('early|late|mid')}|(?<=[Tt]he )(?:beginning|start|middle|end|close) of)"
    r"(?:-| (?:in )?(?:the )?))"
)
_NUMBERS = "|".join(sorted(_COUNTS, key=len, reverse=True))
_COUNTED = rf"(?P<n>\d{{1,3}}|{_words(_NUMBERS)}) (?P<u>day|week|fortnight|month|year|decade)s?"
_UNIT = r"(?P<u>day|week|month|year)"
_PEOPLE = (
    r"(?:people|troops|soldiers|men|women|police|members|prisoners|refugees|civilians|officers|workers|others|square"
    r"|peacekeepers|protesters|demonstrators|homes|houses|miles|fighters|rebels|militants|percent|per cent"
    r"|met[er]+s|kilomet[er]+s)"
)
_YEAR_CUES = _words(
    "in|since|of|from|to|until|till|by|before|after|during|around|and|like|throughout|the|a|its|their|his|her|that"
    "|disputed|for|last"
)
_SEASON = r"(?P<season>spring|summer|autumn|fall|winter)"
_CHRISTMAS = r"(?P<feast>(?i:christmas (?:day|eve)|new year['’]s (?:day|eve)))"
OFFSET = "offset"
"""The rule that dates only what follows it in its clause."""
_LAST_OF_SEVERAL = r"(?: (?:of )?(?P<week>this|last|next) week)?"

_SHAPES: tuple[tuple[str, str, str, Reader], ...] = (
    (
        "attacks",
        "11",
        r"\b(?:9/11\b|(?:September 11(?:th)?|11 September|Sept\. 11)(?= (?:terror|attack|hijack)))",
        _read_attacks,
    ),
    ("iso", "-", r"\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\b", _read_iso),
    ("slashes", "/", r"\b(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})\b", _read_slashes),
    (
        "date",
        "MONTHS",
        rf"\b{_LEAD_DAY}(?P<d>{_DAYNUM}){_RANGE}?(?: of)? (?P<m>{_MONTH}){_YEAR_OF}?(?!\w)",
        _read_date,
    ),
    (
        "date",
        "MONTHS",
        rf"\b{_LEAD_DAY}(?P<m>{_MONTH}) (?:the )?(?P<d>{_DAYNUM}){_RANGE}?{_YEAR_OF}?(?!\w)",
        _read_date,
    ),
    (
        "date",
        "MONTHS",
        rf"\b[Tt]he (?P<d>{_DAYWORD})(?P<d2>)(?P<m2>)(?: day)? of (?P<m>{_MONTH}){_YEAR_OF}?(?!\w)",
        _read_date,
    ),
    ("month", "MONTHS", rf"\b{_PART}?(?:{_WHICH} )?(?P<m>{_FULL})\b{_YEAR_OF}?", _read_month),
    ("month", "MONTHS", rf"\b{_PART}?(?P<m>{_MONTH}),? (?P<y>{_YEAR})", _read_month),
    (
        "weekday",
        "day",
        rf"\b(?:{_WHICH} )?(?P<w>{_DAYNAME})(?: (?P<part>morning|afternoon|evening|night))?{_LAST_OF_SEVERAL}\b",
        _read_weekday,
    ),
    (
        "day",
        "day night morning afternoon evening tomorrow Tomorrow",
        r"\b(?i:(?:(?:earlier|later) )?(?P<say_day>the day (?:before yesterday|after tomorrow)|today|tonight|yesterday"
        r"|tomorrow|this (?:morning|afternoon|evening)|last (?:night|evening)))\b",
        _read_day,
    ),
    (
        "calendar",
        "week month year",
        rf"\b(?:(?P<part>{_words('earlier|later|early|late')}) (?:in )?)?(?:the )?{_WHICH} (?P<u>week|month|year)\b",
        _read_calendar,
    ),
    (
        "calendar",
        "week month year",
        rf"\b(?P<part>{_words('earlier|later')}) in the (?P<u>week|month|year)\b",
        _read_calendar,
    ),
    (
        "calendar",
        "week month year",
        r"\b(?P<part>(?:beginning|start|middle|end|close) of) (?:the|(?P<which>this|last|next))"
        r" (?P<u>week|month|year)\b",
        _read_calendar,
    ),
    ("weekend", "weekend", rf"\b(?:{_WHICH}|(?:{_words('over|at|during')}) the) weekend\b", _read_weekend),
    ("ago", "_ago", rf"\b{_COUNTED} ago\b", _read_ago),
    ("hence", "in_ In_", rf"\b[Ii]n {_COUNTED}(?P<time>['’]?s? time)?\b(?! of\b)", _read_hence),
    ("overnight", "vernight", r"\b[Oo]vernight\b", _read_overnight),
    (
        "counted",
        "earlier later previously afterwards _before",
        rf"\b{_COUNTED} (?P<way>earlier|later|previously|afterwards|before(?=[.,;]))\b",
        _read_counted,
    ),
    (
        OFFSET,
        "_after_ _before_",
        rf"\b{_COUNTED} (?P<way>after|before)(?= (?!(?:that|this|which|then)\b)\w)",
        _read_offset,
    ),
    (
        "same",
        "day_before day_after night_before evening_before",
        r"\b[Tt]he (?:(?P<u>day) (?P<which>before|after)|(?:night|evening) (?P<eve>before))(?=[.,;:]| and\b|$)",
        _read_same,
    ),
    (
        "same",
        "day week month year",
        rf"\b(?:(?:earlier|later|late|early) )?(?:[Tt]he (?:very )?)?(?P<which>(?<=[Tt]he )next|[Tt]hat(?: same)?"
        rf"|(?<=[Tt]he )same|{_words('previous|following')}) {_UNIT}\b",
        _read_same,
    ),
    ("stretch", "past_ last_ previous_", rf"\b(?:past|last|previous) {_COUNTED}\b", _read_stretch),
    ("year", _DIGITS, rf"\b{_PART}(?P<y>{_YEAR})\b(?!['’]?s\b)", _read_year),
    (
        "year",
        _DIGITS,
        rf"\b(?P<y>{_YEAR})(?: ?[-–—/] ?| to | and | through | until )(?P<y2>(?:\d\d)?\d\d)\b(?![-–/,]\d)",
        _read_year,
    ),
    (
        "year",
        _DIGITS,
        rf"\b(?:{_YEAR_CUES}) (?P<say>(?P<y>{_YEAR}))\b(?!['’]?s\b|-\w*(?:strong|member|man)\b| {_PEOPLE}\b)",
        _read_year,
    ),
    ("year", _DIGITS, rf"(?<=\()(?P<y>{_YEAR})(?=\))", _read_year),
    (
        "decade",
        "0s 0's 0’s",
        rf"\b{_PART}?(?:(?P<y>(?:19|20)\d0)['’]?s|['’](?P<yy>[2-9]0)s)\b",
        _read_decade,
    ),
    ("season", "spring summer autumn fall winter", rf"\b{_WHICH} {_SEASON}\b", _read_season),
    ("season", "spring summer autumn fall winter", rf"\b(?P<that>[Tt]hat) {_SEASON}\b", _read_season),
    ("season", "spring summer autumn fall winter", rf"\b{_SEASON} (?:of )?(?P<y>{_YEAR})\b", _read_season),
    (
        "ordinal",
        "on_the On_the",
        r"\b[Oo]n the (?P<d>[12]?\d(?:st|nd|rd|th)|3(?:0th|1st))\b"
        r"(?! (?:[Aa]nniversary|[Cc]entury|[Ff]loor|[Dd]ay|of))",
        _read_ordinal,
    ),
    ("feast", "hristmas ear's ear’s", rf"\b{_CHRISTMAS}(?:,? (?P<y>{_YEAR})|{_REL_YEAR})?\b", _read_feast),
)
"""Name of the rule, strings of which a text must hold one, pattern, reading."""


def _needs(words: str) -> tuple[str, ...]:
    """The strings of a list, where "_" stands for a blank and MONTHS for the beginnings of their names."""
    if words == "MONTHS":
        return tuple(month[:3] for month in _MONTHS)
    return tuple(word.replace("_", " ") for word in words.split())


RULES: tuple[Rule, ...] = tuple(
    Rule(name, _needs(needs), re.compile(pattern), read) for name, needs, pattern, read in _SHAPES
)


# --- where a clause looks -------------------------------------------------------------------------------------------

_VERB = re.compile(
    r"\b(?:(?P<ahead>(?:will|shall|would|won['’]t|must|should|going to|(?:is|are|was|were) to)"
    r"(?: (?:not|also|\w+ly))?(?: be(?: \w+ly)? \w+)?|due|set (?:to|for)|scheduled"
    r"|expected|plan(?:s|ned|ning)? (?:to|for)|upcoming|hopes? to|ahead of|deadline|slated"
    r"|(?P<loose>to be (?:\w+ed|held|made|sent)))"
    r"|(?P<back>said|says|told|was|were|had|has|have|did|since|met|held|began|went|took|came|made|gave|won|lost|left|fell"
    r"|broke|sent|shot|saw|struck|hit|put|(?!(?:need|indeed|hundred|speed|feed|seed|proceed|succeed|exceed)\b)[a-z]\w+ed))\b"
    r"|['’](?P<short>ll)\b"
)
_CLAUSE_END = re.compile(r"[.;:!?\n“”\"]|, | (?:that|which|who|but|after|before|when|while) ")
_TO_COME = re.compile(
    r"\b(?:by|until|till) $|\bto (?!(?:the|an?|its|their|his|her|this|that|these|those)\b)[a-z]+ "
)
"""A deadline, or the infinitive of a headline ("Pact to answer on Friday"), where no finite verb says otherwise."""
_AFTER = re.compile(r" (?:after|before) $")
"""Right before words of time these open no clause."""
_DEADLINE = re.compile(r"\b(?:[Bb]y|[Uu]ntil|[Tt]ill) (?:the )?$")
_PUT_OFF = re.compile(
    r"\b(?:adjourn|postpon|delay|extend|suspend|defer|reschedul|recess|mov|push|put)\w*\b[^.;]* (?:un)?till? $"
    r"|\b(?:postpon|delay|deferr|reschedul)\w*\b[^.;]* (?:to|for) $"
    r"|\bfor $"
)
"""What is put off until a day, or arranged for one ("called a rally for Sunday"), is to come whatever the verb says."""
_SENTENCE = re.compile(r"[.;!?\n]")
_SUBORDINATE = re.compile(r" (?:when|before|after|while|until|where) ")
_CLAUSE = 160


_OF_A_THING = re.compile(r"(?i)\bthe $")


def _names_a_thing(text: str, span: Span) -> bool:
    """Whether a day only tells which thing is meant ("the June 11 raid"): what its clause promises does not date it."""
    before, after = text[max(0, span.start - 4) : span.start], text[span.end : span.end + 2]
    return bool(_OF_A_THING.search(before)) and after[:1] == " " and after[1:].islower()


def _looks_ahead(text: str, span: Span) -> bool | None:
    """Whether the nearest verb speaks of the future: the last before a phrase in its clause, else the first after."""
    before = _CLAUSE_END.split(_AFTER.sub(" ", text[max(0, span.start - _CLAUSE) : span.start]))[-1]
    if _PUT_OFF.search(before) and text[span.end : span.end + 1] not in ("'", "’"):
        return True
    verbs = list(_VERB.finditer(before)) or _finite(_after(text, span.end))[:1] or _main_verb(text, span)
    if verbs:
        return verbs[-1]["back"] is None
    return True if _TO_COME.search(before) else None


def _main_verb(text: str, span: Span) -> list[re.Match[str]]:
    """The last verb before the clause of a phrase in its sentence: "will speak when he visits on Friday"."""
    before = _SUBORDINATE.split(_SENTENCE.split(text[max(0, span.start - _CLAUSE) : span.start])[-1])
    return list(_VERB.finditer(before[-2]))[-1:] if len(before) > 1 else []


def _finite(text: str) -> list[re.Match[str]]:
    return [verb for verb in _VERB.finditer(text) if not verb["loose"]]


def _after(text: str, end: int) -> str:
    """The words that follow, to the end of their sentence."""
    return re.split(r"[.;\n]", text[end : end + _CLAUSE], maxsplit=1)[0]


# --- finding --------------------------------------------------------------------------------------------------------


def find_dates(text: str, published: str | None) -> tuple[TimeExpression, ...]:
    """The words of time in a text, in their order, each with its interval.

    ``published`` is an ISO day or month, or None: then only phrases that need no such ground are returned.
    """
    found: list[TimeExpression] = []
    candidates = _candidates(text)
    day, coarse = _base(text, published, _days(candidates, _publication(published)[0]))
    for rule, match in candidates:
        span = _shown(match)
        if found and span.start < found[-1].span.end:
            continue
        ahead = _looks_ahead(text, span) if day and not _names_a_thing(text, span) else None
        told = _told_last(found, span, None if ahead else day)
        ground = Ground(day, told, ahead, _year_told_last(found, text))
        interval = rule.read(match, ground)
        if interval and coarse and rule.name not in ("iso", "slashes", "year", "decade"):
            interval = _coarsen(match, interval, day)
        if interval:
            found.append(_expression(span, interval, rule.name))
    return tuple(found)


def _base(text: str, published: str | None, told: Iterable[tuple[Span, date]]) -> tuple[date | None, bool]:
    """The day to read against, and whether only its month is known (then the last of the month).

    It is the day of the dateline ("GENEVA, Jan. 25 (Agency) - …") or of a line of its own at the head, where ``told``,
    the days that the text tells, holds one that goes with the day of publication, which a clock far away may have
    stamped later; else the day of publication.
    """
    day, coarse = _publication(published)
    most = timedelta(31 if coarse else LATE_DAYS)
    for span, opening in told:
        if span.start > OPENING_REACH:
            break
        fits = day is None or timedelta(0) <= day - opening <= most
        if fits and (_fills_line(text, span) or _in_dateline(text, span)):
            return opening, False
    return day, coarse


def _in_dateline(text: str, span: Span) -> bool:
    line = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    return bool(_PLACELINE.fullmatch(line) and _DASH.match(text, span.end))


_PLACELINE = re.compile(
    r"\s*[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){0,2}(?:, [A-Z][\w. ]{1,20})?(?:,|:)? (?:\([^()\n]{2,40}\)[,:]? )?"
)
_DASH = re.compile(r"(?: ?\([^()\n]{2,40}\))? ?(?:--|[-–—:]) ")


def _publication(published: str | None) -> tuple[date | None, bool]:
    """The day of publication, by the clock of who published, and whether only its month is known."""
    parts = [int(n) for n in re.findall(r"\d+", published or "")[:3]]
    if len(parts) == 3:
        return _day(*parts), False
    return (_month(*parts)[1], True) if len(parts) == 2 and 1 <= parts[1] <= 12 else (None, False)


def _days(
    candidates: Iterable[tuple[Rule, re.Match[str]]], published: date | None
) -> Iterator[tuple[Span, date]]:
    """The days that are told by their month."""
    for rule, match in candidates:
        if rule.name in _BY_MONTH and (interval := rule.read(match, Ground(published))):
            yield _shown(match), interval[0]


def _candidates(text: str) -> list[tuple[Rule, re.Match[str]]]:
    """All matches, by place, the longest first where several begin together."""
    rules = [rule for rule in RULES if any(need in text for need in rule.needs)]
    matches = [(rule, match) for rule in rules for match in rule.pattern.finditer(text)]
    return sorted(matches, key=lambda pair: (_shown(pair[1]).start, -_shown(pair[1]).end))


def _shown(match: re.Match[str]) -> Span:
    return Span(*match.span("say" if "say" in match.re.groupindex else 0))


def _told_last(found: Sequence[TimeExpression], span: Span, until: date | None) -> date | None:
    """The last day told within reach before a phrase, and not after ``until``."""
    for expression in reversed(found):
        if span.start - expression.span.end > REACH:
            return None
        if expression.first == expression.last and not (until and expression.first > until.isoformat()):
            return date.fromisoformat(expression.first)
    return None


def _year_told_last(found: Sequence[TimeExpression], text: str) -> int | None:
    """The last year that was written out."""
    years = (e for e in reversed(found) if e.first[:4] == e.last[:4] and e.first[:4] in text[slice(*e.span)])
    return next((int(e.first[:4]) for e in years), None)


def _coarsen(match: re.Match[str], interval: Interval, base: date | None) -> Interval | None:
    """An interval read against a month only: itself if told in full, that month if it falls into it, else None."""
    if match.groupdict().get("y"):
        return interval
    return (
        _month(base.year, base.month)
        if base and (base.year, base.month) == (interval[0].year, interval[0].month)
        else None
    )


def _expression(span: Span, interval: Interval, rule: str) -> TimeExpression:
    first, last = (day.isoformat() for day in interval)
    return TimeExpression(span, first, last, _value(first, last, rule), rule)


def _value(first: str, last: str, rule: str) -> str:
    """The shortest ISO form: a stretch told by its first day has that day, any other what its two ends share.

    A week or less across months has the month of its middle.
    """
    if first == last or rule in ("date", "weekend"):
        return first
    if first[:7] != last[:7] and date.fromisoformat(last) - date.fromisoformat(first) < timedelta(12):
        middle = date.fromisoformat(first) + (date.fromisoformat(last) - date.fromisoformat(first)) / 2
        return middle.isoformat()[:7]
    return first[:7] if first[:7] == last[:7] else first[:4]


# --- dating ---------------------------------------------------------------------------------------------------------

BREAK_COST = 4
"""What a clause boundary costs, in words of distance."""

LOOSE_COST = 6
"""What a stretch, a decade, a deadline or a day of saying costs when it stands near an event."""

ASIDE_COST = 24
"""What the commas of a relative clause cost between words of time and what they might date: "X, who left on Sunday,
said" was not said on Sunday."""

FRONT_COST = 3
"""What a phrase that opens the sentence ("On Friday, …") costs at most, and one more for each clause boundary."""

_ASIDE = re.compile(r", (?:who|whom|whose|which|where|when)\b[^,;.\n]*(?=,)")
_AUXILIARY = re.compile(r" (?:was|were|is|are|has|have|had|will|would)\b")
"""After words of time it goes on with another clause: "the patrols agreed on last August were stopped"."""

SAYING_REACH = 40
"""Characters before words of time within which a verb of saying claims them."""

STORY_DAYS = 10
"""Days before publication within which the first day told in a report counts as the day of its story."""

STORY_DATE_DAYS = 3
"""The same for a day told by its month: "the events of 23 May" are often what a story looks back on."""

MOST_COST, MOST_SAYING_COST = 25, 12
"""Beyond these no words of time date an event, a saying. All costs tuned on the training records with their gold
triggers and cues (291 dated events, 314 dated sayings)."""

_BEGUN = re.compile(r"\b[Ss]ince (?:late |early )?$")
"""What has gone on since a day is not told of that day."""
_EXACT = frozenset({"weekday", "day", "date", "same"})
_BREAK = re.compile(
    r"[;:“”\"]|, | — | – |\b(?:that|which|who|whom|whose|when|where|while|after|before|since|but|and|because"
    r"|said|says|told"
    r"|announced|reported)\b"
)
_SCARE = re.compile(r",? [\"“]([\w-]+(?: [\w-]+){0,2}),?[\"”],?")
"""A word or two in marks ("so-called") are no clause of their own."""
_SAYING = re.compile(
    r"\b(?:said|says|told \w+|announced|reported|stated|added|warned)(?: (?:late|early|on))* $"
)
_FRONT = re.compile(
    r"\W*(?:(?:late|early|later|earlier|also|but|and|then|in|on|just|meanwhile,?|since|by|at)\b ?){0,2}(?:on |the )?",
    re.IGNORECASE,
)


def date_event(
    text: str, trigger: Span, sentence: Span, expressions: Sequence[TimeExpression]
) -> TimeExpression | None:
    """The words of time that date an event told at ``trigger``: the nearest of its sentence, clause by clause.

    None where its sentence holds none near enough; ``date_story`` is for those that happened all the same.
    """
    near = [e for e in _within(expressions, sentence) if not _is_header(text, e)]
    costs = [_cost(text, trigger, sentence, e) + _looseness(text, e) for e in near]
    return _cheapest(near, costs, MOST_COST)


def date_saying(
    text: str,
    cue: Span,
    sentence: Span,
    content: Sequence[Span],
    expressions: Sequence[TimeExpression],
    published: str | None = None,
) -> TimeExpression | None:
    """The words of time that date a saying: the nearest to its cue, outside what is said.

    Where its sentence holds none near enough, ``date_story`` stands in; without ``published`` nothing does.
    """
    near = [e for e in _within(expressions, sentence) if not any(c.overlaps(e.span) for c in content)]
    costs = [_cost(text, cue, sentence, e) + _looseness(text, e) * (e.rule not in _EXACT) for e in near]
    beside = _cheapest(near, costs, MOST_SAYING_COST)
    return beside or date_story(text, sentence, expressions, published, recent=True)


def date_story(
    text: str,
    sentence: Span,
    expressions: Sequence[TimeExpression],
    published: str | None,
    *,
    recent: bool = False,
) -> TimeExpression | None:
    """The day of what a sentence tells without a date.

    It is the last day told before it in its paragraph (with ``recent`` none that lies long before publication), else
    that of the story: the first that the report tells, if it lies shortly before publication, else the day of
    publication, whose span is empty, for no words say it. None where the day of publication is not known.
    """
    days = ((e.span, date.fromisoformat(e.first)) for e in expressions if e.rule in _BY_MONTH)
    day, coarse = _base(text, published, days)
    if day is None:
        return None
    today, of_late = day.isoformat(), (day - timedelta(STORY_DAYS)).isoformat()
    closer = (day - timedelta(STORY_DATE_DAYS)).isoformat()

    def told(e: TimeExpression, since: str) -> bool:
        open_ = _BEGUN.search(text, max(0, e.span.start - 12), e.span.start)
        return since <= e.first == e.last <= today and e.rule in _EXACT and not (open_ or _is_header(text, e))

    before = Span(text.rfind("\n", 0, sentence.start + 1) + 1, sentence.start)
    running = (e for e in reversed(_within(expressions, before)) if told(e, of_late if recent else ""))
    story = (e for e in expressions if told(e, closer if e.rule == "date" else of_late))
    whole = _month(day.year, day.month) if coarse else (day, day)
    return next(chain(running, story), None) or _expression(Span(0, 0), whole, "publication")


def _within(expressions: Sequence[TimeExpression], span: Span) -> Sequence[TimeExpression]:
    """The words of time that lie in a span; they stand in the order of the text and do not overlap."""
    first = bisect_left(expressions, span.start, key=lambda e: e.span.start)
    return expressions[first : bisect_right(expressions, span.end, lo=first, key=lambda e: e.span.end)]


def _cheapest(
    expressions: Sequence[TimeExpression], costs: Sequence[float], most: float
) -> TimeExpression | None:
    cost, nth = min(((cost, n) for n, cost in enumerate(costs)), default=(most + 1, 0))
    return expressions[nth] if cost <= most else None


def _is_header(text: str, expression: TimeExpression) -> bool:
    """Whether a date tells when the report was written: it fills a line, or stands in the dateline."""
    return _fills_line(text, expression.span) or _in_dateline(text, expression.span)


def _fills_line(text: str, span: Span) -> bool:
    first, last = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    rest = text[span.end : last if last >= 0 else len(text)]
    return not text[first : span.start].strip() and not rest.strip()


def _cost(text: str, span: Span, sentence: Span, expression: TimeExpression) -> float:
    """Words between, and what the clause boundaries among them cost."""
    a, b = sorted((span, expression.span))
    if expression.rule == OFFSET and (a == span or _BREAK.search(text, a.end, b.start)):
        return MOST_COST + 1
    between = _SCARE.sub(r"\1", text[a.end : b.start])
    cost = len(between.split()) + BREAK_COST * len(_BREAK.findall(between))
    cost += BREAK_COST * (a == expression.span and _AUXILIARY.match(between) is not None)
    opens = _FRONT.fullmatch(text, sentence.start, expression.span.start)
    if opens:
        return min(cost, FRONT_COST + len(_BREAK.findall(between)))
    asides = _ASIDE.finditer(text, sentence.start, sentence.end)
    parted = any(
        (a.start() <= span.start < a.end()) != (a.start() <= expression.span.start < a.end()) for a in asides
    )
    return cost + ASIDE_COST * parted


def _looseness(text: str, expression: TimeExpression) -> float:
    start = expression.span.start
    loose = expression.rule in ("stretch", "decade", "year", "ago") or _SAYING.search(
        text, max(0, start - SAYING_REACH), start
    )
    deadline = _DEADLINE.search(text, max(0, start - 12), start)
    return LOOSE_COST * (bool(loose) + bool(deadline))
