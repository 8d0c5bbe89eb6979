"""resolve: which articles repeat one that the lake has, or that comes earlier in the plan. From hashes alone.

Same payload, or same text of at least 25 words: the first in the order of the plan is kept. Only the committer asks,
shard after shard, so the answer is the same however many workers there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flows.lake.files import each
from flows.lake.ledger import Entry, LakeFile
from flows.lake.pieces import batches
from flows.lake.place import Lake
from flows.lake.staging import ORDINAL

REPEAT_WORDS = 25
_KEY = np.dtype("S16")  # the first 16 bytes of a digest, or an id

Keys = npt.NDArray[np.bytes_]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Record number `ordinal` repeats the article `id`, `by` its payload or its text."""

    ordinal: int
    id: str
    by: Literal["payload", "text"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What repeats in a shard, and which other shards of this run hold what is repeated."""

    repeats: tuple[Repeat, ...]
    leans_on: frozenset[str]


class ArticleIndex:
    """Digests of every article: those of the lake in sorted arrays (64 bytes an article), this run's in a dict.

    An article is one entry by its payload and, where it is long enough, one by its text.
    """

    def __init__(self, digests: Keys, ids: Keys) -> None:
        order = np.argsort(digests, kind="stable")
        self._digests, self._ids = digests[order], ids[order]
        self._run: dict[bytes, tuple[str, str]] = {}

    @classmethod
    def empty(cls) -> ArticleIndex:
        """The index of a lake without articles."""
        return cls(np.array([], _KEY), np.array([], _KEY))

    def resolve(self, shard: str, hashes: Iterable[pa.RecordBatch]) -> Resolved:
        """Decide a staged shard from its `staged_hashes`, and take its new articles in."""
        repeats: list[Repeat] = []
        leans_on: set[str] = set()
        for article in _staged(hashes):
            found = self._find(article)
            if found is None:
                self._run.update((digest, (article.id, shard)) for digest, _ in article.digests)
                continue
            repeat, holder = found
            repeats.append(repeat)
            leans_on |= {holder} - {shard, ""}
        return Resolved(tuple(repeats), frozenset(leans_on))

    def restore(self, lake: Lake, entry: Entry) -> None:
        """Take in the articles of an entry that was to be replaced, and is not."""
        digests: list[bytes] = []
        ids: list[bytes] = []
        for file in entry.files:
            if file.path.startswith("articles/"):
                _collect(lake, file, digests, ids)
        for digest, identity in zip(digests, ids, strict=True):
            self._run.setdefault(digest, (identity.hex(), ""))

    def _find(self, article: _Article) -> tuple[Repeat, str] | None:
        for digest, by in article.digests:
            held = self._run.get(digest) or self._in_lake(digest)
            if held is not None:
                return Repeat(article.ordinal, held[0], by), held[1]
        return None

    def _in_lake(self, digest: bytes) -> tuple[str, str] | None:
        at = int(np.searchsorted(self._digests, np.array(digest, _KEY)))
        if at < len(self._digests) and self._digests[at] == digest.rstrip(b"\0"):
            return bytes(self._ids[at]).ljust(16, b"\0").hex(), ""
        return None


@dataclass(frozen=True, slots=True)
class _Article:
    ordinal: int
    id: str
    digests: tuple[tuple[bytes, Literal["payload", "text"]], ...]


def load_index(lake: Lake, entries: Iterable[Entry]) -> ArticleIndex:
    """The index of what the lake holds, read from the files that entries list."""
    pieces = [file for entry in entries for file in entry.files if file.path.startswith("articles/")]
    digests: list[bytes] = []
    ids: list[bytes] = []
    for found in each(lake.root, lambda piece: _keys(lake, piece), pieces):
        digests += found[0]
        ids += found[1]
    return ArticleIndex(np.array(digests, _KEY), np.array(ids, _KEY))


def _keys(lake: Lake, file: LakeFile) -> tuple[list[bytes], list[bytes]]:
    digests: list[bytes] = []
    ids: list[bytes] = []
    _collect(lake, file, digests, ids)
    return digests, ids


def _collect(lake: Lake, file: LakeFile, digests: list[bytes], ids: list[bytes]) -> None:
    """Payload digests first, then text digests: of two entries for one digest the sort keeps that order."""
    columns = ["id", "payload_sha256", "text_sha256", "word_count"]
    for batch in batches(lake, file, columns, rows=65_536):
        for identity, payload, text, words in zip(*batch.select(columns).to_pydict().values(), strict=True):
            found = _digests(payload, text, words)
            digests += [digest for digest, _ in found]
            ids += [bytes.fromhex(identity)] * len(found)


def _staged(hashes: Iterable[pa.RecordBatch]) -> Iterator[_Article]:
    for batch in hashes:
        columns: Mapping[str, list[object]] = batch.to_pydict()
        names = (ORDINAL, "id", "payload_sha256", "text_sha256", "word_count")
        for ordinal, identity, payload, text, words in zip(*(columns[name] for name in names), strict=True):
            yield _Article(ordinal, identity, _digests(payload, text, words))


def _digests(payload: object, text: object, words: object) -> tuple[tuple[bytes, Literal["payload", "text"]], ...]:
    """What may repeat of an article. A letter in front keeps payloads and texts apart: one may be the other."""
    by_payload = (b"p" + bytes.fromhex(str(payload))[:15], "payload")
    if int(str(words)) < REPEAT_WORDS:
        return (by_payload,)  # type: ignore[return-value]
    return by_payload, (b"t" + bytes.fromhex(str(text))[:15], "text")  # type: ignore[return-value]


def repeats_table(repeats: Iterable[Repeat]) -> pa.Table:
    """Repeats as a table to join with the staged articles."""
    rows = [{ORDINAL: repeat.ordinal, "repeats": repeat.id, "by": repeat.by} for repeat in repeats]
    return pa.Table.from_pylist(rows, pa.schema([(ORDINAL, pa.int64()), ("repeats", pa.string()), ("by", pa.string())]))
