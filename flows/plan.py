"""plan: dumps → shards. What no ledger entry covers is cut into pieces of about half a minute of work.

A large dump becomes several shards, many small dumps become one. A shard's key stands for what it holds (sources,
digests of content, ranges), so the same input gives the same keys on every machine. The plan is written to the lake
before the first shard is begun, and a run that was interrupted goes on with it as it is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from flows.config import Options
from flows.coverage import Coverage
from flows.cut import NO_DIGEST, cut, group, made, source_options
from flows.growth import digest_of, edges
from flows.lake.bereft import bereft_shards
from flows.lake.files import write_whole
from flows.lake.ledger import Covered, Entry
from flows.lake.place import Lake
from flows.shard import Member, Shard
from flows.sources.listing import Dump, list_dumps
from flows.storage import location
from flows.versions import fingerprint, recipe

# A file changed less than this before it was read may change again within the clock's resolution.
SETTLED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to do, in order. `asked` stands for inputs, options and versions; another one is another plan."""

    asked: str
    shards: tuple[Shard, ...]
    dumps: int = 0
    known: int = 0


def make_plan(
    options: Options, lake: Lake, entries: Mapping[str, Entry], *, remember: bool = True, bereft: bool = False
) -> Plan:
    """List the inputs and cut what no entry covers into shards. Reads every new dump once, for its digest.

    The dumps go in the order of their sources, in whatever order the inputs were named. `remember` writes the digests
    down in the lake. Shards that are `bereft` (flows.lake.bereft) are done again in any case, or nothing else is.
    """
    members = identify(list_dumps(options.inputs, str(lake.root)), lake, remember=remember)
    distinct = sorted({(member.source, member.digest): member for member in members}.values(), key=_source)
    coverage = Coverage(entries, distinct, source_options(options))
    new = [] if options.retry or bereft else list(_new(distinct, coverage, options, entries))
    given_up = {key for shard in new for key in shard.supersedes}
    lost = bereft_shards(lake, entries, remember=remember) if options.limit is None else frozenset()
    wanted = [entry for key, entry in entries.items() if key in lost or (not bereft and _is_wanted(entry, options))]
    again = [shard for shard in _again(wanted, coverage) if shard.key not in given_up]
    known = sum(not coverage.gaps(member) for member in distinct)
    return Plan(asked(options), (*again, *new), len(members), known)


def asked(options: Options) -> str:
    """What stands for a request: two runs of the same one may share a plan."""
    return fingerprint(
        [
            sorted(options.inputs),
            options.limit,
            options.shard_mb,
            options.reprocess,
            options.retry,
            options.dedup,
            sorted(options.reasons),
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
    path = str(dump.path.absolute())
    size, modified = dump.size, dump.mtime_ns
    match known.get(path):
        case [known_size, known_modified, digest] if (known_size, known_modified) == (size, modified):
            pass
        case _:
            # An object of a store is known by its ETag: nothing of it is read.
            digest = f"etag:{dump.etag}" if dump.etag else _digest(location(path), size)
    return Member(path, dump.source, size, modified, digest)


def _digest(path: Path, size: int) -> str:
    """sha256 of the content; a file that cannot be read is planned all the same, and its reader says what is wrong."""
    try:
        return digest_of(path, size)
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


def _new(
    members: Sequence[Member], coverage: Coverage, options: Options, entries: Mapping[str, Entry]
) -> Iterator[Shard]:
    """Shards of what no entry covers. A trial run over the first records is one shard."""
    pieces = [
        replace(piece, after=coverage.after(member))
        for member in members
        for piece in cut(member, coverage.gaps(member), options)
    ]
    if options.limit is None:
        shards = list(group(pieces, options))
    else:
        shards = [] if _tried(pieces, options.limit, entries) else [made(pieces, options.limit)]
    for shard in shards:
        given_up = {key for piece in shard.members for key in coverage.given_up(piece)}
        yield replace(shard, supersedes=tuple(sorted(given_up)))


def _tried(pieces: Sequence[Member], limit: int, entries: Mapping[str, Entry]) -> bool:
    """Whether there is nothing to try: a trial run took the first so many of these records, or more, already."""
    held = [piece.covered for piece in pieces]
    trials = (entry for entry in entries.values() if (entry.limit or 0) >= limit)
    return not held or any(list(trial.members) == held[: len(trial.members)] for trial in trials)


def _again(wanted: Sequence[Entry], coverage: Coverage) -> Iterator[Shard]:
    """Shards that are to be done again and whose dumps are all here, as they were cut then."""
    for entry in sorted(wanted, key=lambda entry: [(held.source, held.start) for held in entry.members]):
        parts = [_part(member, held) for held in entry.members if (member := coverage.here(held)) is not None]
        if len(parts) == len(entry.members):
            yield Shard(entry.shard, tuple(parts), entry.limit, entry.generation + 1, entry.supersedes)


def _part(member: Member, held: Covered) -> Member:
    """A part of the ledger as it can be read now, of a dump that may have grown since."""
    grown = edges(location(member.path), held.size) if held.digest != member.digest else ""
    return replace(member, edges=grown, **{entry.name: getattr(held, entry.name) for entry in fields(held)})


def _is_wanted(entry: Entry, options: Options) -> bool:
    if options.retry:
        return bool(set(entry.reasons) & set(options.reasons or entry.reasons))
    return options.reprocess and entry.recipe != recipe(options.recipe())


def _source(member: Member) -> str:
    return member.source


def _shard(found: Mapping[str, Any]) -> Shard:
    members = tuple(Member(**member) for member in found["members"])
    return Shard(found["key"], members, found["limit"], found["generation"], tuple(found["supersedes"]), found["sites"])
