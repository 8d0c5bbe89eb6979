"""What readers get and give: options, ranges, the place where a reader stands, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from cleaners.document import MediaType, Payload, RawRecord
from flows.sources import address
from flows.sources.errors import Fault, Reason

if TYPE_CHECKING:
    from flows.sources.stream import Stream

HEAD_BYTES = 256
"""How much of an unreadable record's beginning is kept."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no readable text. `size` is in bytes as far as known, `head` its first bytes, at most 256."""

    source: str
    position: str
    reason: Reason
    detail: str
    size: int = 0
    head: bytes = b""


Item = RawRecord | Unreadable


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How dumps are to be read.

    format            name of a format, None to recognise it; archives and compression are opened all the same
    html, text, ...   the field (column) of rows that holds it, `a.b` for nested ones; None to find it by name
    max_record_bytes  longest record, in bytes
    max_ratio         decompressed bytes per compressed byte above which a stream is a bomb
    max_member_bytes  most decompressed bytes of one compressed stream or archive member
    max_depth         how many layers of compression and archives may lie around a record
    """

    format: str | None = None
    html: str | None = None
    text: str | None = None
    url: str | None = None
    title: str | None = None
    date: str | None = None
    language: str | None = None
    max_record_bytes: int = 50_000_000
    max_ratio: float = 500.0
    max_member_bytes: int = 1 << 36
    max_depth: int = 3


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a dump: the records that begin at stored byte `start` or later and before `stop` (None: to the end).

    `line` is the number of the line that begins at `start`, counted from 1; 0 in formats without lines.
    """

    start: int = 0
    stop: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands: in which dump, how deep, and which address is wanted (None: every record)."""

    source: str
    name: str
    options: SourceOptions = field(default_factory=SourceOptions)
    position: str = ""
    depth: int = 0
    wanted: str | None = None
    within: Range | None = None

    def at(self, step: str) -> str:
        """The address of `step` inside this place."""
        return address.join(self.position, step)

    def wants(self, step: str) -> bool:
        """True where the record at `step`, or one inside it, is asked for."""
        here = self.at(step)
        return self.wanted is None or self.wanted == here or self.wanted.startswith(here + "!")

    def inside(self, step: str, name: str) -> Place:
        """The place one layer further in."""
        return replace(self, position=self.at(step), name=name, depth=self.depth + 1, within=None)

    def record(
        self,
        step: str,
        payload: Payload,
        media_type: MediaType | None,
        *,
        url: str | None = None,
        fetched: datetime | None = None,
        charset: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> RawRecord:
        """A record at `step`."""
        return RawRecord(payload, media_type, url, fetched, charset, metadata or {}, self.source, self.at(step))

    def unreadable(self, step: str, reason: Reason, detail: str, *, size: int = 0, head: bytes = b"") -> Unreadable:
        """What could not be read at `step`."""
        return Unreadable(self.source, self.at(step), reason, detail, size, head[:HEAD_BYTES])

    def fault(self, step: str, fault: Fault, *, size: int = 0, head: bytes = b"") -> Unreadable:
        """What a fault of the stream left at `step`."""
        return self.unreadable(step, fault.reason, fault.detail, size=size, head=head)


Reader = Callable[["Stream", Place], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its names, how it is known, how it is read.

    recognise  first bytes (up to 64 kB) → True where they can be nothing else
    suffixes   what names of such files end in, used where the content decides nothing
    rank       the order in which formats are asked, smallest first
    """

    name: str
    read: Reader
    recognise: Callable[[bytes], bool]
    suffixes: tuple[str, ...] = ()
    rank: int = 50
