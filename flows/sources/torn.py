"""Rows of a table that a stray quote runs together: where the next row begins.

A quote that is opened and never closed takes all that follows into its field, up to the quote that opens the next one.
In a table that is written right this cannot be: behind a quote that ends a field stands a delimiter or a line end. So
only rows in which something else stands there are looked at, and tables that are right stay as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NEXT_QUOTE = {None: re.compile(rb'(?:[^"]++|"")*+"'), "\\": re.compile(rb'(?:[^"\\]++|\\.|"")*+"', re.DOTALL)}
FEWEST_ROWS = 3  # that stand behind a quote which nothing ends, so that they are no lines of its text
FEWEST_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: what stands between its fields, and what before a quote inside of quotes."""

    delimiter: str
    escape: str | None = None

    @property
    def null(self) -> str:
        """What `\\N`, which databases write for null, is once the row is read."""
        return "N" if self.escape else "\\N"

    def reader(self, lines: Iterator[str], *, strict: bool = False, escape: bool = True) -> Iterator[list[str]]:
        """The csv module's reader. `strict` raises csv.Error where a quote is not where one can be."""
        marked = self.escape if escape else None
        return csv.reader(lines, delimiter=self.delimiter, escapechar=marked, strict=strict)


def next_row(held: Sequence[bytes], width: int, dialect: Dialect) -> int | None:
    """Which of the lines that the reader took for one row begins the next one; None where they may be one.

    `width` is the number of fields that a row has. The last line is the one at which the reader stumbled, or the last
    of the dump.
    """
    if len(held) > 1 and width > 1 and _opens(held[-1], dialect):
        return _first_whole(held, width, dialect)
    return None


def is_unescaped(held: Sequence[bytes], width: int, dialect: Dialect) -> bool:
    """Whether the first of the lines is a row of its own if what escapes quotes elsewhere escapes none in it."""
    whole = dialect.escape is not None and len(held) > 1 and width > 0
    return whole and _fields(held[0], dialect, escape=False) == (width, False)


def next_of_many(held: Sequence[bytes], width: int, dialect: Dialect) -> int | None:
    """As `next_row`, where nothing ended the quotes: the lines must be rows, and several."""
    rows = [_fields(line, dialect) for line in held[1:] if line.strip()]
    enough = len(rows) >= FEWEST_ROWS and width >= FEWEST_FIELDS and held[-1].endswith(b"\n")
    return 1 if enough and all(row == (width, False) for row in rows) else None


def _first_whole(held: Sequence[bytes], width: int, dialect: Dialect) -> int | None:
    """The first line from which on each is a row; the last one may go on in the next line.

    Then it must have too many fields to be the rest of the row whose quote has no end.
    """
    last = len(held) - 1
    count, goes_on = _fields(held[last], dialect)
    begun, _ = _fields(held[0], dialect)
    if not (begun - 1 + count > width >= count if goes_on else count == width):
        return None
    at = last
    while at > 1 and (not held[at - 1].strip() or _fields(held[at - 1], dialect) == (width, False)):
        at -= 1
    return at


def _opens(line: bytes, dialect: Dialect) -> bool:
    """Whether the quote that ends a field begun in a line before looks like one that begins a field."""
    found = _NEXT_QUOTE[dialect.escape].match(line)
    if found is None:
        return False
    delimiter = dialect.delimiter.encode()
    at = found.end() - 1
    before, behind = line[:at].rstrip(b'"')[-1:], line[at + 1 : at + 2]  # text may begin with quotes, doubled
    return before in (b"", delimiter) and behind not in (b"", b"\r", b"\n", delimiter)


def _fields(line: bytes, dialect: Dialect, *, escape: bool = True) -> tuple[int, bool]:
    """How many fields a line has as a row, and whether its last goes on in the next line; none where it is no row."""
    goes_on = False

    def given() -> Iterator[str]:
        nonlocal goes_on
        yield line.decode("utf-8", "surrogateescape")
        goes_on = True

    try:
        row = next(dialect.reader(given(), strict=True, escape=escape), [])
    except csv.Error:
        if not goes_on:
            return 0, False
        row = next(dialect.reader(given(), escape=escape), [])
    return len(row), goes_on
