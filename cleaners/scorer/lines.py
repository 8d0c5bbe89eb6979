"""What a block says about itself without any markup: its length, its shape, its place, its neighbours.

The features of a text dump's lines, and the first part of those of an HTML page's blocks. All are computed for the
page at once; B stands for the number of blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from cleaners.document import Page
from cleaners.matching import Hit
from cleaners.scorer import characters as ch
from cleaners.scorer import phrases, vocabulary
from cleaners.scorer.characters import Counts, Flags, Floats, Numbers
from cleaners.scorer.vocabulary import Words

SHARES = (ch.UPPER, ch.DIGIT, ch.COMMA, ch.QUOTE, ch.BULLET, ch.SYMBOL, ch.PUNCTUATION, ch.BRACKET, ch.COLON, ch.DASH)
RIMS = ((ch.TERMINATOR,), (ch.COMMA,), (ch.COLON,), (ch.QUOTE,), (ch.BRACKET,), (ch.DIGIT,), (ch.BULLET, ch.SYMBOL))
HEADS = ((ch.UPPER,), (ch.LOWER,), (ch.DIGIT,), (ch.QUOTE,), (ch.BULLET, ch.SYMBOL, ch.DASH), (ch.PUNCTUATION,))
LOGGED = (ch.COMMA, ch.QUOTE, ch.DIGIT, ch.BULLET)
LONG = 80.0
WINDOW = 12
RUN_LEAST = 45.0  # what a line of the densest run must have to be worth having, in characters
WIDE_RUN_LEAST = 7.0  # the same of the wider run, in roots of characters: short lines between long ones cost less


Witnesses = Mapping[str, Sequence[Numbers]]
"""Features by what they come from: columns (B,) and matrices (B, k)."""


def joined(witnesses: Witnesses) -> Floats:
    """The features of all witnesses side by side, (B, F)."""
    return columns(list(chain.from_iterable(witnesses.values())))


def columns(parts: Sequence[Numbers]) -> Floats:
    """Vectors (B,) and matrices (B, k) side by side."""
    columned = [part[:, None] if part.ndim == 1 else part for part in parts]
    return np.concatenate(columned, axis=1, dtype=np.float32, casting="unsafe")


@dataclass(frozen=True, slots=True)
class Measures:
    """What the page's characters tell of its blocks; `native` is the share of letters of the page's own script."""

    counts: Counts
    words: Words
    native: Floats


def measure(page: Page) -> Measures:
    """Characters and words of the page's blocks."""
    text = ch.read([block.text for block in page.blocks])
    return Measures(ch.count(text), vocabulary.read(text), ch.native(text))


def features(page: Page, measures: Measures, hits: Sequence[Hit], table: Floats) -> Floats:
    """All features that need no markup, shape (B, F); `table` is the network's vocabulary."""
    return joined(witnesses(page, measures, prosaic(measures.counts), hits, table))


def witnesses(page: Page, measures: Measures, prose: Floats, hits: Sequence[Hit], table: Floats) -> Witnesses:
    """The same by what they come from, in the order that the network knows."""
    counts, total = measures.counts, len(page.blocks)
    return {
        "shape": [*_own(counts), _repeats(page)],
        "place": [_windows(counts.size, prose), *_place(counts.size, prose), _page(counts, prose)],
        "words": [vocabulary.features(measures.words, table, total)],
        "phrases": [phrases.features(hits, total)],
        "script": [measures.native],
    }


def prosaic(counts: Counts) -> Floats:
    """Weighted characters of blocks that read like prose (long, sentences end in them), else 0, shape (B,)."""
    return np.where((counts.size >= LONG) & (counts.sentences > 0), counts.size, 0.0).astype(np.float32)


def _flags(groups: tuple[tuple[int, ...], ...]) -> Floats:
    """(classes, groups): 1 where the class is of the group."""
    flags = np.zeros((len(ch.CLASSES), len(groups)), np.float32)
    for number, members in enumerate(groups):
        flags[list(members), number] = 1
    return flags


_SUMMED = _flags((tuple(range(ch.LOWER, ch.UNSPACED + 1)), tuple(range(ch.SPACE, len(ch.CLASSES)))))
_RIM_FLAGS = _flags(RIMS)
_HEAD_FLAGS = _flags(HEADS)


