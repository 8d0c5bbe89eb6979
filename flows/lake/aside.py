"""Staged shards, set aside whole: in a folder of the lake, or, where the lake lies in a store, as objects.

    _staging/<name>/stage.json             what was staged; written last, so that it stands for all of it
    _staging/<name>/*.arrow                the parts, of a lake on a disk
    _staging/<name>/<try>/*.arrow.zst      the parts of the try that stage.json names, of a lake in a store, and
    _staging/<name>/<try>/hashes.arrow.zst what the search for repeats needs of them

In a store several machines may stage the same shard, each as a try of its own; the first stage.json counts
(`If-None-Match: *`). There the work itself is done in a temporary folder of the machine.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pyarrow as pa
import zstandard

from flows.lake.files import AT_ONCE, create_whole, disk_errors, make_folder, move_folder, sync_file, write_whole
from flows.lake.place import Lake
from flows.lake.staging import parts, read_hashes
from flows.storage import location, remote

DONE = "stage.json"
_HASHES = "hashes.arrow"
_PACKED = ".zst"
_SCRATCH = re.compile(r"winnow-(\d+)-.+")


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


def set_aside(workshop: Path, lake: Lake, name: str, staged: dict[str, Any]) -> None:
    """Put what was staged in the workshop into the lake, with what is to be known of it; on disk when this returns."""
    folder = lake.staged(name)
    if remote(lake.root) is None:
        if (folder / DONE).is_file():  # a task that a cluster ran twice
            shutil.rmtree(workshop)
            return
        for path in parts(workshop):
            sync_file(path)
        write_whole(workshop / DONE, orjson.dumps(staged))
        move_folder(workshop, folder)
        return
    attempt = uuid4().hex[:8]
    _write_hashes(workshop)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda path: _pack(path, folder / attempt / f"{path.name}{_PACKED}"), parts(workshop)))
    with suppress(FileExistsError):  # another machine was first
        create_whole(folder / DONE, orjson.dumps({**staged, "try": attempt}))


def find_aside(lake: Lake, name: str) -> tuple[Path, dict[str, Any]] | None:
    """Where the parts of a staged shard lie, and what is known of it; None where it is not staged."""
    folder = lake.staged(name)
    try:
        staged: dict[str, Any] = orjson.loads((folder / DONE).read_bytes())
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
    with _scratch() as here, ThreadPoolExecutor(AT_ONCE) as pool:
        packed = [path for path in place.glob(f"*{_PACKED}") if path.name != _HASHES + _PACKED]
        list(pool.map(lambda path: _unpack(path, here), packed))
        yield here


def staged_hashes(folder: Path) -> Iterator[pa.RecordBatch]:
    """What the search for repeats needs of each staged article, in the order of the records."""
    if remote(folder) is None:
        yield from read_hashes(folder)
        return
    data = zstandard.ZstdDecompressor().decompress((folder / f"{_HASHES}{_PACKED}").read_bytes())
    yield from pa.ipc.open_stream(data)


def _write_hashes(workshop: Path) -> None:
    batches = list(read_hashes(workshop))
    found = batches[0].schema if batches else pa.schema([])
    path = workshop / _HASHES
    with disk_errors(path), pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, found) as stream:
        for batch in batches:
            stream.write_batch(batch)


def _pack(path: Path, place: Path) -> None:
    """Arrow files shrink to a quarter at 500 MB/s; without that staging would be most of the traffic."""
    with disk_errors(place):
        place.write_bytes(zstandard.ZstdCompressor(level=1).compress(path.read_bytes()))


def _unpack(place: Path, folder: Path) -> None:
    with disk_errors(folder):
        data = zstandard.ZstdDecompressor().decompress(place.read_bytes())
        (folder / place.name.removesuffix(_PACKED)).write_bytes(data)


@contextmanager
def _scratch() -> Iterator[Path]:
    """A temporary folder, removed afterwards; those of processes that were killed are removed too."""
    for left in Path(tempfile.gettempdir()).glob("winnow-*"):
        owner = _SCRATCH.fullmatch(left.name)
        if owner is not None and not Path(f"/proc/{owner[1]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    with disk_errors(Path(tempfile.gettempdir())):
        folder = Path(tempfile.mkdtemp(prefix=f"winnow-{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
