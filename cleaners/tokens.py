"""Words and lines of many texts at once, as arrays: what is counted of a text costs a call then, not a call a word.

Words are told apart by 64-bit hashes, polynomials over their code points modulo 2**64 (Karp & Rabin 1987), which are
read off sums over the text: two of a million different words are taken for one once in 40 million such texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cleaners.letters import (
    C4_END,
    LETTER,
    QUOTE,
    SENTENCE_END,
    SOLID,
    SPACE,
    STOP,
    UNDIVIDED,
    Kinds,
    kinds_of,
)

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Points = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

PIECE: Final = 1 << 16  # characters that are looked at together: so many as a processor holds close by
# Characters, a power of two: powers are in memory for so many, however long a line is.
BLOCK: Final = 2 * PIECE
_BASE: Final = 0x9E3779B97F4A7C15  # odd and without pattern, SplitMix's constants
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT: Final = np.uint64(32)
_NEWLINE, _SPACE, _DOT, _ELLIPSIS, _DASH, _BULLET = map(ord, "\n .…-•")
# What C4 drops a line, or a text, for holds one of these.
CLUES: Final = (b"javascript", b"cookie", b"terms of use", b"privacy policy", b"lorem ipsum")
_LEAD: Final = "\n\n\n"  # what stands before a piece, so that one can look three characters back


@dataclass(frozen=True, slots=True)
class Words:
    """The words of texts, in order; an entry a word.

    doc         number of the text
    size        characters
    name        hash; equal words have the same
    letterless  whether it has no letter
    bare        whether it is nothing but punctuation
    """

    doc: Ints
    size: Ints
    name: Hashes
    letterless: Bools
    bare: Bools


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of texts that hold more than white space, in order; an entry a line, sizes in characters.

    doc         number of the text
    start       where it begins, in all texts joined by newlines
    size        characters; `stripped`: without white space at its ends
    name        hash; equal lines of a text have the same
    bullet      whether it begins with `•` or `-`
    ellipsis    whether it ends in `...` or `…`
    terminal    whether its last character ends a sentence
    c4          whether C4 keeps it, policies and long words aside
    breaks      ends of sentences inside of it, as C4 counts them
    """

    doc: Ints
    start: Ints
    size: Ints
    stripped: Ints
    name: Hashes
    bullet: Bools
    ellipsis: Bools
    terminal: Bools
    c4: Bools
    breaks: Ints


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and lines of texts, and what is worth a look.

    blank   numbers of texts with a line of nothing but white space
    dotted  numbers of texts with `...`, and perhaps others
    clues   where in all texts, joined by newlines, a phrase of CLUES is, in whatever case, or something like it
    """

    words: Words
    lines: Lines
    blank: Ints
    dotted: Ints
    clues: Ints


@dataclass(frozen=True, slots=True)
class _Piece:
    """Whole lines: code points between newlines, their kinds, sums that hashes are read off.

    `sums` are those over the code points before each place, times powers of the base that begin again in each block.
    `newlines`, and where what white space sets apart `begins` and `ends`, are places in the piece.
    """

    codes: Points
    kinds: Kinds
    sums: Hashes
    newlines: Ints
    begins: Ints
    ends: Ints

    def names(self, begins: Ints, ends: Ints) -> Hashes:
        """The hashes of stretches of the piece."""
        _, inverse = _powers()
        sizes = (ends - begins).view(np.uint64)
        names = (self.sums.take(ends) - self.sums.take(begins)) * inverse.take(begins & (BLOCK - 1))
        if len(self.codes) > BLOCK:
            for at in (begins // BLOCK != (ends - 1) // BLOCK).nonzero()[0].tolist():
                names[at] = self._name(int(begins[at]), int(ends[at]))
        return names + sizes * _MIX

    def _name(self, begin: int, end: int) -> int:
        """The polynomial of a stretch of several blocks."""
        _, inverse = _powers()
        name, at = 0, begin
        while at < end:
            stop = min(end, (at // BLOCK + 1) * BLOCK)
            part = (int(self.sums[stop]) - int(self.sums[at])) * int(inverse[at % BLOCK])
            name, at = name + part * pow(_BASE, at - begin, 1 << 64), stop
        return name % (1 << 64)


def tokens(texts: Sequence[str]) -> Tokens:
    """The words and lines of texts."""
    joined = "\n".join(texts)
    bounds = np.cumsum([0, *(len(text) + 1 for text in texts)])
    parts = [_tokens(_piece(joined[start:stop]), start - len(_LEAD), bounds) for start, stop in _pieces(joined)]
    if len(parts) == 1:
        return parts[0]
    words, lines = _joined([part.words for part in parts]), _joined([part.lines for part in parts])
    looked = ([getattr(part, name) for part in parts] for name in ("blank", "dotted", "clues"))
    return Tokens(words, lines, *map(np.concatenate, looked))


def _joined(parts: Sequence[Any]) -> Any:
    """Words, or lines, of several pieces."""
    columns = ([getattr(part, each.name) for part in parts] for each in fields(parts[0]))
    return type(parts[0])(*map(np.concatenate, columns))


def _pieces(joined: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of a text are: whole lines, without the newline behind them."""
    start = stop = 0
    while stop < len(joined) or not start:
        stop = joined.find("\n", start + PIECE)
        stop = stop if stop >= 0 else len(joined)
        yield start, stop
        start = stop + 1


