"""Documents that were taken down: what is known of them, so that they do not come back.

Each request leaves a record in `_forgotten/`: what was asked for, and the ids and digests of what was found. No
text, no title. A document counts as forgotten by its id, its address, its canonical address, or because it is the same
payload or the same text (of at least 25 words) as one that was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from functools import reduce
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from flows.errors import LakeError
from flows.lake.files import read_all, write_whole
from flows.lake.place import Lake
from flows.versions import fingerprint

FOLDER = "_forgotten"
LEAST_WORDS = 25
_ID = re.compile(r"[0-9a-f]{32}")
# Which of a record's sets a column of the lake is looked up in.
_LOOKED_UP: Mapping[str, str] = {
    "id": "ids",
    "repeats": "ids",
    "url": "urls",
    "canonical_url": "urls",
    "payload_sha256": "payloads",
    "text_sha256": "texts",
}
COLUMNS = tuple(_LOOKED_UP)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Ids, addresses, and digests of payloads and texts (sha256 in hex) of documents that are to be in no table."""

    ids: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    payloads: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any(getattr(self, entry.name) for entry in fields(self))

    def __or__(self, other: Forgotten) -> Forgotten:
        return Forgotten(*(getattr(self, entry.name) | getattr(other, entry.name) for entry in fields(self)))

    def among(self, rows: pa.RecordBatch | pa.Table) -> pa.BooleanArray | pa.ChunkedArray:
        """Which rows of a table are to go, by the columns of COLUMNS that it has."""
        names = [name for name in COLUMNS if name in rows.schema.names]
        found = [pc.is_in(rows.column(name), pa.array(sorted(self._set(name)), pa.string())) for name in names]
        return reduce(pc.or_, found)

    def spared(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The rows without those that are to go: nothing is to be taken for a copy of what stays out."""
        return rows.filter(pc.invert(self.among(rows))) if self else rows

    def with_rows(self, rows: Sequence[Mapping[str, Any]]) -> Forgotten:
        """What is known when these rows, of articles, duplicates or filtered, are forgotten too."""
        # Duplicates by their text are of as many words; their rows do not count them.
        long = (row for row in rows if (row.get("word_count") or 0) >= LEAST_WORDS or row.get("by") == "text")
        texts = (row["text_sha256"] for row in long)
        ids, payloads = (row["id"] for row in rows), (row["payload_sha256"] for row in rows)
        return self | Forgotten(frozenset(ids), frozenset(), frozenset(payloads), frozenset(texts))

    def _set(self, column: str) -> frozenset[str]:
        found: frozenset[str] = getattr(self, _LOOKED_UP[column])
        return found


NOTHING = Forgotten()


def asked_for(documents: Iterable[str]) -> Forgotten:
    """Ids (32 hex digits) and addresses as given by hand.

    >>> asked_for(["https://news.example/a"]).urls
    frozenset({'https://news.example/a'})
    """
    ids = frozenset(name for name in map(str.strip, documents) if _ID.fullmatch(name))
    urls = frozenset(name for name in map(str.strip, documents) if name and name not in ids)
    return Forgotten(ids, urls)


def record(lake: Lake, asked: Forgotten, found: Forgotten) -> None:
    """Write a request down, with what was found for it. The same request again adds to its record."""
    path = lake.root / FOLDER / f"{fingerprint(_plain(asked))}.json"
    with suppress(FileNotFoundError):
        found |= _read(path.read_bytes(), str(path))
    write_whole(
        path, orjson.dumps({"asked": _plain(asked), "found": _plain(asked | found)}, option=orjson.OPT_INDENT_2)
    )


def read_forgotten(lake: Lake) -> Forgotten:
    """Everything that was ever to be forgotten. Raises LakeError for a record that cannot be read."""
    paths = sorted((lake.root / FOLDER).glob("*.json"))
    records = (_read(data, str(path)) for path, data in zip(paths, read_all(paths), strict=True))
    return reduce(Forgotten.__or__, records, Forgotten())


def _plain(found: Forgotten) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in asdict(found).items()}


def _read(data: bytes, path: str) -> Forgotten:
    try:
        return Forgotten(**{name: frozenset(values) for name, values in orjson.loads(data)["found"].items()})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LakeError(f"{path} is no record of forgotten documents ({error}); restore it from a backup") from error
