"""Runs of words that a text repeats, counted as Gopher's table A1 counts them.

Pairs of words are sorted as numbers, and longer runs are looked for only where shorter ones repeat: most articles
repeat few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

TOP: Final = (2, 3, 4)
GREEDY: Final = (5, 6, 7, 8, 9, 10)

_FACTOR = np.int64(6_364_136_223_846_793_005)  # Knuth's, of MMIX; sums wrap
_TRUE = np.ones(1, bool)

Runs = dict[int, int]
"""Runs of one length that occur more than once: where each begins (ascending), and the number of that run."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Characters, by length of the run in words: in the most frequent run, and in runs that repeat an earlier one."""

    top: Mapping[int, int]
    duplicated: Mapping[int, int]


def repeats(words: Sequence[str]) -> Repeats:
    """What repeats in a text of words.

    >>> repeats("to be or not to be".split()).top[2]
    10
    """
    top = {size: len(" ".join(words[:size])) if len(words) >= size else 0 for size in TOP}
    duplicated = dict.fromkeys(GREEDY, 0)
    if len(words) < 3:
        return Repeats(top, duplicated)
    top[2], runs = _pairs(words)
    for size in range(3, GREEDY[-1] + 1):
        if not runs:
            break
        if size in TOP:
            top[size] = _most_frequent(runs, size, words)
        else:
            duplicated[size] = _repeated(runs, size, words)
        runs = _longer(runs)
    return Repeats(top, duplicated)


def _pairs(words: Sequence[str]) -> tuple[int, Runs]:
    """Characters in all showings of the most frequent pair of words, and the triples that occur more than once.

    Words are told apart by Python's 64-bit hash: two of a text collide once in 10**13 texts.
    """
    names = np.fromiter(map(hash, words), np.int64, len(words))
    keys = names[:-1] * _FACTOR + names[1:]
    order = keys.argsort(kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.concatenate([_TRUE, ordered[1:] != ordered[:-1]]))
    times = np.diff(begins, append=len(keys))
    most = int(times.max())
    start = int(order[begins[times == most]].min())
    often = np.empty(len(keys), bool)
    often[order] = np.repeat(times > 1, times)
    inner = np.flatnonzero(often[:-1] & often[1:])
    triples = keys[inner] * _FACTOR + names[inner + 2]
    runs = dict(zip(inner.tolist(), triples.tolist(), strict=True))
    counts = Counter(runs.values())
    repeated = {start: name for start, name in runs.items() if counts[name] > 1}
    return len(" ".join(words[start : start + 2])) * most, repeated


def _longer(runs: Runs) -> Runs:
    """Runs one word longer: where one and the run a word further on both repeat."""
    pairs = {start: (name, runs[start + 1]) for start, name in runs.items() if start + 1 in runs}
    counts = Counter(pairs.values())
    numbers = {pair: number for number, (pair, times) in enumerate(counts.items()) if times > 1}
    return {start: numbers[pair] for start, pair in pairs.items() if pair in numbers}


def _most_frequent(runs: Runs, size: int, words: Sequence[str]) -> int:
    """Characters in all showings of the most frequent run, of several the one that comes first; spaces count."""
    counts = Counter(runs.values())
    most = max(counts.values())
    start = next(start for start, name in runs.items() if counts[name] == most)
    return len(" ".join(words[start : start + size])) * most


def _repeated(runs: Runs, size: int, words: Sequence[str]) -> int:
    """Characters in runs that repeat an earlier one, none counted twice; reading goes on behind what repeats."""
    seen: set[int] = set()
    characters = following = 0
    for start, name in runs.items():
        if start < following:
            continue
        if name in seen:
            characters += len("".join(words[start : start + size]))
            following = start + size
        else:
            seen.add(name)
    return characters
