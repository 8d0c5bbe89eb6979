"""Files that are there whole or not at all, whatever happens and whenever."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from flows.errors import DiskError


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step, replacing what is there; on disk when this returns."""
    aside = _write_aside(path, data)
    with disk_errors(path):
        aside.replace(path)
        sync_folder(path.parent)


def create_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step where nothing is yet; on disk when this returns. Raises FileExistsError."""
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
    """Move a finished file to its place, replacing the same file of an earlier try. The caller syncs the folder."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.replace(path)


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
