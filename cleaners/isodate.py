"""Dates as publishers write them in metadata → ISO 8601, with the publisher's offset where there is one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

from cleaners.tables import metadata_table

_ISO: Final = re.compile(
    r"(\d{4})-?(\d{1,2})-?(\d{1,2})"
    r"(?:[T\s]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_NAMED: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|[.ºª])?[\s-]*(?:de\s+|of\s+)?([^\W\d_]{3,15})\.?,?[\s-]*(?:de\s+|del\s+)?(\d{4})(?!\d)"
)
_NAMED_FIRST: Final = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
_CJK: Final = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_SHOWN: Final = re.compile(r"(?<!\d)(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2\d{4})(?!\d)")
_EPOCH: Final = re.compile(r"(\d{10})(?:\d{3})?")
_IN_URL: Final = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[/_-]|$)|/((?:19|20)\d{2})(\d{2})(\d{2})(?=[/_-])"
)
_YEAR: Final = re.compile(r"\d{4}")
_FIRST_YEAR: Final = 1990  # the web's; what claims to be older is a template's zero


def to_iso(text: str) -> str:
    """The date or instant that `text` names as ISO 8601; empty where it names none, or which day is not certain.

    >>> to_iso("2024-05-03T15:47:42.38+0200"), to_iso("May 3, 2024"), to_iso("03.05.2024"), to_iso("3/5/2024")
    ('2024-05-03T15:47:42.380000+02:00', '2024-05-03', '2024-05-03', '')
    """
    text = text.strip()
    if len(text) > 80 or not any(map(str.isdigit, text)):
        return ""
    found = _iso(text) or _numbers(text) or _epoch(text) or _rfc_2822(text) or _named(text)
    return _recent(found)


def date_in_text(text: str) -> str:
    """The first date inside a short text, ISO 8601; empty where there is none with its year.

    >>> date_in_text("By Jo Li • 4 août 2025, 3 min"), date_in_text("2025年8月4日 12:00"), date_in_text("In 2025")
    ('2025-08-04', '2025-08-04', '')
    """
    if _YEAR.search(text) is None:  # a tenth of what the others cost; most lines have no number
        return ""
    if match := _SHOWN.search(text):
        found = to_iso(match[0])
        if found:
            return found
    if match := _CJK.search(text):
        return _day(*match.groups())
    return _named(text)


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
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _iso(text: str) -> str:
    match = _ISO.match(text)
    if match is None:
        return ""
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    found = _day(year, month, day)
    if not found or hour is None or int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return found
    instant = f"{found}T{int(hour):02}:{minute}:{second or '00'}"
    if fraction:
        instant += "." + fraction[:6].ljust(6, "0")
    return instant + _offset(zone)


def _offset(zone: str | None) -> str:
    if zone is None:
        return ""
    if zone[0] not in "+-":
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if int(digits[:2]) < 24 and int(digits[2:]) < 60 else ""


def _numbers(text: str) -> str:
    """Year first is certain; day or month first only with dots, or where one of the two cannot be a month."""
    if match := _YEAR_FIRST.match(text):
        return _day(*match.groups())
    match = _DAY_FIRST.match(text)
    if match is None:
        return ""
    first, separator, second, year = match.groups()
    if separator == "." or int(first) > 12 or first == second:
        return _day(year, second, first)
    return _day(year, first, second) if int(second) > 12 else ""


def _epoch(text: str) -> str:
    match = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(match[1]), UTC).isoformat() if match else ""


def _rfc_2822(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, IndexError, TypeError):
        return ""


def _named(text: str) -> str:
    months = _months()
    for day, name, year in _NAMED.findall(text):
        if name.casefold() in months:
            return _recent(_day(year, months[name.casefold()], day))
    for name, day, year in _NAMED_FIRST.findall(text):
        if name.casefold() in months:
            return _recent(_day(year, months[name.casefold()], day))
    return ""


def _recent(found: str) -> str:
    return found if found and int(found[:4]) >= _FIRST_YEAR else ""


@cache
def _months() -> dict[str, str]:
    return {name.casefold(): number for number, names in metadata_table()["months"].items() for name in names}
