"""Which dumps an address in an object store names: an object, a folder of them, or a pattern.

The order, the names and what is left out are those of folders on a disk, so that the same dumps make the same lake.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile

from flows.errors import ConfigError
from flows.storage import RemotePath
from flows.storage.paths import RemoteStat

_NOTHING = RemoteStat(0, 0, "")


def remote_files(address: str) -> Iterator[tuple[RemotePath, RemotePath, RemoteStat]]:
    """Each object with the folder that its source is relative to, and what the store knows of it.

    An address where nothing is gives itself, of size 0: reading it says why. Raises ConfigError where the store does
    not answer.
    """
    path = RemotePath.parse(address)
    try:
        yield from _files(path)
    except OSError as error:
        raise ConfigError(
            f"cannot list {address}: {error}. Check the bucket, the credentials and the endpoint"
        ) from error


def _files(path: RemotePath) -> Iterator[tuple[RemotePath, RemotePath, RemoteStat]]:
    if path.key and path.is_file():
        yield path.parent, path, path.stat()
    elif path.is_dir() or not glob.has_magic(path.key):
        yield from _under(path, []) if path.is_dir() else [(path.parent, path, _NOTHING)]
    else:
        parts = path.key.split("/")
        fixed = list(takewhile(lambda part: not glob.has_magic(part), parts))
        base = RemotePath(path.scheme, path.bucket, "/".join(fixed))
        found = list(_under(base, parts[len(fixed) :]))
        yield from found or [(path.parent, path, _NOTHING)]


def _under(base: RemotePath, pattern: Sequence[str]) -> Iterator[tuple[RemotePath, RemotePath, RemoteStat]]:
    """Visible objects below whose way from the folder matches; keys that are folders of others are no objects."""
    found = sorted(base.walk(), key=lambda item: [os.fsencode(part) for part in item[0].key.split("/")])
    folders = {path.parent.key for path, _ in found}
    for path, stat in found:
        if _matches(path.relative_to(base).as_posix().split("/"), pattern) and (
            stat.st_size or path.key not in folders
        ):
            yield base, path, stat


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a way begins with what the pattern says, and goes on through nothing hidden."""
    if not pattern:
        return not any(part.startswith(".") for part in parts)
    if pattern[0] == "**":
        return _matches(parts, pattern[1:]) or (
            bool(parts) and not _hidden(parts[0], "*") and _matches(parts[1:], pattern)
        )
    return (
        bool(parts)
        and not _hidden(parts[0], pattern[0])
        and fnmatchcase(parts[0], pattern[0])
        and _matches(parts[1:], pattern[1:])
    )


def _hidden(part: str, pattern: str) -> bool:
    """Hidden names have to be asked for."""
    return part.startswith(".") and not pattern.startswith(".")
