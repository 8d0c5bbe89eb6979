"""What a lake says of its columns, and how lakes of older versions are read, gone on with or refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import orjson
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from flows import tidy
from flows.cli import main
from flows.errors import LakeError
from flows.lake.describe import check, columns, markdown
from flows.lake.schema import SCHEMA_VERSION, TABLES
from tests.flows.runs import ROOT, article, run_inline
from tests.tables.lakes import Made

NEW = "confidence"
OLD = 6


def test_every_column_is_listed_with_its_meaning() -> None:
    listed = CliRunner().invoke(main, ["schema"]).output
    for table, found in TABLES.items():
        assert f"{table}: " in listed
        assert all(f"  {column.name} " in listed and column.about in listed for column in found)


def test_the_page_of_columns_is_what_the_schema_says() -> None:
    page = (ROOT / "docs" / "columns.md").read_text(encoding="utf-8")
    assert page.endswith(markdown()), "write it anew: winnow schema --markdown"
    assert CliRunner().invoke(main, ["schema", "--markdown"]).output == markdown()


def test_files_say_what_their_columns_mean(lake: Made) -> None:
    for path in lake.files():
        found = pq.read_schema(lake.root / path)
        assert found.metadata[b"newswinnow.schema_version"] == str(SCHEMA_VERSION).encode()
        assert all(field.metadata[b"description"] for field in found)


def test_a_column_that_went_or_changed_is_refused_with_what_to_do() -> None:
    now = columns()
    held = {"articles": {**now["articles"], "mood": "string", "word_count": "int64"}}
    with pytest.raises(LakeError) as caught:
        check(held, now, "lake")
    said = str(caught.value)
    assert "articles.mood is gone" in said
    assert "articles.word_count was int64, is int32" in said
    assert "clean the dumps into a new lake: winnow ingest INPUT -o NEW" in said
    assert caught.value.exit_code == 2
    check({"articles": {"id": "string"}}, now, "lake")


def test_a_lake_written_with_other_columns_is_left_alone(lake: Made, dumps: Path) -> None:
    path = lake.root / "_schema.json"
    found = orjson.loads(path.read_bytes())
    found["tables"]["articles"]["mood"] = "string"
    path.write_bytes(orjson.dumps(found))
    before = lake.files()
    output = str(lake.root)
    gone = str(next(row["id"] for row in lake.rows("articles")))
    for change in (
        lambda: run_inline(dumps, lake.root, reprocess=True),
        lambda: tidy.compact(output),
        lambda: tidy.forget([gone], output),
        lambda: tidy.publish(output, ["delta"]),
    ):
        with pytest.raises(LakeError, match=r"articles\.mood is gone"):
            change()
    assert lake.files() == before
    assert not (lake.root / "_tables.json").exists()


@pytest.fixture
def old(lake: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A lake of a version that had no column `confidence`, to which a run of today's added an article."""
    import flows.lake.schema as schema_module
    import flows.lake.writer as writer

    monkeypatch.setitem(schema_module.TABLES, "articles", tuple(c for c in TABLES["articles"] if c.name != NEW))
    made = Made(tmp_path / "old")
    folder = tmp_path / "older"
    folder.mkdir()
    for number in range(OLD):
        (folder / f"{number}.txt").write_text(article(number))
    run_inline(folder, made.root, table=("delta", "iceberg"))
    assert NEW not in pq.read_schema(made.root / made.files()[0]).names
    monkeypatch.undo()
    assert writer.TABLES is schema_module.TABLES
    (folder / "new.txt").write_text(article(1000))
    run_inline(folder, made.root)
    return made


@pytest.mark.slow
def test_old_and_new_files_are_read_together(old: Made) -> None:
    pattern = str(old.root / "articles/*/*/*.parquet")
    files = f"read_parquet('{pattern}', union_by_name => true, hive_partitioning => false)"
    assert duckdb.sql(f"SELECT count(*), count({NEW}) FROM {files}").fetchall() == [(OLD + 1, 1)]
    frame = pl.scan_parquet(pattern, hive_partitioning=False, missing_columns="insert", extra_columns="ignore")
    assert frame.select(pl.len()).collect().item() == OLD + 1
    newest = pq.read_schema(old.root / next(path for path in old.files() if has_new(old, path)))
    found = ds.dataset(old.root / "articles", format="parquet", schema=newest).to_table(columns=["id", NEW])
    assert (found.num_rows, found[NEW].null_count) == (OLD + 1, OLD)


@pytest.mark.slow
def test_tables_take_the_column(old: Made) -> None:
    found = DeltaTable(old.root / "articles").to_pyarrow_table(columns=["id", NEW])
    assert (found.num_rows, found[NEW].null_count) == (OLD + 1, OLD)


@pytest.mark.slow
def test_compaction_brings_the_column_to_old_rows(old: Made) -> None:
    tidy.compact(str(old.root), grace_minutes=0)
    with_new = [path for path in old.files() if has_new(old, path)]
    assert [pq.read_metadata(old.root / path).num_rows > 1 for path in with_new] == [True]
    assert sum(row.get(NEW) is None for row in old.rows("articles")) == OLD
    assert old.is_whole()


def has_new(made: Made, path: str) -> bool:
    """Whether a file has the new column."""
    return path.startswith("articles/") and NEW in pq.read_schema(made.root / path).names
