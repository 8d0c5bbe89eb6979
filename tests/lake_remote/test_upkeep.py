"""Tables, compaction and takedowns of a lake in an object store: as on a disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable

from flows import tidy
from flows.lake.ledger import read_ledger
from flows.lake.place import open_lake
from flows.lake.verify import verify
from flows.storage import RemotePath
from tests.flows.runs import run_inline, write_dumps
from tests.lake_remote.servers import KEYS
from tests.tables.lakes import Made


@pytest.mark.slow
def test_a_lake_in_a_store_is_looked_after_as_one_on_a_disk(
    bucket: RemotePath, tmp_path: Path, moto_endpoint: str
) -> None:
    dumps = write_dumps(tmp_path / "in", range(8))
    disk, store = tmp_path / "lake", bucket / "lake"
    for place in (disk, store):
        run_inline(dumps, place, table=("delta",), shard_mb=0.004)
        tidy.compact(str(place), grace_minutes=0)
    ids = [row["id"] for row in Made(disk).rows("articles")]
    for place in (disk, store):
        tidy.forget(ids[:2], str(place))
    lake = open_lake(str(store))
    assert [path.as_posix() for path in lake.data_files()] == Made(disk).files()
    assert all((store / path).read_bytes() == (disk / path).read_bytes() for path in Made(disk).files())
    assert verify(lake, read_ledger(lake)).wrong == ()
    options = {
        "AWS_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"],
        "AWS_REGION": KEYS["AWS_DEFAULT_REGION"],
        "AWS_ENDPOINT_URL": moto_endpoint,
        "AWS_ALLOW_HTTP": "true",
    }
    table = DeltaTable(f"{store}/articles", storage_options=options)
    assert table.to_pyarrow_table(columns=["id"]).num_rows == len(ids) - 2
