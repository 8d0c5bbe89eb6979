"""Reading a file that is one document."""

from __future__ import annotations

from cleaners.document import MediaType
from flows.sources.records import Item, Place
from flows.sources.stream import Stream


def read_whole(stream: Stream, place: Place) -> bytes | Item:
    """All bytes of a stream, or why they are not a document: broken off, too many, nothing but white space."""
    limit = place.options.max_record_bytes
    payload = stream.read(limit + 1)
    if len(payload) > limit:
        size = len(payload) + stream.skip(place.options.max_member_bytes)
        return place.unreadable("", "too_large", f"{size:,} bytes, {limit:,} are allowed", size=size, head=payload)
    if stream.fault is not None:
        return place.fault("", stream.fault, size=len(payload), head=payload)
    if not payload.strip(b"\0 \t\r\n\f\v\xef\xbb\xbf"):
        return place.unreadable("", "empty", "nothing but white space", size=len(payload), head=payload)
    return payload


def read_document(stream: Stream, place: Place, media_type: MediaType) -> Item:
    """The stream as one record."""
    payload = read_whole(stream, place)
    return place.record("", payload, media_type) if isinstance(payload, bytes) else payload