def _piece(text: str) -> _Piece:
    data = f"{_LEAD}{text}\n".encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(data, np.uint32)
    kinds, sums = np.empty(len(codes), np.uint8), np.zeros(len(codes) + 1, np.uint64)
    powers, _ = _powers()
    for start in range(0, len(codes), BLOCK):
        block = codes[start : start + BLOCK].astype(np.int64)
        stop = start + len(block)
        kinds[start:stop] = kinds_of(block)
        np.multiply(block.view(np.uint64), powers[: len(block)], out=sums[start + 1 : stop + 1])
    np.cumsum(sums, out=sums)
    spaces = kinds & SPACE
    edges = (spaces[1:] != spaces[:-1]).nonzero()[0] + 1  # it begins and ends with white space
    return _Piece(codes, kinds, sums, (codes == _NEWLINE).nonzero()[0], edges[::2], edges[1::2])


@cache
def _powers() -> tuple[Hashes, Hashes]:
    """Powers of the base for the places of a block, and their inverses."""
    powers, inverse = (np.full(BLOCK, base, np.uint64) for base in (_BASE, pow(_BASE, -1, 1 << 64)))
    powers[0] = inverse[0] = 1
    return np.multiply.accumulate(powers), np.multiply.accumulate(inverse)


def _tokens(piece: _Piece, offset: int, bounds: Ints) -> Tokens:
    """What is in a piece that stands at `offset` in texts that begin at `bounds`."""
    stretches = piece.begins.searchsorted(piece.newlines)
    counts = stretches[1:] - stretches[:-1]
    starts = piece.newlines[:-1] + 1
    docs = bounds.searchsorted(starts + offset, "right") - 1
    begins, ends = _divided(piece)
    each = np.diff(begins.searchsorted(piece.newlines)) if len(begins) > len(piece.begins) else counts
    held = counts.nonzero()[0]
    dotted, clues = _looks(piece.codes)
    return Tokens(
        words=_words(piece, begins, ends, np.repeat(docs, each)),
        lines=_lines(piece, held, stretches, docs[held], offset),
        blank=docs[(counts == 0) & (piece.newlines[1:] > starts)],
        dotted=bounds.searchsorted(dotted + offset, "right") - 1,
        clues=clues + offset,
    )


def _looks(codes: Points) -> tuple[Ints, Ints]:
    """Where `...` is, and where a phrase that C4 looks for, or what ends in the same bytes."""
    low = codes.astype(np.uint8) | np.uint8(32)  # ASCII letters become lower case
    dots = low == _DOT
    data = low.tobytes()
    clues = [place for phrase in CLUES for place in _found(phrase, data)]
    return (dots[2:] & dots[1:-1] & dots[:-2]).nonzero()[0], np.array(clues, np.int64)


