"""Which blocks of a page are in its gold text: the labels the scorer learns.

Every block proposes places in the gold (diagonals on which its word shingles are found); the heaviest chain of places
that runs forward through both is taken (a weighted longest increasing subsequence), then long blocks that stand wholly
in a part of the gold that nothing else covers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+")
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SHINGLE = 3
PLACES = 12
HEAD = 30


def words(text: str) -> list[str]:
    """Words in lower case; scripts without spaces count by character (as tools/score.py counts)."""
    return WORD.findall(UNSPACED.sub(r" \g<0> ", text).lower())


def without_title(gold: str, title: str) -> tuple[str, bool]:
    """The gold as words without the headline, and whether the headline stood within its first HEAD words.

    WCXB's gold has the headline on one page of ten. The project keeps it apart from the text, so it is no label; in
    scoring it is put in front of the prediction on these pages.
    """
    spoken, head = words(gold), words(title)
    for at in range(HEAD if len(head) > 1 else 0):
        if spoken[at : at + len(head)] == head:
            return " ".join(spoken[:at] + spoken[at + len(head) :]), True
    return gold, False


@dataclass(frozen=True, slots=True)
class Place:
    """A block laid over the gold: `matched` of its words stand in gold words [start, end)."""

    block: int
    start: int
    end: int
    matched: int


class Gold:
    """A gold text, indexed by word shingles."""

    def __init__(self, text: str) -> None:
        self.words = words(text)
        self.index: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for size in range(1, SHINGLE + 1):
            for at in range(len(self.words) - size + 1):
                self.index[tuple(self.words[at : at + size])].append(at)

    def places(self, block: int, spoken: list[str]) -> list[Place]:
        """Where a block of these words may lie, the best PLACES."""
        size = min(SHINGLE, len(spoken))
        if not size:
            return []
        diagonals: dict[int, set[int]] = defaultdict(set)
        for at in range(len(spoken) - size + 1):
            for found in self.index.get(tuple(spoken[at : at + size]), ())[:200]:
                diagonals[found - at].update(range(at, at + size))
        merged = self._merged(diagonals)
        best = sorted(merged.items(), key=lambda item: -len(item[1]))[:PLACES]
        return [Place(block, max(d + min(s), 0), d + max(s) + 1, len(s)) for d, s in best if 2 * len(s) > len(spoken)]

    @staticmethod
    def _merged(diagonals: dict[int, set[int]]) -> dict[int, set[int]]:
        """Near diagonals are one place: a word more or less does not tear a paragraph apart."""
        heavy = sorted(diagonals, key=lambda d: -len(diagonals[d]))[:40]
        merged: dict[int, set[int]] = {}
        for d in heavy:
            near = next((other for other in merged if abs(other - d) <= 6), None)
            if near is None:
                merged[d] = set(diagonals[d])
            else:
                merged[near] |= diagonals[d]
        return merged


def shares(blocks: Sequence[str], gold_text: str) -> list[float]:
    """Share of each block's words that stand in the gold at the block's place, 0..1, one a block."""
    gold = Gold(gold_text)
    spoken = [words(text) for text in blocks]
    chain = _chain([place for block, said in enumerate(spoken) for place in gold.places(block, said)])
    share = [0.0] * len(blocks)
    covered = Counter[str]()
    for place in chain:
        share[place.block] = place.matched / len(spoken[place.block])
        covered.update(spoken[place.block])
    left = Counter(gold.words)
    left.subtract(covered)
    for block, said in enumerate(spoken):
        if len(said) >= 8 and not share[block]:
            share[block] = _out_of_order(gold, block, said, left)
    return share


def _out_of_order(gold: Gold, block: int, said: list[str], left: Counter[str]) -> float:
    """A long block that stands in the gold, but elsewhere than its neighbours, and not a second time."""
    places = gold.places(block, said)
    if not places or places[0].matched < 0.8 * len(said):
        return 0.0
    unsaid = sum(min(count, max(left[word], 0)) for word, count in Counter(said).items())
    if unsaid < 0.7 * len(said):
        return 0.0
    left.subtract(said)
    return places[0].matched / len(said)


def _chain(places: list[Place]) -> list[Place]:
    """The heaviest chain of places whose blocks and gold ranges both run forward; a block is used once."""
    ordered = sorted(places, key=lambda place: (place.block, -place.start))
    ends: list[int] = sorted({place.end for place in ordered})
    tree = [(0.0, -1)] * (len(ends) + 1)
    before: list[int] = []
    totals: list[float] = []
    for at, place in enumerate(ordered):
        weight, previous = _best(tree, bisect_left(ends, place.start + 2))
        alone = place.matched**1.05 - 0.001 * (place.end - place.start)
        before.append(previous)
        totals.append(weight + alone)
        _raise(tree, bisect_left(ends, place.end) + 1, (weight + alone, at))
    at = max(range(len(totals)), key=totals.__getitem__, default=-1)
    chain: list[Place] = []
    while at >= 0:
        chain.append(ordered[at])
        at = before[at]
    return chain[::-1]


def _best(tree: list[tuple[float, int]], upto: int) -> tuple[float, int]:
    """Largest entry of a Fenwick tree among the first `upto`."""
    best = (0.0, -1)
    while upto > 0:
        best = max(best, tree[upto])
        upto -= upto & -upto
    return best


def _raise(tree: list[tuple[float, int]], at: int, entry: tuple[float, int]) -> None:
    while at < len(tree):
        tree[at] = max(tree[at], entry)
        at += at & -at
