"""WARC and WET: `response`, `resource` and `conversion` records, as files of Common Crawl and of crawlers hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flows.sources.frames import MAGIC, Frame, read_frames
from flows.sources.http import Answer, Refused, document, read_answer
from flows.sources.records import Format, Item, Place
from flows.sources.stream import Stream
from flows.sources.times import moment

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_NO_CONTENT = frozenset({"warcinfo", "request", "metadata"})
"""Records about the crawl. Nobody misses a page in them, so they are counted nowhere."""


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """A record of content or an `Unreadable` a WARC record; records about the crawl are passed over."""
    stop = place.within.stop if place.within else None
    for frame in read_frames(stream, place.options.max_record_bytes, stop):
        if not place.wants(frame.position):
            continue
        if frame.reason is not None:
            head = frame.header + frame.body[:256]
            yield place.unreadable(frame.position, frame.reason, frame.detail, size=frame.size, head=head)
        else:
            yield from _read_record(frame, place)


def _read_record(frame: Frame, place: Place) -> Iterator[Item]:
    from fastwarc.warc import WarcRecord

    try:
        record = WarcRecord.from_bytes(frame.header + frame.body)
    except (OSError, ValueError) as error:
        yield _refuse(frame, place, Refused("bad_record", f"its header cannot be read: {str(error)[:200]}"))
        return
    name = (record.headers.get("WARC-Type") or "").strip().lower()
    if name in _NO_CONTENT or _is_lookup(record):
        return
    found = _content(name, record, frame, place)
    yield _refuse(frame, place, found) if isinstance(found, Refused) else _accept(frame, place, record, found)


def _is_lookup(record: WarcRecord) -> bool:
    """True for the answer of a name server, which crawlers file as a response."""
    content_type = record.headers.get("Content-Type") or ""
    return content_type.startswith("text/dns") or (record.headers.get("WARC-Target-URI") or "").startswith("dns:")


def _content(name: str, record: WarcRecord, frame: Frame, place: Place) -> Answer | Refused:
    content_type = record.headers.get("Content-Type") or ""
    if name == "continuation" or record.headers.get("WARC-Segment-Number"):
        return Refused("segmented", "the record is one segment of several")
    if name == "revisit":
        return Refused(
            "revisit", f"the same as {record.headers.get('WARC-Refers-To-Target-URI') or 'an earlier record'}"
        )
    if name == "response" and (content_type.startswith("application/http") or frame.body.startswith(b"HTTP/")):
        return read_answer(frame.body, place.options.max_record_bytes, place.options.max_ratio)
    if name in ("response", "resource", "conversion"):
        return document(frame.body, content_type)
    return Refused("bad_record", f"a record of the type {name[:100] or '(none)'}")


def _accept(frame: Frame, place: Place, record: WarcRecord, answer: Answer) -> Item:
    language = record.headers.get("WARC-Identified-Content-Language")
    return place.record(
        frame.position,
        answer.body,
        answer.media_type,
        url=(record.headers.get("WARC-Target-URI") or "").strip(" <>") or None,
        fetched=moment(record.headers.get("WARC-Date") or ""),
        charset=answer.charset,
        metadata={"language": language.partition(",")[0]} if language else None,
    )


def _refuse(frame: Frame, place: Place, refused: Refused) -> Item:
    """The head shows the body, not the WARC header: that is what a person wants to see."""
    return place.unreadable(frame.position, refused.reason, refused.detail, size=frame.size, head=frame.body)


FORMAT = Format("warc", read, lambda head: head.startswith(MAGIC), suffixes=(".warc", ".wet"), rank=10)
