"""A row of a table, or an object of JSON, as a record: which of its fields holds the page, and what else it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast

from cleaners.document import MediaType, Payload
from flows.sources.binary import kind_of
from flows.sources.records import Item, Place, SourceOptions
from flows.sources.times import moment, told

Row = Mapping[str, object]

_MARKUP = re.compile(
    r"</(?:p|div|a|li|ul|h[1-6]|span|body|html|article|strong|em|b|i|figure|blockquote)\s*>|<br\s*/?>", re.I
)
_OPENS = re.compile(r"\s*<(?:!doctype|!--|[a-z][a-z0-9]*[\s>/])", re.I)
_METADATA = ("title", "published", "authors", "language", "site_name")


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
    """The top-level columns, in their order, that can matter for a record; all where none can hold the page."""
    names = list(names)
    pages = _columns_of(names, ("html", "text"), options)
    return _columns_of(names, tuple(known_names()), options) if pages else names


def _columns_of(names: Iterable[str], roles: tuple[str, ...], options: SourceOptions) -> list[str]:
    asked = {value.partition(".")[0] for role, value in _asked(options).items() if value and role in roles}
    known = {name for role in roles for name in known_names()[role]}
    return [name for name in names if name in asked or normal(name) in known or name.partition(".")[0] in asked]


def row_record(row: Row, place: Place, step: str, size: int = 0) -> Item:
    """The record of a row: the HTML field before the text field; `no_text_field` where the row has neither."""
    lookup = {normal(name): name for name in reversed(list(row))}
    markup = _payload(_value(row, lookup, "html", place.options))
    text = _payload(_value(row, lookup, "text", place.options))
    payload = markup or text
    if payload is None:
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
        fetched=moment(_time(_value(row, lookup, "fetched", place.options))),
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
    """A text, bytes, a list of paragraphs joined by newlines, or what WordPress's API wraps as `rendered`.

    None for what is none of these, or nothing but white space.
    """
    if isinstance(value, Mapping):
        return _payload(value.get("rendered"))
    if isinstance(value, list | tuple) and all(part is None or isinstance(part, str) for part in value):
        return _payload("\n".join(part for part in value if part is not None))
    return value if isinstance(value, str | bytes) and value and not value.isspace() else None


def _time(value: object) -> float | str | datetime:
    return value if isinstance(value, int | float | datetime) else _string(value)


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
    if value is None or isinstance(value, bool) or value != value:  # NaN, with which pandas fills gaps
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
    found = {name: _value(row, lookup, role, options) for name, role in roles.items()}
    values = {name: _string(value) for name, value in found.items()}
    if published := told(_time(found["published"])):
        values["published"] = values["published"] if _is_iso(values["published"]) else published.isoformat()
    return {name: value for name, value in values.items() if value}


def _is_iso(text: str) -> bool:
    """Whether the cleaners, who know ISO 8601 alone, read the text."""
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _without_text(row: Row, lookup: Mapping[str, str], place: Place, step: str, size: int) -> Item:
    """Why a row has no text: no such field, or nothing in it."""
    asked = [name for name in (place.options.html, place.options.text) if name]
    known = [lookup[name] for role in ("html", "text") for name in known_names()[role] if name in lookup]
    there = {name: _nested(row, name) for name in asked or known}
    there = {name: value for name, value in there.items() if value is not None or name in row}
    if not there:
        fields = ", ".join(sorted(map(_string, row))[:40]) or "none"
        wanted = " or ".join(asked) or "html or text"
        return place.unreadable(step, "no_text_field", f"no {wanted} among its fields: {fields}", size=size)
    if other := next((name for name, value in there.items() if not _is_blank(value)), None):
        return place.unreadable(step, "no_text_field", f"{_string(other)} holds {_kind(there[other])}", size=size)
    return place.unreadable(step, "empty", f"nothing in {', '.join(map(_string, there))}", size=size)


def _is_blank(value: object) -> bool:
    """True for what holds nothing: null, NaN, white space, lists and objects of nothing else."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else None
    if inner is not None:
        return all(map(_is_blank, inner))
    return value is None or value != value or (isinstance(value, str | bytes) and not value.strip())


def _kind(value: object) -> str:
    """What a value is that is no text, in words; of an object its fields, which can be asked for as `a.b`."""
    if isinstance(value, Mapping):
        return f"an object of {', '.join(sorted(map(_string, value))[:40])}"
    return "a list of other things than text" if isinstance(value, list | tuple) else f"no text but {value!r:.40}"
