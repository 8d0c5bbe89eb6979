"""Staged shards, set aside whole: in a folder of the lake, or, where the lake lies in a store, as objects.

    _staging/<name>/stage.json              of a lake on a disk: what was staged; written last, it stands for all of it
    _staging/<name>/*.arrow                 the parts
    _staging/<name>/staged.json             of a lake in a store: the same, and which try it stands for
    _staging/<name>/<try>/<chunk>.tar       the parts of a chunk, each packed: a request costs a store what 100 kB cost
    _staging/<name>/<try>/hashes.arrow.zst  what the search for repeats needs of them

In a store several machines may stage the same shard, each as a try of its own; the first staged.json counts
(`If-None-Match: *`). There the work itself is done in a temporary folder of the machine.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pyarrow as pa
import zstandard

from flows.errors import LakeError
from flows.lake.files import AT_ONCE, create_whole, disk_errors, make_folder, move_folder, sync_file, write_whole
from flows.lake.place import Lake
from flows.lake.staging import chunk_numbers, parts, read_hashes
from flows.scratch import new_scratch
from flows.storage import location, remote

DONE, DONE_THERE = "stage.json", "staged.json"
_HASHES = "hashes.arrow.zst"
_BUNDLE = ".tar"
_UNDER_WAY = 256 << 20  # bytes of parts, before packing, in the bundles that are packed and sent at the same time


@contextmanager
def workshop(lake: Lake, name: str) -> Iterator[Path]:
    """A new folder of this machine in which a shard is staged before it is set aside."""
    if remote(lake.root) is None:
        folder = lake.staging / f"{name}.{uuid4().hex[:8]}"
        make_folder(folder)
        yield folder
    else:
        with _scratch() as folder:
            yield folder


def set_aside(workshop: Path, lake: Lake, name: str, staged: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """Put what was staged in the workshop into the lake, with what is to be known of it; on disk when this returns.

    Gives back what counts, as `find_aside` does: of two tries the first. Raises LakeError where that has vanished.
    """
    folder = lake.staged(name)
    if remote(lake.root) is None:
        return _keep(workshop, lake, name, staged)
    attempt = folder / uuid4().hex[:8]
    _upload(workshop, attempt)
    try:
        create_whole(folder / DONE_THERE, orjson.dumps({**staged, "try": attempt.name}))
    except FileExistsError:  # another machine was first
        if (first := find_aside(lake, name)) is None:
            raise LakeError(f"{folder} was removed while the run was going on; run again") from None
        return first
    return attempt, staged


def find_aside(lake: Lake, name: str) -> tuple[Path, dict[str, Any]] | None:
    """Where the parts of a staged shard lie, and what is known of it; None where it is not staged."""
    folder = lake.staged(name)
    try:
        done = DONE if remote(lake.root) is None else DONE_THERE
        staged: dict[str, Any] = orjson.loads((folder / done).read_bytes())
    except FileNotFoundError:
        return None
    attempt = staged.pop("try", None)
    return (folder if attempt is None else folder / attempt), staged


@contextmanager
def fetched(folder: str) -> Iterator[Path]:
    """The parts of a staged shard in a folder of this machine."""
    place = location(folder)
    if remote(place) is None:
        yield place
        return
    with _scratch() as here:
        for path in place.glob(f"*{_BUNDLE}"):
            _unpack(path.read_bytes(), here)
        yield here


def staged_hashes(folder: Path) -> Iterator[pa.RecordBatch]:
    """What the search for repeats needs of each staged article, in the order of the records."""
    if remote(folder) is None:
        yield from read_hashes(folder)
        return
    yield from pa.ipc.open_stream(zstandard.ZstdDecompressor().decompress((folder / _HASHES).read_bytes()))


def _keep(workshop: Path, lake: Lake, name: str, staged: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """Make the workshop the staged folder of a lake on a disk; where a cluster ran a task twice, the first stays."""
    if (first := find_aside(lake, name)) is not None:
        shutil.rmtree(workshop)
        return first
    for path in parts(workshop):
        sync_file(path)
    write_whole(workshop / DONE, orjson.dumps(staged))
    move_folder(workshop, lake.staged(name))
    return lake.staged(name), staged


def _upload(workshop: Path, attempt: Path) -> None:
    """Put the parts and their hashes into a store, an object a chunk."""
    chunks = {f"{chunk:04d}{_BUNDLE}": sorted(workshop.glob(f"{chunk:04d}-*")) for chunk in chunk_numbers(workshop)}

    def put(name: str) -> None:
        with disk_errors(attempt / name):
            (attempt / name).write_bytes(_pack(chunks[name]) if name in chunks else _hashes(workshop))

    with ThreadPoolExecutor(_at_once(chunks.values())) as pool:
        list(pool.map(put, [_HASHES, *chunks]))


def _at_once(bundles: Iterable[Sequence[Path]]) -> int:
    """How many bundles to send at the same time: each is held in memory until the store has it."""
    largest = max((sum(path.stat().st_size for path in files) for files in bundles), default=0)
    return min(AT_ONCE, max(1, _UNDER_WAY // max(largest, 1)))


def _hashes(workshop: Path) -> bytes:
    batches = list(read_hashes(workshop))
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches[0].schema if batches else pa.schema([])) as stream:
        for batch in batches:
            stream.write_batch(batch)
    return zstandard.ZstdCompressor(level=1).compress(sink.getbuffer())


def _pack(files: Sequence[Path]) -> bytes:
    """Arrow files shrink to a quarter at 500 MB/s; without that staging would be most of the traffic."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as bundle:
        for path in files:
            data = zstandard.ZstdCompressor(level=1).compress(path.read_bytes())
            about = tarfile.TarInfo(path.name)
            about.size = len(data)
            bundle.addfile(about, io.BytesIO(data))
    return sink.getvalue()


def _unpack(data: bytes, folder: Path) -> None:
    with disk_errors(folder), tarfile.open(fileobj=io.BytesIO(data)) as bundle:
        for about in bundle:
            packed = bundle.extractfile(about)
            if packed is not None:
                (folder / Path(about.name).name).write_bytes(zstandard.ZstdDecompressor().decompress(packed.read()))


@contextmanager
def _scratch() -> Iterator[Path]:
    """A temporary folder, removed afterwards."""
    with disk_errors(Path(tempfile.gettempdir())):
        folder = new_scratch()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
