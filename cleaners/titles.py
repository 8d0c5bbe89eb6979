"""Which block is the title: the one that agrees with the metadata, else the dump's headline; never invented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cleaners.assemble import TERMINAL
from cleaners.document import Block, Page
from cleaners.normal import core, normal, word_count

LONGEST = 300  # characters; the longest gold titles of the development corpora have about 200
SEARCHED = 60  # lines before the body in which a dump's headline is looked for
_SITE_NAME = re.compile(r"\s+(?:[|\u2013\u2014\u00b7\u2022:»-]|::)\s+")


@dataclass(frozen=True, slots=True)
class Title:
    """The title as text, the block it was taken from (None: from the metadata alone), and the blocks that repeat it."""

    text: str | None
    block: int | None = None
    repeats: tuple[int, ...] = ()


def find_title(page: Page, declared: str, body: range, boilerplate: Collection[int]) -> Title:
    """The title of a page.

    `declared` is the metadata's title ("" if none), `body` the blocks from the first to the last of the article,
    `boilerplate` the blocks that a rule has named, which are no headlines.
    """
    if declared:
        return _located(page.blocks, halved(declared), body)
    if page.media_type == "text/html":
        return Title(None)
    candidates = [
        block for block in _before(page, body) if block.index not in boilerplate and _looks_like_headline(block)
    ]
    if not candidates:
        return Title(None)
    lines = Counter(core(normal(block.text)) for block in page.blocks[: body.start])
    best = max(candidates, key=lambda block: (_weight(block, candidates, lines), -block.index))
    return _located(page.blocks, halved(best.text.strip()), body, best.index)


def halved(title: str) -> str:
    """A doubled headline ("T T") once.

    >>> halved("Rain stops play Rain stops play")
    'Rain stops play'
    """
    words = title.split()
    half = len(words) // 2
    if len(words) >= 4 and len(words) % 2 == 0 and words[:half] == words[half:]:
        return " ".join(words[:half])
    return title


def _before(page: Page, body: range) -> Sequence[Block]:
    """The lines in which a headline can stand: before the body, and the body's own first one where it is set apart."""
    last = body.start + 1 if body else len(page.blocks)
    return [
        block
        for block in page.blocks[max(0, last - SEARCHED) : last]
        if block.index < body.start or _set_apart(block, page)
    ]


def _set_apart(block: Block, page: Page) -> bool:
    """Whether a blank line stands behind the block and text follows."""
    tail = block.text[len(block.text.rstrip()) :]
    return len(tail.splitlines()) > 1 and block.index + 1 < len(page.blocks)


def _looks_like_headline(block: Block) -> bool:
    """Two to forty words on one line, no full stop at the end, letters in most of it."""
    line = block.text.strip()
    if not line or len(line) > LONGEST or (line[-1] in TERMINAL and line[-1] not in "?!？！\"'”’»」』)）…"):
        return False
    if not 2 <= word_count(halved(line)) <= 40 or sum(c.isalpha() or c.isspace() for c in line) < 0.7 * len(line):
        return False
    return not line.startswith(("-", "*", "•", "·", "©", "http", "@"))


def _weight(block: Block, candidates: Sequence[Block], lines: Counter[str]) -> float:
    """How much a line looks like the page's headline among the candidates.

    Measured on text dumps of the development corpora: being said twice (in the page's title and above the article)
    tells most, then a length of 5 to 20 words, then nearness to the body.
    """
    line = block.text.strip()
    key = core(normal(line))
    words = word_count(halved(line))
    weight = 3.0 if halved(line) != line or lines[key] > 1 else 0.0
    if words >= 4 and any(_site_title(other.text, key) for other in candidates if other is not block):
        weight += 4.0
    weight += 2.0 if 5 <= words <= 20 else 0.0 if words < 4 else 1.0
    return weight - 0.02 * (candidates[-1].index - block.index)


def _site_title(line: str, key: str) -> bool:
    """Whether a line is the headline with the site's name behind or before it."""
    parts = _SITE_NAME.split(line.strip())
    return len(parts) > 1 and key in {
        core(normal(parts[0])),
        core(normal(parts[-1])),
        core(normal(" - ".join(parts[:-1]))),
    }


def _located(blocks: Sequence[Block], text: str, body: range, chosen: int | None = None) -> Title:
    """Where the title stands on the page: up to the body's beginning first, its repeats anywhere."""
    key = core(normal(text))
    if not key:
        return Title(None)
    same = [block.index for block in blocks if len(block.text) <= 2 * LONGEST + 40 and _says(block.text, key)]
    if chosen is None:
        chosen = next((index for index in same if not body or index <= body.start + 1), same[0] if same else None)
    return Title(text, chosen, tuple(index for index in same if index != chosen))


def _says(line: str, key: str) -> bool:
    """Whether the line is the title, whole or doubled."""
    return core(normal(halved(line.strip()))) == key
