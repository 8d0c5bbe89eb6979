"""Dates as publishers write them in metadata → ISO 8601, with the publisher's offset where there is one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Final

from cleaners.tables import metadata_table

_ISO: Final = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|(\d{2})(\d{2}))(?!\d)")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)?(?![\d:])", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"(\d{4})([/.])\s?(\d{1,2})\2\s?(\d{1,2})(?!\d)")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_TIME: Final = re.compile(
    r"[T\s,](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]([0-9]{1,9}))?)?(?!\d)\s?([ap]\.?m\b\.?)?"
    r"\s?((?:UTC|GMT)?[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2}(?!\d)|[^\W\d_]{1,4}\b)?",
    re.IGNORECASE,
)
# `Wed, 01 May 24 14:00:00 GMT`, as feeds write it after RFC 822
_SHORT_YEAR: Final = re.compile(r"((?:[a-z]+,\s)?\d{1,2}[\s-][a-z]{3}[\s-])(\d\d)(?=\s\d\d:\d\d)", re.IGNORECASE)
# `Fri May 03 10:00:00 CEST 2024`, as Java writes it
_YEAR_LAST: Final = re.compile(r"[a-z]{3} ([a-z]{3} \d{1,2}) (\d\d:\d\d:\d\d \S{1,9}) (\d{4})", re.IGNORECASE)
_LETTERS: Final = (  # vowel signs are no \w; Thai abbreviations hold a full stop, four months of the Levant a space
    r"(?:(?:[^\W\d_]|(?!\w)[\u0900-\u0963\u0980-\u09e3\u0e31-\u0e4e]){2,15}"
    r"|[\u0e01-\u0e4e]{1,2}\.[\u0e01-\u0e2e]|(?:كانون|تشرين)\s+ال(?:[أا]ول|ثاني))"
)
_NAMED: Final = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|[.ºª])?[\s-]*(?:de\s+|of\s+)?({_LETTERS})(?:/{_LETTERS})?\.?,?[\s-]*(?:de\s+|del\s+|พ\.ศ\.\s*)?(\d{{4}})(?!\d)"
)
_NAMED_FIRST: Final = re.compile(rf"({_LETTERS})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)")
_CJK: Final = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_ERA: Final = re.compile(r"(令和|平成|民國|民国)\s?(\d{1,3}|元)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_SHOWN: Final = re.compile(r"(?<!\d)(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2\d{4})(?!\d)")
_EPOCH: Final = re.compile(r"(\d{10})(?:\d{3})?")
_IN_URL: Final = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[/_-]|$)|/((?:19|20)\d{2})(\d{2})(\d{2})(?=[/_-])"
)
_YEAR: Final = re.compile(r"\d{4}")
_FIRST_YEAR: Final = 1990  # the web's; what claims to be older is a template's zero
_LAST_SHORT: Final = 68  # RFC 822's years of two digits; email.utils draws the line here
_BUDDHIST: Final = range(2530, 2600)  # years as Thai pages write them, 543 more than others
_MARKS: Final = " \t\r\n\u200e\u200f\ufeff"


def to_iso(text: str) -> str:
    """The date or instant that `text` names as ISO 8601; empty where it names none, or which day is not certain.

    >>> to_iso("2024-05-03T15:47:42.38+0200"), to_iso("May 3, 2024"), to_iso("03.05.2024"), to_iso("3/5/2024")
    ('2024-05-03T15:47:42.380000+02:00', '2024-05-03', '2024-05-03', '')
    """
    text = text.strip(_MARKS)
    if len(text) > 80 or not any(map(str.isdigit, text)):
        return ""
    text = _ERA.sub(_in_our_era, text)
    if match := _COMPACT.match(text):
        year, month, day, hour, minute, second = match.groups("00")
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second}{text[match.end() :]}"
    text = _YEAR_LAST.sub(r"\1 \3 \2", text)
    if short := _SHORT_YEAR.match(text):
        text = f"{short[1]}{'19' if int(short[2]) > _LAST_SHORT else '20'}{text[short.start(2) :]}"
    day, end = _first(text)
    if day:
        return day + _time(text, end)
    return _recent(_epoch(text))


def _first(text: str) -> tuple[str, int]:
    """The day that a text begins with or names, and where its time may stand."""
    for shape, read in ((_ISO, _iso), (_YEAR_FIRST, _year_first), (_DAY_FIRST, _day_first), (_CJK, _cjk)):
        match = shape.match(text)
        if match is not None and (day := _recent(read(match))):
            return day, match.end()
    return _named(text)


def date_in_text(text: str) -> str:
    """The first date inside a short text, ISO 8601; empty where there is none with its year.

    >>> date_in_text("By Jo Li • 4 août 2025, 3 min"), date_in_text("2025年8月4日 12:00"), date_in_text("In 2025")
    ('2025-08-04', '2025-08-04', '')
    """
    if "年" in text:
        text = _ERA.sub(_in_our_era, text)
    if _YEAR.search(text) is None:  # a tenth of what the others cost; most lines have no number
        return ""
    if match := _SHOWN.search(text):
        found = to_iso(match[0])
        if found:
            return found
    if match := _CJK.search(text):
        return _day(*match.groups())
    return _named(text)[0]


def date_in_url(url: str) -> str:
    """The day that stands in the path of an article's address, as in /2024/05/03/; empty where none does.

    >>> date_in_url("https://news.example/2024/05/03/storm"), date_in_url("https://news.example/storm-123")
    ('2024-05-03', '')
    """
    match = _IN_URL.search(url)
    if match is None:
        return ""
    year, month, day = (match[1] or match[4], match[2] or match[5], match[3] or match[6])
    return _day(year, month, day)


def _day(year: str, month: str, day: str) -> str:
    number = int(year)
    try:
        return date(number - 543 if number in _BUDDHIST else number, int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _in_our_era(match: re.Match[str]) -> str:
    """`2024年5月3日` for the same day in years of a Japanese emperor or of the Republic of China."""
    year = 1 if match[2] == "元" else int(match[2])
    return f"{int(metadata_table()['eras'][match[1]][0]) + year}年{match[3]}月{match[4]}日"


def _iso(match: re.Match[str]) -> str:
    return _day(match[1], match[2] or match[4], match[3] or match[5])


def _year_first(match: re.Match[str]) -> str:
    return _day(match[1], match[3], match[4])


def _day_first(match: re.Match[str]) -> str:
    """Day or month first is certain only with dots, or where one of the two cannot be a month."""
    first, separator, second, year = match.groups()
    if separator == "." or int(first) > 12 or first == second:
        return _day(year, second, first)
    return _day(year, first, second) if int(second) > 12 else ""


def _cjk(match: re.Match[str]) -> str:
    return _day(*match.groups())


def _time(text: str, start: int) -> str:
    """The time behind a day with its offset, from `T`; empty where none is, or a number, of another day, before it."""
    match = _TIME.search(text, start)
    if match is None or any(map(str.isdigit, between := text[start : match.start()])):
        return ""
    hour, minute, second, fraction, half, zone = match.groups("")
    number = int(hour)
    later = _later(half, *between.split()[-1:], zone)
    if later is not None and 1 <= number <= 12:
        number = number % 12 + later
    if number > 23 or int(minute) > 59 or int(second or 0) > 59:
        return ""
    told = f"T{number:02}:{int(minute):02}:{int(second or 0):02}"
    return told + ("." + fraction[:6].ljust(6, "0") if fraction else "") + _offset(zone)


def _later(*words: str) -> int | None:
    """The hours that a word for half of the day adds, 0 or 12; None where no word is one."""
    halves = metadata_table()["half_days"]
    said = {word.lower().replace(".", "") for word in words}
    return next((hours for name, hours in (("morning", 0), ("afternoon", 12)) if said & {*halves[name]}), None)


def _offset(zone: str) -> str:
    """`+02:00` for an offset in digits or the name of a zone; empty for what is neither."""
    zone = zone.lower()
    digits = zone.removeprefix("utc").removeprefix("gmt")
    if digits[:1] not in ("+", "-"):
        return str(metadata_table()["zones"].get(zone, ""))
    hours, minutes = digits[1:3], digits[3:].strip(":") or "00"
    return f"{digits[0]}{hours}:{minutes}" if int(hours) < 24 and int(minutes) < 60 else ""


def _epoch(text: str) -> str:
    match = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(match[1]), UTC).isoformat() if match else ""


def _named(text: str) -> tuple[str, int]:
    """The first day with the name of its month, and where it ends."""
    for shape, order in ((_NAMED, (3, 2, 1)), (_NAMED_FIRST, (3, 1, 2))):
        for match in shape.finditer(text):
            year, name, day = (match[number] for number in order)
            month = _months().get(" ".join(name.casefold().split()))
            if month is not None:
                return _recent(_day(year, month, day)), match.end()
    return "", 0


def _recent(found: str) -> str:
    return found if found and int(found[:4]) >= _FIRST_YEAR else ""


@cache
def _months() -> dict[str, str]:
    return {name.casefold(): number for number, names in metadata_table()["months"].items() for name in names}
