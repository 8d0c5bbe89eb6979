"""RemotePath: an object of a store under a name that can be asked what a pathlib.Path can be asked."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, cast

from flows.storage.ranged import RangeFile
from flows.storage.stores import SCHEMES, open_store, store_errors

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_ADDRESS = re.compile(rf"({'|'.join(SCHEMES)})://([^/]+)/?(.*)", re.S)


@dataclass(frozen=True, slots=True)
class RemoteStat:
    """What a store knows of an object. The part of `st_mtime_ns` below a second stands for the ETag.

    Stores tell times in seconds; so what was replaced within one still shows as changed.
    """

    st_size: int
    st_mtime_ns: int
    etag: str


@dataclass(frozen=True, slots=True, order=True)
class RemotePath:
    """`scheme://bucket/key`. Folders are what keys have in common up to a slash: they come and go with the objects.

    Raises OSError, and its FileNotFoundError, FileExistsError and PermissionError, as a Path does.
    """

    scheme: str
    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> RemotePath:
        """The path of an address. Raises ValueError where it is none.

        >>> str(RemotePath.parse("s3://news/2024/") / "a.warc.gz")
        's3://news/2024/a.warc.gz'
        """
        found = _ADDRESS.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no address of an object: they are written s3://bucket/key")
        return cls(found[1], found[2], found[3].strip("/"))

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.key}".rstrip("/")

    def __truediv__(self, more: str | PurePath) -> RemotePath:
        added = more.as_posix() if isinstance(more, PurePath) else more.strip("/")
        return replace(self, key=f"{self.key}/{added}".strip("/"))

    def as_posix(self) -> str:
        """The address."""
        return str(self)

    def absolute(self) -> RemotePath:
        """The path itself: there are no others."""
        return self

    def resolve(self) -> RemotePath:
        """The path itself: there are no links."""
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """Scheme, bucket and the parts of the key."""
        return (f"{self.scheme}:", self.bucket, *self.key.split("/"))

    @property
    def name(self) -> str:
        """Behind the last slash."""
        return self.key.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without what stands behind its last point."""
        return Path(self.name).stem

    @property
    def suffix(self) -> str:
        """The last point of the name and what stands behind it."""
        return Path(self.name).suffix

    @property
    def parent(self) -> RemotePath:
        """The folder around it."""
        return replace(self, key=self.key.rpartition("/")[0])

    def with_name(self, name: str) -> RemotePath:
        """Another one in the same folder."""
        return self.parent / name

    def relative_to(self, folder: RemotePath) -> Path:
        """The way from a folder, as a relative path. Raises ValueError where there is none."""
        if folder.key and not f"{self.key}/".startswith(f"{folder.key}/"):
            raise ValueError(f"{self} does not lie under {folder}")
        return Path(self.key[len(folder.key) :].strip("/"))

    def stat(self) -> RemoteStat:
        """Size, time and version, in one request."""
        import obstore

        with store_errors(str(self)):
            return _stat(obstore.head(self._store, self.key))

    def is_file(self) -> bool:
        """Whether there is an object."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        """Whether there are objects below."""
        return next(self._list(self._prefix, 1), None) is not None

    def exists(self) -> bool:
        """Whether there is something, or something below."""
        return self.is_file() or self.is_dir()

    def read_bytes(self) -> bytes:
        """The whole object."""
        import obstore

        with store_errors(str(self)):
            return bytes(obstore.get(self._store, self.key).bytes())

    def read_text(self, encoding: str = "utf-8") -> str:
        """The whole object as text."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, data: bytes) -> int:
        """Put the object, whole or not at all, in place of what is there."""
        self._put(data, "overwrite")
        return len(data)

    def create_bytes(self, data: bytes) -> None:
        """Put the object where there is none (`If-None-Match: *`). Raises FileExistsError.

        A request that is repeated after a lost answer may meet its own first try: the same bytes count as ours.
        """
        try:
            self._put(data, "create")
        except FileExistsError:
            if self.read_bytes() != data:
                raise

    def open(self, mode: str = "rb", buffering: int = -1) -> BinaryIO:
        """The object as a file to read, in ranges, forwards and backwards. Raises ValueError for other modes."""
        if mode != "rb":
            raise ValueError("objects are opened to be read, and written whole")
        return cast(BinaryIO, io.BufferedReader(RangeFile(self._store, self.key, str(self)), 1 << 16))

    def unlink(self, missing_ok: bool = False) -> None:
        """Delete the object; stores do not tell whether it was there."""
        import obstore

        with store_errors(str(self)):
            obstore.delete(self._store, self.key)

    def remove_tree(self) -> None:
        """Delete everything below."""
        import obstore

        if keys := [path.key for path, _ in self.walk()]:
            with store_errors(str(self)):
                obstore.delete(self._store, keys)

    def mkdir(self, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: folders come with their objects."""

    def rmdir(self) -> None:
        """Nothing: folders go with their objects."""

    def walk(self) -> Iterator[tuple[RemotePath, RemoteStat]]:
        """Every object below with what is known of it, sorted by key; a thousand a request."""
        found = sorted(self._list(self._prefix), key=lambda meta: str(meta["path"]))
        yield from ((replace(self, key=meta["path"]), _stat(meta)) for meta in found)

    def iterdir(self) -> Iterator[RemotePath]:
        """Objects and folders right below, sorted."""
        import obstore

        with store_errors(str(self)):
            found = obstore.list_with_delimiter(self._store, self._prefix or None)
        keys = [*found["common_prefixes"], *(meta["path"] for meta in found["objects"])]
        yield from (replace(self, key=key.strip("/")) for key in sorted(keys))

    def glob(self, pattern: str) -> Iterator[RemotePath]:
        """What lies below and matches, name by name; `pattern` says how deep."""
        wanted = pattern.split("/")
        if len(wanted) == 1:
            yield from (path for path in self.iterdir() if fnmatchcase(path.name, pattern))
            return
        for path, _ in self.walk():
            names = path.relative_to(self).parts
            if len(names) == len(wanted) and all(map(fnmatchcase, names, wanted)):
                yield path

    def rglob(self, pattern: str) -> Iterator[RemotePath]:
        """Objects anywhere below whose names match."""
        yield from (path for path, _ in self.walk() if fnmatchcase(path.name, pattern))

    @property
    def _store(self) -> ObjectStore:
        return open_store(self.scheme, self.bucket)

    @property
    def _prefix(self) -> str:
        return f"{self.key}/" if self.key else ""

    def _put(self, data: bytes, mode: Literal["create", "overwrite"]) -> None:
        import obstore

        with store_errors(str(self)):
            obstore.put(self._store, self.key, data, mode=mode, use_multipart=False)

    def _list(self, prefix: str, chunk: int = 1_000) -> Iterator[Any]:
        import obstore

        with store_errors(str(self)):
            batches: Iterable[Any] = obstore.list(self._store, prefix or None, chunk_size=chunk)
            for batch in batches:
                yield from batch


def is_remote(text: str) -> bool:
    """Whether a text is an address in an object store.

    >>> is_remote("s3://news/dumps"), is_remote("dumps/s3")
    (True, False)
    """
    return text.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def location(text: str) -> Path:
    """The path that a text names.

    The address of an object gives a RemotePath; to the type checker it is a Path, since it answers what is asked of
    one here, and raises AttributeError where it has no answer.
    """
    return cast(Path, RemotePath.parse(text)) if is_remote(text) else Path(text)


def remote(path: Path) -> RemotePath | None:
    """The path where it lies in an object store, None where it is one of this machine."""
    found: object = path
    return found if isinstance(found, RemotePath) else None


def _stat(meta: Any) -> RemoteStat:
    moment: datetime = meta["last_modified"]
    etag = (meta["e_tag"] or "").strip('"')
    return RemoteStat(
        meta["size"], int(moment.timestamp()) * 1_000_000_000 + zlib.crc32(etag.encode()) % 1_000_000_000, etag
    )
