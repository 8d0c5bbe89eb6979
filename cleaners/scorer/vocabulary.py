"""How much each word speaks for content: log-odds learnt a hash bucket, read for a whole page at once.

No word list is shipped, only numbers: words are hashed (a polynomial over their lower-case characters, digits all
alike) into BUCKETS buckets, single and in pairs. In scripts without spaces every pair of characters is a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cleaners.scorer import characters as ch
from cleaners.scorer.characters import Floats, Integers, Text

BITS = 15
BUCKETS = 1 << BITS
PERIOD = 1 << 16
BASE = 0x9E3779B97F4A7C15
COLUMNS = 9
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a page: which block each belongs to (in order), its bucket, and that of it and the next word.

    `bounds` (B + 1,) says where each block's words begin."""

    owner: Integers
    single: Integers
    pair: Integers
    bounds: Integers


@cache
def _lower() -> NDArray[np.uint64]:
    """Lower case of the basic plane; every digit becomes `0`."""
    folded = np.arange(1, ch.ASTRAL + 1, dtype=np.uint64)
    for code in np.flatnonzero(ch.table() == ch.UPPER):
        folded[code] = ord(chr(code).lower()[0]) + 1
    folded[ch.table() == ch.DIGIT] = ord("0") + 1
    return folded


@cache
def _powers() -> tuple[Hashes, Hashes]:
    """Powers of an odd number and their inverses modulo 2**64, PERIOD of each."""
    powers, inverses = np.ones(PERIOD, np.uint64), np.ones(PERIOD, np.uint64)
    powers[1:], inverses[1:] = BASE, pow(BASE, -1, 2**64)
    return np.cumprod(powers), np.cumprod(inverses)


def bucket(mixed: Hashes) -> Integers:
    """The upper bits of a multiplicative hash (Knuth), as an index below BUCKETS."""
    return ((mixed * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(64 - BITS)).view(np.int64)


def read(text: Text) -> Words:
    """The words of a page.

    A word's hash is a polynomial in its characters (Rabin, Karp 1987), a difference of two running sums that is
    shifted to the origin; a word across the end of a PERIOD hashes differently, which is rare and does no harm.
    """
    heads, size = text.heads, len(text.points)
    powers, inverses = _powers()
    running = np.zeros(size + 1, np.uint64)
    spelled = _lower().take(text.points if text.points.max(initial=0) < ch.ASTRAL else np.minimum(text.points, ch.LAST))
    spelled *= powers[:size] if size <= PERIOD else np.resize(powers, size)
    np.cumsum(spelled, out=running[1:])
    hashed = running.take(text.tails + 1) - running.take(heads)
    hashed *= inverses.take(heads if size <= PERIOD else heads % PERIOD)
    counts = np.diff(text.words)
    following = np.zeros_like(hashed)
    following[:-1] = hashed[1:]
    following[text.words[1:][counts > 0] - 1] = 0
    following += hashed * np.uint64(0x2545F4914F6CDD1D)
    single, pair = bucket(hashed), bucket(following)
    undivided = text.kinds.take(heads) == ch.UNSPACED
    if undivided.any():
        single[undivided] = pair[undivided]
    return Words(np.repeat(np.arange(len(counts)), counts), single, pair, text.words)


def features(words: Words, table: Floats, blocks: int) -> Floats:
    """What the words of each block say, shape (blocks, COLUMNS).

    `table` is (2, BUCKETS): log-odds in short and in long blocks.
    """
    found = np.zeros((blocks, COLUMNS), np.float32)
    if not len(words.owner):
        return found
    there = np.flatnonzero(words.bounds[1:] > words.bounds[:-1])
    heads = words.bounds.take(there)
    spoken = np.stack([table[0].take(words.single), table[0].take(words.pair), table[1].take(words.single)])
    size = np.diff(heads, append=len(words.owner)).astype(np.float32)
    total = np.add.reduceat(spoken, heads, axis=1)
    said = np.empty((COLUMNS, len(there)), np.float32)
    np.divide(total, size + 1, out=said[0:3])
    np.minimum.reduceat(spoken, heads, axis=1, out=said[3:6])
    np.maximum.reduceat(spoken[0], heads, out=said[6])
    spoken[0].take(heads, out=said[7])
    np.divide(total[0], np.sqrt(size), out=said[8])
    found[there] = said.T
    return found
