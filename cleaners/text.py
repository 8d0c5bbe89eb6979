"""Text dump → Blocks: a block a line, with its line end and the blank lines behind it."""

from __future__ import annotations

from cleaners.document import Block, Page


def split(text: str) -> Page:
    r"""Cut a decoded dump into blocks that give it back when joined.

    >>> page = split("Head\n\n One.\nTwo.")
    >>> [block.text for block in page.blocks]
    ['Head\n\n', ' One.\n', 'Two.']
    >>> "".join(block.text for block in page.blocks) == page.text
    True
    """
    blocks: list[Block] = []
    start = 0
    for line in _tiles(text):
        end = start + len(line)
        blocks.append(Block(index=len(blocks), text=line, start=start, end=end))
        start = end
    return Page(text=text, blocks=tuple(blocks), media_type="text/plain")


def _tiles(text: str) -> list[str]:
    """Lines, each with the blank ones behind it; blank lines at the head belong to the first."""
    tiles: list[str] = []
    pending: list[str] = []
    for line in text.splitlines(keepends=True):
        if not line.isspace() and pending and not all(part.isspace() for part in pending):
            tiles.append("".join(pending))
            pending = []
        pending.append(line)
    if pending:
        tiles.append("".join(pending))
    return tiles
