"""Lines made comparable: what looks alike to a reader becomes the same string, and a match finds its words again.

NFKC and case folding; accents, Arabic harakat and tatweel, Hebrew points and zero-width characters removed; Arabic
letter variants, quotation marks and dashes unified; dotless i made an i; every number written `#`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_DROPPED = (
    *range(0x0300, 0x0370),  # combining accents, once NFKD has taken letters apart
    *range(0x0591, 0x05C8),  # Hebrew points and accents
    *range(0x0610, 0x061B),
    0x0640,  # tatweel
    *range(0x064B, 0x0660),  # harakat, and the hamza that NFKD takes off its alef
    0x0670,
    *range(0x06D6, 0x06DD),
    *(0x00AD, 0x061C, 0x180E, 0x2060, 0xFEFF, 0xFE0E, 0xFE0F),
    *range(0x200B, 0x2010),  # zero-width space and joiners, direction marks
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_UNIFIED = {
    "ı": "i",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ک": "ك",
    "ە": "ه",
    "ة": "ه",
    "ٱ": "ا",
    **dict.fromkeys("‘’‚‛`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟«»‹›＂「」『』", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
_MARKS = re.compile("[" + "".join(map(chr, _DROPPED)) + "]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?: \d{3}(?!\d))*(?: ?[km](?!['\w]))?")
# Vowel signs of Indic scripts and Thai are no \w to the regex engine, but part of their words; dandas are punctuation.
_SIGNS = "\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f"
_EDGES = re.compile(rf"""^[^\w{_SIGNS}#"'©(\[]+|[^\w{_SIGNS}#"')\]]+$""")
_COMMON_EDGES = " .,:;!?|/\\<>*•·→←↑↓…-_=~▸►▶✓✔"  # a strip is cheaper than the expression, and mostly enough
_COUNT = re.compile(r"\s?[(\[]#[)\]]$")


def normal(text: str) -> str:
    """The comparable form of a line, punctuation and all; white space squeezed to single spaces.

    >>> normal("  Ｓｈａｒｅ  “İLGİLİ”  1,234 Комментариев — 12.05.2024 ")
    'share "ilgili" # комментариев - #.#.#'
    """
    return normal_lines([" ".join(text.split())])[0]


def normal_lines(lines: Sequence[str]) -> list[str]:
    """The comparable forms of many lines at once, which is much cheaper than one by one; no line holds a newline."""
    if not lines:
        return []
    text = "\n".join(lines)
    if text.isascii():
        text = text.lower().replace("`", "'")
    else:
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        for character, plain in _UNIFIED.items():
            if character in text:
                text = text.replace(character, plain)
        text = unicodedata.normalize("NFC", text.casefold())
    return [" ".join(line.split()) for line in _NUMBER.sub(_number, text).split("\n")]


def _number(match: re.Match[str]) -> str:
    """`#` for a number; a date written with dots keeps them."""
    groups = match[0].split(".")
    if len(groups) > 2 and not all(len(group) == 3 for group in groups[1:]):
        return ".".join("#" * len(groups))
    return "#"


def core(normalised: str) -> str:
    """A normalised line without the bullets, arrows and punctuation at its ends and without a count behind it.

    >>> core(normal("» Comments (12)"))
    'comments'
    """
    if normalised.isalnum():
        return normalised
    bare = normalised.strip(_COMMON_EDGES)
    if not (bare[:1].isalnum() and bare[-1:].isalnum()):
        bare = _COUNT.sub("", _EDGES.sub("", _EDGES.sub("", bare)))
    if '"' in bare and bare.count('"') == 1 and (bare.startswith('"') or bare.endswith('"')):
        bare = _EDGES.sub("", bare.strip('"'))  # an arrow («, ») that looked like a quotation mark
    return bare + "+" if bare.endswith("#") and normalised.endswith("#+") else bare  # 18+


def original(raw: str, normalised: str, start: int, end: int) -> tuple[int, int]:
    """Where in `raw` the words are that became `normalised[start:end]`.

    Exact to the word, and to the character inside a word that kept its length (scripts without spaces); the whole line
    where its words cannot be told apart.

    >>> raw = "Bitte  TEILEN Sie"
    >>> raw[slice(*original(raw, normal(raw), 6, 12))]
    'TEILEN'
    """
    words = [(match.start(), match.end()) for match in re.finditer(r"\S+", raw)]
    first = normalised.count(" ", 0, start)
    last = normalised.count(" ", 0, end)
    if not words:
        return 0, 0
    if normalised.count(" ") + 1 != len(words):  # a number written with spaces, or a word of nothing but marks
        return words[0][0], words[-1][1]
    begin, stop = words[first][0], words[last][1]
    head = start - (normalised.rfind(" ", 0, start) + 1)
    following = normalised.find(" ", end)
    tail = (following if following >= 0 else len(normalised)) - end
    if stop - begin - head - tail == end - start:
        return begin + head, stop - tail
    return begin, stop


@lru_cache(maxsize=8192)
def in_word(character: str) -> bool:
    """Whether a character is part of a word: letters, digits, and the vowel signs and accents on them."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


@lru_cache(maxsize=8192)
def divides_words(character: str) -> bool:
    """Whether the character's script puts spaces between words: not Chinese, Japanese, Thai, Lao, Khmer, Burmese."""
    code = ord(character)
    return not (
        0x0E00 <= code <= 0x0EFF
        or 0x1000 <= code <= 0x109F
        or 0x1780 <= code <= 0x17FF
        or 0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
    )


_UNDIVIDED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def word_count(text: str) -> int:
    """Words of a line; in scripts that do not divide words two characters count as one.

    >>> word_count("two words"), word_count("四个字符")
    (2, 2)
    """
    if text.isascii():
        return len(text.split())
    spaced, undivided = _UNDIVIDED.subn(" ", text)
    return len(spaced.split()) + (undivided + 1) // 2
