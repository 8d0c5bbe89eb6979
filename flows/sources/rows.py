"""A row of a table, or an object of JSON, as a record: which of its fields holds the page, and what else it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast

from cleaners.document import MediaType, Payload
from flows.sources.binary import kind_of
from flows.sources.records import Item, Place, SourceOptions

Row = Mapping[str, object]

_MARKUP = re.compile(
    r"</(?:p|div|a|li|ul|h[1-6]|span|body|html|article|strong|em|b|i|figure|blockquote)\s*>|<br\s*/?>", re.I
)
_OPENS = re.compile(r"\s*<(?:!doctype|!--|[a-z][a-z0-9]*[\s>/])", re.I)
# A row that tells the time in numbers: seconds, milliseconds, microseconds since 1970.
_UNITS = (1.0, 1e3, 1e6)
_METADATA = ("title", "published", "authors", "language", "site_name")
_LATEST = 4_102_444_800.0  # the year 2100


@cache
def known_names() -> Mapping[str, tuple[str, ...]]:
    """The names of `fields.toml` by role, normalised."""
    table = tomllib.loads(files("flows.sources").joinpath("fields.toml").read_text("utf-8"))
    return {role: tuple(dict.fromkeys(map(normal, names))) for role, names in table.items()}


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """A field's name for comparison.

    >>> normal("articleBody") == normal("Article_Body")
    True
    """
    return re.sub(r"[\W_]+", "", name).lower()


def columns_of(names: Iterable[str], options: SourceOptions) -> list[str]:
    """The top-level columns, in their order, that can matter for a record."""
    asked = {value.partition(".")[0] for value in _asked(options).values() if value}
    known = {name for role in known_names().values() for name in role}
    return [name for name in names if name in asked or normal(name) in known or name.partition(".")[0] in asked]


def row_record(row: Row, place: Place, step: str, size: int = 0) -> Item:
    """The record of a row: the HTML field before the text field; `no_text_field` where the row has neither."""
    lookup = {normal(name): name for name in reversed(list(row))}
    markup = _payload(_value(row, lookup, "html", place.options))
    text = _payload(_value(row, lookup, "text", place.options))
    payload = markup or text
    if payload is None or not payload.strip():
        return _without_text(row, lookup, place, step, size)
    if isinstance(payload, bytes) and (kind := kind_of(payload[:4096])):
        return place.unreadable(step, "not_text", f"the field holds {kind}", size=len(payload), head=payload)
    limit = place.options.max_record_bytes
    if len(payload) > limit:
        return place.unreadable(step, "too_large", f"{len(payload):,} bytes, {limit:,} are allowed", size=len(payload))
    return place.record(
        step,
        payload,
        "text/html" if markup else media_type_of(payload),
        url=_string(_value(row, lookup, "url", place.options)) or None,
        fetched=moment(_value(row, lookup, "fetched", place.options)),
        charset=_string(_value(row, lookup, "charset", place.options)) or None if isinstance(payload, bytes) else None,
        metadata=_metadata(row, lookup, place.options),
    )


def has_text(row: Row, options: SourceOptions) -> bool:
    """True where one of the row's fields can be the page."""
    lookup = {normal(name): name for name in row}
    return any(_payload(_value(row, lookup, role, options)) for role in ("html", "text"))


def media_type_of(payload: Payload) -> MediaType:
    """`text/html` for a text field that holds markup, as those named `content` often do.

    >>> media_type_of("<p>Rain.</p>"), media_type_of("The tag <p> opens a paragraph, </p> closes it.")
    ('text/html', 'text/plain')
    """
    head = payload[:20_000]
    text = head.decode("latin-1") if isinstance(head, bytes) else head
    closings = len(_MARKUP.findall(text))
    return "text/html" if closings >= 3 or (closings and _OPENS.match(text)) else "text/plain"


def moment(value: object) -> datetime | None:
    """A time as an aware datetime, UTC where it names no zone; None where it is none.

    >>> moment("2024-05-01T12:00:00Z") == moment(1714564800) == moment(1714564800000)
    True
    """
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(float(value))
        else:
            found = datetime.fromisoformat(_string(value))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_number(value: float) -> datetime | None:
    seconds = next((value / unit for unit in _UNITS if 0 < value / unit < _LATEST), None)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _asked(options: SourceOptions) -> dict[str, str | None]:
    names = ("html", "text", "url", "title", "date", "language")
    return {role: cast("str | None", getattr(options, role)) for role in names}


def _value(row: Row, lookup: Mapping[str, str], role: str, options: SourceOptions) -> object:
    """The field of a role: the one that was asked for, else the first known name that is not empty."""
    if asked := _asked(options).get(role):
        return _nested(row, asked)
    found = (row[lookup[name]] for name in known_names()[role] if name in lookup)
    return next((value for value in found if _usable(role, value)), None)


def _nested(row: Row, path: str) -> object:
    """`a.b` in `{"a": {"b": ...}}`, or a field whose own name has the dot."""
    if path in row:
        return row[path]
    first, dot, rest = path.partition(".")
    inner = row.get(first)
    return _nested(cast(Row, inner), rest) if dot and isinstance(inner, Mapping) else None


def _usable(role: str, value: object) -> bool:
    return bool(_payload(value) if role in ("html", "text") else _string(value))


def _payload(value: object) -> Payload | None:
    """A text, bytes, a list of paragraphs joined by newlines, or what WordPress's API wraps as `rendered`."""
    if isinstance(value, Mapping):
        return _payload(value.get("rendered"))
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    return value if isinstance(value, str | bytes) and value else None


def _string(value: object) -> str:
    """A value as one string fit for a column: names of a list joined by `; `, nothing for what has no text."""
    if isinstance(value, list | tuple):
        return "; ".join(filter(None, map(_string, value)))
    if isinstance(value, Mapping):
        return _string(next((value[name] for name in ("name", "rendered", "title", "code") if name in value), None))
    if isinstance(value, bytes):
        return _string(value.decode("utf-8", "ignore"))
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, bool):
        return ""
    return " ".join(str(value).encode("utf-8", "ignore").decode("utf-8").replace("\0", "").split())


def _metadata(row: Row, lookup: Mapping[str, str], options: SourceOptions) -> dict[str, str]:
    roles = {
        "title": "title",
        "published": "date",
        "authors": "authors",
        "language": "language",
        "site_name": "site_name",
    }
    values = {name: _string(_value(row, lookup, role, options)) for name, role in roles.items()}
    return {name: value for name, value in values.items() if value}


def _without_text(row: Row, lookup: Mapping[str, str], place: Place, step: str, size: int) -> Item:
    """Why a row has no text: no such field, or nothing in it."""
    asked = [name for name in (place.options.html, place.options.text) if name]
    known = [lookup[name] for role in ("html", "text") for name in known_names()[role] if name in lookup]
    fields = ", ".join(sorted(map(_string, row))[:40]) or "none"
    if asked or not known:
        wanted = " or ".join(asked) or "html or text"
        return place.unreadable(step, "no_text_field", f"no {wanted} among its fields: {fields}", size=size)
    return place.unreadable(step, "empty", f"nothing in {', '.join(map(_string, known))}", size=size)
