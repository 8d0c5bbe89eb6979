"""A shard: a piece of work, and the parts of dumps that it holds."""

from __future__ import annotations

from dataclasses import dataclass

from flows.lake.ledger import Covered
from flows.sources import Range


@dataclass(frozen=True, slots=True)
class Member:
    """A dump, or the part of it from byte `start` to `stop`, that a shard holds. `line` numbers its first line.

    `size` and `modified` (ns) are what the plan saw; a dump that is found otherwise was changed meanwhile. Where the
    dump may only have grown, `edges` tell, and the bytes behind `size` are left to the next run. `partial`,
    `growing` and `after` are those of Covered.
    """

    path: str
    source: str
    size: int
    modified: int
    digest: str
    start: int = 0
    stop: int | None = None
    line: int = 0
    edges: str = ""
    partial: bool = False
    growing: str = ""
    after: str = ""

    @property
    def covered(self) -> Covered:
        """The member as the ledger names it: without anything of this machine."""
        return Covered(
            self.source,
            self.digest,
            self.size,
            self.start,
            self.stop,
            self.line,
            self.partial,
            self.growing,
            self.after,
        )

    @property
    def within(self) -> Range | None:
        """The range to read, None for the whole dump."""
        if self.edges:
            return Range(self.start, self.size if self.stop is None else self.stop, self.line)
        return Range(self.start, self.stop, self.line) if self.start or self.stop is not None else None

    @property
    def length(self) -> int:
        """Bytes as stored."""
        return (self.size if self.stop is None else self.stop) - self.start


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of work. `limit` is the most records to take.

    `generation` counts how often the shard was done again: 0 is the first time, more replaces what the ledger has.
    `supersedes` are the keys of other shards whose place it takes. `sites` is the digest of the snapshot of the site
    memory that its records are cleaned with, empty where there is none.
    """

    key: str
    members: tuple[Member, ...]
    limit: int | None = None
    generation: int = 0
    supersedes: tuple[str, ...] = ()
    sites: str = ""

    @property
    def replaces(self) -> bool:
        """Whether the ledger has it, from an older try."""
        return self.generation > 0

    @property
    def size(self) -> int:
        """Bytes as stored."""
        return sum(member.length for member in self.members)

    @property
    def label(self) -> str:
        """The shard for people."""
        first, last = self.members[0], self.members[-1]
        if first is last:
            return first.source + (f" from byte {first.start:,}" if first.start else "")
        return f"{first.source} to {last.source}"
