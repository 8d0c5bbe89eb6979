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
    """The words of a page: which block each belongs to (in order), its bucket, and that of it and the next word."""

    owner: Integers
    single: Integers
    pair: Integers


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
    return ((mixed * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(64 - BITS)).astype(np.int64)


def read(text: Text) -> Words:
    """The words of a page.

    A word's hash is a polynomial in its characters (Rabin, Karp 1987), a difference of two running sums that is
    shifted to the origin; a word across the end of a PERIOD hashes differently, which is rare and does no harm.
    """
    heads, owner = text.heads, text.owner[text.heads]
    powers, inverses = _powers()
    size = len(text.points)
    running = np.zeros(size + 1, np.uint64)
    spelled = _lower()[np.minimum(text.points, ch.ASTRAL - 1)] * (
        powers[:size] if size <= PERIOD else np.resize(powers, size)
    )
    np.cumsum(spelled, out=running[1:])
    hashed = (running[text.tails + 1] - running[heads]) * inverses[heads % PERIOD]
    following = np.zeros_like(hashed)
    following[:-1] = np.where(owner[1:] == owner[:-1], hashed[1:], 0)
    single, pair = bucket(hashed), bucket(hashed * np.uint64(0x2545F4914F6CDD1D) + following)
    return Words(owner, np.where(text.kinds[heads] == ch.UNSPACED, pair, single), pair)


def features(words: Words, table: Floats, blocks: int) -> Floats:
    """What the words of each block say, shape (blocks, COLUMNS).

    `table` is (2, BUCKETS): log-odds in short and in long blocks.
    """
    found = np.zeros((blocks, COLUMNS), np.float32)
    if not len(words.owner):
        return found
    spoken = np.stack([table[0][words.single], table[0][words.pair], table[1][words.single]], axis=1)
    heads = np.flatnonzero(np.append(True, words.owner[1:] != words.owner[:-1]))
    there = words.owner[heads]
    size = np.diff(np.append(heads, len(words.owner))).astype(np.float32)[:, None]
    total = np.add.reduceat(spoken, heads, axis=0)
    found[there, 0:3] = total / (size + 1)
    found[there, 3:6] = np.minimum.reduceat(spoken, heads, axis=0)
    found[there, 6] = np.maximum.reduceat(spoken[:, 0], heads)
    found[there, 7] = spoken[heads, 0]
    found[there, 8:9] = total[:, :1] / np.sqrt(size)
    return found
