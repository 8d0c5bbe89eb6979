"""Runs of words that a text repeats, counted as Gopher's table A1 counts them.

Words become numbers once, pairs are sorted, and longer runs are looked for only where shorter ones repeat: most
articles repeat few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

TOP: Final = (2, 3, 4)
GREEDY: Final = (5, 6, 7, 8, 9, 10)

Runs = dict[int, int]
"""Runs of one length that occur more than once: where each begins (ascending), and the number of that run."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Characters, by length of the run in words: in the most frequent run, and in runs that repeat an earlier one."""

    top: Mapping[int, int]
    duplicated: Mapping[int, int]


def repeats(words: Sequence[str], distinct: Sequence[str], ends: Sequence[int]) -> Repeats:
    """What repeats in a text of `words`; `distinct` are its words once; `ends[i]` counts the characters of the first i.

    >>> words = "to be or not to be".split()
    >>> repeats(words, ["to", "be", "or", "not"], [0, 2, 4, 6, 9, 11, 13]).top[2]
    10
    """
    top = {size: _once(size, ends) for size in TOP}
    duplicated = dict.fromkeys(GREEDY, 0)
    runs = _pairs(words, distinct)
    size = TOP[0]
    while runs and size <= GREEDY[-1]:
        if size in TOP:
            top[size] = _most_frequent(runs, size, ends)
        else:
            duplicated[size] = _repeated(runs, size, ends)
        runs = _longer(runs)
        size += 1
    return Repeats(top, duplicated)


def _pairs(words: Sequence[str], distinct: Sequence[str]) -> Runs:
    """Pairs of words that occur more than once."""
    numbers = dict(zip(distinct, range(len(distinct)), strict=True))
    names = np.array(list(map(numbers.__getitem__, words)), np.int64)
    keys = names[:-1] * len(numbers) + names[1:]
    order = keys.argsort(kind="stable")
    ordered = keys[order]
    equal = np.zeros(len(keys) + 1, bool)
    equal[1:-1] = ordered[1:] == ordered[:-1]
    starts = np.sort(order[equal[1:] | equal[:-1]])
    return dict(zip(starts.tolist(), keys[starts].tolist(), strict=True))


def _longer(runs: Runs) -> Runs:
    """Runs one word longer: where one and the run a word further on both repeat."""
    pairs = {start: (name, runs[start + 1]) for start, name in runs.items() if start + 1 in runs}
    counts = Counter(pairs.values())
    numbers = {pair: number for number, (pair, count) in enumerate(counts.items()) if count > 1}
    return {start: numbers[pair] for start, pair in pairs.items() if pair in numbers}


def _once(size: int, ends: Sequence[int]) -> int:
    """Characters of the first run, which is the most frequent one where none repeats; spaces between words count."""
    return ends[size] + size - 1 if len(ends) > size else 0


def _most_frequent(runs: Runs, size: int, ends: Sequence[int]) -> int:
    """Characters in all showings of the most frequent run, of several the one that comes first."""
    counts = Counter(runs.values())
    most = max(counts.values())
    start = next(start for start, name in runs.items() if counts[name] == most)
    return (ends[start + size] - ends[start] + size - 1) * most


def _repeated(runs: Runs, size: int, ends: Sequence[int]) -> int:
    """Characters in runs that repeat an earlier one, none counted twice; reading goes on behind what repeats."""
    seen: set[int] = set()
    characters = following = 0
    for start, name in runs.items():
        if start < following:
            continue
        if name in seen:
            characters += ends[start + size] - ends[start]
            following = start + size
        else:
            seen.add(name)
    return characters
