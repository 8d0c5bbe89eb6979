"""A body that the page does not show: JSON-LD's articleBody, or the state that its scripts start with.

Its paragraphs become blocks behind the page's own, so that the account stays whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cleaners.document import Block, Page, Verdict
from cleaners.normal import word_count

LEAST_WORDS = 50  # of an unseen body: descriptions and teasers are shorter
TIMES = 4  # how many times longer than the visible text it must be


def holds_more(page: Page, verdicts: Sequence[Verdict]) -> bool:
    """Whether the body in the page's data is an article and what the page shows is not."""
    unseen = word_count(page.metadata.article_body)
    if unseen < LEAST_WORDS:
        return False
    seen = sum(word_count(page.blocks[verdict.block].text) for verdict in verdicts if verdict.keep)
    return unseen >= TIMES * seen


def lay_open(page: Page, verdicts: Sequence[Verdict]) -> tuple[Page, tuple[Verdict, ...]]:
    """The page with the unseen body as further blocks, which are kept; of what it shows only the title counts."""
    source = page.metadata.body_source
    blocks = list(page.blocks)
    at = len(page.text)
    for paragraph in (part.strip() for part in page.metadata.article_body.split("\n")):
        if paragraph:
            start = at + 1 if blocks else 0
            at = start + len(paragraph)
            blocks.append(Block(len(blocks), paragraph, start, at, tag="p"))
    shown = [_set_aside(verdict, source) for verdict in verdicts]
    kept = [Verdict(block.index, True, rule=source) for block in blocks[len(shown) :]]
    return replace(page, text="\n".join(block.text for block in blocks), blocks=tuple(blocks)), (*shown, *kept)


def _set_aside(verdict: Verdict, source: str) -> Verdict:
    return replace(verdict, keep=False, kind="repeated_block", rule=source) if verdict.keep else verdict
