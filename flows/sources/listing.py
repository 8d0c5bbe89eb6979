"""Which dumps there are: files, folders and globs, in a fixed order, each once."""

from __future__ import annotations

import glob
import itertools
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from flows.addresses import of_lake, resolved
from flows.sources.address import escape
from flows.sources.remote import remote_files
from flows.storage import is_remote, location, remote

SIDECAR = ".expect.toml"
"""What stands beside a sample dump and says what must become of it."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A file to read. `source` is its address: relative to the input it was found under, unique in a list of dumps.

    `etag` names the version of an object in a store.
    """

    path: Path
    source: str
    size: int
    mtime_ns: int
    etag: str = ""


def list_dumps(inputs: Sequence[str], lake: str | None = None) -> list[Dump]:
    """The dumps under files, folders and glob patterns, in the order of the inputs, sorted within each.

    Folders are entered, hidden files and folders are not looked at, a folder that is met again through a link is
    entered once, and a file named by several inputs is one dump. What does not exist or may not be looked at is a dump
    of size 0: reading it says why. Dumps that would have one source get the names of the folders above in front.
    What a lake at `lake` wrote is none, where it lies under an input.
    """
    root = None if lake is None else resolved(lake)
    found = [pair for text in inputs for pair in (_remote(text) if is_remote(text) else _local(text))]
    first: dict[str, tuple[Path, Dump]] = {}
    for base, dump in found:
        name = os.path.realpath(dump.path) if remote(dump.path) is None else str(dump.path)
        if root is None or not of_lake(name, root):
            first.setdefault(name, (base, dump))
    return _with_unique_sources(list(first.values()))


def _local(text: str) -> Iterator[tuple[Path, Dump]]:
    return ((base, dump) for base, path in _expand(text) for dump in _under(base, path))


def _remote(text: str) -> Iterator[tuple[Path, Dump]]:
    for base, path, known in remote_files(text):
        if not path.name.endswith(SIDECAR):
            source = escape(path.relative_to(base).as_posix())
            yield location(str(base)), Dump(location(str(path)), source, known.st_size, known.st_mtime_ns, known.etag)


def _expand(text: str) -> list[tuple[Path, Path]]:
    """The paths that an input names, each with the folder that its sources are relative to.

    A path that exists is taken as it is, whatever signs it has in it.
    """
    path = Path(text)
    if os.path.lexists(path) or not glob.has_magic(text):
        return [(path if path.is_dir() else path.parent, path)]
    fixed = Path(*takewhile(lambda part: not glob.has_magic(part), path.parts))
    matches = sorted(glob.glob(text, recursive=True), key=os.fsencode)  # noqa: PTH207  # Path.glob takes no absolute pattern
    return [(fixed, Path(match)) for match in matches] or [(path.parent, path)]


def _under(base: Path, path: Path) -> Iterator[Dump]:
    """The dumps at a path that was asked for; one that does not exist is still one."""
    if os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises where a folder may not be searched
        files: Iterable[Path] = _walk(path, set())
    else:
        files = [path]
    for file in files:
        yield from _dump(file, file.relative_to(base).as_posix(), asked=file is path)


def _walk(folder: Path, entered: set[tuple[int, int]]) -> Iterator[Path]:
    """Every visible file below a folder. `entered` holds device and inode of the folders on the way, so loops end."""
    try:
        status = folder.stat()
        entries = sorted(folder.iterdir(), key=os.fsencode)
    except OSError:
        yield folder
        return
    if (identity := (status.st_dev, status.st_ino)) in entered:
        return
    entered.add(identity)
    for path in entries:
        if path.name.startswith("."):
            continue
        if os.path.isdir(path):  # noqa: PTH112  # as above
            yield from _walk(path, entered)
        else:
            yield path


def _dump(path: Path, source: str, *, asked: bool) -> Iterator[Dump]:
    """The file as a dump; pipes, sockets, devices, sidecars and links to nowhere are none."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        if asked or isinstance(error, PermissionError):
            yield Dump(path, escape(source), 0, 0)
        return
    if stat.S_ISDIR(status.st_mode):
        yield Dump(path, escape(source), 0, 0)
    elif stat.S_ISREG(status.st_mode) and not path.name.endswith(SIDECAR):
        yield Dump(path, escape(source), status.st_size, status.st_mtime_ns)


def _with_unique_sources(found: list[tuple[Path, Dump]]) -> list[Dump]:
    """Where several dumps would share a source, each gets as many folders in front as tell it from the others."""
    count = Counter(dump.source for _, dump in found)
    used = {source for source, times in count.items() if times == 1}
    result: list[Dump] = []
    for base, dump in found:
        source = dump.source if count[dump.source] == 1 else next(s for s in _longer(base, dump) if s not in used)
        used.add(source)
        result.append(replace(dump, source=source))
    return result


def _longer(base: Path, dump: Dump) -> Iterator[str]:
    """The source with one, two, ... folders in front, then with numbers behind."""
    above = [escape(part) for part in base.resolve().parts[1:]]
    for count in range(1, len(above) + 1):
        yield "/".join([*above[-count:], dump.source])
    yield from (f"{dump.source}#{number}" for number in itertools.count(2))
