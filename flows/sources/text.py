"""Plain text: one file, one document. Whatever nothing else recognises is read as text."""

from __future__ import annotations

from collections.abc import Iterator

from flows.sources.records import Format, Item, Place
from flows.sources.stream import Stream
from flows.sources.whole import read_document


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """One record, its payload the bytes as they are."""
    yield read_document(stream, place, "text/plain")


FORMAT = Format("text", read, recognise=lambda head: False, suffixes=(".txt", ".text", ".md"), rank=90)
