"""Shingle F1, word F1 and empty answers of predicted texts; the formulas of ScrapingHub's benchmark and of WCXB.

shingle F1   macro precision and recall over 4-word shingles and the F1 of the two; an empty answer costs recall
word F1      mean over pages of the bag-of-words F1
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SHINGLE = 4
Bag = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Measures over a set of pages, each 0..1; `empty` counts empty answers."""

    pages: int
    empty: int
    precision: float
    recall: float
    word_f1: float

    @property
    def shingle_f1(self) -> float:
        """Harmonic mean of macro precision and recall."""
        return harmonic(self.precision, self.recall)


def words(text: str) -> list[str]:
    """Words in lower case; scripts without spaces count by character."""
    return _WORD.findall(_UNSPACED.sub(r" \g<0> ", text).lower())


def bag(said: Sequence[str], size: int) -> Bag:
    """Counted runs of `size` words."""
    return Counter(tuple(said[at : at + size]) for at in range(max(1, len(said) - size + 1)) if said)


def overlap(gold: Bag, predicted: Bag) -> tuple[float | None, float | None]:
    """Precision and recall, None where undefined."""
    hit = (gold & predicted).total()
    return hit / predicted.total() if predicted else None, hit / gold.total() if gold else None


def harmonic(precision: float, recall: float) -> float:
    """F1."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def page_f1(gold: str, predicted: str, size: int = SHINGLE) -> float:
    """F1 of one page over runs of `size` words."""
    precision, recall = overlap(bag(words(gold), size), bag(words(predicted), size))
    return harmonic(precision or 0.0, recall or 0.0)


def figures(pairs: Iterable[tuple[str, str]]) -> Figures:
    """Measures of (gold, predicted) pairs."""
    pairs = list(pairs)
    shingled = [overlap(bag(words(gold), SHINGLE), bag(words(said), SHINGLE)) for gold, said in pairs]
    precisions = [precision for precision, _ in shingled if precision is not None]
    return Figures(
        pages=len(pairs),
        empty=sum(not words(said) for _, said in pairs),
        precision=mean(precisions) if precisions else 0.0,
        recall=mean(recall or 0.0 for _, recall in shingled),
        word_f1=mean(page_f1(gold, said, 1) for gold, said in pairs),
    )


def with_title(gold: str, title: str, said: str) -> str:
    """The answer with the title in front where the gold begins with it: conventions of corpora differ."""
    key = words(title)
    head = words(gold)[: len(key) + 20]
    stands = any(head[at : at + len(key)] == key for at in range(len(head) - len(key) + 1)) if key else False
    return f"{title}\n\n{said}" if stands and said.strip() else said
