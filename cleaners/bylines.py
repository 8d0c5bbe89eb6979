"""Author and date as the page shows them near its headline: asked only where its metadata are silent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import takewhile
from typing import Final

from cleaners.authors import before_name
from cleaners.document import Block, Container
from cleaners.isodate import date_in_text
from cleaners.normal import normal
from cleaners.rulebook import packs
from cleaners.tables import metadata_table

_AUTHOR: Final = re.compile(
    r"(?:^|[\s_-])(?:post|entry|article)?(?:author|byline|autora?|auteur|autore|writer|yazar|penulis|skribent|forfatter)s?(?:name|link)?(?:$|[\s_-])"
)
_DATE: Final = re.compile(
    r"(?:^|[\s_-])(?:post|entry|article|publish(?:ed)?|pub)?[_-]?"
    r"(?:date|time|stamp|published|submitted|meta|byline|info)(?:$|[\s_-])"
)
_NUMBER: Final = re.compile(r"\d|(?<=\s)[|·•»]")
_SIGNS: Final = re.compile(r"(?<![-–—|·•»,])[-–—|·•»,]++(?=\s|$)")
_BEFORE: Final = 6  # blocks above the headline in which a byline or date may stand
_BEHIND: Final = 25
_LONGEST_NAME: Final = 60  # characters
_MOST_WORDS: Final = 6
_LONGEST_DATE: Final = 160


def shown_authors(blocks: Sequence[Block], containers: Sequence[Container]) -> Iterator[str]:
    """Short texts near the headline in elements whose class speaks of an author, the first first.

    Then what "by" begins in a line of the article's particulars: `Posted on May 3, 2024 by Jo Li`.
    """
    near = list(_near_headline(blocks))
    for block in near:
        if len(block.text) <= _LONGEST_NAME and _said(block, containers, _AUTHOR, 2):
            yield _without_date(block.text.partition("\n")[0])
    for block in near:
        signed = before_name().search(block.text) if len(block.text) <= _LONGEST_DATE else None
        if signed is not None and _said(block, containers, _DATE, 2):
            name = _name_alone(_without_date(block.text[signed.end() :].partition("\n")[0]))
            if 2 <= len(name.split()) <= _MOST_WORDS and name[:1].isalpha() and not name[0].islower():
                yield name


def shown_date(blocks: Sequence[Block], containers: Sequence[Container]) -> str:
    """The first date near the headline, ISO 8601, before others one whose class says so; else the first such one."""
    near = [block for block in _near_headline(blocks) if len(block.text) <= _LONGEST_DATE]
    dates = [
        (date, block) for block in near if (date := date_in_text(block.text)) and not _is_quoted(block, containers)
    ]
    if dates:
        return next((date for date, block in dates if _said(block, containers, _DATE, 3)), dates[0][0])
    short = (block for block in blocks if len(block.text) <= _LONGEST_DATE)
    dated = ((date, block) for block in short if (date := date_in_text(block.text)))  # asked first: few hold a date
    return next((date for date, block in dated if _said(block, containers, _DATE, 2)), "")


def _without_date(text: str) -> str:
    """`Ana Ruiz - Updated May 3, 2024` without what begins the date; a name alone is left as it is."""
    number = _NUMBER.search(text)
    if number is None:
        return text
    words = _SIGNS.sub(" ", text[: number.start()]).split()
    while words and normal(words[-1]).strip(".,:") in _date_words():
        words.pop()
    return " ".join(words)


def _name_alone(text: str) -> str:
    """`Jo Li in News` up to the word that goes on about the article."""
    behind = metadata_table()["author"]["behind"]
    return " ".join(takewhile(lambda word: word.casefold() not in behind, text.split()))


@cache
def _date_words() -> frozenset[str]:
    """Months, weekdays and what stands beside a date, of all languages."""
    lists = [pack.words.get(name, ()) for pack in packs().values() for name in ("months", "weekdays", "time")]
    return frozenset(word.strip(".") for words in lists for word in words)


def _near_headline(blocks: Sequence[Block]) -> list[Block]:
    headline = next((block.index for block in blocks if block.tag == "h1" and not block.hidden), -1)
    return [block for block in blocks[max(0, headline - _BEFORE) : max(0, headline) + _BEHIND] if not block.hidden]


def _is_quoted(block: Block, containers: Sequence[Container]) -> bool:
    """Whether a block stands in a quotation: the date under a post of a network is when it was posted there."""
    index = block.container
    while index >= 0 and containers[index].tag != "blockquote":
        index = containers[index].parent
    return index >= 0


def _said(block: Block, containers: Sequence[Container], wanted: re.Pattern[str], levels: int) -> bool:
    """Whether one of the nearest `levels` containers of the block is described as `wanted`."""
    index = block.container
    for _ in range(levels):
        if index < 0:
            return False
        if wanted.search(containers[index].attributes):
            return True
        index = containers[index].parent
    return False
