"""What the characters of a page are, as arrays: every count of every block from one pass of numpy.

Classes are of Unicode's making, so that no language is favoured: terminators are `.`, `。`, `؟` and `।` alike. Scripts
that write without spaces count as more than one Latin letter each (WEIGHTS), so that a length means the same everywhere.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Codes = NDArray[np.uint32]
Classes = NDArray[np.uint8]

CLASSES = (
    "control", "newline", "space", "lower", "upper", "uncased", "unspaced", "digit", "terminator", "comma", "colon",
    "quote", "dash", "bullet", "bracket", "punctuation", "symbol",
)  # fmt: skip
(
    CONTROL, NEWLINE, SPACE, LOWER, UPPER, UNCASED, UNSPACED, DIGIT, TERMINATOR, COMMA, COLON,
    QUOTE, DASH, BULLET, BRACKET, PUNCTUATION, SYMBOL,
) = range(len(CLASSES))  # fmt: skip

MEMBERS = {
    NEWLINE: "\n\r\v\f\x85\u2028\u2029",
    TERMINATOR: ".!?…。！？．｡؟۔।॥։።፧჻᙮។៕‼⁇⁈⁉",
    COMMA: ",、，､،፣՝⸲",
    COLON: ":;：；؛፤፥",
    QUOTE: "\"'“”‘’„‚«»‹›「」『』《》〈〉＂＇`´〝〞〟",
    BULLET: "|•·‣⁃▪▫●○◦■□◆◇►▸▶→←↑↓➔➜❯❮⟩⟨/\\>＞│┃—▼▲★☆✓✔",
    DASH: "-‐‑‒–―−－﹣",
}
WEIGHTS = np.ones(len(CLASSES), np.float32)
WEIGHTS[[CONTROL, NEWLINE]] = 0.0
WEIGHTS[UNSPACED] = 2.4
UNSPACED_RANGES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3041, 0x312F), (0x3130, 0x318F),
    (0x31A0, 0x31FF), (0x3400, 0x9FFF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F),
)  # fmt: skip
SCRIPT_STARTS = np.array(
    # Latin | Greek | Cyrillic | Armenian | Hebrew | Arabic | Devanagari | Bengali | Gurmukhi ... | Tamil ... | Thai ... |
    # Georgian | Ethiopic | Khmer ... | Latin again | CJK and kana, Hangul
    [0x0, 0x370, 0x400, 0x530, 0x590, 0x600, 0x900, 0x980, 0xA00, 0xB80, 0xE00, 0x10A0, 0x1200, 0x1700, 0x1D00, 0x2E80],
    np.uint32,
)
ASTRAL = 0x10000
IDEOGRAPHS = 0x20000


@cache
def table() -> Classes:
    """Class of each character of the basic plane, 65,536 bytes (20 ms, once)."""
    return np.array([_class(chr(code)) for code in range(ASTRAL)], np.uint8)


def _class(character: str) -> int:
    for number, members in MEMBERS.items():
        if character in members:
            return number
    category = unicodedata.category(character)
    if category[0] in "LM" and any(low <= ord(character) <= high for low, high in UNSPACED_RANGES):
        return UNSPACED
    named = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Nd": DIGIT, "Pd": DASH, "Ps": BRACKET, "Pe": BRACKET, "Zs": SPACE}
    named |= {"Pi": QUOTE, "Pf": QUOTE, "Zl": NEWLINE, "Zp": NEWLINE}
    general = {"L": UNCASED, "M": UNCASED, "N": DIGIT, "P": PUNCTUATION, "S": SYMBOL, "Z": SPACE, "C": CONTROL}
    return SPACE if character == "\t" else named.get(category, general[category[0]])


def codes(text: str) -> Codes:
    """Code points of a text; lone surrogates pass."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def classes(points: Codes) -> Classes:
    """The class of every code point, shape (characters,)."""
    if not len(points) or points.max() < ASTRAL:
        return table()[points]
    found = table()[np.minimum(points, ASTRAL - 1)]
    found[points >= ASTRAL] = SYMBOL
    found[points >= IDEOGRAPHS] = UNSPACED
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """What blocks are made of. B blocks.

    tally      (B, classes) characters of each class
    size       (B,) weighted characters, without line ends
    words      (B,) words; an unspaced script's word is two characters
    capitals   (B,) words that begin with a capital
    sentences  (B,) terminators with white space or the end behind them
    first      (B,) class of the first character that is no white space
    last       (B,) class of the last one
    before_last (B,) class of the one before it
    """

    tally: Floats
    size: Floats
    words: Floats
    capitals: Floats
    sentences: Floats
    first: Integers
    last: Integers
    before_last: Integers


