"""What repeats is decided from hashes alone, the first in the plan's order is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from flows.lake.ledger import Entry, LakeFile
from flows.lake.place import Lake
from flows.lake.schema import schema
from flows.lake.staging import PartWriter, read_chunk, read_hashes
from flows.resolve import ArticleIndex, Repeat, load_index


def digest(text: str) -> str:
    """A digest in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def article(name: str, payload: str, text: str, words: int = 30) -> dict[str, Any]:
    """The columns that count."""
    return {
        "id": digest(name)[:32],
        "payload_sha256": digest(payload),
        "text_sha256": digest(text),
        "word_count": words,
    }


def staged(folder: Path, *articles: dict[str, Any]) -> Path:
    """Articles written aside."""
    folder.mkdir()
    writer = PartWriter(folder, 0)
    for ordinal, values in enumerate(articles):
        writer.add("articles", values, ordinal, "text")
    writer.flush(len(articles))
    return folder


def test_same_payload_or_same_long_text(tmp_path: Path) -> None:
    index = ArticleIndex.empty()
    first = staged(
        tmp_path / "1", article("a", "p1", "t1"), article("b", "p1", "t1"), article("c", "p2", "t2", words=24)
    )
    second = staged(
        tmp_path / "2", article("d", "p3", "t1"), article("e", "p4", "t2", words=24), article("f", "t1", "p1")
    )
    a = digest("a")[:32]
    assert index.resolve("s1", read_hashes(first)).repeats == (Repeat(1, a, "payload"),)
    found = index.resolve("s2", read_hashes(second))
    assert found.repeats == (Repeat(0, a, "text"),)
    assert found.leans_on == {"s1"}


def test_what_the_lake_holds_counts_too(tmp_path: Path) -> None:
    folder = staged(tmp_path / "old", *(article(str(number), f"p{number}", f"t{number}") for number in range(100)))
    rows = read_chunk(folder, 0, "articles").select(schema("articles").names)
    (tmp_path / "articles").mkdir()
    pq.write_table(rows, tmp_path / "articles" / "x.parquet")
    held = Entry("s", "", {}, {}, (), {}, {}, {}, (LakeFile("articles/x.parquet", 100, 0, ""),))
    index = load_index(Lake(tmp_path), [held])
    new = staged(tmp_path / "new", article("n", "other", "t42"), article("m", "p7", "other"))
    found = index.resolve("new", read_hashes(new))
    assert found.repeats == (Repeat(0, digest("42")[:32], "text"), Repeat(1, digest("7")[:32], "payload"))
    assert found.leans_on == frozenset()
