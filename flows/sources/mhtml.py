"""MHTML: a page with its pictures as a browser saves it, a mail of many parts. The page is the record."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import CloseBoundaryNotFoundDefect, MessageError, StartBoundaryNotFoundDefect
from email.message import Message
from email.utils import parsedate_to_datetime

from flows.sources.http import HTML_TYPES
from flows.sources.records import Format, Item, Place
from flows.sources.stream import Stream
from flows.sources.whole import read_whole

_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_TYPE = re.compile(rb"^content-type:\s*(?:multipart/related|text/html)", re.I | re.M)
_CUT = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)


def recognise(head: bytes) -> bool:
    """True for mail headers that announce a page and its parts."""
    header = _HEADER.match(head.lstrip())
    return (
        header is not None
        and re.search(rb"(?im)^mime-version:", header[0]) is not None
        and bool(_TYPE.search(header[0]))
    )


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """The page: the part that the header names as the start, else the first that is HTML."""
    payload = read_whole(stream, place)
    if not isinstance(payload, bytes):
        yield payload
        return
    try:
        message = email.message_from_bytes(payload.lstrip(), policy=email.policy.compat32)
        yield _page(message, place, payload)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        yield place.unreadable("", "corrupt", f"no readable MHTML: {error}", size=len(payload), head=payload)


def _page(message: Message, place: Place, payload: bytes) -> Item:
    parts = [part for part in message.walk() if part.get_content_type() in HTML_TYPES]
    start = message.get_param("start")
    page = next((part for part in parts if start and part.get("Content-ID") == start), parts[0] if parts else None)
    if page is None:
        return place.unreadable("", "not_text", "MHTML without an HTML part", size=len(payload), head=payload)
    body = page.get_payload(decode=True)
    if _is_cut(message, page):
        return place.unreadable("", "truncated", "the file ends inside the page", size=len(payload), head=payload)
    if not isinstance(body, bytes) or not body.strip():
        return place.unreadable("", "empty", "the HTML part is empty", size=len(payload), head=payload)
    url = message.get("Snapshot-Content-Location") or page.get("Content-Location") or ""
    url = "".join(str(url).split())
    charset = page.get_content_charset()
    return place.record("", body, "text/html", url=url or None, fetched=_date(message), charset=charset)


def _is_cut(message: Message, page: Message) -> bool:
    """True where the file ends before the boundary that closes the page's part."""
    cut = any(isinstance(defect, _CUT) for part in message.walk() for defect in part.defects)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    return cut and leaves[-1] is page


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date") or ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


FORMAT = Format("mhtml", read, recognise, suffixes=(".mhtml", ".mht"), rank=30)
