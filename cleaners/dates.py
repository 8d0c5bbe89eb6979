"""Dates as pages write them → aware datetimes. Nothing is ever counted from now: "two hours ago" stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from cleaners.isodate import date_in_text, to_iso
from cleaners.normal import normal
from cleaners.rulebook import packs
from cleaners.tables import metadata_table

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_YEAR = re.compile(
    r"(?<!\d)(?:19[5-9]\d|20[0-4]\d|25[5-9]\d)(?!\d)|[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]{4}"
)
_LONGEST_LABEL = 120
_LOCALES = {"no": "nb"}  # what dateparser calls a language
_BREAK = re.compile(r"[\s|·•()/]+(?=\D)|(?<=\D)[\s|·•()]+")
_DIGIT = re.compile(r"\d")
_TIME = r"(?:,? (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?: ?(?P<half>[AaPp][Mm]))?)?"
_YEARS = r"(?P<year>(?:19|20)[0-9]{2})"
_SHAPES = (
    re.compile(r"(?P<month>[^\W\d_]+)\.? (?P<day>[0-9]{1,2}),? " + _YEARS + _TIME),
    re.compile(r"(?P<day>[0-9]{1,2})\.? (?P<month>[^\W\d_]+)\.?,? " + _YEARS + _TIME),
    re.compile(_YEARS + r"-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})" + _TIME),
    re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?" + _YEARS + _TIME),  # day first with dots, anywhere
)
_HOURS = re.compile(r"(?<=\d)\s?h\s?(?=\d\d(?!\d))", re.IGNORECASE)  # 08h15, as French and Portuguese write it
_OPEN_ORDER = ("en", "und")  # in which 03/05/2024 is a day of March to dateparser, but not to most who write so
_REGION = re.compile(r"[a-z]{2,3}(?:[-_][a-z]{4})?[-_]([a-z]{2})\b", re.IGNORECASE)
_OTHER_NAMES = ("hr",)  # in which names are those of other months in the table: listopad is October


def parse_iso(text: str) -> datetime | None:
    """An ISO 8601 date or time; without a zone taken as UTC, without a time as midnight. None where it is neither.

    >>> parse_iso("2024-05-03T08:15:00+02:00").isoformat()
    '2024-05-03T08:15:00+02:00'
    >>> parse_iso("soon") is None
    True
    """
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _sane(parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC))


def parse_label(text: str, language: str, *, day_first: bool = False) -> datetime | None:
    """The date that a label such as "Published 3 May 2024, 08:15" names; it must name its year.

    `language` is ISO 639-1 ("und": English is tried), `day_first` how a page in English writes 03/05/2024. Read from
    the months and numbers of the label, where they are none of four common shapes by dateparser, which refuses words it
    does not know, so they are left out; then as metadata are.
    """
    if len(text) > _LONGEST_LABEL:
        return None
    if not _YEAR.search(text):
        return parse_iso(date_in_text(text))
    text = _HOURS.sub(":", text)
    months = _months(language)
    told = [word for word in _BREAK.split(text) if _DIGIT.search(word) or normal(word).strip(".,") in months]
    if not told:
        return None
    said = " ".join(told)
    order = "DMY" if day_first and language in _OPEN_ORDER else ""
    found = _plain(said, language) or _parser(language, order).get_date_data(said).date_obj
    sane = _sane(found if found.tzinfo is not None else found.replace(tzinfo=UTC)) if found is not None else None
    return sane or parse_iso(to_iso(text) or date_in_text(text))


def is_day_first(tag: str, host: str) -> bool:
    """Whether a page in English writes the day before the month, by the region of its language tag or of its host.

    >>> is_day_first("en-GB", ""), is_day_first("en", "news.example.in"), is_day_first("en", "")
    (True, True, False)
    """
    said = _REGION.match(tag)
    region = said[1].lower() if said else host.rpartition(".")[2]
    regions = metadata_table()["regions"]
    return len(region) == 2 and region.isalpha() and region not in (*regions["month_first"], *regions["none"])


def _plain(text: str, language: str) -> datetime | None:
    """A date in one of four shapes that nine labels of ten have.

    dateparser reads them to the same in 2 to 6 ms, and takes half a second to load.
    """
    for shape in _SHAPES:
        match = shape.fullmatch(text)
        if match is not None:
            day, month, year, hour, minute, half = match.group("day", "month", "year", "hour", "minute", "half")
            number = month if month.isdigit() else _numbers(language).get(month.casefold())
            if number is None:
                return None
            return _moment((int(year), int(number), int(day)), int(hour or 0), int(minute or 0), half)
    return None


def _moment(day: tuple[int, int, int], hour: int, minute: int, half: str | None) -> datetime | None:
    """None where there is no such day or time."""
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half.lower() == "pm")
    try:
        return datetime(*day, hour, minute)
    except ValueError:
        return None


@cache
def _numbers(language: str) -> Mapping[str, str]:
    """The number of each month that the table knows and that the language, or English for `und`, has a name for."""
    if language in _OTHER_NAMES:
        return {}
    pack = packs().get("en" if language == "und" else language)
    known = {word.strip(".") for word in pack.words.get("months", ())} if pack else frozenset()
    table = metadata_table()["months"]
    return {name.casefold(): number for number, names in table.items() for name in names if normal(name) in known}


@cache
def _months(language: str) -> frozenset[str]:
    chosen = [packs()[code] for code in ("en", language) if code in packs()]
    return frozenset(word.strip(".") for pack in chosen for word in pack.words.get("months", ())) | {"am", "pm"}


@cache
def _parser(language: str, order: str) -> DateDataParser:
    from dateparser.data import languages_info  # half a second: only pages without a declared date pay for it
    from dateparser.date import DateDataParser

    known = _LOCALES.get(language, language)
    settings = {
        "PARSERS": ["absolute-time"],
        "RELATIVE_BASE": datetime(2000, 1, 1),
        "REQUIRE_PARTS": ["day", "month", "year"],
        **({"DATE_ORDER": order} if order else {}),
    }
    return DateDataParser(languages=[known if known in languages_info.language_order else "en"], settings=settings)


def _sane(moment: datetime) -> datetime | None:
    """Years that a Parquet timestamp and a news page can have; offsets in whole minutes."""
    offset = moment.utcoffset() or timedelta()
    if not 1700 <= moment.year <= 2200 or offset.total_seconds() % 60:
        return None
    return moment
