"""What class, id and role words say: groups of words (`rules/markup.toml`) and learnt log-odds.

Words are looked at once: what a distinct attribute value says is remembered for the process, and sites repeat them.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from operator import add
from typing import Final

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from cleaners.scorer.characters import Floats

BITS = 13
BUCKETS = 1 << BITS
GLUED = 5  # letters of a word that is found inside a longer one
_MOST_WORDS = 24
_REMEMBERED = 1 << 16  # words, some 8 MB; where it is too many all are forgotten, cheaper than a queue
_PART = re.compile(r"[^\W\d_]+")
_LETTERS = bytes(code if chr(code).isalpha() and code < 128 else ord(" ") for code in range(256))


@dataclass(frozen=True, slots=True)
class Group:
    """A group of `rules/markup.toml`: its words, and the kind the account names (empty: no boilerplate).

    `keep` is an attribute value that is none of it."""

    name: str
    kind: str
    words: frozenset[str]
    keep: str


@cache
def groups() -> tuple[Group, ...]:
    """The groups in the order of the file."""
    data = tomllib.loads((files("cleaners") / "rules" / "markup.toml").read_text("utf-8"))["groups"]
    return tuple(Group(name, entry["kind"], frozenset(entry["words"]), entry["keep"]) for name, entry in data.items())


@lru_cache(maxsize=1 << 15)
def said(attributes: str) -> tuple[int, tuple[int, ...]]:
    """Groups of an attribute value as bits, and the buckets of its words and of neighbouring pairs.

    >>> [group.name for bit, group in enumerate(groups()) if said("article__related-links")[0] >> bit & 1]
    ['related', 'navigation', 'body']
    """
    parts = list(dict.fromkeys(_parts(attributes)))[:_MOST_WORDS]
    spoken = [_spoken[word] for word in (*parts, *map(add, parts, parts[1:]))]
    bits = 0
    for each in spoken:
        bits |= each
    return bits >> BITS, tuple([each & (BUCKETS - 1) for each in spoken])


def _parts(attributes: str) -> list[str]:
    """Runs of letters; of ASCII, as nearly all values are, at half the cost."""
    if attributes.isascii():
        return attributes.encode().translate(_LETTERS).decode().split()
    return _PART.findall(attributes)


class _Spoken(dict[str, int]):
    """A word's bucket, and above it its groups as bits: of four words in five a page has said before."""

    def __missing__(self, word: str) -> int:
        exact, glued = _masks()
        bits = exact.get(word, 0)
        for _, mask in glued.iter(word):
            bits |= mask
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = found = bits << BITS | zlib.crc32(word.encode()) & (BUCKETS - 1)
        return found


_spoken: Final = _Spoken()


@cache
def _masks() -> tuple[Mapping[str, int], ahocorasick.Automaton]:
    """The groups of each word as bits; and of those words that count inside a longer one, searched for all at once."""
    exact: dict[str, int] = {}
    for number, group in enumerate(groups()):
        for word in group.words:
            exact[word] = exact.get(word, 0) | 1 << number
    glued = ahocorasick.Automaton()
    for word, mask in exact.items():
        if len(word) >= GLUED:
            glued.add_word(word, mask)
    glued.make_automaton()
    return exact, glued


@dataclass(frozen=True, slots=True)
class Attributes:
    """The distinct attribute values of a page. S values.

    which    (containers,) index of each container's value
    flags    (S, groups) 0 or 1
    buckets  words of all values behind each other
    heads    (S,) where each value's words begin
    """

    which: NDArray[np.int64]
    flags: Floats
    buckets: NDArray[np.int64]
    heads: NDArray[np.int64]

    def odds(self, table: Floats) -> Floats:
        """Least, greatest and mean log-odds of the words of each container's value, (3, containers + 1).

        Zeros where it has none, and in the last place, for the container that is none.
        """
        spoken = np.append(table.take(self.buckets), np.float32(0))
        size = np.diff(self.heads, append=len(self.buckets))
        found = np.zeros((3, len(size) + 1), np.float32)
        np.minimum.reduceat(spoken, self.heads, out=found[0, :-1])
        np.maximum.reduceat(spoken, self.heads, out=found[1, :-1])
        np.divide(np.add.reduceat(spoken, self.heads), size, out=found[2, :-1], where=size > 0)
        found[:2, :-1] *= size > 0
        return found.take(np.append(self.which, -1), axis=1)


def gather(values: Sequence[str]) -> Attributes:
    """The attribute values of a page's containers, each distinct one once."""
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    which = np.array([numbers[value] for value in values], np.int64)
    heard = [said(value) for value in numbers]
    bits = np.array([mask for mask, _ in heard], np.int64)
    flags = (bits[:, None] >> np.arange(len(groups())) & 1).astype(np.float32)
    sizes = np.array([len(buckets) for _, buckets in heard], np.int64)
    joined = np.array(list(chain.from_iterable(buckets for _, buckets in heard)), np.int64)
    return Attributes(which, flags, joined, np.cumsum(sizes) - sizes)
