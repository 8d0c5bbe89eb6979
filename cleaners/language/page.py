"""The language of a page: what its long blocks are in. Navigation must not outvote the article."""

from __future__ import annotations

from collections.abc import Sequence

from cleaners.document import Block, Page
from cleaners.language.cascade import Language, identify
from cleaners.language.sample import windows

_LONG = 60  # characters from which a block is prose
_LINKED = 0.5  # share of characters in links from which a block is navigation
_ENOUGH = 200  # characters of prose that stand for the page
_WINDOW = 1_000  # characters taken at the start, in the middle and at the end


def identify_page(page: Page) -> Language:
    """The language of a page or text dump, from its prose first; what the page declares only breaks ties.

    Long visible blocks with few links are asked; where they are too few all visible text that is not links, and last
    everything. Costs 0.2 to 0.5 ms.
    """
    text = _joined([block for block in page.blocks if len(block.text) >= _LONG and _is_text(block)])
    if len(text) < _ENOUGH:
        text = _joined([block for block in page.blocks if _is_text(block)])
    answer = identify(windows(text, _WINDOW), page.metadata.language)
    return answer if answer.shares else identify(page.text, page.metadata.language)


def _is_text(block: Block) -> bool:
    return not block.hidden and (not block.link_chars or block.link_share < _LINKED)


def _joined(blocks: Sequence[Block]) -> str:
    return "\n".join([block.text.strip() for block in blocks])
