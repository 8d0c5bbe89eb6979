"""Runs of words that texts repeat, counted as Gopher's table A1 counts them, in many texts at once.

Longer runs are looked for only where shorter ones repeat: most articles repeat few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cleaners.tokens import Hashes, Ints, Words

TOP: Final = (2, 3, 4)
GREEDY: Final = (5, 6, 7, 8, 9, 10)

_FACTOR = np.uint64(6_364_136_223_846_793_005)  # Knuth's, of MMIX; sums wrap


@dataclass(frozen=True, slots=True)
class Repeats:
    """Characters of each text, by length of the run in words.

    `top` are those in the most frequent run, `duplicated` those in runs that repeat an earlier one.
    """

    top: Mapping[int, Ints]
    duplicated: Mapping[int, Ints]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of one length that occur more than once: the words that begin them (ascending), and what tells them apart.

    Equal runs of a text have the same number in `name`, from 0; `times` is how often a run of that number occurs.
    """

    start: Ints
    name: Ints
    times: Ints


@dataclass(frozen=True, slots=True)
class _Texts:
    """The words of texts: where the words of each begin (one entry more than texts), and characters before each word.

    `doc` is the number of each word's text.
    """

    bounds: Ints
    before: Ints
    doc: Ints


def repeats(words: Words, texts: int) -> Repeats:
    """What repeats in each of so many texts.

    >>> from cleaners.tokens import tokens
    >>> repeats(tokens(["to be or not to be", "to be"]).words, 2).top[2].tolist()
    [10, 5]
    """
    bounds = words.doc.searchsorted(np.arange(texts + 1))
    held = _Texts(bounds, np.concatenate(([0], words.size.cumsum())), words.doc)
    top = {size: _first(held, size) for size in TOP}
    duplicated = {size: np.zeros(texts, np.int64) for size in GREEDY}
    runs = _pairs(words)
    for size in range(2, GREEDY[-1] + 1):
        if not len(runs.start):
            break
        if size in TOP:
            _most_frequent(runs, size, held, top[size])
        else:
            duplicated[size] = _repeated(runs, size, held)
        runs = _longer(runs)
    return Repeats(top, duplicated)


def _first(held: _Texts, size: int) -> Ints:
    """Characters in the first run of each text, spaces counted: where nothing repeats it is the most frequent one."""
    starts, stops = held.bounds[:-1], held.bounds[:-1] + size
    enough = stops <= held.bounds[1:]
    return np.where(enough, held.before[np.where(enough, stops, starts)] - held.before[starts] + size - 1, 0)


def _pairs(words: Words) -> _Runs:
    """Pairs of words that a text repeats; no pair of the last word of a text and the first of the next occurs twice."""
    names = words.name + words.doc.view(np.uint64) * _FACTOR  # texts do not share runs
    keys = names[:-1] * _FACTOR + names[1:]
    likely = _likely(keys)
    return _often(likely, keys.take(likely))


def _likely(keys: Hashes) -> Ints:
    """Where numbers stand of which another has the same first bits (ascending): mostly one of ten.

    Sorting numbers with their places in the last bits costs a third of sorting places by numbers.
    """
    last = np.uint64((1 << len(keys).bit_length()) - 1)
    ordered = np.sort(keys & ~last | np.arange(len(keys), dtype=np.uint64))
    same = (ordered[1:] ^ ordered[:-1]) <= last
    often = np.zeros(len(keys), bool)
    often[:-1] = same
    often[1:] |= same
    places: Ints = np.sort((ordered[often] & last).view(np.int64))
    return places


def _longer(runs: _Runs) -> _Runs:
    """Runs one word longer: where one and the run a word further on both repeat."""
    inner = (runs.start[1:] - runs.start[:-1] == 1).nonzero()[0]
    return _often(runs.start.take(inner), runs.name.take(inner) * len(runs.times) + runs.name.take(inner + 1))


def _often(starts: Ints, keys: Ints | Hashes) -> _Runs:
    """Those of the runs whose key occurs more than once."""
    order = keys.argsort()
    ordered = keys[order]
    new = np.ones(len(keys) + 1, bool)
    new[1:-1] = ordered[1:] != ordered[:-1]
    firsts = new.nonzero()[0]
    times = firsts[1:] - firsts[:-1]
    again = np.repeat(times > 1, times)
    names = np.full(len(keys), -1)
    names[order[again]] = np.repeat(np.arange((times > 1).sum()), times[times > 1])
    often = (names >= 0).nonzero()[0]
    return _Runs(starts[often], names[often], times[times > 1])


def _most_frequent(runs: _Runs, size: int, held: _Texts, top: Ints) -> None:
    """Put into `top` the characters in all showings of the most frequent run, of several the one that comes first."""
    times = runs.times[runs.name]
    docs = held.doc[runs.start]
    each = np.concatenate(([0], (docs[1:] != docs[:-1]).nonzero()[0] + 1))
    most = np.maximum.reduceat(times, each)
    frequent = (times == np.repeat(most, np.diff(each, append=len(docs)))).nonzero()[0]
    first = frequent[frequent.searchsorted(each)]
    start = runs.start[first]
    top[docs[first]] = (held.before[start + size] - held.before[start] + size - 1) * most


def _repeated(runs: _Runs, size: int, held: _Texts) -> Ints:
    """Characters in runs that repeat an earlier one, none counted twice; reading goes on behind what repeats."""
    seen: set[int] = set()
    counted: list[int] = []
    following = 0
    for start, name in zip(runs.start.tolist(), runs.name.tolist(), strict=True):
        if start < following:
            continue
        if name in seen:
            counted.append(start)
            following = start + size
        else:
            seen.add(name)
    starts = np.array(counted, np.int64)
    found = np.zeros(len(held.bounds) - 1, np.int64)
    np.add.at(found, held.doc[starts], held.before[starts + size] - held.before[starts])
    return found
