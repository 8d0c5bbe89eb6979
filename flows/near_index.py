"""Which texts share a MinHash band: sorted arrays, a segment for the lake (in a file, mapped) and a few for the run.

A text takes 200 bytes. Segments of a run are merged as they grow, so that there are few; what the lake held when the
run began is sorted band by band into one file, so that memory holds one band of it at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from flows.near_sketch import BANDS

MOST_PAIRS = 4_000_000  # candidate pairs looked at together: 100 MB at worst

Keys = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.uint32]
Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Texts by band: `keys[band]` is sorted, `numbers[band]` are the texts that have them. Both (BANDS, n)."""

    keys: Keys
    numbers: Numbers

    def __len__(self) -> int:
        return int(self.keys.shape[1])


def segment(bands: Keys, first: int) -> Segment:
    """The segment of texts numbered from `first`, whose bands (n, BANDS) are given."""
    numbers = np.arange(first, first + len(bands), dtype=np.uint32)
    order = np.argsort(bands.T, axis=1, kind="stable")
    return Segment(np.take_along_axis(bands.T, order, 1), numbers[order])


def merged(one: Segment, other: Segment) -> Segment:
    """Two segments as one."""
    keys = np.concatenate([one.keys, other.keys], axis=1)
    order = np.argsort(keys, axis=1, kind="stable")
    numbers = np.concatenate([one.numbers, other.numbers], axis=1)
    return Segment(np.take_along_axis(keys, order, 1), np.take_along_axis(numbers, order, 1))


def write_segment(parts: Sequence[Keys], path: Path) -> Segment:
    """The segment of all texts of a lake, made in a file; `parts` are the bands (n, BANDS) of consecutive texts."""
    total = sum(map(len, parts))
    if not total:
        return Segment(np.zeros((BANDS, 0), np.uint32), np.zeros((BANDS, 0), np.uint32))
    stored = np.memmap(path, np.uint32, "w+", shape=(2, BANDS, total))
    for band in range(BANDS):
        keys = np.concatenate([part[:, band] for part in parts])
        order = np.argsort(keys, kind="stable")
        stored[0, band], stored[1, band] = keys[order], order
    return Segment(stored[0], stored[1])


class BandIndex:
    """All texts so far: finds those that share a band with new ones."""

    def __init__(self, base: Segment) -> None:
        self._base = base
        self._segments: list[Segment] = []

    def __len__(self) -> int:
        return len(self._base) + sum(map(len, self._segments))

    def add(self, bands: Keys) -> None:
        """Take in texts (n, BANDS); they are numbered on."""
        if not len(bands):
            return
        new = segment(bands, len(self))
        while self._segments and len(self._segments[-1]) <= 2 * len(new):
            new = merged(self._segments.pop(), new)
        self._segments.append(new)

    def candidates(self, bands: Keys) -> Iterator[Pairs]:
        """(new, known): rows of `bands` and numbers of texts that share a band with them, each pair once.

        They come in groups of consecutive rows, sorted, so that memory stays bounded however many share one band.
        """
        ranges = [self._ranges(known, bands) for known in (self._base, *self._segments) if len(known)]
        if not ranges or not len(bands):
            return
        load = np.sum([(stop - start).sum(axis=0) for _, start, stop in ranges], axis=0)
        for first, last in _groups(load):
            yield _distinct([_expand(known, start, stop, first, last) for known, start, stop in ranges])

    @staticmethod
    def _ranges(known: Segment, bands: Keys) -> tuple[Segment, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        start = np.stack([np.searchsorted(known.keys[band], bands[:, band], "left") for band in range(BANDS)])
        stop = np.stack([np.searchsorted(known.keys[band], bands[:, band], "right") for band in range(BANDS)])
        return known, start, stop


def _groups(load: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Consecutive rows whose pairs together are not too many; a row is never divided."""
    first = 0
    total = 0
    for row, pairs in enumerate(load.tolist()):
        if row > first and total + pairs > MOST_PAIRS:
            yield first, row
            first, total = row, 0
        total += pairs
    yield first, len(load)


def _expand(
    known: Segment, start: npt.NDArray[np.int64], stop: npt.NDArray[np.int64], first: int, last: int
) -> npt.NDArray[np.uint64]:
    """Pairs of rows `first` to `last` as one number each: row in the upper half, text in the lower."""
    found = []
    for band in range(BANDS):
        begin, lengths = start[band, first:last], (stop - start)[band, first:last]
        if not lengths.any():
            continue
        rows = np.repeat(np.arange(first, last, dtype=np.uint64), lengths)
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths) + np.repeat(begin, lengths)
        found.append(np.unique(rows << np.uint64(32) | known.numbers[band][places]))
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)


def _distinct(found: Sequence[npt.NDArray[np.uint64]]) -> Pairs:
    pairs = np.unique(np.concatenate(found))
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
