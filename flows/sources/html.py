"""HTML and XHTML: one file, one document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.records import Format, Item, Place
from flows.sources.stream import Stream
from flows.sources.whole import read_document

# What may stand before the first tag: byte order mark, white space, comments, an XML declaration, a doctype.
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s++|<!--.*?-->|<\?xml[^>]*+>|<\?xml-[^>]*+>)*+", re.S)
_FIRST_TAG = re.compile(
    rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|base|script|style|noscript|div|main|article|section|header"
    rb"|nav|p|h[1-6]|table|ul|ol|span|center|figure)(?=[\s/>]))",
    re.I,
)


def recognise(head: bytes) -> bool:
    """True where the first thing in the bytes is a tag of HTML.

    >>> recognise(b"<!-- saved --> <HTML lang=en>"), recognise(b"<rss>"), recognise(b"<3 was what he wrote")
    (True, False, False)
    """
    plain = head.replace(b"\0", b"") if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    before = _BEFORE.match(plain.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff"))
    return before is not None and _FIRST_TAG.match(before.string, before.end()) is not None


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """One record, its payload the bytes as they are: the cleaners find the charset."""
    yield read_document(stream, place, "text/html")


FORMAT = Format("html", read, recognise, suffixes=(".html", ".htm", ".xhtml", ".shtml"), rank=40)
