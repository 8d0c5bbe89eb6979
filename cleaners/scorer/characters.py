"""What the characters of a page are, as arrays: every count of every block from one pass of numpy.

Classes are of Unicode's making, so that no language is favoured: terminators are `.`, `。`, `؟` and `।` alike.
Scripts that write without spaces count as more than one Latin letter each (WEIGHTS), so that a length means the same
everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
WORDLY, LETTERS = np.uint8(DIGIT - LOWER), np.uint8(UNSPACED - LOWER)  # classes LOWER to DIGIT stand in a row
AFTER_SENTENCE = np.zeros(len(CLASSES), np.bool_)
AFTER_SENTENCE[[CONTROL, NEWLINE, SPACE, QUOTE, UNSPACED]] = True
ASTRAL, LAST = 0x10000, np.uint32(0xFFFF)
IDEOGRAPHS = 0x20000


_BY_CATEGORY = {
    "L": UNCASED, "M": UNCASED, "N": DIGIT, "P": PUNCTUATION, "S": SYMBOL, "Z": SPACE, "C": CONTROL,
    "Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Nd": DIGIT, "Pd": DASH, "Ps": BRACKET, "Pe": BRACKET, "Zs": SPACE,
    "Pi": QUOTE, "Pf": QUOTE, "Zl": NEWLINE, "Zp": NEWLINE,
}  # fmt: skip


@cache
def table() -> Classes:
    """Class of each character of the basic plane, 65,536 bytes (15 ms, once)."""
    categories = list(map(unicodedata.category, map(chr, range(ASTRAL))))
    numbers = {name: _BY_CATEGORY.get(name, _BY_CATEGORY[name[0]]) for name in set(categories)}
    found = np.array([numbers[name] for name in categories], np.uint8)
    for low, high in UNSPACED_RANGES:
        letters = [code for code in range(low, high + 1) if categories[code][0] in "LM"]
        found[letters] = UNSPACED
    found[ord("\t")] = SPACE
    for number, members in reversed(MEMBERS.items()):  # of two classes the first one has a character
        found[[ord(member) for member in members]] = number
    return found


def codes(text: str) -> Codes:
    """Code points of a text; lone surrogates pass."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def classes(points: Codes) -> Classes:
    """The class of every code point, shape (characters,); `take` costs a third of what an index does."""
    if not len(points) or points.max() < ASTRAL:
        return table().take(points)
    found = table().take(np.minimum(points, LAST))
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
    """A page's characters, block behind block. N characters, B blocks, W words.

    points, kinds  (N,) code points and their classes
    bounds         (B + 1,) where each block begins among the N, and N
    heads, tails   (W,) first and last character of each word; in a script without spaces each character is one
    words          (B + 1,) where the words of each block begin among the W, and W
    """

    points: Codes
    kinds: Classes
    bounds: Integers
    heads: Integers
    tails: Integers
    words: Integers

    @property
    def edges(self) -> Integers:
        """Where a block begins behind another one."""
        inner: Integers = self.bounds[1:-1]
        return inner if inner.all() and inner.max(initial=0) < len(self.kinds) else _inside(inner, len(self.kinds))


def _inside(edges: Integers, size: int) -> Integers:
    """Without those at the ends, where blocks are empty."""
    return edges[(edges > 0) & (edges < size)]


def read(blocks: Sequence[str]) -> Text:
    """Classify the characters of blocks."""
    points = codes("".join(blocks))
    bounds = np.zeros(len(blocks) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, blocks), np.int64, len(blocks)), out=bounds[1:])
    kinds = classes(points)
    nothing = np.zeros(0, np.int64)
    text = Text(points, kinds, bounds, nothing, nothing, nothing)
    wordly = kinds - np.uint8(LOWER) <= WORDLY
    joined = wordly[1:] & wordly[:-1]
    joined[text.edges - 1] = False
    unspaced = kinds == UNSPACED
    if unspaced.any():
        joined &= ~(unspaced[1:] | unspaced[:-1])
    starting, ending = wordly.copy(), wordly
    starting[1:] ^= joined
    ending[:-1] ^= joined
    heads = np.flatnonzero(starting)
    return replace(text, heads=heads, tails=np.flatnonzero(ending), words=heads.searchsorted(bounds))


def count(text: Text) -> Counts:
    """Counts for the blocks of a page."""
    kinds, bounds, total, width = text.kinds, text.bounds, len(text.bounds) - 1, len(CLASSES)
    keys = np.repeat(np.arange(0, total * width, width), np.diff(bounds))
    keys += kinds
    tally = np.bincount(keys, minlength=total * width).reshape(total, width).astype(np.float32)
    following = np.append(kinds[1:], np.uint8(NEWLINE))
    following[text.edges - 1] = NEWLINE
    stops = np.flatnonzero(kinds == TERMINATOR)
    stops = stops[AFTER_SENTENCE.take(following.take(stops))]
    capitals = np.flatnonzero(kinds.take(text.heads) == UPPER)
    first, last, before_last = _rims(kinds, bounds)
    return Counts(
        tally=tally,
        size=tally @ WEIGHTS,
        words=_between(text.words) - tally[:, UNSPACED] / np.float32(2),
        capitals=_between(capitals.searchsorted(text.words)),
        sentences=_between(stops.searchsorted(bounds)),
        first=first,
        last=last,
        before_last=before_last,
    )


def native(text: Text) -> Floats:
    """Share of each block's letters that are of the page's main script, (B,); 1 where it has no letters."""
    total = len(text.bounds) - 1
    share = np.ones(total, np.float32)
    strange = text.points >= SCRIPT_STARTS[1]
    letters = text.kinds - np.uint8(LOWER) <= LETTERS
    if not (strange & letters).any():
        return share
    found = np.flatnonzero(letters)
    script = np.searchsorted(SCRIPT_STARTS, text.points.take(found), "right")
    main = int(np.bincount(script).argmax())
    spoken = _between(found.searchsorted(text.bounds))
    own = _between(found[script == main].searchsorted(text.bounds))
    np.divide(own, spoken, out=share, where=spoken > 0)
    return share


def _between(bounds: Integers) -> Floats:
    """How many lie between each bound and the next, (B + 1,) → (B,)."""
    return np.diff(bounds).astype(np.float32)


def _rims(kinds: Classes, bounds: Integers) -> tuple[Integers, Integers, Integers]:
    """Classes of each block's first, last and last but one character, white space aside; CONTROL without any."""
    solid = np.flatnonzero(kinds > SPACE)
    at = solid.searchsorted(bounds)
    there = np.flatnonzero(at[1:] > at[:-1])
    heads, tails = solid.take(at[:-1].take(there)), solid.take(at[1:].take(there) - 1)
    rims = np.zeros((3, len(bounds) - 1), np.int64)
    for row, places in enumerate((heads, tails, np.maximum(tails - 1, heads))):
        rims[row, there] = kinds.take(places)
    return rims[0], rims[1], rims[2]
