"""Delta and Iceberg tables hold exactly what the ledger says, whatever was interrupted and whoever was faster."""

from __future__ import annotations

import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from pyiceberg.catalog import load_catalog
from pyiceberg.utils.config import Config

from flows import tidy
from flows.errors import ConfigError, LakeError
from flows.lake import delta
from flows.lake import iceberg as iceberg_tables
from flows.lake.place import DATA, Lake
from flows.lake.tables import Tables, publish_tables, read_tables, settle_tables
from flows.storage import location
from tests.environment import unmeasured
from tests.flows.runs import article, run_inline, write_dumps
from tests.tables.lakes import SHARDS, Made

BOTH = ("delta", "iceberg")


@contextmanager
def iceberg(made: Made) -> Iterator[Any]:
    """The catalog in a lake."""
    catalog = load_catalog("winnow", type="sql", uri=f"sqlite:///{made.root}/_iceberg/catalog.db")
    try:
        yield catalog
    finally:
        catalog.close()


def counts(made: Made, table: str) -> dict[str, int]:
    """Rows of a table as each reader finds them."""
    found = {"deltalake": DeltaTable(made.root / table).to_pyarrow_table().num_rows}
    found["polars delta"] = pl.scan_delta(str(made.root / table)).select(pl.len()).collect().item()
    with iceberg(made) as catalog, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # polars asks for a faster planner
        held = catalog.load_table(f"winnow.{table}")
        found["pyiceberg"] = held.scan().to_arrow().num_rows
        found["polars iceberg"] = (
            pl.scan_iceberg(held).select("id" if table != "quarantine" else "source").collect().height
        )
    return found


def agree(made: Made) -> bool:
    """Whether every reader finds what the ledger lists, in every table."""
    for table in DATA:
        assert set(counts(made, table).values()) == {len(made.rows(table))}, table
    return True


@pytest.mark.slow
def test_every_reader_counts_the_same(lake: Made) -> None:
    tables, changed = tidy.publish(str(lake.root), BOTH)
    assert (tables.delta, tables.iceberg is not None, changed > 10) == (True, True, True)
    assert agree(lake)
    assert tidy.publish(str(lake.root), ()) == (tables, 0)
    assert lake.is_whole(), "the tables' own files are nobody's orphans"


@pytest.mark.slow
def test_rows_and_columns_are_those_of_the_files(lake: Made) -> None:
    tidy.publish(str(lake.root), BOTH)
    expected = sorted(
        (row["id"], row["title"], row["language"], row["month"], row["text"]) for row in lake.rows("articles")
    )
    names = ["id", "title", "language", "month", "text"]
    found = DeltaTable(lake.root / "articles").to_pyarrow_table(columns=names).to_pylist()
    assert sorted(tuple(row[name] for name in names) for row in found) == expected
    with iceberg(lake) as catalog:
        table = catalog.load_table("winnow.articles")
        found = table.scan(selected_fields=tuple(names)).to_arrow().to_pylist()
        assert sorted(tuple(row[name] for name in names) for row in found) == expected
        one = table.scan(row_filter="month = '2024-01'")
        assert {task.file.file_path.split("month=")[1][:7] for task in one.plan_files()} == {"2024-01"}
        assert table.schema().find_field("id").doc.startswith("First 128 bits")
    comment = DeltaTable(lake.root / "articles").schema().fields[0].metadata["comment"]
    assert comment.startswith("First 128 bits")


def test_bounds_let_delta_readers_skip_files(lake: Made) -> None:
    tidy.publish(str(lake.root), ["delta"])
    state = delta.read_state(lake.lake, "articles")
    for path, add in state.files.items():
        found = pq.read_table(lake.root / path, partitioning=None)
        assert f'"numRecords":{len(found)}' in add["stats"]
        assert f'"id":"{min(found["id"].to_pylist())}"' in add["stats"]
        assert "url" not in add["stats"]


@pytest.mark.slow
def test_ingest_publishes_and_goes_on_publishing(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(4))
    made = Made(tmp_path / "lake")
    run_inline(dumps, made.root, table=BOTH)
    assert agree(made)
    write_dumps(dumps, range(4, 8))
    run_inline(dumps, made.root)
    assert len(made.rows("articles")) == 8
    assert agree(made), "a lake remembers its tables"
    version = DeltaTable(made.root / "articles").version()
    run_inline(dumps, made.root, reprocess=True, removed="counts")
    assert agree(made)
    assert DeltaTable(made.root / "articles").version() == version + 1, "what is replaced is replaced in one commit"


