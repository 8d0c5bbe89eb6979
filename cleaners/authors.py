"""Authors: from what metadata call so to the names of people, or of the desk or agency that signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from cleaners.normal import SIGNS
from cleaners.tables import metadata_table

_MOST: Final = 30
_MOST_WORDS: Final = 5  # of one name in a list of several
_DIGIT: Final = re.compile(r"\d")
_LONGEST: Final = 100  # characters; longer is a sentence about the author
_EDGES: Final = " ,.:：-–—|·•●»\u200e\u200f"
_MAIL: Final = re.compile(r"[<(\[]?[\w.+-]+@[\w-]+(?:\.[\w-]+)+[>)\]]?")
_IN_BRACKETS: Final = re.compile(r"\s*\([^()]*\)$")
# Vowel signs of Indic scripts are no \w, and tell two names apart.
_BESIDE_LETTERS: Final = re.compile(rf"[^\w{SIGNS}]+|_+")
# White space is tried from where it begins and given back never: else a line of a million spaces takes minutes.
_SEPARATOR: Final = re.compile(r"(?:(?<!\s)\s++)?[;|、；]\s*")


def clean_names(values: Iterable[str]) -> tuple[str, ...]:
    """The names in `values`, each once, in order, without `By`, what stands in brackets behind them, or their trade;
    addresses and accounts are none.

    >>> clean_names(["By Ana Ruiz (Madrid); Jo Li <jo@news.example>", "https://news.example/jo", "ana-ruiz"])
    ('Ana Ruiz', 'Jo Li')
    """
    names: dict[str, str] = {}
    for value in values:
        for part in _SEPARATOR.split(value):
            name = _bare(part)
            if _is_name(name):
                names.setdefault(_BESIDE_LETTERS.sub("", name.casefold()), name)
    return tuple(names.values())[:_MOST]


def _bare(part: str) -> str:
    """A name without what stands around it; what is too long to be one as it is."""
    if len(part) > 2 * _LONGEST:
        return part
    if "@" in part:
        part = _MAIL.sub(" ", part).strip()
    if part.startswith("(") and part.endswith(")"):
        part = part[1:-1]
    name = _before().sub("", part).strip(_EDGES)
    return _trade().sub("", _IN_BRACKETS.sub("", name) or name).strip(_EDGES)


def split_list(value: str) -> list[str]:
    """`Ana Ruiz, Jo Li and Tom Ek` one by one, where each part has two to five words and no number.

    `Ek, MD` and `Ortega y Gasset` are one name; what somebody is by trade is none.

    >>> split_list("Ana Ruiz, Jo Li and Tom Ek"), split_list("Ana Ruiz und Jo Li, MD"), split_list("Jo Li, City Editor")
    (['Ana Ruiz', 'Jo Li', 'Tom Ek'], ['Ana Ruiz', 'Jo Li, MD'], ['Jo Li'])
    >>> split_list("Reporter Ana Ruiz and Jo Li")
    ['Reporter Ana Ruiz', 'Jo Li']
    """
    for between in _between():
        parts = between.split(value)
        parts = [part for at, part in enumerate(parts) if not _is_trade(part, first=at == 0)] or parts
        if all(2 <= len(part.split()) <= _MOST_WORDS and not _DIGIT.search(part) for part in parts):
            return parts
    return [value]


def _is_trade(part: str, *, first: bool) -> bool:
    """Whether a part of a list ends with the name of a trade, or begins so behind a name: `City Reporter`, `CEO of The
    Post`. In the `first` part a name follows it: `Reporter Ana Ruiz`.
    """
    words = part.casefold().split()
    told = words[-1:] if first else words[:1] + words[-1:]
    return not set(told).isdisjoint(metadata_table()["author"]["trades"])


def _is_name(name: str) -> bool:
    if not 1 < len(name) <= _LONGEST or "@" in name or "://" in name or name.startswith(("www.", "/", "{")):
        return False
    table = metadata_table()["author"]
    said = name.casefold()
    return said not in table["no_name"] and said not in table["before"] and any(map(str.isalpha, name))


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:{_words_before()})\b[\s:：]+", re.IGNORECASE)


@cache
def before_name() -> re.Pattern[str]:
    """A word such as "by", behind a gap, and what parts it from the name."""
    return re.compile(rf"(?<!\S)(?:{_words_before()})(?::\s*+|\s++)", re.IGNORECASE)


@cache
def _words_before() -> str:
    return "|".join(map(re.escape, sorted(metadata_table()["author"]["before"], key=len, reverse=True)))


@cache
def _trade() -> re.Pattern[str]:
    """What scripts without capitals write behind a name: `김철수 기자`."""
    return re.compile(rf"\s*(?:{'|'.join(metadata_table()['author']['trades_behind'])})$")


@cache
def _between() -> tuple[re.Pattern[str], ...]:
    """What stands between names: commas and words, then words alone."""
    words = "|".join(map(re.escape, metadata_table()["author"]["between"]))
    word = rf"(?<!\s)\s++(?:{words})\s+"
    comma = rf"(?:(?<!\s)\s++)?[,،]\s*(?:(?:{words})\s+)?"
    return re.compile(f"{comma}|{word}", re.IGNORECASE), re.compile(word, re.IGNORECASE)
