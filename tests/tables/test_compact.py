"""Small files become large ones: the rows stay, the books and tables follow, a crash at any step costs nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from flows import tidy
from flows.errors import ConfigError
from flows.lake.compact import compact
from flows.lake.lock import hold
from flows.lake.pieces import shared_files
from tests.flows.runs import article, run_inline
from tests.tables.lakes import SHARDS, Crash, Made, copied, crashing, telling


def test_rows_stay_and_files_become_few(lake: Made) -> None:
    before, files = lake.all_rows(), lake.files()
    done = tidy.compact(str(lake.root))
    assert lake.all_rows() == before
    assert len(lake.files()) < len(files) / 2
    folders = [path.rpartition("/")[0] for path in lake.files()]
    assert len(folders) == len(set(folders)), "one file a partition"
    assert (done.files_before, done.bytes_after < done.bytes_before) == (len(files) - folders.count("quarantine"), True)
    assert lake.is_whole()


def test_a_second_time_changes_nothing(lake: Made) -> None:
    tidy.compact(str(lake.root))
    before = {path: (lake.root / path).stat().st_mtime_ns for path in lake.files()}
    assert tidy.compact(str(lake.root)).files_before == 0
    assert {path: (lake.root / path).stat().st_mtime_ns for path in lake.files()} == before


def test_on_a_schedule_it_waits_for_the_run_that_holds_the_lake(lake: Made) -> None:
    with ThreadPoolExecutor(1) as threads:
        with hold(lake.lake, "hourly"):
            told = threads.submit(tidy.compact_lake, str(lake.root))
            with pytest.raises(TimeoutError):
                told.result(0.6)
        assert " files of " in told.result(60)


def test_the_same_lake_gives_the_same_bytes(lake: Made, tmp_path: Path) -> None:
    other = copied(lake, tmp_path / "other")
    for made in (lake, other):
        tidy.compact(str(made.root))
    assert [(lake.root / path).read_bytes() for path in lake.files()] == [
        (other.root / path).read_bytes() for path in other.files()
    ]


def test_large_files_stay_and_groups_end_at_the_target(lake: Made) -> None:
    files = shared_files(lake.entries.values(), "articles")
    size = max(shared.file.bytes for shared in files.values())
    entries = lake.entries
    compact(lake.lake, entries, target_bytes=2 * size, least_bytes=size)
    largest = [path for path, shared in files.items() if shared.file.bytes == size]
    assert set(largest) <= set(shared_files(entries.values(), "articles"))
    assert all(shared.file.bytes < 3 * size for shared in shared_files(entries.values()).values())


def test_old_files_stay_for_who_reads_them(lake: Made) -> None:
    old = set(lake.files())
    tidy.compact(str(lake.root), grace_minutes=5)
    assert old <= set(lake.files())
    assert lake.is_whole()
    tidy.compact(str(lake.root), grace_minutes=0)
    assert len(lake.files()) < len(old)


@pytest.mark.slow
def test_a_delta_reader_of_an_older_version_reads_on(lake: Made) -> None:
    tidy.publish(str(lake.root), ["delta"])
    reader = DeltaTable(lake.root / "articles")
    tidy.compact(str(lake.root))
    assert reader.to_pyarrow_table().num_rows == len(lake.rows("articles"))
    after = DeltaTable(lake.root / "articles")
    assert after.to_pyarrow_table().num_rows == len(lake.rows("articles"))
    assert (after.version(), len(after.file_uris()) < len(reader.file_uris())) == (reader.version() + 1, True)


@pytest.mark.slow
def test_a_crash_at_any_step_costs_nothing(small: Made, tmp_path: Path) -> None:
    tidy.publish(str(small.root), ["delta"])
    before = small.all_rows()
    expected = copied(small, tmp_path / "expected")
    with crashing(-1) as steps:
        tidy.compact(str(expected.root), grace_minutes=0)
    for step in telling(steps):
        trial = copied(small, tmp_path / f"trial{step}")
        with crashing(step), pytest.raises(Crash):
            tidy.compact(str(trial.root), grace_minutes=0)
        assert trial.all_rows() == before, f"crash before step {step}, {steps[step]}"
        tidy.compact(str(trial.root), grace_minutes=0)
        assert trial.files() == expected.files(), f"crash before step {step}, {steps[step]}"
        assert trial.is_whole()
        assert DeltaTable(trial.root / "articles").to_pyarrow_table().num_rows == len(before["articles"])


@pytest.mark.slow
def test_a_shard_of_a_large_file_is_done_again(lake: Made, dumps: Path, made: Path) -> None:
    tidy.publish(str(lake.root), ["delta"])
    tidy.compact(str(lake.root))
    report = run_inline(dumps, lake.root, reprocess=True, languages=("en",), **SHARDS)
    assert report.shards == len(lake.entries)
    assert lake.is_whole()
    ours = {row["id"] for row in lake.rows("articles")}
    assert ours == {row["id"] for row in Made(made).rows("articles")}
    assert DeltaTable(lake.root / "articles").to_pyarrow_table().num_rows == len(ours)


@pytest.mark.slow
def test_repeats_are_found_in_large_files(lake: Made, dumps: Path, tmp_path: Path) -> None:
    tidy.compact(str(lake.root))
    more = tmp_path / "more"
    more.mkdir()
    (more / "again.txt").write_text(article(5))
    (more / "new.txt").write_text(article(500))
    assert run_inline(more, lake.root, **SHARDS).total.duplicates == 1
    assert lake.is_whole()
    tidy.compact(str(lake.root))
    assert lake.is_whole()


def test_files_of_an_older_schema_go_together(lake: Made) -> None:
    for path in lake.files():
        if path.startswith("articles/"):
            assert "word_count" in pq.read_schema(lake.root / path).names
    tidy.compact(str(lake.root))
    found = {path: pq.ParquetFile(lake.root / path) for path in lake.files() if path.startswith("articles/")}
    assert all(file.schema_arrow.field("id").metadata[b"description"] for file in found.values())
    for file in found.values():
        file.close()


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan"), float("inf")])
def test_a_target_that_means_nothing_is_refused(lake: Made, target: float) -> None:
    with pytest.raises(ConfigError, match="must be more than 0"):
        tidy.compact(str(lake.root), target)
    with pytest.raises(ConfigError, match="grace-minutes must be at least 0"):
        tidy.compact(str(lake.root), grace_minutes=target - 0.5)
