"""The blocks of a page as lines that can be compared: made once for all who compare them, remembered across pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

from cleaners.document import Block
from cleaners.normal import cores, normal_lines, word_count

LONGEST = 800  # characters: the longest line that any kind's max_words (90) can allow, with room
LONGEST_LABEL = 120  # characters of a line that a site may say on every page, of a row of tiles
_REMEMBERED = 8_192  # lines, some 3 MB
_NOT_DIGITS = re.compile(r"\D+")
_NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())
_T = TypeVar("_T")


words = lru_cache(maxsize=2_048)(word_count)
"""`word_count`, remembered: half a dozen questions about a block ask for it."""


def fewer_words(text: str, bound: int) -> bool:
    """Whether a text is too short to have `bound` words, told by its length: a word and a gap are two characters.

    Scripts that do not divide words can have nearly a word a character.
    """
    return len(text) < (2 * bound - 1 if text.isascii() else bound)


class Line(NamedTuple):
    """A line made comparable: its text without outer white space, normalised, without decoration, and its key.

    The same wherever the line stands; a page has hundreds: plain tuples.
    """

    raw: str
    normalised: str
    bare: str
    key: str


_known: dict[str, Line] = {}


@dataclass(frozen=True, slots=True)
class Prepared:
    """The blocks of a page, made comparable once for all who compare them.

    `lines` and `keys` hold one entry a block. Equal keys are the same line to a reader, numbers included. Blocks that
    are blank or too long for any rule are their own key and no line (None).
    """

    blocks: Sequence[Block]
    lines: tuple[Line | None, ...]
    keys: tuple[str, ...]


def prepare(blocks: Sequence[Block]) -> Prepared:
    """Normalise the blocks of a page, those all at once that this process has not met on another page."""
    raws = [block.text.strip() for block in blocks]
    known = _lines({raw for raw in raws if len(raw) <= LONGEST})
    lines = tuple([known.get(raw) for raw in raws])
    keys = tuple([raw if line is None else line.key for raw, line in zip(raws, lines, strict=True)])
    return Prepared(blocks, lines, keys)


def _lines(raws: Set[str]) -> Mapping[str, Line]:
    """The lines of texts; a site says two thirds of its lines on every page, so they are remembered."""
    lines = {raw: line for raw in raws if (line := _known.get(raw)) is not None}
    new = [raw for raw in raws if raw not in lines and raw]
    normalised = normal_lines([raw.replace("\n", " ") for raw in new])
    bare = cores(normalised)
    keys = map(with_numbers, bare, new)
    made = {line[0]: line for line in map(Line._make, zip(new, normalised, bare, keys, strict=True))}
    remember(_known, made)
    return lines | made


def remember(known: dict[str, _T], new: Mapping[str, _T]) -> None:
    """Add what was found out about short lines; where that is too much all are forgotten, cheaper than a queue."""
    if len(known) + len(new) > _REMEMBERED:
        known.clear()
    known.update({raw: value for raw, value in new.items() if len(raw) <= LONGEST_LABEL})


def with_numbers(bare: str, raw: str) -> str:
    """A key that tells lines apart which differ in their numbers alone.

    >>> with_numbers("goal in minute #", "Goal in minute 12") == with_numbers("goal in minute #", "Goal in minute 80")
    False
    """
    if "#" not in bare:
        return bare
    if raw.isascii():  # a fifth of what the expression costs
        return f"{bare}\0{raw.encode().translate(None, _NO_DIGITS).decode()}"
    return f"{bare}\0{_NOT_DIGITS.sub('', raw)}"
