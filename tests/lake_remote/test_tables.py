"""Delta and Iceberg tables of a lake in an object store: what the ledger says, by readers of their own, after races."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable
from pyiceberg.catalog import load_catalog
from pyiceberg.utils.config import Config

from flows import tidy
from flows.cli import main
from flows.lake.delta import read_state
from flows.lake.ledger import Entry, read_ledger
from flows.lake.place import DATA, Lake, open_lake
from flows.lake.tables import publish_tables, read_tables, settle_tables
from flows.storage import RemotePath
from tests.flows.runs import run_inline, write_dumps
from tests.lake_remote.servers import KEYS

BOTH = ("delta", "iceberg")
ICEBERG = {"iceberg_catalog": "newsroom", "iceberg_namespace": "press"}


@pytest.fixture
def catalog(tmp_path: Path, bucket: RemotePath, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A catalog that pyiceberg's environment describes: SQLite here, its metadata in the store."""
    for name, value in {
        "TYPE": "sql",
        "URI": f"sqlite:///{tmp_path}/catalog.db",
        "WAREHOUSE": f"{bucket}/warehouse",
        "S3__ENDPOINT": moto_endpoint,
        "S3__ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
        "S3__SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
        "S3__REGION": KEYS["AWS_DEFAULT_REGION"],
    }.items():
        monkeypatch.setenv(f"PYICEBERG_CATALOG__NEWSROOM__{name}", value)
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())  # read once, when it is imported
    found = load_catalog("newsroom")
    yield found
    found.close()


def ids(lake: Lake, table: str, catalog: Any, endpoint: str) -> dict[str, list[str]]:
    """The ids (of quarantine the sources) that each reader finds in a table."""
    options = {
        "AWS_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
        "AWS_REGION": KEYS["AWS_DEFAULT_REGION"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }
    column = "source" if table == "quarantine" else "id"
    delta = DeltaTable(f"{lake.root}/{table}", storage_options=options).to_pyarrow_table(columns=[column])
    iceberg = catalog.load_table(f"press.{table}").scan(selected_fields=(column,)).to_arrow()
    return {"delta": sorted(delta[column].to_pylist()), "iceberg": sorted(iceberg[column].to_pylist())}


def counted(entries: dict[str, Entry], table: str) -> int:
    return sum(file.rows for entry in entries.values() for file in entry.files if file.path.startswith(f"{table}/"))


@pytest.mark.slow
def test_tables_follow_a_lake_in_a_store(bucket: RemotePath, tmp_path: Path, catalog: Any, moto_endpoint: str) -> None:
    dumps, store = write_dumps(tmp_path / "in", range(6)), str(bucket / "lake")
    (dumps / "empty.txt").touch()
    run_inline(dumps, bucket / "lake", table=BOTH, shard_mb=0.004, **ICEBERG)
    write_dumps(dumps, range(6, 8))
    run_inline(dumps, bucket / "lake", shard_mb=0.004)
    lake = open_lake(store)
    first = ids(lake, "articles", catalog, moto_endpoint)
    assert [len(found) for found in first.values()] == [8, 8]
    tidy.compact(store, grace_minutes=0)
    assert ids(lake, "articles", catalog, moto_endpoint) == first
    tidy.forget(first["delta"][:1], store)
    for table in DATA:
        found = ids(lake, table, catalog, moto_endpoint)
        assert {len(rows) for rows in found.values()} == {counted(read_ledger(lake), table)}, table
        assert found["delta"] == found["iceberg"], table
    assert ids(lake, "articles", catalog, moto_endpoint)["delta"] == first["delta"][1:]


def _publish(root: str) -> int:
    lake = open_lake(root)
    return publish_tables(lake, read_tables(lake), read_ledger(lake).values())


@pytest.mark.full
def test_publishers_that_race_in_a_store_land_once(
    bucket: RemotePath, tmp_path: Path, catalog: Any, moto_endpoint: str
) -> None:
    """Without the lake's lock, as if it had failed."""
    run_inline(write_dumps(tmp_path / "in", range(8)), bucket / "lake", shard_mb=0.004)
    lake = open_lake(str(bucket / "lake"))
    entries = list(read_ledger(lake).values())
    publish_tables(lake, settle_tables(lake, BOTH, "newsroom", "press"), entries[:1])
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        changed = list(pool.map(_publish, [str(lake.root)] * 2))
    assert sum(changed) == 2 * sum(len(entry.files) for entry in entries[1:])
    found = ids(lake, "articles", catalog, moto_endpoint)
    assert found["delta"] == found["iceberg"]
    assert len(set(found["delta"])) == len(found["delta"]) == 8
    assert read_state(lake, "articles").version == 1, "the second found nothing to do"


def test_without_a_catalog_iceberg_is_refused_before_anything_is_written(bucket: RemotePath, tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(1))
    run_inline(dumps, bucket / "lake")
    before = sorted(str(path) for path, _ in (bucket / "lake").walk())
    said = CliRunner().invoke(main, ["tables", str(bucket / "lake"), "--table", "iceberg"])
    assert said.exit_code == 2
    assert "SQLite can keep no catalog: name one of your own with --iceberg-catalog" in said.output
    after = sorted(str(path) for path, _ in (bucket / "lake").walk())
    assert [path for path in after if "/_lock/" not in path] == [path for path in before if "/_lock/" not in path]
