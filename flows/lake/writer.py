"""Tables → Parquet files that are the same bytes for the same rows, whatever order they came in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.lake.files import disk_errors
from flows.lake.schema import SORTED_BY, TABLES, schema

ROW_GROUP = 8_192
PARTITIONED_BY = ("language", "month")
# Columns of few distinct values; a dictionary of the others costs time and is thrown away.
_DICTIONARY = frozenset(
    (
        "host",
        "site_name",
        "date",
        "month",
        "language",
        "language_tag",
        "section",
        "method",
        "encoding",
        "encoding_evidence",
        "media_type",
        "source",
        "winnow_version",
        "rules_version",
        "kind",
        "rule",
        "matched",
        "reason",
        "by",
    )
)


def partitions(articles: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The articles a partition, as (folder relative to the lake, rows), sorted by folder."""
    keys = articles.select(PARTITIONED_BY).group_by(list(PARTITIONED_BY)).aggregate([]).to_pylist()
    for key in sorted(keys, key=lambda key: (key["language"], key["month"])):
        same = pc.and_(pc.equal(articles["language"], key["language"]), pc.equal(articles["month"], key["month"]))
        folder = "/".join(f"{name}={quote(key[name], safe='')}" for name in PARTITIONED_BY)
        yield f"articles/{folder}", articles.filter(same)


def write_parquet(table: str, rows: pa.Table, path: Path) -> None:
    """Write rows of a table, sorted, zstd, with statistics and the meaning of each column; flushed to disk.

    Raises DiskError where the disk does not take it.
    """
    order, wanted = SORTED_BY[table], schema(table)
    names = wanted.names
    rows = rows.sort_by([(name, "ascending") for name in order]).select(names).cast(wanted)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            rows.replace_schema_metadata(wanted.metadata).combine_chunks(),
            path,
            row_group_size=ROW_GROUP,
            sorting_columns=[pq.SortingColumn(names.index(name)) for name in order],
            **parquet_options(table),
        )


def parquet_options(table: str) -> dict[str, Any]:
    """How every Parquet file of a table is written."""
    names = [column.name for column in TABLES[table]]
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": [name for name in names if name in _DICTIONARY],
        "write_statistics": [name for name in names if name not in ("text", "head", "layout")],
        "store_schema": True,
    }
