"""Authors: from what metadata call so to the names of people, or of the desk or agency that signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from cleaners.tables import metadata_table

_MOST: Final = 30
_LONGEST: Final = 100  # characters; longer is a sentence about the author
# White space is tried from where it begins and given back never: else a line of a million spaces takes minutes.
_SEPARATOR: Final = re.compile(r"(?:(?<!\s)\s++)?[;|]\s*")
_TWO_NAMES: Final = re.compile(r"(?:(?<!\s)\s++)?,\s*(?:and\s+|und\s+|et\s+|y\s+)?|(?<!\s)\s++(?:and|und|et|&)\s+")


def clean_names(values: Iterable[str]) -> tuple[str, ...]:
    """The names in `values`, each once, in order, without `By`;
    addresses and accounts are none.

    >>> clean_names(["By Ana Ruiz; Jo Li", "https://news.example/jo"])
    ('Ana Ruiz', 'Jo Li')
    """
    names: dict[str, str] = {}
    for value in values:
        for part in _SEPARATOR.split(value):
            name = _before().sub("", part).strip(" ,.:-–—")
            if _is_name(name):
                names.setdefault(name.casefold(), name)
    return tuple(names.values())[:_MOST]


def split_list(value: str) -> list[str]:
    """`Ana Ruiz, Jo Li and Tom Ek` one by one; a list only where each part has two words (`Ek, MD` is one name).

    >>> split_list("Ana Ruiz, Jo Li and Tom Ek"), split_list("Ana Ruiz, MD")
    (['Ana Ruiz', 'Jo Li', 'Tom Ek'], ['Ana Ruiz, MD'])
    """
    parts = _TWO_NAMES.split(value)
    return parts if all(" " in part.strip() for part in parts) else [value]


def _is_name(name: str) -> bool:
    if not 1 < len(name) <= _LONGEST or "@" in name or "://" in name or name.startswith(("www.", "/", "{")):
        return False
    return name.casefold() not in metadata_table()["author"]["no_name"] and any(map(str.isalpha, name))


@cache
def _before() -> re.Pattern[str]:
    words = sorted(metadata_table()["author"]["before"], key=len, reverse=True)
    return re.compile(rf"^\s*(?:(?:{'|'.join(map(re.escape, words))})\b[\s:]+)", re.IGNORECASE)