def count(kinds: Classes, starts: Integers, ends: Integers) -> Counts:
    """Counts for blocks that lie in order at `starts` … `ends` of the classified text."""
    owner = np.repeat(np.arange(len(starts)), ends - starts)
    inside = kinds if len(owner) == len(kinds) else kinds[_positions(starts, ends)]
    shape = (len(starts), len(CLASSES))
    tally = np.bincount(owner * len(CLASSES) + inside, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    edge = _edge(owner)
    wordly = ((inside >= LOWER) & (inside <= UNCASED)) | (inside == DIGIT)
    opens = wordly.copy()
    opens[1:] &= ~wordly[:-1] | edge[1:]
    ends_sentence = inside == TERMINATOR
    blank = (inside == SPACE) | (inside == NEWLINE) | (inside == CONTROL)
    ends_sentence[:-1] &= blank[1:] | edge[1:] | (inside[1:] == QUOTE) | (inside[1:] >= UNSPACED)
    total = len(starts)
    first, last, before_last = _rims(owner, inside, blank, total)
    return Counts(
        tally=tally,
        size=tally @ WEIGHTS,
        words=_sum(owner, opens, total) + tally[:, UNSPACED] / 2,
        capitals=_sum(owner, opens & (inside == UPPER), total),
        sentences=_sum(owner, ends_sentence, total),
        first=first,
        last=last,
        before_last=before_last,
    )


def native(points: Codes, kinds: Classes, starts: Integers) -> Floats:
    """Share of each block's letters that are of the page's main script, (B,); 1 where it has no letters."""
    share = np.ones(len(starts), np.float32)
    letters = np.flatnonzero((kinds >= LOWER) & (kinds <= UNSPACED))
    script = np.searchsorted(SCRIPT_STARTS, points[letters], "right")
    sizes = np.bincount(script, minlength=len(SCRIPT_STARTS) + 1)
    main = int(sizes.argmax())
    if sizes[main] == len(letters):
        return share
    owner = np.searchsorted(starts, letters, "right") - 1
    spoken = np.bincount(owner, minlength=len(starts))
    own = np.bincount(owner[script == main], minlength=len(starts))
    np.divide(own, spoken, out=share, where=spoken > 0)
    return share


def _positions(starts: Integers, ends: Integers) -> Integers:
    """Indexes of all characters that lie in blocks."""
    lengths = ends - starts
    offsets = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)


def _edge(owner: Integers) -> NDArray[np.bool_]:
    """True where a character is the first of its block."""
    edge = np.ones(len(owner), np.bool_)
    edge[1:] = owner[1:] != owner[:-1]
    return edge


def _sum(owner: Integers, mask: NDArray[np.bool_], total: int) -> Floats:
    return np.bincount(owner[mask], minlength=total).astype(np.float32)


def _rims(
    owner: Integers, inside: Classes, blank: NDArray[np.bool_], total: int
) -> tuple[Integers, Integers, Integers]:
    """Classes of each block's first, last and last but one character, white space aside; CONTROL where there is none."""
    solid = np.flatnonzero(~blank)
    whose = owner[solid]
    first, last, before = (np.zeros(total, np.int64) for _ in range(3))
    if len(solid):
        opening = _edge(whose)
        closing = np.append(opening[1:], True)
        first[whose[opening]] = inside[solid[opening]]
        last[whose[closing]] = inside[solid[closing]]
        behind = np.flatnonzero(closing & ~opening)
        before[whose[behind]] = inside[solid[behind - 1]]
    return first, last, before
