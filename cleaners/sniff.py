"""What a payload is, by its content before its name: HTML, plain text, or no text at all."""

from __future__ import annotations

import codecs
import re
from typing import Final

from cleaners.document import MediaType, Payload
from cleaners.errors import NotTextError

_SEEN: Final = 65_536  # bytes looked at for control characters
_HEAD: Final = 4_096  # bytes or characters looked at for markup
_MAGIC: Final = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"8BPS", "a Photoshop image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"PK\x03\x04", "a zip archive or office document"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"BZh9", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstandard data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"ID3", "an MP3 recording"),
    (b"OggS\x00", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"\x1aE\xdf\xa3", "a Matroska video"),
    (b"\x00asm", "a WebAssembly module"),
    (b"\x7fELF", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\x00\x01\x00\x00", "a font"),
    (b"OTTO\x00", "a font"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
# Kinds whose name stands behind a length: (beginning, offset of the name, name, what it is).
_CONTAINERS: Final = (
    (b"RIFF", 8, b"WEBP", "a WebP image"),
    (b"RIFF", 8, b"WAVE", "a WAV recording"),
    (b"RIFF", 8, b"AVI ", "an AVI video"),
    (b"\x00\x00", 4, b"ftypavif", "an AVIF image"),
    (b"\x00\x00", 4, b"ftyp", "an MP4 video"),
)
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_CLEARLY: Final = 1.5  # the wrong order of bytes makes N out of the commonest Chinese character
_LEAST_PLAIN: Final = 0.02  # share of ASCII characters; Chinese prose has as many digits, spaces and line ends
_MOST_NULS: Final = 0.15  # share of NULs in a text of one byte a character; half of an English one in UTF-16
_TEXT_BYTES: Final = bytes({7, 8, 9, 10, 11, 12, 13, 27, *range(0x20, 0x100)})
_MOST_CONTROLS: Final = 0.02  # share of control bytes in a text; random bytes have a tenth
_START: Final = re.compile(r"(?:\s++|\ufeff|<!--.*?-->|<\?xml.*?\?>)*+", re.DOTALL)
_OPENS_HTML: Final = re.compile(
    r"<!doctype\s+html|<(?:html|head|body|title|meta|link|script|style|div|p|h1|article|table|center|frameset)\b",
    re.IGNORECASE,
)
_OPENS_XML: Final = re.compile(r"<(?!!--)[A-Za-z!]")
_TAGS: Final = re.compile(
    r"<(?:/(?:p|div|a|span|li|h[1-6]|td|b|em|strong)|br ?/?)>|<(?:p|div|a|img|ul|meta|link)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_ENOUGH_TAGS: Final = 3  # a text about HTML quotes one or two
_HTML_NAMES: Final = (".html", ".htm", ".xhtml", ".shtml", ".mhtml")


def sniff_media_type(payload: Payload, name: str = "") -> MediaType:
    """`text/html` or `text/plain`; raises NotTextError, which says what it is, for anything else.

    `name` is the file's or the address, asked only where the content leaves it open.

    >>> sniff_media_type("<p>Rain.</p><p>Sun.</p>"), sniff_media_type(b"Rain < sun.")
    ('text/html', 'text/plain')
    """
    if isinstance(payload, bytes):
        refuse_binary(payload)
        head = (
            payload[:_HEAD]
            .replace(b"\x00", b"")
            .decode("latin-1")
            .removeprefix("ï»¿")
            .removeprefix("ÿþ")
            .removeprefix("þÿ")
        )
    else:
        head = payload[:_HEAD]
    start = _START.match(head)
    at = start.end() if start else 0
    if _OPENS_HTML.match(head, at):
        return "text/html"
    if head.startswith("<svg", at):
        raise NotTextError("the payload is an SVG image")
    if len(_TAGS.findall(head)) >= _ENOUGH_TAGS:
        return "text/html"
    named = name.lower().partition("?")[0].endswith(_HTML_NAMES)
    return "text/html" if named and _OPENS_XML.search(head) else "text/plain"


def refuse_binary(payload: bytes) -> None:
    """Raise NotTextError where the payload is an image, a PDF, an archive, ..., or bytes that no text has."""
    for magic, what in _MAGIC:
        if payload.startswith(magic):
            raise NotTextError(f"the payload is {what}")
    for start, offset, magic, what in _CONTAINERS:
        if payload.startswith(magic, offset) and payload.startswith(start):
            raise NotTextError(f"the payload is {what}")
    if payload.startswith(_WIDE_MARKS):
        return
    seen = payload[:_SEEN]
    controls = len(seen.translate(None, _TEXT_BYTES))
    if controls > _MOST_CONTROLS * len(seen) and not _is_strewn(seen) and not wide_encoding(seen):
        raise NotTextError("the payload is binary data")


def wide_encoding(payload: bytes) -> str:
    """`utf-16-le` or `utf-16-be` where the payload is a text in that encoding without a mark, else empty.

    Markup, spaces and digits are a NUL and an ASCII byte in every language, in the order that tells which of the two.

    >>> wide_encoding("Regen, 5 °C".encode("utf-16-le")), wide_encoding(b"Rain")
    ('utf-16-le', '')
    """
    seen = payload[:_HEAD]
    if b"\x00" not in seen or _is_strewn(seen):
        return ""
    plain = {name: _plain_share(seen, name) for name in ("utf-16-le", "utf-16-be")}
    wide = max(plain, key=lambda name: plain[name])
    return wide if plain[wide] >= _LEAST_PLAIN and min(plain.values()) <= plain[wide] / _CLEARLY else ""


def _is_strewn(seen: bytes) -> bool:
    """Whether it is UTF-8 with a NUL here and there, or filled up with them.

    Then it has no control characters, which other scripts have in UTF-16.
    """
    seen = seen.rstrip(b"\x00")
    text = seen.replace(b"\x00", b"")
    if not text or len(seen) - len(text) > _MOST_NULS * len(seen) or text.translate(None, _TEXT_BYTES) != b"":
        return False
    try:
        text[: len(text) - 3].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(text) - 6
    return True


def _plain_share(seen: bytes, name: str) -> float:
    """The share of ASCII text in what `seen` is in the encoding; 0 where it is nothing."""
    text = seen[: len(seen) & ~1].decode(name, "replace")
    if text.count("\ufffd", 0, -1) or not text:
        return 0.0
    return sum(character.isascii() and (character.isprintable() or character.isspace()) for character in text) / len(
        text
    )
