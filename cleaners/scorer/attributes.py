"""What class, id and role words say: groups of words (`rules/markup.toml`) and learnt log-odds.

Words are looked at once: what a distinct attribute value says is remembered for the process, and sites repeat them.
"""

from __future__ import annotations

import re
import tomllib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from cleaners.scorer.characters import Floats

BITS = 13
BUCKETS = 1 << BITS
GLUED = 5
_PART = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Group:
    """A group of `rules/markup.toml`: its words, and the kind the account names (empty: no boilerplate).

    `keep` is an attribute value that is none of it."""

    name: str
    kind: str
    words: frozenset[str]
    keep: str
    inside: re.Pattern[str]


@cache
def groups() -> tuple[Group, ...]:
    """The groups in the order of the file."""
    data = tomllib.loads((files("cleaners") / "rules" / "markup.toml").read_text("utf-8"))["groups"]
    return tuple(_group(name, entry["kind"], entry["words"], entry["keep"]) for name, entry in data.items())


def _group(name: str, kind: str, words: list[str], keep: str) -> Group:
    glued = "|".join(sorted(word for word in words if len(word) >= GLUED))
    return Group(name, kind, frozenset(words), keep, re.compile(glued))


@lru_cache(maxsize=1 << 16)
def _said(part: str) -> tuple[int, int]:
    """Groups of one word as bits, and its bucket."""
    bits = 0
    for number, group in enumerate(groups()):
        if part in group.words or (len(part) > GLUED and group.inside.search(part)):
            bits |= 1 << number
    return bits, zlib.crc32(part.encode()) & (BUCKETS - 1)


@lru_cache(maxsize=1 << 15)
def said(attributes: str) -> tuple[int, tuple[int, ...]]:
    """Groups of an attribute value as bits, and the buckets of its words and of neighbouring pairs.

    >>> [group.name for bit, group in enumerate(groups()) if said("article__related-links")[0] >> bit & 1]
    ['related', 'navigation', 'body']
    """
    parts = list(dict.fromkeys(_PART.findall(attributes)))[:24]
    pairs = [first + second for first, second in pairwise(parts)]
    bits, buckets = 0, []
    for part in (*parts, *pairs):
        mask, bucket = _said(part)
        bits |= mask
        buckets.append(bucket)
    return bits, tuple(buckets)


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
