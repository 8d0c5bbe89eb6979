"""From a stream to its records: take compression off, find the format, read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flows.sources import compression
from flows.sources.compression import Codec, Inflated
from flows.sources.records import Format, Item, Place
from flows.sources.registry import HEAD, choose, registry
from flows.sources.stream import Stored, Stream
from flows.storage import announce

_BLANK = b" \t\r\n\f\v\xef\xbb\xbf"
ARCHIVES = frozenset({"zip", "tar"})


def read_stream(stream: Stream, place: Place) -> Iterator[Item]:
    """Every record of a stream, through compression and archives down to the depth that the options allow."""
    head = stream.peek(HEAD)
    while not head and (fault := stream.fault) and (lost := stream.where(stream.tell())) and stream.resume(b""):
        yield place.fault(lost, fault)
        head = stream.peek(HEAD)
    codec = compression.recognise(head)
    if not head.strip(_BLANK) and len(head) < HEAD:
        yield nothing(stream, place, head)
    elif codec is not None and place.depth >= place.options.max_depth:
        yield too_deep(place, head)
    elif codec is not None:
        yield from read_stream(_inflate(stream, codec, place), _under(codec, place))
    else:
        _seek(stream, place)
        yield from _format(head, place).read(stream, place)


def nothing(stream: Stream, place: Place, head: bytes) -> Item:
    """What a stream of no bytes, or of white space, comes to."""
    if stream.fault is not None:
        behind = place.within is not None and place.within.start > 0
        return place.fault(stream.where(stream.tell()) if behind else "", stream.fault, size=len(head), head=head)
    detail = "nothing but white space" if head else "no bytes"
    return place.unreadable("", "empty", detail, size=len(head), head=head)


def too_deep(place: Place, head: bytes) -> Item:
    """What lies under more layers than allowed."""
    detail = f"more than {place.options.max_depth} layers of compression and archives"
    return place.unreadable("", "nesting", detail, head=head)


def _inflate(stream: Stream, codec: Codec, place: Place) -> Stream:
    start = _seek(stream, place)
    return Stream(Inflated(stream, codec, place.options.max_ratio, place.options.max_member_bytes, start))


def _seek(stream: Stream, place: Place) -> int:
    """Go to where the range begins. Only a dump's own file has ranges, so the raw bytes below are a file."""
    start = place.within.start if place.within else 0
    if place.within is None or place.depth or not isinstance(stream.raw, Stored):
        return 0
    announce(stream.raw.file, place.within.stop)
    if start:
        stream.raw.file.seek(start)
        stream.raw.start = start
        stream.reset()
        return start
    return 0


def _under(codec: Codec, place: Place) -> Place:
    """The place inside a compressed stream. Compression is no step of an address: there is one thing inside."""
    return replace(place, name=compression.inner_name(place.name, codec), depth=place.depth + 1)


def _format(head: bytes, place: Place) -> Format:
    """The forced format for everything but archives, whose members it is meant for."""
    found = choose(head, place.name)
    forced = place.options.format
    return found if forced is None or found.name in ARCHIVES else registry()[forced]
