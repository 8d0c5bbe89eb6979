"""When a page was fetched or published, as the fields of dumps write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cleaners.isodate import to_iso

# Numbers tell the time in seconds, milliseconds, microseconds or nanoseconds since 1970.
_UNITS = (1.0, 1e3, 1e6, 1e9)
_LATEST = 4_102_444_800.0  # the year 2100
_EPOCH = re.compile(r"\d{9,19}(?:\.\d+)?")
_WAYBACK = re.compile(r"(?:19|20)\d{12}")


def moment(value: object) -> datetime | None:
    """A time in UTC, taken as UTC where it names no zone; None where it is none.

    >>> moment("2024-05-01T12:00:00Z") == moment(1714564800) == moment(1714564800000)
    True
    """
    found = told(value)
    try:
        return None if found is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # outside of the years 1 to 9999
        return None


def told(value: object) -> datetime | None:
    """A time with the offset it is told with. ISO 8601, what mail and feeds write, 14 digits, seconds since 1970.

    >>> told("Wed, 01 May 2024 14:00:00 +0200").isoformat(), told("20240501120000") == told("2024-05-01 12:00:00 UTC")
    ('2024-05-01T14:00:00+02:00', True)
    """
    if isinstance(value, bool) or not isinstance(value, datetime | int | float | str):
        return None
    try:
        found = value if isinstance(value, datetime) else _from_text(_written(value))
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _written(value: float | str) -> str:
    """A number as its digits: 20240501.0, as a table with gaps holds it, is 20240501."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _from_text(text: str) -> datetime | None:
    if _EPOCH.fullmatch(text) and not _WAYBACK.fullmatch(text):
        return _from_number(float(text))
    try:
        return datetime.fromisoformat(text)  # of any year
    except ValueError:
        found = to_iso(text)
        return datetime.fromisoformat(found) if found else None


def _from_number(value: float) -> datetime | None:
    seconds = next((value / unit for unit in _UNITS if 0 < value / unit < _LATEST), None)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
