"""Near duplicates found again: `python -m benchmarks.near [--documents N] [--processes N]`.

Invented stories of 60 to 1,500 words, a fifth of them with a copy that was edited: words replaced here and there,
sentences put in, taken out, moved, the beginning rewritten, the end cut off. The truth is the Jaccard similarity of the
sets of four-word shingles, computed from the words themselves; a pair is a near duplicate from 0.8 on. Prints
precision and recall of the pairs found, also of pairs close to the threshold, seconds and peak memory.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa

from flows.lake.place import Lake
from flows.lake.staging import ORDINAL, SKETCH
from flows.near import SIMILAR, NearDuplicates
from flows.near_sketch import SHINGLE, pack

COPIED = 5  # every so-manieth story has a copy
SHARD = 2_000
CLOSE = 0.03  # pairs so far from the threshold are counted apart
_LETTERS = "bcdfghklmnprstvz", "aeiou"
Words = list[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A story, its copy, and how similar they are."""

    story: str
    copy: str
    similarity: float


def vocabulary(size: int = 30_000) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Invented words, the frequent ones short."""
    chance = np.random.default_rng(1)
    syllables = [a + b for a in _LETTERS[0] for b in _LETTERS[1]]
    lengths = 1 + np.minimum(np.arange(size) // 400, 3)
    return np.array(["".join(chance.choice(syllables, length)) for length in lengths])


WORDS = vocabulary()


def story(number: int) -> Words:
    """The words of a story: lengths as news has them, words as often as in a language (Zipf)."""
    chance = np.random.default_rng((2, number))
    length = int(np.clip(chance.lognormal(5.8, 0.6), 60, 1_500))
    places = np.minimum((len(WORDS) ** chance.random(length)).astype(int), len(WORDS) - 1)
    return [str(word) for word in WORDS[places]]


def copied(words: Words, number: int) -> Words:
    """A copy of a story, edited in one of several ways, a little or much."""
    chance = np.random.default_rng((3, number))
    edit = _EDITS[number // COPIED % len(_EDITS)]
    return edit(list(words), chance, float(chance.random()) ** 2 * 0.4)


def _replaced(words: Words, chance: np.random.Generator, share: float) -> Words:
    for place in chance.choice(len(words), int(share * len(words) / 3), replace=False).tolist():
        words[place] = str(chance.choice(WORDS))
    return words


def _put_in(words: Words, chance: np.random.Generator, share: float) -> Words:
    at = int(chance.integers(len(words)))
    return words[:at] + [str(word) for word in chance.choice(WORDS, int(share * len(words)))] + words[at:]


def _taken_out(words: Words, chance: np.random.Generator, share: float) -> Words:
    size = int(share * len(words))
    at = int(chance.integers(len(words) - size))
    return words[:at] + words[at + size :]


def _moved(words: Words, chance: np.random.Generator, share: float) -> Words:
    for _ in range(int(share * 50)):
        at, to = chance.integers(len(words) - 20, size=2).tolist()
        moved = words[at : at + 12]
        del words[at : at + 12]
        words[to:to] = moved
    return words


def _beginning_rewritten(words: Words, chance: np.random.Generator, share: float) -> Words:
    size = int(share * len(words))
    return [str(word) for word in chance.choice(WORDS, size)] + words[size:]


def _end_cut_off(words: Words, chance: np.random.Generator, share: float) -> Words:
    return words[: len(words) - int(share * len(words))]


_EDITS: Sequence[Callable[[Words, np.random.Generator, float], Words]] = (
    _replaced,
    _put_in,
    _taken_out,
    _moved,
    _beginning_rewritten,
    _end_cut_off,
)


def similarity(one: Words, other: Words) -> float:
    """Jaccard similarity of the sets of shingles, from the words."""
    first, second = (set(zip(*(words[at:] for at in range(SHINGLE)), strict=False)) for words in (one, other))
    return len(first & second) / len(first | second)


def texts(numbers: range) -> tuple[list[tuple[str, bytes | None]], list[Pair]]:
    """Sketches of stories and of their copies, and the truth about them. Runs in processes."""
    found: list[tuple[str, bytes | None]] = []
    pairs = []
    for number in numbers:
        words = story(number)
        name = sha256(str(number).encode()).hexdigest()[:32]
        found.append((name, pack(" ".join(words))))
        if number % COPIED == 0:
            copy = copied(words, number)
            other = sha256(f"copy {number}".encode()).hexdigest()[:32]
            found.append((other, pack(" ".join(copy))))
            pairs.append(Pair(name, other, similarity(words, copy)))
    return found, pairs


def made(documents: int, processes: int) -> tuple[list[tuple[str, bytes | None]], list[Pair]]:
    """So many texts in an order that keeps no copy beside its story."""
    stories = round(documents * COPIED / (COPIED + 1))
    with ProcessPoolExecutor(processes) as pool:
        parts = list(pool.map(texts, (range(at, min(at + SHARD, stories)) for at in range(0, stories, SHARD))))
    found = sorted((text for part, _ in parts for text in part), key=lambda text: text[0])
    return found, [pair for _, pairs in parts for pair in pairs]


def batches(found: Sequence[tuple[str, bytes | None]]) -> Iterator[pa.RecordBatch]:
    """The texts in shards."""
    wanted = pa.schema([(ORDINAL, pa.int64()), ("id", pa.string()), (SKETCH, pa.binary())])
    for at in range(0, len(found), SHARD):
        rows = [{ORDINAL: row, "id": name, SKETCH: sketch} for row, (name, sketch) in enumerate(found[at : at + SHARD])]
        yield pa.RecordBatch.from_pylist(rows, wanted)


def clusters(found: Sequence[tuple[str, bytes | None]], folder: Path) -> dict[str, str]:
    """The cluster of each text that has one."""
    near = NearDuplicates(Lake(folder), [])
    for number, batch in enumerate(batches(found)):
        near.take(f"{number:016x}", f"{number:016x}-00000000", [batch])
    named = {str(row["id"]): str(row["cluster"]) for row in near.rows()}
    near.write()
    near.close()
    return named


def report(named: dict[str, str], pairs: Sequence[Pair]) -> None:
    """Precision and recall over pairs."""
    together = {pair: pair.story in named and named.get(pair.copy) == named[pair.story] for pair in pairs}
    sizes = Counter(named.values()).values()
    said = sum(size * (size - 1) // 2 for size in sizes)
    true = sum(pair.similarity >= SIMILAR for pair in pairs)
    hit = sum(joined and pair.similarity >= SIMILAR for pair, joined in together.items())
    close = [pair for pair in pairs if abs(pair.similarity - SIMILAR) < CLOSE]
    right = sum(together[pair] == (pair.similarity >= SIMILAR) for pair in close)
    print(f"pairs planted {len(pairs):,}, of similarity 0.8 or more {true:,}; found {said:,}, rightly {hit:,}")
    print(f"precision {hit / said:.4f}  recall {hit / true:.4f}")
    print(
        f"of {len(close):,} pairs within {CLOSE} of the threshold {right / max(1, len(close)):.4f} are decided rightly"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    began = time.monotonic()
    found, pairs = made(chosen.documents, chosen.processes)
    print(f"{len(found):,} texts made and sketched in {time.monotonic() - began:.0f} s", flush=True)
    before = resource.getrusage(resource.RUSAGE_SELF)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        named = clusters(found, Path(folder))
        seconds = time.monotonic() - began
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*.arrow"))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"clusters in {seconds:.0f} s ({cpu:.0f} s CPU), one process; {stored / 1e6:.0f} MB of sketches in the lake")
    print(f"peak memory {after.ru_maxrss / 1e3:.0f} MB, {before.ru_maxrss / 1e3:.0f} MB of it before")
    report(named, pairs)


if __name__ == "__main__":
    main()