_KILLED = """
import os, signal, sys
from pathlib import Path
from flows import session
from flows.lake import delta, iceberg
from tests.flows.runs import run_inline
real = {"delta": delta.publish, "iceberg": iceberg.publish}
calls = 0
def deadly(name):
    def publish(*arguments, **more):
        global calls
        calls += 1
        if calls == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return real[name](*arguments, **more)
    return publish
delta.publish, iceberg.publish = deadly("delta"), deadly("iceberg")
run_inline(Path(sys.argv[1]), Path(sys.argv[2]), table=("delta", "iceberg"), shard_mb=0.004)
"""


@pytest.mark.slow
@pytest.mark.parametrize("call", [11, 14])
def test_killed_between_the_ledger_and_the_tables(tmp_path: Path, call: int) -> None:
    """The first ten calls are of the empty lake; the eleventh comes when the ledger has all shards."""
    dumps = write_dumps(tmp_path / "in", range(8))
    made = Made(tmp_path / "lake")
    command = [sys.executable, "-c", _KILLED, str(dumps), str(made.root), str(call)]
    done = subprocess.run(command, env=unmeasured(), capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(made.rows("articles")) == 8
    run_inline(dumps, made.root, **SHARDS)
    assert agree(made)
    assert DeltaTable(made.root / "articles").version() == 1


def _publish(root: str) -> int:
    made = Made(Path(root))
    return publish_tables(made.lake, Tables(delta=True, iceberg=read_tables(made.lake).iceberg), made.entries.values())


@pytest.mark.slow
def test_publishers_that_race_land_once(small: Made) -> None:
    """Without the lake's lock, as if it had failed."""
    tables = settle_tables(small.lake, BOTH)
    publish_tables(small.lake, tables, list(small.entries.values())[:1])
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        changed = list(pool.map(_publish, [str(small.root)] * 2))
    assert sum(changed) == 2 * len(list(small.entries.values())[1].files)
    assert agree(small)


def test_a_commit_that_comes_second_looks_again(lake: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another publisher commits between this one's look at the log and its commit."""
    entries = lake.entries
    tables = Tables(delta=True)
    real = delta.create_whole
    publish_tables(lake.lake, tables, list(entries.values())[:1])

    def second(path: Path, data: bytes) -> None:
        monkeypatch.setattr(delta, "create_whole", real)
        publish_tables(lake.lake, tables, entries.values())
        real(path, data)

    monkeypatch.setattr(delta, "create_whole", second)
    publish_tables(lake.lake, tables, entries.values())
    assert DeltaTable(lake.root / "articles").to_pyarrow_table().num_rows == len(lake.rows("articles"))
    assert DeltaTable(lake.root / "articles").version() == 1


def test_a_log_that_another_program_changed_is_refused(lake: Made) -> None:
    tidy.publish(str(lake.root), ["delta"])
    log = lake.root / "articles" / "_delta_log"
    (log / f"{1:020d}.json").write_text('{"protocol":{"minReaderVersion":3,"minWriterVersion":7}}\n')
    with pytest.raises(LakeError, match=r"move its _delta_log away and run winnow tables .* --table delta"):
        tidy.publish(str(lake.root), ())


def test_an_object_store_needs_a_catalog_of_its_own() -> None:
    with pytest.raises(ConfigError, match="name one of your own with --iceberg-catalog"):
        iceberg_tables.check(Lake(location("s3://news/lake")), iceberg_tables.Target())


def test_a_catalog_that_is_not_configured_is_refused_before_anything_is_done(lake: Made) -> None:
    with pytest.raises(ConfigError, match="pyiceberg has no usable catalog 'nowhere'"):
        tidy.publish(str(lake.root), ["iceberg"], catalog="nowhere")
    assert not read_tables(lake.lake)


@pytest.mark.slow
def test_another_catalog_and_namespace(lake: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYICEBERG_CATALOG__NEWSROOM__TYPE", "sql")
    monkeypatch.setenv("PYICEBERG_CATALOG__NEWSROOM__URI", f"sqlite:///{tmp_path}/elsewhere.db")
    monkeypatch.setenv("PYICEBERG_CATALOG__NEWSROOM__WAREHOUSE", f"file://{tmp_path}/warehouse")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())  # read once, when it is imported
    tidy.publish(str(lake.root), ["iceberg"], catalog="newsroom", namespace="press")
    catalog = load_catalog("newsroom")
    try:
        assert catalog.load_table("press.articles").scan().count() == len(lake.rows("articles"))
    finally:
        catalog.close()
    assert not (lake.root / "_iceberg").exists()


@pytest.mark.slow
def test_a_new_article_is_one_more(lake: Made, tmp_path: Path) -> None:
    tidy.publish(str(lake.root), BOTH)
    more = tmp_path / "more"
    more.mkdir()
    (more / "new.txt").write_text(article(700))
    before = len(lake.rows("articles"))
    run_inline(more, lake.root)
    assert len(lake.rows("articles")) == before + 1
    assert agree(lake)
