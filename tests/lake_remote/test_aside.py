"""Staged shards: whole or not there, and of two tries of the same shard one counts."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest

from flows.lake.aside import _at_once, fetched, find_aside, set_aside, staged_hashes, workshop
from flows.lake.place import Lake, open_lake
from flows.lake.staging import PartWriter, chunk_numbers, read_chunk, staged_schema, write_part
from flows.storage import RemotePath
from tests.environment import unmeasured


@pytest.fixture(params=["disk", "store"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, bucket: RemotePath) -> Lake:
    return open_lake(str(tmp_path / "lake" if request.param == "disk" else bucket / "lake"))


def put(lake: Lake, detail: str) -> None:
    with workshop(lake, "shard") as folder:
        writer = PartWriter(folder, 0)
        writer.add("quarantine", {"source": "a", "position": "", "reason": "empty", "detail": detail}, 0, "text")
        writer.flush(1)
        write_part(folder / "0000-000000000.articles.arrow", staged_schema("articles").empty_table())
        writer.chunk = 1
        writer.add("quarantine", {"source": "b", "position": "", "reason": "empty", "detail": detail}, 1, "text")
        writer.flush(2)
        found = set_aside(folder, lake, "shard", {"shard": detail})
    assert found == find_aside(lake, "shard")


def test_the_first_try_counts(lake: Lake) -> None:
    assert find_aside(lake, "shard") is None
    put(lake, "first")
    put(lake, "second")
    found = find_aside(lake, "shard")
    assert found is not None
    folder, known = found
    assert known == {"shard": "first"}
    with fetched(str(folder)) as here:
        assert chunk_numbers(here) == [0, 1]
        assert [read_chunk(here, chunk, "quarantine")["detail"].to_pylist() for chunk in (0, 1)] == [["first"]] * 2
        assert read_chunk(here, 1, "quarantine")["source"].to_pylist() == ["b"]
    assert (
        pa.Table.from_batches(staged_hashes(folder), None if list(staged_hashes(folder)) else pa.schema([])).num_rows
        == 0
    )


@pytest.mark.parametrize(("largest", "expected"), [(0, 16), (1 << 20, 16), (64 << 20, 4), (1 << 30, 1)])
def test_large_bundles_are_sent_a_few_at_a_time(tmp_path: Path, largest: int, expected: int) -> None:
    sizes = {"a": 1, "b": largest // 2, "c": largest - largest // 2}
    for name, size in sizes.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)  # holes: nothing is written
    assert _at_once([[tmp_path / "a"], [tmp_path / "b", tmp_path / "c"]]) == expected
    assert _at_once([]) == 16


def test_what_killed_processes_left_is_cleared_away(
    bucket: RemotePath, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script = (
        "import os; from flows.lake.aside import workshop; from flows.lake.place import open_lake\n"
        f"with workshop(open_lake({str(bucket / 'lake')!r}), 'x') as folder: os.kill(os.getpid(), 9)"
    )
    environment = unmeasured(TMPDIR=str(tmp_path))
    subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert len(list(tmp_path.glob("winnow-*"))) == 1
    with workshop(open_lake(str(bucket / "lake")), "x") as folder:
        assert list(tmp_path.glob("winnow-*")) == [folder]
    assert list(tmp_path.glob("winnow-*")) == []
