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
_UNIFIED = str.maketrans(
    {
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
)
_MARKS = re.compile("[" + "".join(map(chr, _DROPPED)) + "]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?: \d{3}(?!\d))*(?: ?[km](?!['\w]))?")
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_SPACES = "\t\v\f\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"  # those that NFKD leaves
_DIGIT = re.compile(r"\d")
_LONGEST_FAMILIAR = 24  # characters of a word worth remembering; longer are lines of scripts that do not divide words
# Vowel signs of Indic scripts and Thai are no \w to the regex engine, but part of their words; dandas are punctuation.
SIGNS = "\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f"
_EDGES = re.compile(rf"""^[^\w{SIGNS}#"'©(\[]+|[^\w{SIGNS}#"')\]]+$""")
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
    text = "\n".join([line.lower() if line.isascii() else _folded(line) for line in lines])
    return _squeezed(_numbered(text.replace("`", "'")))


def _folded(line: str) -> str:
    """A line folded word by word: a text repeats its words, which are folded once."""
    return " ".join(
        [
            word.lower() if word.isascii() else _familiar(word) if len(word) <= _LONGEST_FAMILIAR else _fold(word)
            for word in line.split(" ")
        ]
    )


def _fold(text: str) -> str:
    """Text made comparable; digits of other scripts become 0, for every number becomes `#`."""
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_UNIFIED)
    text = unicodedata.normalize("NFC", text.casefold())
    return text if text.isalpha() else _DIGIT.sub("0", text)


_familiar = lru_cache(maxsize=16_384)(_fold)


def _numbered(text: str) -> str:
    """The text with `#` for its numbers.

    Looking for the next digit in bytes costs a tenth of what the expression takes to find it.
    """
    digits = text.encode("ascii", "replace").translate(_ZEROS)  # a byte a character
    parts: list[str] = []
    end = 0
    at = digits.find(b"0")
    while at >= 0 and (match := _NUMBER.match(text, at)):
        parts += (text[end:at], _number(match))
        end = match.end()
        at = digits.find(b"0", end)
    return "".join((*parts, text[end:]))


def _squeezed(text: str) -> list[str]:
    """The lines of a text, white space squeezed and trimmed in each, as `" ".join(line.split())` does."""
    for space in _SPACES:
        if space in text:
            text = text.replace(space, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return [line.strip(" ") for line in text.split("\n")]


def _number(match: re.Match[str]) -> str:
    """`#` for a number; a date written with dots keeps them."""
    if "." not in match[0]:
        return "#"
    groups = match[0].split(".")
    if len(groups) > 2 and not all(len(group) == 3 for group in groups[1:]):
        return ".".join("#" * len(groups))
    return "#"


def core(normalised: str) -> str:
    """A normalised line without the bullets, arrows and punctuation at its ends and without a count behind it.

    >>> core(normal("» Comments (12)"))
    'comments'
    """
    if not normalised or _is_bare(normalised):
        return normalised
    bare = normalised.strip(_COMMON_EDGES)
    if not _is_bare(bare):
        bare = _COUNT.sub("", _EDGES.sub("", _EDGES.sub("", bare)))
        if '"' in bare and bare.count('"') == 1 and (bare.startswith('"') or bare.endswith('"')):
            bare = _EDGES.sub("", bare.strip('"'))  # an arrow («, ») that looked like a quotation mark
    return bare + "+" if bare.endswith("#") and normalised.endswith("#+") else bare  # 18+


def cores(lines: Sequence[str]) -> list[str]:
    """The cores of many lines; that nothing can go from the ends of most of them is seen here, without a call."""
    return [line if line[-1:].isalnum() and line[0].isalnum() else core(line) for line in lines]


def _is_bare(text: str) -> bool:
    """Whether there is nothing at the ends that could go."""
    return (text[:1].isalnum() or text[:1] == "#") and (text[-1].isalnum() or text[-1] == "#")


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
