"""The title of a page: the visible headline that agrees with what the metadata declare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cleaners.document import Block

_BETWEEN: Final = re.compile(r"\s+[|\-–—·•»«:/~]+\s+|\s*[|»]\s*|:\s+")
_WORD: Final = re.compile(r"\w+")
_LONGEST: Final = 400  # characters of a headline
_AGREEMENT: Final = 0.6  # share of common words from which a headline and a declared title are the same


def pick_title(declared: Sequence[str], window: str, headings: Sequence[Block], site: str) -> str:
    """The best title.

    `declared` are titles of the metadata, the most trustworthy first; `window` is the text of <title>; `headings` are
    the page's <h1> blocks; `site` is the site's name, which is cut from the ends.

    >>> pick_title(["Rain stops play - The Daily"], "", [], "The Daily")
    'Rain stops play'
    """
    candidates = [text for text in (without_site(title, site) for title in (*declared, window)) if text]
    visible = [block.text.replace("\n", " ") for block in headings if 0 < len(block.text) <= _LONGEST]
    for candidate in candidates:
        agreeing = [(agreement(text, candidate), -index) for index, text in enumerate(visible)]
        if agreeing and max(agreeing)[0] >= _AGREEMENT:
            return visible[-max(agreeing)[1]]
    if candidates:
        return candidates[0]
    return visible[0] if visible else ""


def without_site(title: str, site: str) -> str:
    """The title without the site's name at its end or beginning, and without a section that stands before that name."""
    parts = _BETWEEN.split(title)
    if len(parts) < 2 or not site:
        return title
    name = _key(site)
    if len(parts[-1]) <= 60 and _names(parts[-1], name):
        return title[: title.rindex(parts[-1])].rstrip(" |-–—·•»«:/~")
    if _names(parts[0], name):
        return title[len(parts[0]) :].lstrip(" |-–—·•»«:/~")
    return title


def agreement(one: str, other: str) -> float:
    """Share of the words of the longer text that the other has too, 0..1; 1 where one begins with the other's words."""
    left, right = _WORD.findall(one.casefold()), _WORD.findall(other.casefold())
    if not left or not right:
        return 0.0
    short, long = sorted((left, right), key=len)
    if len(short) >= 3 and long[: len(short)] == short:
        return 1.0
    return 2 * len(set(left) & set(right)) / (len(set(left)) + len(set(right)))


def _names(part: str, name: str) -> bool:
    key = _key(part)
    return bool(key) and (key == name or (len(key) > 3 and (key in name or name in key)))


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))
