"""Text dump → Blocks: a block a line, with its line end and the blank lines behind it."""

from __future__ import annotations

import itertools

from cleaners.document import Block, Page
from cleaners.twin import mutable_twin

_Block = mutable_twin(Block)


def split(text: str) -> Page:
    r"""Cut a decoded dump into blocks that give it back when joined.

    >>> page = split("Head\n\n One.\nTwo.")
    >>> [block.text for block in page.blocks]
    ['Head\n\n', ' One.\n', 'Two.']
    >>> "".join(block.text for block in page.blocks) == page.text
    True
    """
    bounds = [*_starts(text), len(text)]
    blocks: list[Block] = []
    for index, (start, end) in enumerate(itertools.pairwise(bounds)):
        block = _Block(index, text[start:end], start, end)
        block.__class__ = Block
        blocks.append(block)
    return Page(text=text, blocks=tuple(blocks), media_type="text/plain")


def _starts(text: str) -> list[int]:
    """Where lines begin that show something; blank ones belong to the line before, those at the head to the first."""
    starts = []
    at = 0
    for line in text.splitlines(keepends=True):
        if not line.isspace():
            starts.append(at)
        at += len(line)
    return [0, *starts[1:]] if text else []