def _found(phrase: bytes, data: bytes) -> Iterator[int]:
    """Every place of a phrase."""
    place = data.find(phrase)
    while place >= 0:
        yield place
        place = data.find(phrase, place + 1)


def _divided(piece: _Piece) -> tuple[Ints, Ints]:
    """Where words begin and end: what white space sets apart, and pairs of letters of scripts that do not divide."""
    places = (piece.kinds & UNDIVIDED != 0).nonzero()[0]
    if not len(places):
        return piece.begins, piece.ends
    first = np.ones(len(places) + 1, bool)
    first[1:-1] = places[1:] - places[:-1] != 1
    runs = np.maximum.accumulate(np.where(first[:-1], places, 0))
    behind = places[first[1:]] + 1
    marks = np.zeros(len(piece.codes), bool)
    marks[piece.begins] = True
    marks[places[(places - runs) & 1 == 0]] = True
    marks[behind[piece.kinds[behind] & SPACE == 0]] = True
    begins = marks.nonzero()[0]
    marks[piece.begins] = False  # the others are ends as well, of what stands before them
    marks[piece.ends] = True
    return begins, marks.nonzero()[0]


def _words(piece: _Piece, begins: Ints, ends: Ints, docs: Ints) -> Words:
    names = piece.names(begins, ends)
    names ^= names >> _SHIFT
    names *= _MIX
    letterless, bare = np.zeros(len(begins), bool), np.zeros(len(begins), bool)
    odd = (piece.kinds.take(begins) & LETTER == 0).nonzero()[0]
    if len(odd):
        around = np.stack((begins[odd], ends[odd]), axis=1).ravel()
        kinds = np.bitwise_or.reduceat(piece.kinds, around)[::2]
        letterless[odd] = kinds & LETTER == 0
        bare[odd] = kinds & SOLID == 0
    return Words(docs, ends - begins, names, letterless, bare)


def _lines(piece: _Piece, held: Ints, stretches: Ints, docs: Ints, offset: int) -> Lines:
    """The lines of a piece that are `held`; `stretches` are the numbers of what stands behind each newline."""
    codes, kinds = piece.codes, piece.kinds
    begins, ends = piece.newlines[held] + 1, piece.newlines[held + 1]
    first, last = piece.begins[stretches[held]], piece.ends[stretches[held + 1] - 1] - 1
    dots = (codes[last] == _DOT) & (codes[last - 1] == _DOT) & (codes[last - 2] == _DOT)
    long = stretches[held + 1] - stretches[held] > 2
    return Lines(
        doc=docs,
        start=begins + offset,
        size=ends - begins,
        stripped=last + 1 - first,
        name=piece.names(begins, ends),
        bullet=(codes[first] == _BULLET) | (codes[first] == _DASH),
        ellipsis=dots | (codes[last] == _ELLIPSIS),
        terminal=kinds[ends - 1] & SENTENCE_END != 0,
        c4=(kinds[last] & C4_END != 0) & ~dots & long,
        breaks=_breaks(piece, begins, last),
    )


def _breaks(piece: _Piece, begins: Ints, last: Ints) -> Ints:
    """How often a sentence ends inside of each line: a full stop and a space, quotation marks between them aside."""
    marks = (piece.kinds & (STOP | QUOTE) != 0).nonzero()[0]
    quotes = piece.kinds[marks] & QUOTE != 0
    alone = np.ones(len(marks), bool)
    alone[:-1] = (marks[1:] - marks[:-1] != 1) | ~quotes[1:]
    rest = alone.nonzero()[0]
    stops = (~quotes).nonzero()[0]
    behind = marks[rest[rest.searchsorted(stops)]] + 1
    behind = behind[piece.codes[behind] == _SPACE]
    lines = begins.searchsorted(behind, "right") - 1
    inside = behind < last[lines] if len(begins) else np.zeros(0, bool)
    return np.bincount(lines[inside], minlength=len(begins))
