"""What a text dump keeps far behind its article: teasers, other offers of the house, footers that read like prose.

Each line of them may look like an article's, and a portal's footer has more of them than a short article has
paragraphs. What gives them away is that the page went on for long with nothing to keep, and that they themselves are
thinly strewn among what goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cleaners.comparable import words as word_count
from cleaners.document import Block, Verdict

GAP = 25  # lines cut in a row, from which on what follows stands apart
FAR = 40  # the same behind an article that is short
SURE = 0.95  # scores above it tell an article from its islands
LEAST_BODY = 15.0  # words, times how far their scores are above SURE: 300 words of which the model is certain
DOUBTFUL = 0.85  # mean score of an island, by words
STREWN = 0.75  # share of an island's lines that are kept
FEW = 2  # lines that need not be strewn


@dataclass(slots=True)
class _Run:
    """Kept blocks with fewer than GAP lines cut in a row among them; `gap` lines were cut before, `cut` among them."""

    gap: int
    kept: list[int] = field(default_factory=list)
    cut: int = 0
    words: int = 0
    likely: float = 0.0  # words times score
    sure: float = 0.0  # words times what the score is above SURE

    def add(self, index: int, words: int, score: float, gap: int) -> None:
        self.cut += gap if self.kept else 0
        self.kept.append(index)
        self.words += words
        self.likely += words * score
        self.sure += words * max(score - SURE, 0.0)

    @property
    def is_island(self) -> bool:
        strewn = len(self.kept) <= FEW or len(self.kept) <= STREWN * (len(self.kept) + self.cut)
        return strewn and self.likely < DOUBTFUL * self.words


def find_islands(blocks: Sequence[Block], verdicts: Sequence[Verdict]) -> tuple[int, ...]:
    """The kept blocks of a text dump that stand far behind its article, and are none of it.

    The article is the run of kept blocks of which the model is surest. Where it is not sure of so much, a single run
    far behind it may be an island, several are parts of a long list. On 1,818 text dumps of the development corpora,
    each site held out, 35 have islands, of 11,900 words, 279 of them of articles (three dumps); it raises the shingle
    F1 of news by 0.7 points and that of WCXB's articles by 0.1. Pages of HTML gain nothing.
    """
    runs = _runs(blocks, verdicts)
    body = max(range(len(runs)), key=lambda at: runs[at].sure, default=0)
    behind = runs[body + 1 :]
    if not behind or runs[body].sure == 0:
        return ()
    if runs[body].sure < LEAST_BODY and (len(behind) > 1 or behind[0].gap < FAR):
        return ()
    return tuple(index for run in behind if run.is_island for index in run.kept)


def _runs(blocks: Sequence[Block], verdicts: Sequence[Verdict]) -> list[_Run]:
    runs: list[_Run] = []
    gap = 0
    for block, verdict in zip(blocks, verdicts, strict=True):
        if not block.text or block.text.isspace():
            continue
        if not verdict.keep:
            gap += 1
            continue
        if not runs or gap >= GAP:
            runs.append(_Run(gap))
        runs[-1].add(block.index, word_count(block.text), verdict.score or 0.0, gap)
        gap = 0
    return runs
