"""Small files of a partition become large ones. Rows stay what they are, and whose they are.

For each large file its small ones are written into it one after the other, and all entries that list them change in one
step. A crash leaves the old files or the new one listed, never both; what is not listed is swept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flows.lake.ledger import Entry, LakeFile, enter_together
from flows.lake.pieces import Shared, open_parquet, shared_files
from flows.lake.place import Lake
from flows.lake.replaced import retire_files
from flows.lake.rewrite import Kept, rewrite, with_files

LEAST_BYTES = 128 << 20
TARGET_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Compacted:
    """Files and bytes that went into larger ones, and what came out."""

    files_before: int = 0
    bytes_before: int = 0
    files_after: int = 0
    bytes_after: int = 0


def compact(
    lake: Lake, entries: dict[str, Entry], target_bytes: int = TARGET_BYTES, least_bytes: int = LEAST_BYTES
) -> Compacted:
    """Bring together files of less than `least_bytes` until they reach `target_bytes`. Keeps `entries` up to date.

    For who holds the lake's lock. A partition that has one small file is left as it is, so that a second run finds
    nothing to do. The old files are noted as replaced and stay where they are.
    """
    total = Compacted()
    for group in list(_groups(shared_files(entries.values()).values(), target_bytes, least_bytes)):
        made = _bring_together(lake, entries, group)
        total = Compacted(
            total.files_before + len(group),
            total.bytes_before + sum(shared.file.bytes for shared in group),
            total.files_after + len({file.path for _, file in made}),
            total.bytes_after + sum({file.path: file.bytes for _, file in made}.values()),
        )
    return total


def mend(lake: Lake, entries: dict[str, Entry]) -> int:
    """Write anew those shared files in which rows stand that no entry counts any more; how many there were.

    They come about when one of the shards of a large file is done again. Keeps `entries` up to date.
    """
    torn = [shared for shared in shared_files(entries.values()).values() if _is_torn(lake, shared)]
    for shared in torn:
        _bring_together(lake, entries, [shared])
    return len(torn)


def _is_torn(lake: Lake, shared: Shared) -> bool:
    name = shared.path.rpartition("/")[2]
    if all(name.startswith(shard) for shard, _ in shared.pieces):
        return False  # a shard's own file: all of it or nothing
    with open_parquet(lake, shared.path) as parquet:
        return bool(parquet.metadata.num_rows != shared.file.rows)


def _groups(files: Iterable[Shared], target: int, least: int) -> Iterator[list[Shared]]:
    """Small files of one folder that become one; a remainder of a single file is left."""
    folders: defaultdict[str, list[Shared]] = defaultdict(list)
    for shared in files:
        if shared.file.bytes < least:
            folders[shared.folder].append(shared)
    for folder in sorted(folders):
        group: list[Shared] = []
        for shared in folders[folder]:
            group.append(shared)
            if sum(member.file.bytes for member in group) >= target:
                yield group
                group = []
        if len(group) > 1:
            yield group


def _bring_together(lake: Lake, entries: dict[str, Entry], group: Sequence[Shared]) -> list[tuple[str, LakeFile]]:
    old = {shared.path for shared in group}
    made = rewrite(lake, [Kept(shard, piece) for shared in group for shard, piece in shared.pieces])
    changed = _relisted(entries, {shard for shared in group for shard, _ in shared.pieces}, old, made)
    retire_files(lake, made[0][1].path.rpartition("/")[2].removesuffix(".parquet"), old)
    enter_together(lake, changed)
    entries.update((entry.shard, entry) for entry in changed)
    return made


def _relisted(
    entries: Mapping[str, Entry], shards: Iterable[str], old: Iterable[str], made: Sequence[tuple[str, LakeFile]]
) -> list[Entry]:
    """The entries of some shards with the new files instead of the old."""
    new: defaultdict[str, list[LakeFile]] = defaultdict(list)
    for shard, file in made:
        new[shard].append(file)
    return [with_files(entries[shard], old, new[shard]) for shard in sorted(shards)]
