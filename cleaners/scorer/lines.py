"""What a block says about itself without any markup: its length, its shape, its place, its neighbours.

The features of a text dump's lines, and the first part of those of an HTML page's blocks. All are computed for the
page at once; B stands for the number of blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaners.document import Page
from cleaners.matching import Hit
from cleaners.scorer import characters as ch
from cleaners.scorer import phrases, vocabulary
from cleaners.scorer.characters import Counts, Floats, Integers
from cleaners.scorer.vocabulary import Words

SHARES = (ch.UPPER, ch.DIGIT, ch.COMMA, ch.QUOTE, ch.BULLET, ch.SYMBOL, ch.PUNCTUATION, ch.BRACKET, ch.COLON, ch.DASH)
RIMS = ((ch.TERMINATOR,), (ch.COMMA,), (ch.COLON,), (ch.QUOTE,), (ch.BRACKET,), (ch.DIGIT,), (ch.BULLET, ch.SYMBOL))
HEADS = ((ch.UPPER,), (ch.LOWER,), (ch.DIGIT,), (ch.QUOTE,), (ch.BULLET, ch.SYMBOL, ch.DASH), (ch.PUNCTUATION,))
LOGGED = (ch.COMMA, ch.QUOTE, ch.DIGIT, ch.BULLET)
LONG = 80.0
WINDOWS = (2, 5, 12)


def columns(parts: Sequence[Floats]) -> Floats:
    """Vectors (B,) and matrices (B, k) side by side."""
    return np.concatenate([part[:, None] if part.ndim == 1 else part for part in parts], axis=1, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Measures:
    """What the page's characters tell of its blocks; `native` is the share of letters of the page's own script."""

    counts: Counts
    words: Words
    native: Floats


def measure(page: Page) -> Measures:
    """Characters and words of the page's blocks."""
    starts = np.fromiter((block.start for block in page.blocks), np.int64, len(page.blocks))
    ends = np.fromiter((block.end for block in page.blocks), np.int64, len(page.blocks))
    points = ch.codes(page.text)
    kinds = ch.classes(points)
    native = ch.native(points, kinds, starts)
    return Measures(ch.count(kinds, starts, ends), vocabulary.read(points, kinds, starts), native)


def features(page: Page, measures: Measures, hits: Sequence[Hit], table: Floats) -> Floats:
    """All features that need no markup, shape (B, F); `table` is the network's vocabulary."""
    counts = measures.counts
    own = _own(counts)
    prose = prosaic(counts)
    return columns([
        own,
        _repeats(page),
        _windows(np.stack([counts.size, prose, np.ones_like(prose), (prose > 0).astype(np.float32)], axis=1)),
        _place(counts.size, prose),
        _page(counts, prose),
        vocabulary.features(measures.words, table, len(page.blocks)),
        phrases.features(hits, len(page.blocks)),
        measures.native,
    ])  # fmt: skip


def prosaic(counts: Counts) -> Floats:
    """Weighted characters of blocks that read like prose (long, sentences end in them), else 0, shape (B,)."""
    return np.where((counts.size >= LONG) & (counts.sentences > 0), counts.size, 0.0).astype(np.float32)


def _flags(groups: tuple[tuple[int, ...], ...]) -> Floats:
    """(classes, groups): 1 where the class is of the group."""
    flags = np.zeros((len(ch.CLASSES), len(groups)), np.float32)
    for number, members in enumerate(groups):
        flags[list(members), number] = 1
    return flags


_RIM_FLAGS = _flags(RIMS)
_HEAD_FLAGS = _flags(HEADS)


def _own(counts: Counts) -> Floats:
    """The block alone."""
    tally, size, words = counts.tally, counts.size, counts.words
    letters = np.maximum(tally[:, ch.LOWER : ch.UNSPACED + 1].sum(axis=1), 1.0)
    marks = np.maximum(tally[:, ch.SPACE :].sum(axis=1), 1.0)
    spoken = np.maximum(words, 1.0)
    ends = _RIM_FLAGS[counts.last]
    full = np.minimum(ends[:, 0] + ends[:, 3] * (counts.before_last == ch.TERMINATOR), 1.0)
    logs = np.log1p(np.stack([size, words, counts.sentences], axis=1))
    shares = tally[:, SHARES] / marks[:, None]
    return columns([
        logs,
        full,
        counts.capitals / spoken,
        tally[:, ch.UPPER] / letters,
        tally[:, ch.SPACE] / marks,
        np.minimum(tally[:, ch.NEWLINE], 5.0),
        size >= LONG,
        shares,
        np.log1p(tally[:, LOGGED]),
        ends,
        _HEAD_FLAGS[counts.first],
        size / spoken,
        tally[:, ch.UNSPACED] / letters,
        tally[:, ch.UNCASED] / letters,
        counts.sentences / spoken * 10,
    ])  # fmt: skip


