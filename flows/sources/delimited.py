"""CSV and TSV with a header, one record a row. Only by name or when forced: any text could be a table of one column.

Bytes that are no UTF-8 come through the table unchanged and reach the cleaners as bytes, which find their encoding.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.sources.address import step
from flows.sources.recoded import as_utf8
from flows.sources.records import Format, Item, Place
from flows.sources.rows import row_record
from flows.sources.stream import CHUNK, Stream
from flows.sources.torn import Dialect, is_unescaped, next_of_many, next_row

_DELIMITERS = ",;\t|"
_HINT = re.compile(rb"sep=(.)\r?\n")  # the first line of tables for spreadsheets
_BARE_RETURN = re.compile(rb"[^\r\n]*+\r(?!\r?\n)")  # what ends the first line
_WINDOW = 1 << 20  # where a table's way of writing is looked for
# A quote behind a backslash and before a letter: where quotes in quotes are doubled there is none. Spark and MySQL
# write so.
_ESCAPED_QUOTE = re.compile(rb'[^\\",;\t|\r\n]\\"[^",;\t|\r\n]')


@dataclass(slots=True)
class Lines:
    """The lines of a stream for the csv module. `held` are those of the row that is being read, of `size` bytes.

    `torn` says that the row before was run together with those behind it by a quote.
    """

    stream: Stream
    limit: int
    size: int = 0
    quotes: int = 0
    waiting: list[bytes] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)
    ended: bool = False
    too_long: bool = False
    torn: bool = False
    bare: bool = False

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._line()
        self.size += len(line)
        self.quotes += line.count(b'"')
        self.bare = bool(line) and not line.endswith(b"\n")
        self.too_long, self.ended = self.size > self.limit, not line
        if self.ended:
            raise StopIteration
        self.held.append(line)
        if self.too_long:
            raise StopIteration
        return line.decode("utf-8", "surrogateescape")

    def _line(self) -> bytes:
        """The next line, or as much of it as a row may have. Short lines are split off many at a time."""
        if not self.waiting:
            window = self.stream.peek(CHUNK)
            end = window.rfind(b"\n") + 1
            if not end:
                return self.stream.readline(max(self.limit - self.size, 0) + 1)
            block = self.stream.read(end)
            self.waiting = [line + b"\n" for line in reversed(block[:-1].split(b"\n"))]
        return self.waiting.pop()

    def begin_row(self) -> None:
        """Forget the row before."""
        self.size, self.quotes, self.too_long, self.torn = 0, 0, False, False
        self.held = []

    def give_back(self, first: int) -> list[bytes]:
        """Have the lines from number `first` on read again. The row is those before them, which are returned."""
        before, behind = self.held[:first], self.held[first:]
        self.waiting += reversed(behind)
        self.begin_row()
        self.ended = self.bare = False
        return before

    def skip_row(self) -> None:
        """Pass over the rest of a row that is too long, up to a line end outside of quotes."""
        line = self.held[-1]
        self.held = []
        while line and not (line.endswith(b"\n") and self.quotes % 2 == 0):
            line = self.waiting.pop() if self.waiting else self.stream.readline(CHUNK)
            self.size += len(line)
            self.quotes += line.count(b'"')


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """A record a row, numbered behind the header. A row that is cut off or too long costs itself only."""
    stream = _plain(stream)
    lines = Lines(stream, place.options.max_record_bytes)
    csv.field_size_limit(max(csv.field_size_limit(), place.options.max_record_bytes))
    dialect = _dialect(stream, place)
    header = _next_row(lines, dialect)
    while header == [] and not lines.ended:
        header = _next_row(lines, dialect)
    if header is None or not any(header):
        yield place.fault("", stream.fault) if stream.fault else place.unreadable("", "empty", "no header")
        return
    if lines.ended:
        detail = "a quote in the header has no end: all rows are in it"
        yield (
            place.fault("", stream.fault) if stream.fault else place.unreadable("", "corrupt", detail, size=lines.size)
        )
        return
    names = [name.strip() for name in header]
    number = 0
    while not lines.ended:
        row = _next_row(lines, dialect, len(names))
        here = step("row", number)
        if row == [] and not lines.too_long:
            continue
        if place.wants(here):
            yield from _read_row(names, row, lines, place, here)
        number += 1


def _next_row(lines: Lines, dialect: Dialect, width: int = 0) -> list[str] | None:
    """The next row; None at the end and for what is no row. A reader a row: its state never outlives an error.

    `width` is the number of fields that rows have, 0 for the header. What a stray quote runs together is taken apart.
    """
    lines.begin_row()
    try:
        row = next(dialect.reader(lines, strict=True), None)
    except csv.Error:
        row = _stumbled(lines, dialect, width)
    if lines.too_long:
        lines.skip_row()
        return None
    return row and ["" if value == dialect.null else value for value in row]


def _stumbled(lines: Lines, dialect: Dialect, width: int) -> list[str] | None:
    """A row in which a quote is not where one can be: up to where the next one begins, or as it can be read."""
    unescaped = is_unescaped(lines.held, width, dialect)
    find = next_of_many if lines.too_long or lines.ended else next_row
    first = 1 if unescaped else find(lines.held, width, dialect)
    if first is None and lines.too_long:
        return None
    before = lines.give_back(first or 0)
    if first is None:
        again: Iterator[str] = lines
    else:
        lines.torn, lines.size = True, sum(map(len, before))
        again = (line.decode("utf-8", "surrogateescape") for line in before)
    try:
        row = next(dialect.reader(again, escape=not unescaped), None)
    except csv.Error:  # a carriage return alone inside an unquoted field: no row by any reading
        return None
    return [*row[:-1], row[-1].rstrip("\r\n")] if row and lines.torn else row


def _read_row(names: list[str], row: list[str] | None, lines: Lines, place: Place, here: str) -> Iterator[Item]:
    head = "|".join(row or ()).encode("utf-8", "surrogateescape")[:256]
    fault = lines.stream.fault
    if lines.too_long:
        detail = f"{lines.size:,} bytes, {lines.limit:,} are allowed"
        yield place.unreadable(here, "too_large", detail, size=lines.size)
    elif fault is not None and (row is None or lines.ended or lines.bare):
        yield place.fault(here, fault, size=lines.size, head=head)
    elif row is not None and (lines.ended or (lines.bare and len(row) < len(names))):
        what = "the file ends inside quotes" if lines.ended else f"the last row has {len(row)} fields of {len(names)}"
        yield place.unreadable(here, "truncated", what, size=lines.size, head=head)
    elif row is not None and lines.torn and len(row) != len(names):
        detail = f"a quote in this row has no end: it has {len(row)} fields, the header {len(names)}"
        yield place.unreadable(here, "corrupt", detail, size=lines.size, head=head)
    elif row is None and not lines.ended:
        yield place.unreadable(here, "corrupt", "a carriage return inside a field without quotes", size=lines.size)
    elif row is not None and any(map(str.strip, row[len(names) :])):
        detail = f"the row has {len(row)} fields, the header {len(names)}: where would the others belong?"
        yield place.unreadable(here, "corrupt", detail, size=lines.size, head=head)
    elif row is not None:
        yield row_record(dict(zip(names, map(_raw, row), strict=False)), place, here, lines.size)


def _raw(value: str) -> str | bytes:
    """A field as text, or as the bytes it came from where those are no UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")
    return value


