"""What is no text: pictures, PDF, office documents, programs. Read as one `Unreadable` that says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources import html
from flows.sources.records import Format, Item, Place
from flows.sources.stream import Stream

# Offset, bytes, name. From the formats' own specifications; zip and gzip are no entries, they are opened.
SIGNATURES = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (8, b"WEBPVP8", "a WebP picture"),
    (8, b"WAVEfmt", "a WAV recording"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"\0\0\1\0", "an icon"),
    (4, b"ftyp", "an MP4 video or HEIC/AVIF picture"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"OggS", "an Ogg recording"),
    (0, b"fLaC", "a FLAC recording"),
    (0, b"wOFF", "a web font"),
    (0, b"wOF2", "a web font"),
    (0, b"OTTO", "a font"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x04\x22\x4d\x18", "LZ4 data"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (0, b"\x7fELF", "a program"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"Obj\x01", "an Avro file"),
    (0, b"ORC", "an ORC file"),
    (0, b"wOFF", "a web font"),
)
OFFICE = re.compile(rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels/|mimetypeapplication/|META-INF/)", re.S)
_XML = re.compile(rb"\s*<(?:\?xml|rss|feed|urlset|sitemapindex|svg|rdf:RDF|sitemap)[\s/>]", re.I)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b"))
_CONTROL_SHARE = 0.05
"""Text has next to no control characters; a compressed or binary file has about one byte in ten."""


def kind_of(head: bytes) -> str | None:
    """What the bytes are, where they are no text; None for text.

    >>> kind_of(b"%PDF-1.7"), kind_of(b"Rain"), kind_of(b"\\0" * 50)
    ('a PDF document', None, 'binary data')
    """
    named = next((name for at, magic, name in SIGNATURES if head[at : at + len(magic)] == magic), None)
    if named is not None and not _is_short_word(head, named):
        return named
    if OFFICE.match(head):
        return "an office document, e-book or program package"
    if _XML.match(head.removeprefix(b"\xef\xbb\xbf")) and not html.recognise(head):
        return "XML that is no XHTML"
    return "binary data" if _is_binary(head) else None


def _is_short_word(head: bytes, named: str) -> bool:
    """True where a signature made of letters opens what is plainly text (`ORC`, `ID3`, `OTTO`)."""
    return head[:4].isalnum() and not _is_binary(head) and b"\0" not in head


def _is_binary(head: bytes) -> bool:
    if not head or head[:2] in (b"\xff\xfe", b"\xfe\xff") or _is_bare_utf16(head):
        return False
    return len(head) - len(head.translate(None, _CONTROL)) > _CONTROL_SHARE * len(head)


def _is_bare_utf16(head: bytes) -> bool:
    """UTF-16 without its mark: in scripts of few letters every second byte is zero, on one side only."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    low, high = sorted((even, odd))
    return high > 0.3 * len(head) and low <= 0.02 * len(head)


def read(stream: Stream, place: Place) -> Iterator[Item]:
    """One `not_text`."""
    head = stream.peek(4096)
    size = stream.skip(place.options.max_record_bytes)
    if stream.fault is not None:
        yield place.fault("", stream.fault, size=size, head=head)
        return
    yield place.unreadable("", "not_text", f"this is {kind_of(head) or 'no text'}", size=size, head=head)


FORMAT = Format("binary", read, recognise=lambda head: kind_of(head) is not None, rank=20)
