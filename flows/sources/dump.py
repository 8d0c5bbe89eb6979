"""Open a dump, read its records, find one again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from flows.sources import address
from flows.sources.errors import Reason
from flows.sources.records import Item, Place, Range, SourceOptions, Unreadable
from flows.sources.stream import Stored, Stream
from flows.sources.unpack import read_stream


def open_dump(
    path: Path,
    *,
    source: str,
    options: SourceOptions | None = None,
    within: Range | None = None,
    file: BinaryIO | None = None,
) -> Iterator[Item]:
    """Every record of a dump, in its order, and an `Unreadable` for each that is no readable text.

    `within` limits it to one of the dump's `ranges`. `file` is the dump where it is open already, at its beginning; it
    is closed at the end of the records. Never raises for bad data; a file that is missing or may not be
    read is one `Unreadable`.
    """
    place = Place(source, path.name, options or SourceOptions(), within=within)
    if file is None:
        yield from _open(path, place)
        return
    with file:
        yield from _read(file, place)


def read_file(file: BinaryIO, *, source: str, name: str, options: SourceOptions | None = None) -> Iterator[Item]:
    """As `open_dump`, from a binary file object that stands at its beginning. `name` is a hint at the format."""
    yield from _read(file, Place(source, name, options or SourceOptions()))


def fetch(path: Path, source: str, position: str, options: SourceOptions | None = None) -> Item:
    """The record at an address, read again; `not_found` where the dump no longer has it.

    An `offset` is gone to at once. Other addresses are found by reading up to them, without parsing what lies before.
    """
    asked = options or SourceOptions()
    first = next(iter(address.split(position)), ("", ""))
    if first[0] == "offset" and first[1].isdigit():
        start = int(first[1])
        at_once = Place(source, path.name, asked, wanted=position, within=Range(start, start + 1))
        found = next((item for item in _open(path, at_once) if item.position == position), None)
        if found is not None:
            return found
    place = Place(source, path.name, asked, wanted=position)
    # A file that cannot be opened at all says so at the empty position.
    found = next((item for item in _open(path, place) if item.position in (position, "")), None)
    return found or Unreadable(source, position, "not_found", "the dump has no record at this address any more")


def _open(path: Path, place: Place) -> Iterator[Item]:
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        yield place.unreadable("", *_why_closed(error))
        return
    with file:
        yield from _read(file, place)


def _read(file: BinaryIO, place: Place) -> Iterator[Item]:
    yield from read_stream(Stream(Stored(file)), place)


def _why_closed(error: OSError) -> tuple[Reason, str]:
    if isinstance(error, FileNotFoundError):
        return "missing_file", "the file is not there any more"
    if isinstance(error, IsADirectoryError):
        return "not_a_file", "this is a folder"
    return "unreadable_file", f"the file may not be read: {error.strerror or error}"
