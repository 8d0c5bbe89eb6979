"""What the byline and the date label say, where the metadata are silent."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from cleaners.dates import parse_label
from cleaners.document import Page, Verdict
from cleaners.normal import word_count

# White space is tried from where it begins and given back never: else a line of a million spaces takes minutes.
_SPACE = r"(?:(?<!\s)\s++)?"
_TAIL = re.compile(rf"{_SPACE}(?:[(|•·]|(?<=\s)[-–—]\s|\d).*$", re.DOTALL)
_LONGEST_NAME = 6  # words


def authors_said(page: Page, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """The names on the first byline that was cut; empty where there is none.

    A byline is cut by a phrase ("By ..."), so what stands behind the phrase is the names.
    """
    for verdict in verdicts:
        if verdict.kind == "byline" and verdict.rule.endswith(":start"):
            line = " ".join(page.blocks[verdict.block].text.split())
            names = split_names(line.partition(" ".join(verdict.matched.split()))[2])
            if names:
                return names
    return ()


def split_names(text: str) -> tuple[str, ...]:
    """The names of a byline, one by one.

    >>> split_names(": Ana Ruiz, Jo Li and Tom Ek | Reuters")
    ('Ana Ruiz', 'Jo Li', 'Tom Ek')
    """
    text = _TAIL.sub("", text.strip(" :：-–—|"))
    names = [" ".join(part.split()).strip(" .:") for part in _joiner().split(text)]
    words = _words()["not_a_name"]
    return tuple(
        dict.fromkeys(name for name in names if 1 <= word_count(name) <= _LONGEST_NAME and name.lower() not in words)
    )


def date_said(page: Page, verdicts: Sequence[Verdict], language: str, *, day_first: bool = False) -> datetime | None:
    """The first date that a cut date label or byline names with its year; None where none does."""
    for verdict in verdicts:
        if verdict.kind in ("date_label", "byline"):
            said = " ".join(page.blocks[verdict.block].text.split())
            found = parse_label(said, language, day_first=day_first)
            if found is not None:
                return found
    return None


@cache
def _joiner() -> re.Pattern[str]:
    words = "|".join(map(re.escape, _words()["and"]))
    return re.compile(rf"{_SPACE}[,;/&、，・]\s*|(?<!\s)\s++(?:{words})\s+", re.IGNORECASE)


@cache
def _words() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomllib.loads(
        (files("cleaners") / "rules" / "names.toml").read_text(encoding="utf-8")
    )
    return table
