"""JSON Lines: one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

import orjson

from flows.sources.address import step
from flows.sources.errors import Reason
from flows.sources.recoded import as_utf8, in_utf8
from flows.sources.records import Format, Item, Place, Range, Unreadable
from flows.sources.rows import Row, row_record
from flows.sources.stream import CHUNK, Stream

LOOKS_LIKE_OBJECT = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.)*+"\s*+:', re.S)

_ESCAPED = re.compile(rb"\\.", re.S)


def recognise(head: bytes) -> bool:
    """True where the first line is an object, or begins as one and looks whole, cut off, or longer than the head."""
    plain = in_utf8(head).removeprefix(b"\xef\xbb\xbf").lstrip()
    line, newline, rest = plain.partition(b"\n")
    if not LOOKS_LIKE_OBJECT.match(line):
        return plain.startswith(b"{}")
    return not newline or line.rstrip().endswith(b"}") or _is_cut_off(line.rstrip(), rest)


def _is_cut_off(line: bytes, rest: bytes) -> bool:
    """Whether a line that begins an object cannot go on in the next one: it ends inside of a string, or a row follows.

    Else the object is one that is written over several lines, and no JSON Lines.
    """
    in_string = _ESCAPED.sub(b"", line).count(b'"') % 2 == 1
    return in_string or (not line.endswith((b"[", b",", b":", b"{")) and LOOKS_LIKE_OBJECT.match(rest) is not None)


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """A record a line; blank lines are none. A line that does not parse or is too long costs itself only.

    Where a compressed member is damaged, reading goes on behind the first newline of the next member that is whole.
    """
    stream = stream if place.within and place.within.start else as_utf8(stream)
    number = max(place.within.line if place.within else 1, 1)
    while True:
        rest = b""
        for line in _lines(stream, place):
            if not line.endswith(b"\n") and stream.fault is not None:
                rest = line
                break
            here = step("line", number)
            if place.wants(here):
                yield from _read_line(line, stream, place, here)
            elif not line.endswith(b"\n"):
                stream.skip_line()
            number += 1 + _skip_blank(line, stream)
        if stream.fault is None:
            return
        if place.wants(step("line", number)):
            yield place.fault(step("line", number), stream.fault, size=len(rest), head=rest)
        if not stream.resume(b""):
            return
        stream.skip_line()
        number += 1


def _skip_blank(line: bytes, stream: Stream) -> int:
    """Behind a blank line, pass over all that follow at once; returns how many."""
    count = 0
    while line == b"\n" and (window := stream.peek(CHUNK)) and (more := len(window) - len(window.lstrip(b"\n"))):
        count += stream.skip(more)
    return count


def _lines(stream: Stream, place: Place) -> Iterator[bytes]:
    """The lines that begin in the place's range, each cut behind the longest allowed record."""
    within = place.within or Range()
    length = None if within.stop is None else within.stop - within.start
    while (length is None or stream.tell() < length) and (line := stream.readline(place.options.max_record_bytes + 1)):
        yield line


def _read_line(line: bytes, stream: Stream, place: Place, here: str) -> Iterator[Item]:
    limit = place.options.max_record_bytes
    body = line.removeprefix(b"\xef\xbb\xbf") if stream.tell() == len(line) else line
    if len(line) > limit and not line.endswith(b"\n"):
        size = len(line) + stream.skip_line()
        yield place.unreadable(here, "too_large", f"{size:,} bytes, {limit:,} are allowed", size=size, head=line)
    elif body.strip():
        row = parse_object(body, place, here, last=not line.endswith(b"\n"))
        yield row if isinstance(row, Unreadable) else row_record(row, place, here, len(body))


_NAMES = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def parse_object(body: bytes, place: Place, here: str, *, last: bool = False) -> Row | Unreadable:
    """One JSON object as a row. `last`: nothing marks its end, so one that does not parse was cut off."""
    try:
        value = _loads(body)
    except (ValueError, RecursionError) as error:
        reason: Reason = "truncated" if last else "bad_json"
        return place.unreadable(here, reason, f"no JSON: {str(error)[:200]}", size=len(body), head=body)
    if not isinstance(value, dict):
        detail = f"a JSON {_NAMES[type(value)]} where an object was expected"
        return place.unreadable(here, "bad_json", detail, size=len(body), head=body)
    return cast(Row, value)


def _loads(body: bytes) -> object:
    """orjson; where it refuses, the standard library, which takes what Python writes: NaN, lone surrogates."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)


FORMAT = Format("jsonl", read, recognise, suffixes=(".jsonl", ".ndjson", ".jl", ".jsonlines"), rank=55)
