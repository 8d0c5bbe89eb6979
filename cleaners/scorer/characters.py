"""What the characters of a page are, as arrays: every count of every block from one pass of numpy.

Classes are of Unicode's making, so that no language is favoured: terminators are `.`, `。`, `؟` and `।` alike.
Scripts that write without spaces count as more than one Latin letter each (WEIGHTS), so that a length means the same
everywhere.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Codes = NDArray[np.uint32]
Classes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Numbers = NDArray[Any]

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
    # Latin | Greek | Cyrillic | Armenian | Hebrew | Arabic | Devanagari | Bengali | Gurmukhi and on | Tamil and on |
    # Thai and on | Georgian | Ethiopic | Khmer and on | Latin again | CJK, kana, Hangul
    [0x0, 0x370, 0x400, 0x530, 0x590, 0x600, 0x900, 0x980, 0xA00, 0xB80, 0xE00, 0x10A0, 0x1200, 0x1700, 0x1D00, 0x2E80],
    np.uint32,
)
WORDLY = np.zeros(len(CLASSES), np.bool_)
WORDLY[[LOWER, UPPER, UNCASED, DIGIT, UNSPACED]] = True
AFTER_SENTENCE = np.zeros(len(CLASSES), np.bool_)
AFTER_SENTENCE[[CONTROL, NEWLINE, SPACE, QUOTE, UNSPACED]] = True
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


@dataclass(frozen=True, slots=True)
class Text:
    """A page's characters. N characters that lie in blocks, B blocks.

    points, kinds  (N,) code points and their classes
    owner          (N,) the block of each
    opening        (N,) True where a block begins
    wordly         (N,) letters and digits
    heads, tails   (W,) first and last character of each word; in a script without spaces each character is one
    starts         (B,) where each block begins among the N
    """

    points: Codes
    kinds: Classes
    owner: Integers
    opening: Flags
    wordly: Flags
    heads: Integers
    tails: Integers
    starts: Integers


def read(text: str, starts: Integers, ends: Integers) -> Text:
    """Classify the characters of the blocks that lie in order at `starts` … `ends`; what lies between is left out."""
    points = codes(text)
    lengths = ends - starts
    if int(lengths.sum()) != len(points):
        points = points[_positions(starts, lengths)]
    kinds = classes(points)
    packed = np.cumsum(lengths) - lengths
    opening = np.zeros(len(points), np.bool_)
    opening[packed] = True
    owner = np.repeat(np.arange(len(starts)), lengths)
    wordly = WORDLY[kinds]
    unspaced = kinds == UNSPACED
    joined = wordly[1:] & wordly[:-1] & ~(unspaced[1:] | unspaced[:-1] | opening[1:])
    heads, tails = wordly.copy(), wordly.copy()
    heads[1:] &= ~joined
    tails[:-1] &= ~joined
    return Text(points, kinds, owner, opening, wordly, np.flatnonzero(heads), np.flatnonzero(tails), packed)


def count(text: Text) -> Counts:
    """Counts for the blocks of a page."""
    kinds, owner, total, width = text.kinds, text.owner, len(text.starts), len(CLASSES)
    tally = np.bincount(owner * width + kinds, minlength=total * width).reshape(total, width).astype(np.float32)
    heads = text.heads
    stops = np.flatnonzero(kinds == TERMINATOR)
    after = np.minimum(stops + 1, len(kinds) - 1)
    stops = stops[(after == stops) | text.opening[after] | AFTER_SENTENCE[kinds[after]]]
    first, last, before_last = _rims(owner, kinds, total)
    return Counts(
        tally=tally,
        size=tally @ WEIGHTS,
        words=_sum(owner[heads], total) - tally[:, UNSPACED] / np.float32(2),
        capitals=_sum(owner[heads[kinds[heads] == UPPER]], total),
        sentences=_sum(owner[stops], total),
        first=first,
        last=last,
        before_last=before_last,
    )


def native(text: Text) -> Floats:
    """Share of each block's letters that are of the page's main script, (B,); 1 where it has no letters."""
    total = len(text.starts)
    share = np.ones(total, np.float32)
    letters = np.flatnonzero(text.wordly & (text.kinds != DIGIT))
    points = text.points[letters]
    if not len(points) or points.max() < SCRIPT_STARTS[1]:
        return share
    script = np.searchsorted(SCRIPT_STARTS, points, "right")
    main = int(np.bincount(script).argmax())
    owner = text.owner[letters]
    spoken, own = _sum(owner, total), _sum(owner[script == main], total)
    np.divide(own, spoken, out=share, where=spoken > 0)
    return share


def _positions(starts: Integers, lengths: Integers) -> Integers:
    """Indexes of all characters that lie in blocks."""
    offsets = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(starts - offsets, lengths), np.int64)


def _sum(owner: Integers, total: int) -> Floats:
    return np.bincount(owner, minlength=total).astype(np.float32)


def _rims(owner: Integers, kinds: Classes, total: int) -> tuple[Integers, Integers, Integers]:
    """Classes of each block's first, last and last but one character, white space aside; CONTROL without any."""
    solid = np.flatnonzero(kinds > SPACE)
    whose = owner[solid]
    first, last, before = (np.zeros(total, np.int64) for _ in range(3))
    if len(solid):
        turns = np.flatnonzero(whose[1:] != whose[:-1])
        heads, tails = solid[np.append(0, turns + 1)], solid[np.append(turns, len(solid) - 1)]
        there = owner[heads]
        first[there], last[there] = kinds[heads], kinds[tails]
        before[there] = kinds[np.maximum(tails - 1, heads)]
    return first, last, before