def _repeats(page: Page) -> Floats:
    """How often the page shows this very text, and whether it has before, shape (B, 2)."""
    said = [block.text.strip() for block in page.blocks]
    often = Counter(said)
    seen: set[str] = set()
    again = np.zeros((len(said), 2), np.float32)
    if len(often) == len(said):
        return again
    for at, text in enumerate(said):
        again[at] = (min(often[text] - 1, 4), text in seen)
        seen.add(text)
    return again


def _windows(mass: Floats) -> Floats:
    """Sums over the blocks before and behind, in windows of several widths, shape (B, k * 2 * windows)."""
    total = np.concatenate([np.zeros((1, mass.shape[1])), np.cumsum(mass, axis=0, dtype=np.float64)])
    size = len(mass)
    here = np.arange(size)
    parts = []
    for width in WINDOWS:
        low, high = np.maximum(here - width, 0), np.minimum(here + 1 + width, size)
        parts += [total[here] - total[low], total[high] - total[here + 1]]
    return np.log1p(np.maximum(np.concatenate(parts, axis=1), 0)).astype(np.float32)


def _place(size: Floats, prose: Floats) -> Floats:
    """Where the block stands: in the page, in its prose, against the first and last long block, in the densest run."""
    total = len(size)
    here = np.arange(total, dtype=np.float32)
    before = np.cumsum(prose) - prose
    mass = max(float(prose.sum()), 1.0)
    long_ones = np.flatnonzero(prose)
    first, last = (long_ones[0], long_ones[-1]) if len(long_ones) else (0, total - 1)
    low, high = densest(size - 45.0)
    wide_low, wide_high = densest(np.sqrt(size) - 7.0)
    return columns([
        here / total,
        (np.cumsum(size) - size / 2) / max(float(size.sum()), 1.0),
        before / mass,
        np.log1p(before),
        np.log1p(mass - before - prose),
        signed_log(here - first),
        signed_log(here - last),
        np.log1p(here),
        np.log1p(total - here),
        ((here >= low) & (here < high)).astype(np.float32),
        signed_log(here - low),
        signed_log(here - high),
        ((here >= wide_low) & (here < wide_high)).astype(np.float32),
        signed_log(here - wide_low),
        signed_log(here - wide_high),
        *_since(prose > 0),
    ])  # fmt: skip


def signed_log(values: Floats) -> Floats:
    """log1p of the size, with the sign."""
    return (np.sign(values) * np.log1p(np.abs(values))).astype(np.float32)


def densest(gain: Floats) -> tuple[int, int]:
    """The run with the largest sum (Bentley's maximum subarray), as [low, high)."""
    total = np.concatenate([[0.0], np.cumsum(gain, dtype=np.float64)])
    lowest = np.minimum.accumulate(total)
    high = int(np.argmax(total - lowest))
    return int(np.argmin(total[: high + 1])), high


def _since(long_ones: Integers) -> list[Floats]:
    """Blocks since the last long block and to the next one (log), at most the page's length."""
    total = len(long_ones)
    here = np.arange(total)
    past = np.maximum.accumulate(np.where(long_ones, here, -total))
    coming = np.minimum.accumulate(np.where(long_ones, here, 2 * total)[::-1])[::-1]
    return [np.log1p(here - past).astype(np.float32), np.log1p(coming - here).astype(np.float32)]


def _page(counts: Counts, prose: Floats) -> Floats:
    """What holds for the page as a whole, the same in every row."""
    size = counts.size
    total = len(size)
    mass = float(size.sum()) + 1.0
    letters = float(counts.tally[:, ch.LOWER : ch.UNSPACED + 1].sum()) + 1.0
    values = [
        np.log1p(total),
        np.log1p(mass),
        float(prose.sum()) / mass,
        np.log1p(float((prose > 0).sum())),
        np.log1p(float(np.median(size))),
        np.log1p(float(size.max())),
        float(counts.tally[:, ch.UNSPACED].sum()) / letters,
        float(counts.tally[:, ch.UNCASED].sum()) / letters,
        float(counts.tally[:, ch.NEWLINE].sum()) / total,
        float((counts.tally[:, ch.NEWLINE] > 1).sum()) / total,
    ]  # fmt: skip
    return np.tile(np.array(values, np.float32), (total, 1))
