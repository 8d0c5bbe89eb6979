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
from cleaners.scorer.characters import Classes, Codes, Floats, Integers

BITS = 15
BUCKETS = 1 << BITS
LONGEST = 24
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
    folded = np.arange(ch.ASTRAL, dtype=np.uint64)
    for code in np.flatnonzero(ch.table() == ch.UPPER):
        folded[code] = ord(chr(code).lower()[0])
    folded[ch.table() == ch.DIGIT] = ord("0")
    return folded


@cache
def _powers() -> NDArray[np.uint64]:
    powers = np.empty(LONGEST, np.uint64)
    value = 1
    for at in range(LONGEST):
        powers[at] = value
        value = value * 0x9E3779B97F4A7C15 % 2**64
    return powers


def bucket(mixed: Hashes) -> Integers:
    """The upper bits of a multiplicative hash (Knuth), as an index below BUCKETS."""
    return ((mixed * np.uint64(0xD6E8FEB86659FD93)) >> np.uint64(64 - BITS)).astype(np.int64)


def read(points: Codes, kinds: Classes, starts: Integers) -> Words:
    """The words of classified text, whose blocks begin at `starts`."""
    wordly = ((kinds >= ch.LOWER) & (kinds <= ch.UNSPACED)) | (kinds == ch.DIGIT)
    opens = wordly.copy()
    opens[1:] &= ~wordly[:-1] | (kinds[1:] == ch.UNSPACED)
    opens[starts] = wordly[starts]
    at = np.flatnonzero(wordly)
    if not len(at):
        nothing = np.empty(0, np.int64)
        return Words(nothing, nothing, nothing)
    heads = np.flatnonzero(opens[at])
    within = np.arange(len(at)) - np.repeat(heads, np.diff(np.append(heads, len(at))))
    folded = _lower()[np.minimum(points[at], ch.ASTRAL - 1)]
    spelled = np.where(within < LONGEST, (folded + np.uint64(1)) * _powers()[np.minimum(within, LONGEST - 1)], 0)
    hashed = np.add.reduceat(spelled.astype(np.uint64), heads)
    owner = np.searchsorted(starts, at[heads], "right") - 1
    following = np.append(hashed[1:], 0).astype(np.uint64)
    following[:-1][owner[1:] != owner[:-1]] = 0
    pair = bucket(hashed * np.uint64(0x2545F4914F6CDD1D) + following)
    unspaced = kinds[at[heads]] == ch.UNSPACED
    return Words(owner, np.where(unspaced, pair, bucket(hashed)), pair)


def features(words: Words, table: Floats, blocks: int) -> Floats:
    """What the words of each block say, shape (blocks, COLUMNS).

    `table` is (2, BUCKETS): log-odds in short and in long blocks.
    """
    found = np.zeros((blocks, COLUMNS), np.float32)
    if not len(words.owner):
        return found
    short, pair, long = table[0][words.single], table[0][words.pair], table[1][words.single]
    heads = np.flatnonzero(np.append(True, words.owner[1:] != words.owner[:-1]))
    there = words.owner[heads]
    size = np.diff(np.append(heads, len(words.owner))).astype(np.float32)
    found[there, 0] = np.add.reduceat(short, heads) / (size + 1)
    found[there, 1] = np.minimum.reduceat(short, heads)
    found[there, 2] = np.maximum.reduceat(short, heads)
    found[there, 3] = np.add.reduceat(pair, heads) / (size + 1)
    found[there, 4] = np.minimum.reduceat(pair, heads)
    found[there, 5] = short[heads]
    found[there, 6] = np.add.reduceat(long, heads) / (size + 1)
    found[there, 7] = np.minimum.reduceat(long, heads)
    found[there, 8] = np.add.reduceat(short, heads) / np.sqrt(size)
    return found
