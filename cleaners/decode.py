"""Payload → text, and which evidence chose the encoding.

In this order: a byte order mark; UTF-16 told by where its NULs stand; valid UTF-8 (no page in a single-byte charset is
valid UTF-8 by chance); the declared charsets (HTTP, then <meta>), which must decode the payload, and Latin-1 only where
its letters do not say otherwise; detection by the shape of characters and letters, and by BeautifulSoup's UnicodeDammit
where that does not tell. A few broken characters in an encoding of several bytes a character are dropped, and bytes
that a code page leaves undefined. Nothing is replaced by U+FFFD: what fits no encoding raises UndecodableError.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Final

from cleaners.charsets import UNDEFINED, charset_name, codec_of
from cleaners.document import Decoded, Payload
from cleaners.errors import UndecodableError
from cleaners.mojibake import repair
from cleaners.sniff import refuse_binary, sniff_media_type, wide_encoding

__all__ = ["decode", "sniff_media_type"]

_MARKS: Final = (  # the longer first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META: Final = re.compile(
    rb"""<(?:meta\b[^>]{0,300}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w:.-]{2,40})""", re.IGNORECASE
)
_META_WITHIN: Final = 8192  # bytes; browsers look at 1024, pages put it later
_CHARACTERS_PER_FLAW: Final = 20  # multi-byte characters to one stray byte from which a text is UTF-8 with a flaw,
_DECLARED_PER_FLAW: Final = 3  # and where it is declared so
_NO_LEADS: Final = bytes({*range(0xC2), *range(0xF5, 0x100)})
_HALVES: Final = frozenset(
    bytes([byte]) for byte in (*range(0xC2, 0xC6), *range(0xCE, 0xDA))
)  # é is E9, but à begins C3
_LONGEST_CUT: Final = 3  # bytes of a character that a size limit may have cut
_MULTIBYTE: Final = frozenset({"utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"})
_SEVERAL_BYTES: Final = frozenset({"gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"})
_LATIN, _LATIN_9 = "windows-1252", "iso-8859-15"
_WINDOWS: Final = re.compile(rb"[\x80-\x9f]")
_BEYOND_LATIN: Final = re.compile(rb"[\x80-\xff]{5}")  # words of other scripts; nobody writes five accents in a row
_NOT_LATIN_CODES: Final = _SEVERAL_BYTES | frozenset(
    ("windows-1251", "koi8-r", "koi8-u", "iso-8859-5", "windows-1253", "windows-1255", "windows-1256", "windows-874")
)
_UNDEFINED_BYTES: Final = re.compile("[\x80-\x9f]")  # as they come out of a code page that has no character for them
_SEEN: Final = 20_000  # characters
_CONTROLS: Final = tuple(map(chr, (*range(1, 9), *range(14, 27), *range(28, 32), *range(0x80, 0xA0))))
_MOST_CONTROLS: Final = 0.005  # share of control characters in a readable text
_MOST_OF_TWO: Final = 0.5  # share of the two commonest letters; a quarter in any language
_MOST_ODD: Final = 0.1  # share of odd pairs among pairs of letters; noise has a fifth
_NOT_LATIN: Final = "\u0370"  # where Greek begins, and behind it all other scripts
_FEW_LETTERS: Final = 100  # a few letters prove nothing


def decode(payload: Payload, *, charset: str | None = None, html: bool = False) -> Decoded:
    """The payload as text.

    `charset` is the one that a header or a column declares, `html` says that <meta> may declare another. Raises
    NotTextError for images, archives and the like, UndecodableError where no encoding gives readable text.

    >>> decode(b"caf\\xc3\\xa9", charset="iso-8859-1").evidence, decode(b"caf\\xe9", charset="latin-1").encoding
    ('utf-8', 'windows-1252')
    """
    if isinstance(payload, str):
        return _finished(_whole(payload))
    refuse_binary(payload)
    for reading in _readings(payload, charset or "", html):
        if _readable(reading):
            return _finished(reading)
    raise UndecodableError("no encoding gives readable text")


def _readings(payload: bytes, charset: str, html: bool) -> Iterator[Decoded]:
    """The payload by one piece of evidence after the other, the strongest first; only what decodes."""
    for mark, name in _MARKS:
        if payload.startswith(mark):
            payload = payload[len(mark) :]
            yield from _read(payload, name, "bom")
    if b"\x00" in payload and (name := wide_encoding(payload)):
        yield from _read(payload, name, "detected")
    if b"\x1b" in payload and b"\x1b$" in payload and payload.isascii():  # one byte is found ten times as fast as two
        yield from _read(payload, "iso-2022-jp", "detected")
    yield from _read(payload, "utf-8", "utf-8")
    declared = [("http", charset_name(charset)), ("meta", _meta_charset(payload) if html else "")]
    said = any(name == "utf-8" for _, name in declared)
    yield from _flawed_utf8(payload, _DECLARED_PER_FLAW if said else _CHARACTERS_PER_FLAW)
    for evidence, name in _believed(payload, declared, html):
        if name and name != "utf-8" and not (evidence == "meta" and name.startswith("utf-")):
            yield from _read(payload, name, evidence)
            yield from _flawed(payload, name, evidence)
    from cleaners.detect import detect  # its tables are read only for what nothing declares rightly

    for name in detect(payload, html=html):
        yield from _read(payload, name, "detected")
        yield from _flawed(payload, name, "detected")
    yield from _flawed_utf8(payload, 1)


def _believed(payload: bytes, declared: Sequence[tuple[str, str]], html: bool) -> list[tuple[str, str]]:
    """What is declared, in the order in which it is tried.

    Latin-1 is what servers and programs say of what they do not know. Where a page itself says otherwise, or words are
    made of bytes beyond ASCII alone, its letters tell. Latin-9 differs from it in the euro and œ, but has no quotation
    marks where pages that say so have them.
    """
    names = [name for _, name in declared]
    if _LATIN_9 in names and _WINDOWS.search(payload):
        declared = [(evidence, _LATIN if name == _LATIN_9 else name) for evidence, name in declared]
    others = [name for name in names if name not in ("", _LATIN, _LATIN_9) and not name.startswith("utf-")]
    if {_LATIN, _LATIN_9}.isdisjoint(names) or not (others or _BEYOND_LATIN.search(payload)):
        return [*declared]
    from cleaners.detect import detect  # 8 ms, of the few pages that declare it wrongly or twice

    possible = {_LATIN, *others} if others else {_LATIN, *_NOT_LATIN_CODES}
    found = next((name for name in detect(payload, html=html) if name in possible), _LATIN)
    alike = (_LATIN, _LATIN_9) if found == _LATIN else (found,)
    first = [pair for pair in declared if pair[1] in alike] or [("detected", found)]
    return [*first, *(pair for pair in declared if pair not in first)]


def _read(payload: bytes, name: str, evidence: str) -> Iterator[Decoded]:
    """The payload in the encoding `name`, strictly, but for a last character that a size limit has cut."""
    codec = codec_of(name)
    try:
        text = codec.decode(payload, UNDEFINED if name.startswith("windows-") else "strict")[0]
        yield Decoded(text, name, evidence, utf8=payload if name == "utf-8" else None)
        return
    except UnicodeDecodeError as error:
        start = error.start
    wide = name.startswith(("utf-16", "utf-32"))
    if len(payload) - start <= _LONGEST_CUT and name in _MULTIBYTE and (wide or not payload[:start].isascii()):
        yield Decoded(codec.decode(payload[:start], "strict")[0], name, evidence)
    elif wide:
        yield from _flawed_wide(payload, name, evidence)


def _flawed_wide(payload: bytes, name: str, evidence: str) -> Iterator[Decoded]:
    """UTF-16 with a few halves of surrogate pairs, which are dropped: programs cut text between the two."""
    codec = codec_of(name)
    text = codec.decode(payload, "ignore")[0]
    flaws = codec.decode(payload, "replace")[0].count("\ufffd") - text.count("\ufffd")
    if flaws * _CHARACTERS_PER_FLAW <= len(text):
        yield Decoded(text, name, evidence, repaired=True)


def _flawed(payload: bytes, name: str, evidence: str) -> Iterator[Decoded]:
    """An encoding of several bytes a character with a few broken ones, which are dropped: text cut at a byte."""
    if name not in _SEVERAL_BYTES:
        return
    codec = codec_of(name)
    flaws = codec.decode(payload, "replace")[0].count("\ufffd")
    text = codec.decode(payload, "ignore")[0]
    if flaws and len(text.encode("ascii", "ignore")) + flaws * _CHARACTERS_PER_FLAW <= len(text):
        yield Decoded(text, name, evidence, repaired=True)


def _flawed_utf8(payload: bytes, per_flaw: int) -> Iterator[Decoded]:
    """UTF-8 with a few bytes of something else: characters cut in half by a template, a name pasted as windows-1252.

    Or with characters beyond the first plane written as two halves of three bytes each, as Java and MySQL do (CESU-8).
    """
    if b"\xed" in payload:
        with suppress(UnicodeError):
            halves = payload.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
            yield Decoded(halves.decode("utf-16-le"), "utf-8", "utf-8", repaired=True)
            return
    text = payload.decode("utf-8", "replace")
    flaws = text.count("\ufffd") - payload.count(b"\xef\xbf\xbd")
    characters = len(payload.translate(None, _NO_LEADS)) - flaws
    if flaws and characters >= flaws * per_flaw:
        yield Decoded(payload.decode("utf-8", _FLAWS), "utf-8", "utf-8", repaired=True)


def _mended(error: UnicodeError) -> tuple[str, int]:
    """A flaw in UTF-8: half a character is dropped, a lone byte read as windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    flaw = error.object[error.start : error.end]
    half = len(flaw) > 1 or flaw in _HALVES
    return "" if half else flaw.decode("windows-1252", "ignore"), error.end


