"""Sketches in the lake: `_near/<shard's name>.arrow`, a file a shard, with the links that were found when it came in.

A file is written before the shard's ledger entry and counts with it. It holds hashes, no text; it may be deleted at any
time when no run is going on, and is then made again from the articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flows.lake.files import write_whole
from flows.lake.ledger import Entry
from flows.lake.pieces import column_values
from flows.lake.place import Lake
from flows.near_sketch import BANDS, Sketch, pack, unpack, version
from flows.storage import remote
from flows.versions import fingerprint

Keys = npt.NDArray[np.uint64]
_SCHEMA = pa.schema([("id", pa.binary(16)), ("sketch", pa.binary())])


@dataclass(frozen=True, slots=True)
class Stored:
    """The sketches of a shard. `links` (m, 2) are pairs of near duplicates, None where they were not looked for."""

    name: str
    rows: pa.Table
    links: Keys | None

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def id(self, row: int) -> str:
        """The id of a text."""
        return bytes(self.rows["id"][row].as_py()).hex()

    def sketch(self, row: int) -> Sketch:
        """The sketch of a text; nothing is copied."""
        return unpack(memoryview(self.rows["sketch"][row].as_buffer()))

    def bands(self) -> npt.NDArray[np.uint32]:
        """The bands of all texts, (n, BANDS)."""
        found = [self.sketch(row).bands for row in range(len(self))]
        return np.stack(found) if found else np.zeros((0, BANDS), np.uint32)

    def keys(self) -> Keys:
        """The first 64 bits of each id: what links name texts by."""
        return np.array([int.from_bytes(value.as_py()[:8], "big") for value in self.rows["id"]], np.uint64)


def name_of(entry: Entry) -> str:
    """What the files of a shard are called."""
    return f"{entry.shard}-{fingerprint([entry.recipe, entry.generation])[:8]}"


def stored(name: str, texts: Iterable[tuple[str, bytes]]) -> Stored:
    """Sketches that are not in the lake yet, of (id, packed sketch)."""
    pairs = list(texts)
    ids = pa.array([bytes.fromhex(identity) for identity, _ in pairs], pa.binary(16))
    return Stored(name, pa.table([ids, pa.array([data for _, data in pairs], pa.binary())], _SCHEMA), None)


def write_stored(lake: Lake, found: Stored, links: Keys) -> Stored:
    """Put sketches and their links into the lake."""
    metadata = {b"version": version().encode(), b"links": links.astype(np.uint64).tobytes()}
    sink = pa.BufferOutputStream()
    rows = found.rows.combine_chunks().replace_schema_metadata(metadata)
    with pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows)
    write_whole(_path(lake, found.name), sink.getvalue().to_pybytes())
    return Stored(found.name, rows, links)


def read_stored(lake: Lake, entry: Entry) -> Stored:
    """The sketches of a shard; where they are not in the lake (or of another version) made from its articles."""
    path = _path(lake, name_of(entry))
    if path.is_file():
        rows = _read(path)
        metadata: Mapping[bytes, bytes] = rows.schema.metadata or {}
        if metadata.get(b"version") == version().encode():
            links = np.frombuffer(metadata[b"links"], np.uint64).reshape(-1, 2)
            return Stored(name_of(entry), rows, links)
    return stored(name_of(entry), _of_articles(lake, entry))


def drop_unlisted(lake: Lake, entries: Iterable[Entry]) -> None:
    """Remove the sketches of shards that the ledger does not know (any more)."""
    listed = {f"{name_of(entry)}.arrow" for entry in entries}
    for path in lake.near.glob("*.arrow"):
        if path.name not in listed:
            path.unlink(missing_ok=True)


def forget_sketches(lake: Lake, entry: Entry) -> None:
    """Have the links of a shard looked for again by the next run: others came in without being compared with it."""
    _path(lake, name_of(entry)).unlink(missing_ok=True)


def places(shards: Sequence[Stored], wanted: Keys) -> dict[int, int]:
    """The numbers of the texts with these keys, texts numbered through all shards; of several the first."""
    wanted = np.unique(wanted)
    found: dict[int, int] = {}
    first = 0
    for shard in shards if len(wanted) else ():
        keys = shard.keys()
        for row in np.flatnonzero(np.isin(keys, wanted)).tolist():
            found.setdefault(int(keys[row]), first + row)
        first += len(shard)
    return found


def _of_articles(lake: Lake, entry: Entry) -> Iterator[tuple[str, bytes]]:
    for file in entry.files:
        if file.path.startswith("articles/"):
            for columns in column_values(lake, file, ["id", "text"]):
                for identity, text in zip(columns["id"], columns["text"], strict=True):
                    sketch = pack(str(text))
                    if sketch is not None:
                        yield str(identity), sketch


def _path(lake: Lake, name: str) -> Path:
    return lake.near / f"{name}.arrow"


def _read(path: Path) -> pa.Table:
    """A file of sketches, mapped where it lies on a disk."""
    if remote(path) is not None:
        return pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all()
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()
