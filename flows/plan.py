"""plan: dumps → shards. What no ledger entry covers is cut into pieces of about half a minute of work.

A large dump becomes several shards, many small dumps become one. A shard's key stands for what it holds (sources,
digests of content, ranges), so the same input gives the same keys on every machine. The plan is written to the lake
before the first shard is begun, and a run that was interrupted goes on with it as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from flows.config import FIELD_NAMES, Options
from flows.lake.files import write_whole
from flows.lake.ledger import Covered, Entry
from flows.lake.place import Lake
from flows.sources import Range, SourceOptions
from flows.sources.listing import Dump, list_dumps
from flows.sources.ranges import ranges
from flows.versions import fingerprint, recipe

GROUP_FILES = 500
LEAST_GROUP = 512 << 10
LEAST_CUT = 4 << 20
# A file changed less than this before it was read may change again within the clock's resolution.
SETTLED_SECONDS = 2.0
NO_DIGEST = "unreadable"


@dataclass(frozen=True, slots=True)
class Member:
    """A dump, or the part of it from byte `start` to `stop`, that a shard holds. `line` numbers its first line.

    `size` and `modified` (ns) are what the plan saw; a dump that is found otherwise was changed meanwhile.
    """

    path: str
    source: str
    size: int
    modified: int
    digest: str
    start: int = 0
    stop: int | None = None
    line: int = 0

    @property
    def covered(self) -> Covered:
        """The member as the ledger names it: without anything of this machine."""
        return Covered(self.source, self.digest, self.size, self.start, self.stop, self.line)

    @property
    def within(self) -> Range | None:
        """The range to read, None for the whole dump."""
        return Range(self.start, self.stop, self.line) if self.start or self.stop is not None else None


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of work. `limit` is the most records to take.

    `generation` counts how often the shard was done again: 0 is the first time, more replaces what the ledger has.
    """

    key: str
    members: tuple[Member, ...]
    limit: int | None = None
    generation: int = 0

    @property
    def replaces(self) -> bool:
        """Whether the ledger has it, from an older try."""
        return self.generation > 0

    @property
    def size(self) -> int:
        """Bytes as stored."""
        return sum(map(_length, self.members))

    @property
    def label(self) -> str:
        """The shard for people."""
        first, last = self.members[0], self.members[-1]
        if first is last:
            return first.source + (f" from byte {first.start:,}" if first.start else "")
        return f"{first.source} to {last.source}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to do, in order. `asked` stands for inputs, options and versions; another one is another plan."""

    asked: str
    shards: tuple[Shard, ...]
    dumps: int = 0
    known: int = 0


def make_plan(options: Options, lake: Lake, entries: Mapping[str, Entry], *, remember: bool = True) -> Plan:
    """List the inputs and cut what no entry covers into shards. Reads every new dump once, for its digest.

    `remember` writes the digests down in the lake.
    """
    members = identify(list_dumps(options.inputs), lake, remember=remember)
    distinct = list({(member.source, member.digest): member for member in members}.values())
    again = list(_again(entries, distinct, options))
    covered = {member for entry in entries.values() if entry.limit is None for member in entry.members}
    pieces = [piece for member in distinct for piece in _cut(member, options) if piece.covered not in covered]
    target = _target(sum(map(_length, pieces)), LEAST_GROUP, options)
    shards = list(_group(pieces, target)) if options.limit is None else _trial(pieces, options.limit)
    new = [shard for shard in shards if shard.key not in entries and not options.retry]
    known = len(distinct) - len({(piece.source, piece.digest) for piece in pieces})
    return Plan(asked(options), (*again, *new), len(members), known)


def asked(options: Options) -> str:
    """What stands for a request: two runs of the same one may share a plan."""
    return fingerprint(
        [
            list(options.inputs),
            options.limit,
            options.shard_mb,
            options.reprocess,
            options.retry,
            recipe(options.recipe()),
        ]
    )


def write_plan(plan: Plan, lake: Lake) -> None:
    """Put the plan into the lake, on disk."""
    write_whole(lake.plan, _json(asdict(plan)))


