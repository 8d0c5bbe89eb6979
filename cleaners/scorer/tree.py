"""The containers of an HTML page as arrays.

Containers hold contiguous runs of blocks, so every sum over a container is a difference of two cumulative sums. B
blocks, C containers, L levels (0 is the block's own element).
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from cleaners.document import Page
from cleaners.scorer import attributes
from cleaners.scorer.attributes import Attributes
from cleaners.scorer.characters import Floats, Integers
from cleaners.scorer.network import Runs

LEVELS = 24
TAGS = (
    ("p",), ("h1",), ("h2", "h3"), ("h4", "h5", "h6"), ("li",), ("ul", "ol", "dl"), ("td", "th", "tr", "table"),
    ("div", "center"), ("a",), ("span", "font"), ("article",), ("main",), ("section",), ("aside",), ("nav",),
    ("header",), ("footer",), ("figure", "figcaption", "caption"),
    ("form", "fieldset", "label", "select", "option", "textarea"), ("button",), ("blockquote", "q"), ("pre", "code"),
    ("b", "strong"), ("em", "i"), ("dt", "dd"), ("time", "address"), ("details", "summary", "dialog"),
)  # fmt: skip
_TAG_NUMBERS = {tag: number for number, tags in enumerate(TAGS) for tag in tags}
_CONTAINER = attrgetter("parent", "tag", "attributes")


@dataclass(frozen=True, slots=True)
class Tree:
    """The containers around the blocks.

    path   (B, L) container at each level, -1 above the root
    first, last  (C,) the run of blocks [first, last) that a container holds
    tags   (C,) index into TAGS, its length for others
    words  what the attributes say
    """

    path: Integers
    first: Integers
    last: Integers
    tags: Integers
    words: Attributes

    def at(self, level: int) -> Integers:
        """(B,) containers at one level, -1 where there is none."""
        return self.path[:, level] if level < self.path.shape[1] else np.full(len(self.path), -1)

    def inside(self, values: Floats) -> Floats:
        """Sums of block values (B, k) over each container, (C, k)."""
        total = np.zeros((len(values) + 1, values.shape[1]))
        np.cumsum(values, axis=0, out=total[1:])
        return (total[self.last] - total[self.first]).astype(np.float32)

    def runs(self, levels: tuple[int, ...]) -> Runs:
        """The runs that the elements at these levels above each block hold; the whole page where there is none."""
        first, last = np.append(self.first, 0), np.append(self.last, len(self.path))
        path = np.stack([self.at(level) for level in levels], axis=1)
        return Runs(first[path], last[path])


def tree(page: Page) -> Tree:
    """The containers of a page, all of them made arrays at once."""
    total, count = len(page.blocks), len(page.containers)
    parents, names, values = zip(*map(_CONTAINER, page.containers), strict=True) if count else ((), (), ())
    up = np.array((*parents, -1), np.int64)
    levels = [np.array([block.container for block in page.blocks], np.int64)]
    while len(levels) < LEVELS and levels[-1].max() >= 0:
        levels.append(up[levels[-1]])
    first, last = np.full(count + 1, total), np.zeros(count + 1, np.int64)
    here = np.arange(total)
    for level in levels:
        np.minimum.at(first, level, here)
        np.maximum.at(last, level, here + 1)
    tags = np.array([_TAG_NUMBERS.get(name, len(TAGS)) for name in names], np.int64)
    words = attributes.gather(values)
    return Tree(np.stack(levels, axis=1), np.minimum(first, last)[:-1], last[:-1], tags, words)