def _own(counts: Counts) -> list[Numbers]:
    """The block alone."""
    tally, size, words = counts.tally, counts.size, counts.words
    sums = np.maximum(tally @ _SUMMED, 1)  # exact: counts are whole numbers
    letters, marks = sums[:, 0], sums[:, 1]
    spoken = np.maximum(words, 1)
    ends = _RIM_FLAGS.take(counts.last, axis=0)
    full = np.minimum(ends[:, 0] + ends[:, 3] * (counts.before_last == ch.TERMINATOR), 1)
    kinds = tally.T
    return [
        np.log1p(np.stack([size, words, counts.sentences])).T,
        full,
        np.stack([counts.capitals / spoken, kinds[ch.UPPER] / letters, kinds[ch.SPACE] / marks]).T,
        np.minimum(kinds[ch.NEWLINE], 5),
        size >= LONG,
        (kinds.take(SHARES, axis=0) / marks).T,
        np.log1p(kinds.take(LOGGED, axis=0)).T,
        ends,
        _HEAD_FLAGS.take(counts.first, axis=0),
        size / spoken,
        kinds[ch.UNSPACED] / letters,
        kinds[ch.UNCASED] / letters,
        counts.sentences / spoken * 10,
    ]


def _repeats(page: Page) -> Floats:
    """How often the page shows this very text, and whether it has before, shape (B, 2)."""
    seen: dict[str, int] = {}
    first = np.array([seen.setdefault(block.text.strip(), block.index) for block in page.blocks], np.int64)
    again = np.zeros((len(first), 2), np.float32)
    if len(seen) < len(first):
        again[:, 0] = np.minimum(np.bincount(first)[first] - 1, 4)
        again[:, 1] = first != np.arange(len(first))
    return again


def _windows(size: Floats, prose: Floats) -> Floats:
    """Text and prose in the WINDOW blocks before and behind, and how many are prose, (B, 6)."""
    count = len(size)
    total = np.zeros((3, count + 1))
    np.cumsum(np.stack([size, prose, prose > 0]), axis=1, out=total[:, 1:])
    here = np.arange(count)
    around = np.empty((6, count), np.float32)
    around[:3] = total[:, :-1] - total.take(np.maximum(here - WINDOW, 0), axis=1)
    around[3:] = total.take(np.minimum(here + (1 + WINDOW), count), axis=1) - total[:, 1:]
    return np.log1p(np.maximum(around, 0)).T


def _place(size: Floats, prose: Floats) -> list[Numbers]:
    """Where the block stands: in the page, in its prose, against the first and last long block, in the densest run."""
    total = len(size)
    here = np.arange(total, dtype=np.float32)
    through, read = np.cumsum(size), np.cumsum(prose)
    mass = max(float(read[-1]), 1.0)
    long_ones = np.flatnonzero(prose)
    first, last = (long_ones[0], long_ones[-1]) if len(long_ones) else (0, total - 1)
    marks = np.array([first, last, *densest(size - RUN_LEAST), *densest(np.sqrt(size) - WIDE_RUN_LEAST)], np.float32)
    from_marks = here - marks[:, None]
    return [
        here / total,
        (through - size / 2) / max(float(through[-1]), 1.0),
        (read - prose) / mass,
        np.log1p(np.stack([read - prose, np.maximum(mass - read, 0), here, total - here])).T,
        ((from_marks[2:6:2] >= 0) & (from_marks[3:6:2] < 0)).T,
        signed_log(from_marks).T,
        _since(prose > 0),
    ]


def signed_log(values: Numbers) -> Floats:
    """log1p of the size, with the sign."""
    return np.copysign(np.log1p(np.abs(values)), values, dtype=np.float32)


def densest(gain: Numbers) -> tuple[int, int]:
    """The run with the largest sum (Bentley's maximum subarray), as [low, high)."""
    total = np.concatenate([[0.0], np.cumsum(gain, dtype=np.float64)])
    lowest = np.minimum.accumulate(total)
    high = int(np.argmax(total - lowest))
    return int(np.argmin(total[: high + 1])), high


def _since(long_ones: Flags) -> Floats:
    """Blocks since the last long block and to the next one (log), at most the page's length, (B, 2)."""
    total = len(long_ones)
    here = np.arange(total)
    past = np.maximum.accumulate(np.where(long_ones, here, -total))
    coming = np.minimum.accumulate(np.where(long_ones, here, 2 * total)[::-1])[::-1]
    return np.log1p(np.stack([here - past, coming - here]), dtype=np.float32).T


def _page(counts: Counts, prose: Floats) -> Floats:
    """What holds for the page as a whole, the same in every row."""
    size = counts.size
    total = len(size)
    kinds = counts.tally.sum(axis=0)
    mass = float(size.sum()) + 1.0
    letters = float(kinds[ch.LOWER : ch.UNSPACED + 1].sum()) + 1.0
    values = [
        math.log1p(total),
        math.log1p(mass),
        float(prose.sum()) / mass,
        math.log1p(np.count_nonzero(prose > 0)),
        math.log1p(np.partition(size, total // 2)[total // 2]),
        math.log1p(size.max()),
        float(kinds[ch.UNSPACED]) / letters,
        float(kinds[ch.UNCASED]) / letters,
        float(kinds[ch.NEWLINE]) / total,
        np.count_nonzero(counts.tally[:, ch.NEWLINE] > 1) / total,
    ]
    return np.broadcast_to(np.array(values, np.float32), (total, len(values)))
