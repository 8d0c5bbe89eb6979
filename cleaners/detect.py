"""Undeclared bytes → the encodings they may be in, the likeliest first: by the shape of their characters and letters.

Double-byte encodings are told apart by where their common characters lie (kana in Shift_JIS and EUC-JP, the rows of
common characters in GB 2312, KS X 1001 and Big5); single-byte ones by how many of the letters beyond ASCII belong to
one language. What neither explains goes to UnicodeDammit.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from cleaners.charsets import charset_name, codec_of

_SAMPLE: Final = 8_000  # bytes looked at; a guess costs about 1 ms per kB
_CERTAIN: Final = 0.9  # share of explained characters from which UnicodeDammit is not asked
_POSSIBLE: Final = 0.5
_MARKUP: Final = re.compile(rb"<(?:script|style)\b.*?</(?:script|style)|<[^<>]*>", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(rb"<[^<>]*>")
_CODE: Final = re.compile(rb"<(?:script|style)\b", re.IGNORECASE)
_FLAWS: Final = 0.02  # share of broken characters in a text of two bytes a character
_LONGEST_WORD: Final = 100
_ROW: Final = re.compile(rb"[A-Za-z]{101,}")
_BEYOND_ASCII: Final = re.compile(rb"[\x80-\xff]")
_PUNCTUATION: Final = frozenset("“”‘’„‚«»‹›–—…•·°§©®™€£½¼¾²³×÷\xa0\xad´")
_USUAL: Final = "windows-1252"
_UPPER_CASE: Final = 0.7  # prose is lower case: KOI8-R read as windows-1251 is not
_HANGUL: Final = 0.9  # share of Hangul from which Chinese characters are Korean too: Chinese text read so has half,
_HANGUL_LEAST: Final = 50  # but a headline may have more
_CJK_SIGNS: Final = frozenset("　、。，．・：；？！（）「」『』【】《》“”‘’…—～·ー")
_NOT_LATIN: Final = "\u0370"  # where Greek begins, and behind it all other scripts
_RARE: Final = frozenset(("macintosh", "x-mac-cyrillic"))
_RARER: Final = 0.002  # so much less these count
_SIGNS: Final = 0.9  # punctuation is the same in too many encodings to decide, but in the usual one more often meant


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding by its WHATWG name, and the share of the characters beyond ASCII that it explains, 0..1."""

    encoding: str
    share: float


def detect(payload: bytes, *, html: bool) -> Iterator[str]:
    """Encodings in which the payload may be, the likeliest first."""
    sample = _sample(payload, html)
    guesses = [*_double_byte(sample), *_single_byte(sample)]
    guesses.sort(key=lambda guess: (-guess.share, guess.encoding != _USUAL))
    yield from (guess.encoding for guess in guesses if guess.share >= _CERTAIN)
    yield from _dammit(sample)
    yield from (guess.encoding for guess in guesses if _POSSIBLE <= guess.share < _CERTAIN)


def _without_markup(payload: bytes) -> bytes:
    """Tags, scripts and style sheets as a space each. Behind the last end of a script its opening is a tag like others.

    Looked for from every opening to the end, 400 kB of openings would take minutes.
    """
    lower = payload.lower()
    last = max(lower.rfind(b"</script"), lower.rfind(b"</style"), 0)
    open_ended = _CODE.search(payload, last + 1 if last else 0)
    if open_ended is None:
        return _MARKUP.sub(b" ", payload)
    return _MARKUP.sub(b" ", payload[: open_ended.start()]) + _TAG.sub(b" ", payload[open_ended.start() :])


def _sample(payload: bytes, html: bool) -> bytes:
    """What is not markup, from shortly before the first byte beyond ASCII."""
    text = _without_markup(payload[: 50 * _SAMPLE]) if html else payload
    first = _BEYOND_ASCII.search(text) or _BEYOND_ASCII.search(payload)
    if first is None:
        return payload[:_SAMPLE]
    start = max(0, first.start() - 200)
    return (text if first.string is text else payload)[start : start + _SAMPLE]


