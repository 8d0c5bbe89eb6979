"""What a browser does not show: which attributes say so, and where a page means it otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cleaners.document import Block, Container
from cleaners.evidence import Attributes

_NOT_SHOWN: Final = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_LIKE_A_BLOCK: Final = re.compile(
    r"(?:^|[;\s])display\s*:\s*(?:block|flex|grid|list-item|table(?:-row|-cell|-caption)?)(?![\w-])", re.IGNORECASE
)
_STREAMED: Final = re.compile(r"S:[0-9a-f]+")  # ids of what React sends late and hidden, for its script to put in place
_NEARLY_ALL: Final = 2 / 3  # of the text; a hidden consent dialogue around a short article has half


def hides(attrib: Attributes) -> bool:
    """Does the element hide what it holds?"""
    if "hidden" in attrib:  # `until-found` is folded up, as <details> is
        return attrib["hidden"].lower() != "until-found" and _STREAMED.fullmatch(attrib.get("id", "")) is None
    if "popover" in attrib:
        return True
    if "aria-hidden" in attrib and attrib["aria-hidden"] == "true":
        return True
    if "style" not in attrib:
        return False
    style = attrib["style"]
    lower = style.lower()
    return ("none" in lower or "hidden" in lower) and _NOT_SHOWN.search(style) is not None


def is_like_a_block(attrib: Attributes) -> bool:
    """Is an element that is inline by its name shown on lines of its own, by its own style?"""
    return "style" in attrib and _LIKE_A_BLOCK.search(attrib["style"]) is not None


def revealed(blocks: Sequence[Block], containers: Sequence[Container]) -> frozenset[int]:
    """Containers that count as shown: what is hidden, nearly all of the page, and in one element, no sum of menus."""
    hidden = sum([len(block.text) for block in blocks if block.hidden])
    if hidden == 0 or hidden < _NEARLY_ALL * sum([len(block.text) for block in blocks]):
        return frozenset()
    roots = [-1] * len(containers)  # of each container, the outermost hidden one around it
    sizes: dict[int, int] = {}
    for index, container in enumerate(containers):
        around = roots[container.parent] if container.parent >= 0 else -1
        roots[index] = around if around >= 0 else index if container.hidden else -1
    for block in blocks:
        sizes[roots[block.container]] = sizes.get(roots[block.container], 0) + len(block.text)
    largest = max(sizes, key=lambda root: sizes[root])
    if largest < 0 or sizes[largest] < _NEARLY_ALL * sum(sizes.values()):
        return frozenset()
    return frozenset([index for index, root in enumerate(roots) if root == largest])
