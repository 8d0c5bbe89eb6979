"""The blocks of a page as lines that can be compared: made once for all who compare them, remembered across pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from cleaners.document import Block
from cleaners.normal import cores, normal_lines

LONGEST = 800  # characters: the longest line that any kind's max_words (90) can allow, with room
LONGEST_LABEL = 120  # characters of a line that a site may say on every page, of a row of tiles
_REMEMBERED = 8_192  # lines, some 3 MB
_NOT_DIGITS = re.compile(r"\D+")
_NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())
_T = TypeVar("_T")


class Line(NamedTuple):
    """A block prepared for matching: its text without outer white space, normalised, and without decoration.

    `offset` is where the line begins in the block's text. A page has hundreds of lines: plain tuples.
    """

    block: int
    offset: int
    raw: str
    normalised: str
    bare: str


class Form(NamedTuple):
    """What is the same wherever a line stands."""

    normalised: str
    bare: str
    key: str


_known: dict[str, Form] = {}  # Form of a line


@dataclass(frozen=True, slots=True)
class Prepared:
    """The blocks of a page, made comparable once for all who compare them.

    `keys` holds one string a block: equal keys are the same line to a reader, numbers included. Blocks too long
    for any rule are their own key and no line.
    """

    lines: tuple[Line, ...]
    keys: tuple[str, ...]


def prepare(blocks: Sequence[Block]) -> Prepared:
    """Normalise the blocks of a page, those all at once that this process has not met on another page."""
    raws = [block.text.strip() for block in blocks]
    forms = _forms([raw for raw in raws if raw and len(raw) <= LONGEST])
    keys = raws.copy()
    lines = []
    for at, raw in enumerate(raws):
        form = forms.get(raw)
        if form is not None:
            normalised, bare, keys[at] = form
            block = blocks[at]
            offset = 0 if len(raw) == len(block.text) else block.text.find(raw[0])
            lines.append(Line(block.index, offset, raw, normalised, bare))
    return Prepared(tuple(lines), tuple(keys))


def _forms(raws: Sequence[str]) -> Mapping[str, Form]:
    """The forms of lines: a site says two thirds of its lines on every page, so they are remembered."""
    forms = {raw: form for raw in raws if (form := _known.get(raw)) is not None}
    new = [raw for raw in dict.fromkeys(raws) if raw not in forms]
    normalised = normal_lines([raw.replace("\n", " ") for raw in new])
    made = {
        raw: Form(form, bare, with_numbers(bare, raw))
        for raw, form, bare in zip(new, normalised, cores(normalised), strict=True)
    }
    remember(_known, made)
    return forms | made


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
