"""Invented texts, and copies of them with known edits."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from flows.lake.place import Lake
from flows.lake.staging import ORDINAL, SKETCH
from flows.near import NearDuplicates
from flows.near_sketch import pack

_SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sta", "ven", "dor", "ix", "pa", "tum", "gri", "el", "shu", "bo", "wen")
_CHANCE = random.Random(7)
VOCABULARY = ["".join(_CHANCE.choices(_SYLLABLES, k=_CHANCE.randint(1, 4))) for _ in range(8_000)]


def story(number: int, words: int = 120) -> list[str]:
    """The words of an invented story; the same number gives the same words."""
    return random.Random(number).choices(VOCABULARY, k=words)


def edited(words: list[str], share: float, seed: int) -> list[str]:
    """A copy in which a share of the words, anywhere, are others."""
    chance = random.Random(seed)
    places = chance.sample(range(len(words)), round(share * len(words)))
    copy = list(words)
    for place in places:
        copy[place] = chance.choice(VOCABULARY)
    return copy


def identity(name: str) -> str:
    """An id that does not betray the order."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def batch(texts: Iterable[tuple[str, str]]) -> pa.RecordBatch:
    """Staged rows of (name, text) as the committer is given them."""
    rows = [{ORDINAL: at, "id": identity(name), SKETCH: pack(text)} for at, (name, text) in enumerate(texts)]
    wanted = pa.schema([(ORDINAL, pa.int64()), ("id", pa.string()), (SKETCH, pa.binary())])
    return pa.RecordBatch.from_pylist(rows, wanted)


def clusters(folder: Path, shards: Iterable[list[tuple[str, str]]]) -> set[frozenset[str]]:
    """The clusters (sets of names) of texts that come in as these shards."""
    names = {identity(name): name for shard in shards for name, _ in shard}
    near = NearDuplicates(Lake(folder), [])
    for at, shard in enumerate(shards):
        near.take(f"{at:016x}", f"{at:016x}-00000000", [batch(shard)])
    found: dict[str, set[str]] = {}
    for row in near.rows():
        found.setdefault(str(row["cluster"]), set()).add(names[str(row["id"])])
    near.close()
    return set(map(frozenset, found.values()))


def shuffled(texts: list[tuple[str, str]], seed: int) -> Iterator[tuple[str, str]]:
    """The texts in another order."""
    order = list(texts)
    random.Random(seed).shuffle(order)
    yield from order
