"""The containers of an HTML page as arrays.

Containers hold contiguous runs of blocks, so every sum over a container is a difference of two cumulative sums. B
blocks, C containers, L levels (0 is the block's own element).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaners.document import Page
from cleaners.scorer import attributes
from cleaners.scorer.attributes import Attributes
from cleaners.scorer.characters import Floats, Integers
from cleaners.scorer.network import Runs

LEVELS, LEAST_LEVELS = 24, 6
TAGS = (
    ("p",), ("h1",), ("h2", "h3"), ("h4", "h5", "h6"), ("li",), ("ul", "ol", "dl"), ("td", "th", "tr", "table"),
    ("div", "center"), ("a",), ("span", "font"), ("article",), ("main",), ("section",), ("aside",), ("nav",),
    ("header",), ("footer",), ("figure", "figcaption", "caption"),
    ("form", "fieldset", "label", "select", "option", "textarea"), ("button",), ("blockquote", "q"), ("pre", "code"),
    ("b", "strong"), ("em", "i"), ("dt", "dd"), ("time", "address"), ("details", "summary", "dialog"),
)  # fmt: skip
_TAG_NUMBERS = {tag: number for number, tags in enumerate(TAGS) for tag in tags}
_tag_number = _TAG_NUMBERS.get


@dataclass(frozen=True, slots=True)
class Tree:
    """The containers around the blocks.

    path   (B, L) container at each level, -1 above the root; L is at least LEAST_LEVELS
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

    def looks(self) -> Integers:
        """(B,) the same number for blocks of the same markup: tag and class words, of two levels."""
        values = len(self.words.heads) + 1
        known = np.append(self.tags * values + self.words.which, -1) + 1
        pairs = known[self.at(0)] * ((len(TAGS) + 1) * values + 1) + known[self.at(1)]
        return np.unique(pairs, return_inverse=True)[1]

    def inside(self, values: Floats) -> Floats:
        """Sums of block values (k, B) over each container, (k, C + 1); 0 for the one that is none."""
        count, blocks = values.shape
        total = np.zeros((count, blocks + 1))
        np.cumsum(values, axis=1, out=total[:, 1:])
        held = np.zeros((count, len(self.tags) + 1), np.float32)
        np.subtract(
            total.take(self.last, axis=1), total.take(self.first, axis=1), out=held[:, :-1], casting="same_kind"
        )
        return held

    def runs(self, levels: tuple[int, ...]) -> Runs:
        """The runs that the elements at these levels above each block hold; the whole page where there is none."""
        first, last = np.append(self.first, 0), np.append(self.last, len(self.path))
        path = self.path[:, levels]
        return Runs(first[path], last[path])


def tree(page: Page) -> Tree:
    """The containers of a page, all of them made arrays at once."""
    total, count = len(page.blocks), len(page.containers)
    parents = [container.parent for container in page.containers]
    path = _path(np.array([*parents, -1], np.int64), [block.container for block in page.blocks])
    levels, flat = path.shape[1], path.ravel()
    first, last = np.full(count + 1, total), np.zeros(count + 1, np.int64)
    here = np.repeat(np.arange(total), levels)
    first[flat[::-1]] = here[::-1]  # of assignments to one place the last one counts: the first block, ...
    last[flat] = here + 1  # ... and the last
    other = len(TAGS)
    tags = np.array([_tag_number(container.tag, other) for container in page.containers], np.int64)
    words = attributes.gather([container.attributes for container in page.containers])
    return Tree(path, np.minimum(first, last)[:-1], last[:-1], tags, words)


def _path(up: Integers, own: Sequence[int]) -> Integers:
    """Each block's containers from its own upwards, (B, L), up to a level that none of them has."""
    path = np.empty((LEVELS, len(own)), np.int64)
    path[0] = own
    for level in range(1, LEVELS):
        up.take(path[level - 1], out=path[level], mode="wrap")  # -1 is the root's parent, the last of `up`
    used = np.count_nonzero(path.max(axis=1) >= 0) + 1
    return np.ascontiguousarray(path[: max(used, LEAST_LEVELS)].T)