_FLAWS: Final = "winnow-flaws"
codecs.register_error(_FLAWS, _mended)


def _meta_charset(payload: bytes) -> str:
    match = _META.search(payload[:_META_WITHIN])
    return charset_name(match[1].decode("ascii", "ignore")) if match else ""


def _readable(reading: Decoded) -> bool:
    """A text full of control characters was read in the wrong encoding; what is valid UTF-8 is taken as it is."""
    if reading.encoding == "utf-8":
        return True
    seen = reading.text[:_SEEN]
    if sum(map(seen.count, _CONTROLS)) > _MOST_CONTROLS * len(seen):
        return False
    return reading.evidence != "detected" or reading.encoding in _MULTIBYTE or _is_language(seen)


def _is_language(seen: str) -> bool:
    """Whether letters follow each other as in some language: any bytes are letters in some single-byte encoding.

    In prose the two commonest letters are a quarter of all, no capital stands behind a small letter, and no word mixes
    Latin letters with others.
    """
    letters = Counter(filter(str.isalpha, seen.lower()))
    if sum(count for _, count in letters.most_common(2)) > _MOST_OF_TWO * max(letters.total(), _FEW_LETTERS):
        return False
    pairs = [
        (one < _NOT_LATIN) != (other < _NOT_LATIN) or (one.islower() and other.isupper())
        for one, other in pairwise(seen)
        if one.isalpha() and other.isalpha() and not (one.isascii() and other.isascii())
    ]
    return sum(pairs) <= _MOST_ODD * max(len(pairs), _FEW_LETTERS)


def _whole(text: str) -> Decoded:
    """The text with surrogate pairs joined; a half without the other is no character."""
    if text.isascii():
        return Decoded(text, "", "str")
    try:
        return Decoded(text, "", "str", utf8=text.encode())
    except UnicodeEncodeError as error:
        try:
            return Decoded(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le"), "", "str")
        except UnicodeDecodeError:
            raise UndecodableError(f"half a surrogate pair stands at character {error.start}") from None


def _finished(reading: Decoded) -> Decoded:
    """Without NULs and a mark at the start, mojibake repaired."""
    text = reading.text.removeprefix("\ufeff")
    # In a string of wide characters every other byte is a NUL, and the search stops at each.
    if "\x00" in text if reading.utf8 is None else b"\x00" in reading.utf8:
        text = text.replace("\x00", "")
    utf8 = reading.utf8 if text is reading.text else None
    fixed = repair(text, utf8)
    if reading.encoding.startswith("windows-"):
        fixed = _UNDEFINED_BYTES.sub("", fixed)
    if fixed is reading.text:
        return reading
    return Decoded(fixed, reading.encoding, reading.evidence, reading.repaired or fixed is not text)