def read_plan(lake: Lake) -> Plan | None:
    """The plan of a run that did not end, None where there is none (or one that cannot be read)."""
    try:
        found = json.loads(lake.plan.read_bytes())
        shards = tuple(_shard(shard) for shard in found["shards"])
        return Plan(found["asked"], shards, found["dumps"], found["known"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def source_options(options: Options) -> SourceOptions:
    """How readers are to read."""
    named = {name: getattr(options, f"field_{name}") for name in FIELD_NAMES}
    return SourceOptions(format=options.format, max_record_bytes=options.max_record_mb * 1_000_000, **named)


def identify(dumps: Sequence[Dump], lake: Lake, *, remember: bool = True) -> list[Member]:
    """Each dump with the digest of its content; unchanged files (size and time) are not read again."""
    known = _known(lake)
    with ThreadPoolExecutor(2) as pool:
        members = list(pool.map(lambda dump: _identify(dump, known), dumps))
    settled = time.time_ns() - int(SETTLED_SECONDS * 1e9)
    fresh = {
        member.path: [member.size, member.modified, member.digest]
        for member in members
        if member.digest != NO_DIGEST and member.modified < settled
    }
    if remember and fresh != {path: known.get(path) for path in fresh}:
        write_whole(lake.known_dumps, _json({**known, **fresh}))
    return members


def _identify(dump: Dump, known: Mapping[str, Any]) -> Member:
    path = os.fspath(dump.path.absolute())
    size, modified = dump.size, dump.mtime_ns
    match known.get(path):
        case [known_size, known_modified, digest] if (known_size, known_modified) == (size, modified):
            pass
        case _:
            digest = _digest(Path(path))
    return Member(path, dump.source, size, modified, digest)


def _digest(path: Path) -> str:
    """sha256 of the content; a file that cannot be read is planned all the same, and its reader says what is wrong."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return NO_DIGEST


def _known(lake: Lake) -> dict[str, Any]:
    try:
        found = json.loads(lake.known_dumps.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _json(value: Any) -> bytes:
    """JSON in ASCII: unlike UTF-8 it can hold the names of files that are no text."""
    return json.dumps(value).encode("ascii")


def _cut(member: Member, options: Options) -> Iterator[Member]:
    """The parts of a dump: one where it is small or cannot be read in parts."""
    target = _target(member.size, LEAST_CUT, options)
    if member.size <= target or member.digest == NO_DIGEST:
        yield member
        return
    for part in ranges(Path(member.path), target, source_options(options)):
        yield replace(member, start=part.start, stop=part.stop, line=part.line)


def _target(size: int, least: int, options: Options) -> int:
    """Bytes of a shard: an eighth of the whole, so that workers share a small input, within bounds.

    Only what is read decides: the number of workers must not show in the files.
    """
    most = int(options.shard_mb * (1 << 20))
    return max(min(size // 8, most), min(least, most))


def _length(piece: Member) -> int:
    return (piece.size if piece.stop is None else piece.stop) - piece.start


def _group(pieces: Iterable[Member], target: int) -> Iterator[Shard]:
    """Neighbours together until they reach the target, in the order of the dumps."""
    group: list[Member] = []
    size = 0
    for piece in pieces:
        length = _length(piece)
        if group and (size + length > target or len(group) >= GROUP_FILES):
            yield _made(group)
            group, size = [], 0
        group.append(piece)
        size += length
    if group:
        yield _made(group)


def _trial(pieces: Sequence[Member], limit: int) -> list[Shard]:
    """A run over the first records only is one shard."""
    return [_made(pieces, limit)] if pieces else []


def _made(members: Sequence[Member], limit: int | None = None) -> Shard:
    held = [[member.source, member.digest, member.start, member.stop] for member in members]
    return Shard(fingerprint([held, limit]), tuple(members), limit)


def _again(entries: Mapping[str, Entry], members: Sequence[Member], options: Options) -> Iterator[Shard]:
    """Shards of the ledger that are to be done again and whose dumps are all here, as they were cut then."""
    here = {(member.source, member.digest): member for member in members}
    wanted = [entry for entry in entries.values() if _is_wanted(entry, options)]
    for entry in sorted(wanted, key=lambda entry: [(held.source, held.start) for held in entry.members]):
        found = [
            replace(here[held.source, held.digest], start=held.start, stop=held.stop, line=held.line)
            for held in entry.members
            if (held.source, held.digest) in here
        ]
        if len(found) == len(entry.members):
            yield Shard(entry.shard, tuple(found), entry.limit, entry.generation + 1)


def _is_wanted(entry: Entry, options: Options) -> bool:
    if options.retry:
        return bool(set(entry.reasons) & set(options.reasons or entry.reasons))
    return options.reprocess and entry.recipe != recipe(options.recipe())


def _shard(found: Mapping[str, Any]) -> Shard:
    members = tuple(Member(**member) for member in found["members"])
    return Shard(found["key"], members, found["limit"], found["generation"])
