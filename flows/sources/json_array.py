"""JSON that is no JSON Lines: an array of objects, or objects one after the other, on as many lines as they like.

The text is cut into values by counting brackets outside of strings, so that an array of any length is read with one
element in memory; orjson reads the elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from flows.sources.address import step
from flows.sources.jsonl import LOOKS_LIKE_OBJECT, parse_object
from flows.sources.recoded import as_utf8, in_utf8
from flows.sources.records import Format, Item, Place, Unreadable
from flows.sources.rows import Row, has_text, row_record
from flows.sources.stream import CHUNK, Stream

_ARRAY = re.compile(rb"\s*\[\s*(?:\{|\]\s*$)")
_BETWEEN = re.compile(rb"[\s,]*+")
_STRUCTURE = re.compile(rb'[{}\[\]"]')
_SCALAR_END = re.compile(rb"[\s,\]}]")
_WINDOW = 1 << 13  # small against a page, so that little is scanned twice; large against what a call costs


def recognise(head: bytes) -> bool:
    """True where the bytes begin an object, or an array whose first element is one."""
    plain = in_utf8(head).removeprefix(b"\xef\xbb\xbf")
    return _ARRAY.match(plain) is not None or LOOKS_LIKE_OBJECT.match(plain) is not None


@dataclass(slots=True)
class Value:
    """One value as it is being cut out. `parts` are dropped once `size` is over the limit, but for the first."""

    limit: int
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    depth: int = 0
    in_string: bool = False
    escaped: bool = False
    done: bool = False

    def take(self, chunk: bytes) -> int:
        """Scan a chunk up to the value's end; returns how many of its bytes belong to the value."""
        masked, escaped = _without_escapes(chunk, self.escaped)
        at = 0
        while at < len(chunk) and not self.done:
            at = self._string(masked, at) if self.in_string else self._structure(masked, at)
        self.escaped = escaped and not self.done
        self.size += at
        if self.size <= self.limit or not self.parts:
            self.parts.append(chunk[:at])
        else:
            del self.parts[1:]
        return at

    def _string(self, chunk: bytes, at: int) -> int:
        end = chunk.find(b'"', at)
        self.in_string = end < 0
        self.done = self.depth == 0 and not self.in_string
        return end + 1 or len(chunk)

    def _structure(self, chunk: bytes, at: int) -> int:
        if self.depth == 0 and self.size + at == 0 and chunk[:1] not in b'{["':
            return self._scalar(chunk)
        found = _STRUCTURE.search(chunk, at)
        if found is None:
            return len(chunk)
        if found[0] == b'"':
            self.in_string = True
        else:
            self.depth += 1 if found[0] in b"{[" else -1
            self.done = self.depth <= 0
        return found.end()

    def _scalar(self, chunk: bytes) -> int:
        """A number or name ends where something else begins; one that does not fit a chunk is none."""
        end = _SCALAR_END.search(chunk, 1)
        self.done = True
        return end.start() if end else len(chunk)


def _without_escapes(chunk: bytes, escaped: bool) -> tuple[bytes, bool]:
    """The chunk with escaped quotes and backslashes written over, and whether it ends inside of an escape.

    Two replacements are ten times as fast as a regular expression over the strings of a page.
    """
    if escaped:
        chunk = b"_" + chunk[1:]
    masked = chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    return masked, masked.endswith(b"\\")


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """A record an element."""
    stream = as_utf8(stream)
    opened = _open(stream)
    number = 0
    while not (ended := _is_ended(stream)):
        value = _cut(stream, place.options.max_record_bytes)
        here = step("row", number)
        if stream.fault is not None and not value.done:
            break
        if place.wants(here):
            yield from _read_value(value, place, here)
        number += 1
        if not value.done:
            return
    here = step("row", number)
    if not place.wants(here):
        return
    if stream.fault is not None:
        yield place.fault(here, stream.fault)
    elif opened and ended == b"end":
        yield place.unreadable(here, "truncated", "the array is not closed")


def _open(stream: Stream) -> bool:
    """Pass over a byte order mark and the bracket of the array; True where there was one."""
    if stream.peek(3) == b"\xef\xbb\xbf":
        stream.read(3)
    _skip_between(stream)
    return stream.peek(1) == b"[" and bool(stream.read(1))


def _is_ended(stream: Stream) -> bytes:
    """`]` at the end of the array, `end` at the end of the bytes, nothing where a value begins."""
    _skip_between(stream)
    following = stream.peek(1)
    return b"end" if not following else following if following == b"]" else b""


def _skip_between(stream: Stream) -> None:
    while (window := stream.peek(CHUNK)) and (found := _BETWEEN.match(window)) and found.end():
        stream.read(found.end())


def _cut(stream: Stream, limit: int) -> Value:
    """The next value; `done` is False where the stream ends inside of it."""
    value = Value(limit)
    while not value.done and (chunk := stream.peek(_WINDOW)):
        stream.read(value.take(chunk) or 1)
    return value


def _read_value(value: Value, place: Place, here: str) -> Iterator[Item]:
    body = b"".join(value.parts)
    if value.size > value.limit:
        detail = f"{value.size:,} bytes, {value.limit:,} are allowed"
        yield place.unreadable(here, "too_large", detail, size=value.size, head=body)
        return
    row = parse_object(body, place, here, last=not value.done)
    if isinstance(row, Unreadable):
        yield row
        return
    rows = _nested_rows(row, place)
    if rows is None:
        yield row_record(row, place, here, value.size)
        return
    for number, row in enumerate(rows):
        inner = f"{here}!{step('row', number)}"
        if place.wants(inner):
            yield row_record(row, place, inner)


def _nested_rows(row: Row, place: Place) -> list[Row] | None:
    """The rows of an object that has no text of its own but one list of objects, as the answers of news APIs do."""
    here: Row | None = row
    while here is not None and not has_text(here, place.options):
        lists = [value for value in here.values() if _is_rows(value)]
        if len(lists) == 1:
            return cast("list[Row]", lists[0])
        objects = [cast(Row, value) for value in here.values() if isinstance(value, dict)]
        here = objects[0] if len(objects) == 1 and not lists else None
    return None


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


FORMAT = Format("json", read, recognise, suffixes=(".json",), rank=60)
