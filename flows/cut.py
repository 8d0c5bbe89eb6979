"""Dumps → shards: large ones are cut, small ones put together, and a cut off last record stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from flows.config import FIELD_NAMES, Options
from flows.coverage import Gap
from flows.growth import edges, growing, line_at, whole_end
from flows.shard import Member, Shard
from flows.sources import SourceOptions, ranges
from flows.storage import location, remote
from flows.versions import fingerprint

GROUP_FILES = 500
LEAST_GROUP = 512 << 10
LEAST_CUT = 4 << 20
NO_DIGEST = "unreadable"


def source_options(options: Options) -> SourceOptions:
    """How readers are to read."""
    named = {name: getattr(options, f"field_{name}") for name in FIELD_NAMES}
    return SourceOptions(
        format=options.format,
        max_record_bytes=options.max_record_mb * 1_000_000,
        max_ratio=options.max_ratio,
        max_member_bytes=int(options.max_unpacked_gb * 2**30),
        max_depth=options.max_depth,
        **named,
    )


def cut(member: Member, gaps: Sequence[Gap], options: Options) -> Iterator[Member]:
    """The parts of a dump that are to be read: its gaps, cut where they are large and can be.

    A record that the end of the dump cuts off is a part of its own, if the dump could be gone on with.
    """
    if not gaps:
        return
    try:
        yield from _parts(member, gaps, options)
    except OSError:  # gone, or not to be read: its reader says so
        yield member


def group(pieces: Iterable[Member], options: Options) -> Iterator[Shard]:
    """Neighbours together until they reach the target, in the order of the dumps; then what is cut off, each alone."""
    whole = [piece for piece in pieces if not piece.partial]
    target = _target(sum(piece.length for piece in whole), LEAST_GROUP, options)
    together: list[Member] = []
    size = 0
    for piece in whole:
        if together and (size + piece.length > target or len(together) >= GROUP_FILES):
            yield made(together)
            together, size = [], 0
        together.append(piece)
        size += piece.length
    if together:
        yield made(together)
    yield from (made([piece]) for piece in pieces if piece.partial)


def made(members: Sequence[Member], limit: int | None = None) -> Shard:
    """A shard of these members; its key stands for what it holds."""
    held = [[member.source, member.digest, member.start, member.stop] for member in members]
    return Shard(fingerprint([held, limit]), tuple(members), limit)


def _parts(member: Member, gaps: Sequence[Gap], options: Options) -> Iterator[Member]:
    asked = source_options(options)
    path = location(member.path)
    if remote(path) is not None and member.size and member.digest != NO_DIGEST:
        # Objects are replaced, never gone on with; so nothing is read of one that is not cut.
        large = member.size > _target(member.size, LEAST_CUT, options)
        counted = large and growing(path, asked) == "jsonl"
        yield from (part for start, stop in gaps for part in _gap(member, start, stop, options, counted=counted))
        return
    kind = growing(path, asked) if member.digest != NO_DIGEST else None
    if kind is None or not member.size:
        yield member
        return
    counted = kind == "jsonl"
    member = replace(member, growing=kind, edges=edges(path, member.size))
    for start, stop in gaps:
        parts = list(_gap(member, start, stop, options, counted=counted))
        if stop < member.size:
            yield from parts
            continue
        *before, last = parts
        yield from before
        end = whole_end(path, kind, member.size, asked, last.start)
        if end > last.start:
            yield replace(last, stop=end if end < member.size else None)
        if end < member.size:
            line = line_at(path, end) if counted else 0
            yield replace(member, start=end, stop=None, line=line, partial=True)


def _gap(member: Member, start: int, stop: int, options: Options, *, counted: bool) -> Iterator[Member]:
    """A gap, cut where a part of it would be larger than the target. `counted`: its lines have numbers."""
    path = location(member.path)
    target = _target(stop - start, LEAST_CUT, options)
    found = ranges(path, target, source_options(options)) if stop - start > target else []
    inside = [part for part in found if start < part.start < stop]
    line = line_at(path, start) if counted and start else int(counted and bool(inside))
    stops = [*(part.start for part in inside), stop if stop < member.size else None]
    starts = [(start, line), *((part.start, part.line) for part in inside)]
    for (begin, number), end in zip(starts, stops, strict=True):
        yield replace(member, start=begin, stop=end, line=number)


def _target(size: int, least: int, options: Options) -> int:
    """Bytes of a shard: an eighth of the whole, so that workers share a small input, within bounds.

    Only what is read decides: the number of workers must not show in the files.
    """
    most = int(options.shard_mb * (1 << 20))
    return max(min(size // 8, most), min(least, most))
