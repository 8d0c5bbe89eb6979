"""Files that are there whole or not at all, whatever happens and whenever: on a disk, or as objects of a store.

A store shows an object when all of it has arrived, so nothing is written aside there, nothing renamed, nothing flushed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from flows.errors import DiskError
from flows.storage import RemotePath, remote

Item = TypeVar("Item")
Answer = TypeVar("Answer")
AT_ONCE = 16
"""Requests to a store at the same time: one takes 20 to 100 ms, nearly all of it waiting."""


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step, replacing what is there; on disk when this returns."""
    if (there := remote(path)) is not None:
        with disk_errors(path):
            there.write_bytes(data)
        return
    aside = _write_aside(path, data)
    with disk_errors(path):
        aside.replace(path)
        sync_folder(path.parent)


def create_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step where nothing is yet; on disk when this returns. Raises FileExistsError."""
    if (there := remote(path)) is not None:
        _create(there, data)
        return
    aside = _write_aside(path, data)
    taken = False
    with disk_errors(path):
        try:
            os.link(aside, path)
        except FileExistsError:
            taken = True
        aside.unlink()
        sync_folder(path.parent)
    if taken:
        raise FileExistsError(path)


def move_whole(aside: Path, path: Path) -> None:
    """Move a finished file to its place, replacing the same file of an earlier try. The caller syncs the folder.

    In a store nothing is replaced: what lies at `path` must be the same bytes. Raises DiskError where it is not.
    """
    if (there := remote(path)) is not None:
        try:
            _create(there, aside.read_bytes())
        except FileExistsError as error:
            raise DiskError(
                f"{path} holds something else, of a run that was given up. Run the same command again"
            ) from error
        aside.unlink()
        return
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.replace(path)


def move_all(folder: Path, root: Path, names: Iterable[str]) -> None:
    """Move the finished files `names` from a folder to under `root`; on disk, with their folders, when this returns."""
    names = list(names)
    for _ in each(root, lambda name: move_whole(folder / name, root / name), names):
        pass
    if remote(root) is not None:
        return
    folders = {(root / name).parent for name in names}
    above = {parent for inner in folders for parent in inner.parents if root in parent.parents}
    for inner in sorted(folders | above | {root}):
        with disk_errors(inner):
            sync_folder(inner)


def read_all(paths: Iterable[Path]) -> list[bytes]:
    """The bytes of each file, in order; many requests at a time where they lie in a store."""
    paths = list(paths)
    return list(each(paths[0], lambda path: path.read_bytes(), paths)) if paths else []


def each(place: Path, do: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
    """What `do` makes of each item, in order; at `place`s in a store many at a time, for they wait for answers."""
    if remote(place) is None:
        yield from map(do, items)
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(do, items)


def remove_tree(folder: Path) -> None:
    """Remove a folder and what is in it, as far as that goes."""
    if (there := remote(folder)) is not None:
        there.remove_tree()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def move_folder(aside: Path, path: Path) -> None:
    """Move a finished folder to its place, instead of what may lie there; on disk when this returns."""
    with disk_errors(path):
        shutil.rmtree(path, ignore_errors=True)
        aside.rename(path)
        sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it."""
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)


def sync_file(path: Path) -> None:
    """Flush a file to the disk."""
    with disk_errors(path), path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the disk says while writing `path` into a DiskError that says what to do."""
    try:
        yield
    except OSError as error:
        if remote(path) is not None:
            raise DiskError(
                f"cannot write {path}: {error}. Check the bucket, the credentials and the endpoint, then run the same "
                "command again: it goes on where it stopped"
            ) from error
        raise DiskError(
            f"cannot write {path}: {error.strerror or error}. Free space or fix the permissions, then run the same "
            "command again: it goes on where it stopped"
        ) from error


def _write_aside(path: Path, data: bytes) -> Path:
    aside = path.parent / f".{path.name}.{uuid4().hex[:8]}"
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    return aside


def _create(path: RemotePath, data: bytes) -> None:
    try:
        path.create_bytes(data)
    except FileExistsError:
        raise
    except OSError as error:
        raise DiskError(f"cannot write {error}. Run the same command again: it goes on where it stopped") from error