def _double_byte(sample: bytes) -> Iterator[Guess]:
    """The share of each encoding's common characters among those beyond ASCII."""
    if b"\x1b$" in sample:
        yield Guess("iso-2022-jp", 1.0)
    for name, share in (
        ("euc-jp", _japanese),
        ("shift_jis", _japanese),
        ("euc-kr", _korean),
        ("gb18030", _simplified),
        ("big5", _traditional),
    ):
        text = _nearly(sample, name)
        beyond = [character for character in text if character > "\x7f"] if text else []
        if beyond:
            yield Guess(name, share(beyond))


def _nearly(sample: bytes, name: str) -> str:
    """The sample decoded, without what is broken in it; empty where that is more than a few of its characters."""
    codec = codec_of(name)
    flaws = codec.decode(sample, "replace")[0].count("\ufffd")
    text = codec.decode(sample, "ignore")[0]
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return text if flaws <= 1 + _FLAWS * beyond else ""


def _japanese(beyond: Sequence[str]) -> float:
    kana = sum("\u3041" <= character <= "\u30ff" for character in beyond)
    usual = kana + sum("\u4e00" <= character <= "\u9fff" or character in _CJK_SIGNS for character in beyond)
    return usual / len(beyond) if kana >= 0.15 * len(beyond) else 0.0


def _korean(beyond: Sequence[str]) -> float:
    hangul = _rows(beyond, "euc-kr", 0xB0, 0xC8)
    return hangul if hangul < _HANGUL or len(beyond) < _HANGUL_LEAST else _rows(beyond, "euc-kr", 0xB0, 0xFD)


def _simplified(beyond: Sequence[str]) -> float:
    return 0.99 * _rows(
        beyond, "gb2312", 0xB0, 0xD7
    )  # Korean fills these rows as well, but Chinese not the Korean ones


def _traditional(beyond: Sequence[str]) -> float:
    return _rows(beyond, "big5", 0xA4, 0xC6)


def _rows(beyond: Sequence[str], encoding: str, first: int, last: int) -> float:
    """The share of characters whose first byte lies in the rows of the common ones."""
    rows = Counter(character.encode(encoding, "ignore")[:1] for character in beyond if character not in _CJK_SIGNS)
    signs = len(beyond) - rows.total()
    return (sum(rows[bytes([row])] for row in range(first, last + 1)) + signs) / len(beyond)


def _single_byte(sample: bytes) -> Iterator[Guess]:
    """For each encoding the language that explains most."""
    best: dict[str, float] = {}
    for letters, encodings in _languages():
        for encoding in encodings:
            text = codec_of(encoding).decode(sample, "replace")[0]
            share = _explained(text, letters, 1.0 if encoding == _USUAL else _SIGNS)
            share -= _RARER if encoding in _RARE else 0.0
            best[encoding] = max(best.get(encoding, 0.0), share)
    yield from (Guess(encoding, share) for encoding, share in best.items())


def _explained(text: str, letters: frozenset[str], signs: float) -> float:
    """The share of characters beyond ASCII that are punctuation, which counts `signs`, or the language's letters.

    A capital counts in full where it begins a word; a letter of another script does not count beside a Latin one.
    """
    total = explained = 0.0
    latin = min(letters) < _NOT_LATIN
    for before, character, behind in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if character > "\x7f":
            total += 1
            if character in _PUNCTUATION and character not in letters:
                explained += signs
            elif not latin and (_is_ascii_letter(before) or _is_ascii_letter(behind)):
                continue
            elif character in letters:
                explained += 1
            elif character.lower() in letters:
                explained += _UPPER_CASE if before.isalpha() else 1.0
    return explained / total if total else 0.0


def _is_ascii_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _dammit(sample: bytes) -> Iterator[str]:
    """What BeautifulSoup's UnicodeDammit, or rather the detector it goes by, holds the sample to be.

    UnicodeDammit itself would go on to replace what does not decode, and log that.
    """
    from bs4.dammit import EncodingDetector  # 0.2 s to import, for the rare payload that nothing else explains

    # Its expressions take quadratic time for rows of letters, and no word has so many.
    sample = _ROW.sub(lambda row: row[0][:_LONGEST_WORD], sample)
    yield from filter(None, map(charset_name, EncodingDetector(sample).encodings))


@cache
def _languages() -> list[tuple[frozenset[str], list[str]]]:
    table = tomllib.loads((files("cleaners") / "rules" / "charsets.toml").read_text(encoding="utf-8"))
    return [(frozenset(entry["letters"]), entry["encodings"]) for entry in table["language"]]
