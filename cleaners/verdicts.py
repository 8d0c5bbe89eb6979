"""Verdicts on blocks: what they rest on, and what the passes of the judge ask of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cleaners.assemble import TERMINAL
from cleaners.comparable import fewer_words
from cleaners.comparable import words as word_count
from cleaners.document import Block, Verdict
from cleaners.matching import Hit
from cleaners.scorer import Scores
from cleaners.twin import mutable_twin

MODELS = ("scorer", "trafilatura")  # rules of a verdict that nothing more specific than a model gave
CUT_BELOW = 0.5  # probability of being content under which the model alone cuts a block
Foreign = Callable[[str, bool], str]
_Verdict = mutable_twin(Verdict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the witnesses say about a page.

    `foreign(line, inside)` names the rule by which a line is foreign to the article, "" where it is not; it is asked
    only where the answer can change a verdict. `keys` are the blocks' comparable forms. `model` is who scored: `scorer`
    or `trafilatura`, a name that verdicts cite.
    """

    hits: Sequence[Hit]
    keys: Sequence[str]
    scores: Scores
    model: str
    foreign: Foreign


def verdict_of(
    block: int, keep: bool, kind: str = "", rule: str = "", score: float | None = None, matched: str = ""
) -> Verdict:
    """A Verdict, made in a third of the time: a page has hundreds."""
    made: Verdict = _Verdict(block, keep, kind, rule, score, matched)
    made.__class__ = Verdict
    return made


def cut(verdict: Verdict, kind: str, rule: str) -> Verdict:
    """The same block, cut for another reason."""
    return verdict_of(verdict.block, False, kind, rule, verdict.score, verdict.matched)


def back(verdict: Verdict, rule: str) -> Verdict:
    """The same block, kept after all."""
    return verdict_of(verdict.block, True, "", rule, verdict.score, verdict.matched)


def is_prose(text: str) -> bool:
    """A line of twelve words or more that ends like a sentence, or of twenty-five: Thai has no full stop."""
    words = 0 if fewer_words(text, 12) else word_count(text)
    return words >= 25 or (words >= 12 and text.rstrip()[-1] in TERMINAL)


def is_kept_prose(block: Block, verdicts: Sequence[Verdict]) -> bool:
    return verdicts[block.index].keep and is_prose(block.text)


def likely(verdict: Verdict, above: float) -> bool:
    """Whether a model cut the block and was not sure of it."""
    return verdict.rule in MODELS and not verdict.keep and (verdict.score or 0.0) >= above
