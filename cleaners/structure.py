"""What the markup calls a block that the model cuts: the nearest container whose class, id or role names a kind.

The markup only names: a class alone never cuts (`cookie` may stand in a class of <body>).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

from cleaners.document import Block, Page
from cleaners.scorer.attributes import groups, said

NEAR = 5  # containers that are asked, from the block outwards
_NO_NAME = ("", "hidden", "title")  # kinds that other evidence decides
_CONTROLS = frozenset(("button", "option", "select", "label"))  # they belong to what they stand in,
_NOT_THEIRS = frozenset(("navigation", "byline", "caption", "related_links", "search_form"))  # if that says more


def name_of(page: Page, block: Block) -> tuple[str, str]:
    """Kind and rule for a block, ("", "") where the markup is silent or there is none."""
    if block.tag in _CONTROLS:
        theirs = next((named for named in _around(page, block) if named[0] not in _NOT_THEIRS), None)
        if theirs is not None:
            return theirs
    if block.tag in _tags():
        return _tags()[block.tag], f"markup:{block.tag}"
    return next(_around(page, block), ("", ""))


def _around(page: Page, block: Block) -> Iterator[tuple[str, str]]:
    """Kinds and rules that the containers around a block name, from the nearest outwards."""
    at = block.container
    for _ in range(NEAR):
        if at < 0:
            return
        container = page.containers[at]
        kind, group = _named(container.attributes)
        if kind:
            yield kind, f"markup:{group}"
        if container.tag in _tags():
            yield _tags()[container.tag], f"markup:{container.tag}"
        at = container.parent


@lru_cache(maxsize=1 << 13)
def _named(attributes: str) -> tuple[str, str]:
    """The first group that an attribute value speaks of and that names a kind."""
    bits = said(attributes)[0] if attributes else 0
    for number, group in enumerate(groups()):
        if bits >> number & 1 and group.kind not in _NO_NAME:
            return group.kind, group.name
    return "", ""


@cache
def _tags() -> dict[str, str]:
    table: dict[str, str] = tomllib.loads((files("cleaners") / "rules" / "markup.toml").read_text(encoding="utf-8"))[
        "tags"
    ]
    return table
