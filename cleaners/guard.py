"""Cut too much? Lead gone? What the model or a neighbour cut comes back and the document is flagged.

What a specific rule cut stays cut: a page that is nothing but a consent wall has no article, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from cleaners.comparable import words as word_count
from cleaners.document import Page, Verdict
from cleaners.verdicts import CUT_BELOW, MODELS, is_prose, verdict_of

FLOOR_WORDS = 25  # fewer kept words than this are no article; the shortest gold articles of the corpora have about 30
FLOOR_SHARE = 0.015  # of the page's characters; see benchmarks/quality.py --shares
UNSPECIFIC = (*MODELS, "hidden", "section", "thread", "island", "repeat", "foreign", "caption", "markup")


def guard(page: Page, verdicts: Sequence[Verdict]) -> tuple[tuple[Verdict, ...], bool]:
    """The verdicts, with what went too far taken back, and whether anything was."""
    guarded = list(verdicts)
    lead = _lead(page, verdicts)
    if lead is not None and not guarded[lead].keep and guarded[lead].rule.startswith(UNSPECIFIC):
        guarded[lead] = _back(guarded[lead])
    if _too_little(page, guarded):
        for verdict in guarded:
            if verdict.rule.startswith((*MODELS, "markup")) and is_prose(page.blocks[verdict.block].text):
                guarded[verdict.block] = _back(verdict)
    return tuple(guarded), any(verdict.rule == "guard" for verdict in guarded)


def _lead(page: Page, verdicts: Sequence[Verdict]) -> int | None:
    """The first paragraph that the model takes for content."""
    for verdict in verdicts:
        if verdict.score is not None and verdict.score >= CUT_BELOW and is_prose(page.blocks[verdict.block].text):
            return verdict.block
    return None


def _too_little(page: Page, verdicts: Sequence[Verdict]) -> bool:
    kept = [page.blocks[verdict.block] for verdict in verdicts if verdict.keep]
    if sum([len(block.text) for block in kept]) < FLOOR_SHARE * len(page.text):
        return True
    words = 0
    for block in kept:
        words += word_count(block.text)
        if words >= FLOOR_WORDS:
            return False
    return True


def _back(verdict: Verdict) -> Verdict:
    return verdict_of(verdict.block, True, "", "guard", verdict.score)
