"""How much each block of a page looks like article content, and how sure that is of the page as a whole.

    blocks ─ characters ▸ lines (▸ markup) ─▶ features (B, F) ─ network ▸ second ─▶ chances (B,), confidence, page kind

Nothing here knows a language: lengths are weighted by script, punctuation is of Unicode's making.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cleaners.document import Page
from cleaners.matching import Hit
from cleaners.scorer import certainty, lines, markup, network, second
from cleaners.scorer.characters import Floats
from cleaners.scorer.lines import Measures
from cleaners.scorer.network import Network

__all__ = ["Scores", "score"]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the scorer thinks of a page.

    probabilities  one a block, 0..1: how likely the block is content; content where it is at least one half
    confidence     0..1, calibrated: how likely the kept blocks are the right text
    page_kind      `article`, `listing`, `forum`, `product` or `other`
    """

    probabilities: tuple[float, ...]
    confidence: float
    page_kind: str


def score(page: Page, hits: Sequence[Hit] = ()) -> Scores:
    """Score the blocks of a page; a page without blocks has confidence 0 and kind `other`."""
    if not page.blocks:
        return Scores((), 0.0, "other")
    model = network.load(page.media_type)
    measures = lines.measure(page)
    chances, kinds = _chances(page, measures, hits, model)
    mass = measures.counts.size
    probabilities = certainty.evened(chances, mass)
    seen = certainty.summary(probabilities, mass, kinds)
    confidence = certainty.confidence(seen, model.certainty, model.certainty_bias)
    return Scores(tuple(probabilities.tolist()), confidence, network.KINDS[int(kinds.argmax())])


def _chances(page: Page, measures: Measures, hits: Sequence[Hit], model: Network) -> tuple[Floats, Floats]:
    """The chance of each block, (B,), and of the page's kinds, (4,)."""
    if page.media_type == "text/plain":
        hidden = model.hidden(lines.features(page, measures, hits, model.tables["vocabulary"]))
        return model.probabilities(hidden), model.kinds(hidden)
    features, around = markup.features(page, measures, hits, markup.Tables(**model.tables))
    hidden = model.hidden(features, around.runs(network.POOLED))
    chances = model.probabilities(hidden)
    seen = second.look(page, chances, measures, around)
    return second.corrected(chances, seen, model.second, model.second_bias), model.kinds(hidden)
