"""Documents of a page's review: their page text in blocks, each kept or cut, with kind and rule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow.parquet as pq

from flows.lake.ledger import Entry
from flows.lake.place import Lake
from flows.logs import redact
from flows.report.gather import SPREAD, Chosen, Figures

LONGEST = 60_000  # characters of one document
MOST = 4_000_000  # bytes of all of them as they stand in the page: with markup and charts it stays under 5 MB
_UNSAFE = re.compile("[<>&\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
_ARTICLE = ["id", "title", "url", "language", "confidence", "method", "flags", "text", "layout"]
_REMOVED = ["id", "block", "start", "end", "kind", "rule", "text"]


@dataclass(frozen=True, slots=True)
class Review:
    """The documents to look at, least confident first; `left_out` were too many or too long to be shown."""

    documents: Sequence[Mapping[str, Any]]
    left_out: int
    shortened: int


def chosen(figures: Figures) -> list[Chosen]:
    """The least confident documents, then some that were chosen for nothing."""
    known = {one.id for one in figures.least}
    return figures.least + [one for one in figures.spread if one.id not in known][:SPREAD]


def review(lake: Lake, entries: Mapping[str, Entry], figures: Figures) -> Review:
    """Read the chosen documents with their cuts."""
    wanted = chosen(figures)
    found = {document["id"]: document for document in _documents(lake, entries, wanted)}
    shown: list[Mapping[str, Any]] = []
    size = 0
    for one in wanted:
        document = found[one.id]
        size += len(embedded(document).encode())
        if size > MOST:
            break
        shown.append(document)
    shortened = sum(document["shortened"] for document in shown)
    return Review(shown, len(wanted) - len(shown), shortened)


def embedded(data: object) -> str:
    """JSON that can stand inside a script element: what could end it, or turn its text round, is escaped."""
    return _UNSAFE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", orjson.dumps(data).decode())


def _documents(lake: Lake, entries: Mapping[str, Entry], wanted: Sequence[Chosen]) -> Iterable[dict[str, Any]]:
    by_file: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in wanted:
        by_file[one.shard, one.path].append(one.id)
    for (shard, path), ids in sorted(by_file.items()):
        cuts: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for file in entries[shard].files:
            if file.path.startswith("removed/"):
                for row in _read(lake, file.path, _REMOVED, ids):
                    cuts[row["id"]].append(row)
        for article in _read(lake, path, _ARTICLE, ids):
            yield _document(article, cuts[article["id"]])


def _read(lake: Lake, path: str, columns: list[str], ids: list[str]) -> list[dict[str, Any]]:
    with (lake.root / path).open("rb") as data:
        rows: list[dict[str, Any]] = pq.read_table(data, columns=columns, filters=[("id", "in", ids)]).to_pylist()
    return rows


def _document(article: Mapping[str, Any], cuts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A document block by block; where the lake holds no layout (cuts are only counted) by its paragraphs."""
    if article["layout"] is None:
        pieces = [(at, {"text": paragraph}) for at, paragraph in enumerate(article["text"].split("\n\n"))]
    else:
        pieces = [(piece["start"], _kept(article["text"], piece)) for piece in article["layout"]]
    pieces += [(row["start"], _cut(row)) for row in cuts]
    blocks, shortened = _short([block for _, block in sorted(pieces, key=lambda piece: piece[0])])
    shown = {name: article[name] for name in ("id", "title", "url", "language", "method", "flags")}
    shown["url"] = shown["url"] and redact(shown["url"])
    return {**shown, "confidence": round(article["confidence"], 3), "blocks": blocks, "shortened": shortened}


def _kept(text: str, piece: Mapping[str, Any]) -> dict[str, str]:
    length = piece["end"] - piece["start"] - len(piece["lead"]) - len(piece["trail"])
    return {"text": text[piece["text_start"] : piece["text_start"] + length]}


def _cut(row: Mapping[str, Any]) -> dict[str, str]:
    return {"text": row["text"], "kind": row["kind"], "rule": row["rule"]}


def _short(blocks: Sequence[dict[str, str]]) -> tuple[list[dict[str, str]], bool]:
    """The blocks that fit into LONGEST characters, without those that show nothing."""
    shown: list[dict[str, str]] = []
    size = 0
    for block in blocks:
        if not block["text"].strip():
            continue
        size += len(block["text"])
        if size > LONGEST:
            return shown, True
        shown.append(block)
    return shown, False
