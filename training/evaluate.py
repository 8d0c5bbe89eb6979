"""How good probabilities are: the benchmark's measures on the texts that they keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.measure import Figures, figures, page_f1
from cleaners.scorer.certainty import KEEP
from cleaners.scorer.characters import Floats
from training.examples import Example, kept_text


@dataclass(frozen=True, slots=True)
class Guess:
    """What a network that has not seen the site says: probabilities (B,), page kinds (4,), a summary (S,)."""

    example: Example
    probabilities: Floats
    kinds: Floats
    summary: Floats

    def pair(self) -> tuple[str, str]:
        """The gold and what is kept."""
        return self.example.sample.gold, kept_text(self.example, (self.probabilities >= KEEP).tolist())

    def word_f1(self) -> float:
        """Bag-of-words F1 of the page."""
        return page_f1(*self.pair(), size=1)


def by(guesses: Sequence[Guess], group: Callable[[Guess], str]) -> dict[str, Figures]:
    """Figures of each group, in alphabetical order."""
    names = sorted({group(guess) for guess in guesses})
    return {name: figures([guess.pair() for guess in guesses if group(guess) == name]) for name in names}


def report(guesses: Sequence[Guess]) -> dict[str, dict[str, float]]:
    """Figures a variant, corpus and page kind; of clean articles the share of words that stay."""
    found = {}
    told = [guess for guess in guesses if "-" not in guess.example.variant]
    for name, seen in by(told, _label).items():
        found[name] = {
            "pages": seen.pages,
            "shingle_f1": round(seen.shingle_f1, 4),
            "precision": round(seen.precision, 4),
            "recall": round(seen.recall, 4),
            "word_f1": round(seen.word_f1, 4),
            "empty": seen.empty,
        }
    return found


def _label(guess: Guess) -> str:
    sample = guess.example.sample
    return f"{guess.example.variant} {sample.corpus} {sample.kind}"
