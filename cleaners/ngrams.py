"""Runs of words that a text repeats, counted as Gopher's table A1 counts them.

Longer runs are looked for only where shorter ones repeat: most articles repeat few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

TOP: Final = (2, 3, 4)
GREEDY: Final = (5, 6, 7, 8, 9, 10)

_FACTOR = np.int64(6_364_136_223_846_793_005)  # Knuth's, of MMIX; sums wrap
# From so many words on pairs are sorted as numbers; below, a dictionary costs half, for numpy's code is cold.
MANY: Final = 400

Runs = dict[int, int]
"""Runs of one length that occur more than once: where each begins (ascending), and a number that equal runs share."""
Keys = npt.NDArray[np.int64]


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
    most, runs = _sorted(words) if len(words) >= MANY else _looked_up(words)
    top[2] = most or top[2]
    for size in range(3, GREEDY[-1] + 1):
        if not runs:
            break
        if size in TOP:
            top[size] = _most_frequent(runs, size, words)
        else:
            duplicated[size] = _repeated(runs, size, words)
        runs = _longer(runs)
    return Repeats(top, duplicated)


def _looked_up(words: Sequence[str]) -> tuple[int, Runs]:
    """Characters in all showings of the most frequent pair of words, 0 where none repeats; the triples that do."""
    known: dict[tuple[str, str], int] = {}
    names = list(map(known.setdefault, pairwise(words), range(len(words))))
    if len(known) == len(names):
        return 0, {}
    often = {first for start, first in enumerate(names) if start != first}
    pairs = {start: name for start, name in enumerate(names) if name in often}
    return _most_frequent(pairs, 2, words), _longer(pairs)


def _sorted(words: Sequence[str]) -> tuple[int, Runs]:
    """The same for long texts.

    Words are told apart by Python's 64-bit hash: two of a text collide once in 10**13 texts.
    """
    names = np.fromiter(map(hash, words), np.int64, len(words))
    keys = names[:-1] * _FACTOR + names[1:]
    starts, again = _often(keys)
    if not again:
        return 0, {}
    counts = Counter(again)
    most = max(counts.values())
    frequent = {key for key, times in counts.items() if times == most}
    first = next(start for start in starts.tolist() if keys[start] in frequent)
    inner = starts[:-1][starts[1:] - starts[:-1] == 1]
    triples = keys[inner] * _FACTOR + names[inner + 2]
    repeated, _ = _often(triples)
    runs = dict(zip(inner[repeated].tolist(), triples[repeated].tolist(), strict=True))
    return len(" ".join(words[first : first + 2])) * (most + 1), runs


def _often(keys: Keys) -> tuple[Keys, list[int]]:
    """Where numbers stand that occur more than once (ascending); these numbers, each once less often than it occurs."""
    order = keys.argsort()
    ordered = keys[order]
    same = (ordered[1:] == ordered[:-1]).nonzero()[0]
    often = np.zeros(len(keys), bool)
    often[order[same]] = True
    often[order[same + 1]] = True
    return often.nonzero()[0], ordered[same].tolist()


def _longer(runs: Runs) -> Runs:
    """Runs one word longer: where one and the run a word further on both repeat."""
    known: dict[tuple[int, int], int] = {}
    names = {
        start: known.setdefault((name, runs[start + 1]), start) for start, name in runs.items() if start + 1 in runs
    }
    often = {first for start, first in names.items() if start != first}
    return {start: first for start, first in names.items() if first in often} if often else {}


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