class NewLines:
    """Carriage returns as newlines: the line ends of old Macs, and of spreadsheets that still write them."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data and self._stream.fault is not None:
            raise self._stream.fault
        return data.replace(b"\r", b"\n")

    def where(self, offset: int) -> str:
        return step("offset", offset)

    def resume(self, expected: bytes) -> bool:
        return False


def _plain(stream: Stream) -> Stream:
    """The stream as UTF-8, behind its byte order mark, with newlines."""
    if stream.peek(3) == codecs.BOM_UTF8:
        stream.read(3)
    stream = as_utf8(stream)
    return Stream(NewLines(stream)) if _BARE_RETURN.match(stream.peek(CHUNK)) else stream


def _dialect(stream: Stream, place: Place) -> Dialect:
    """What the table's beginning and its name say."""
    hint = _HINT.match(stream.peek(7))
    if hint:
        stream.read(hint.end())
    if place.name.lower().endswith((".tsv", ".tab")):
        return Dialect("\t")
    first = stream.peek(4096).lstrip(b"\r\n").partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = hint[1].decode("ascii", "replace") if hint else max(_DELIMITERS, key=first.count)
    return Dialect(delimiter, "\\" if _ESCAPED_QUOTE.search(stream.peek(_WINDOW)) else None)


FORMAT = Format("csv", read, lambda head: False, suffixes=(".csv", ".tsv", ".tab"), rank=70)
