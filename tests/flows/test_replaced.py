"""Rows that are replaced: in one step, and the old files go when their time has come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from flows.lake.ledger import Entry, read_ledger
from flows.lake.place import Lake
from flows.lake.replaced import read_replaced, retire
from flows.lake.verify import quick_check, verify
from flows.runs import RunReport
from flows.show import read_status
from tests.flows.runs import rows, run_inline, write_dumps

AGAIN = {"shard_mb": 0.004, "removed": "counts", "reprocess": True}


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """Six articles, in three shards."""
    folder = write_dumps(tmp_path / "in", range(6))
    run_inline(folder, tmp_path / "lake", shard_mb=0.004)
    return folder


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """The clock, so much later."""
    now = time.time
    with mock.patch("time.time", lambda: now() + seconds):
        yield


def whole(lake: Path) -> dict[str, Entry]:
    """The ledger of a lake that is whole."""
    entries = read_ledger(Lake(lake))
    assert quick_check(Lake(lake), entries) == []
    assert verify(Lake(lake), entries).wrong == ()
    return entries


def visible(lake: Path) -> int:
    """Articles that the ledger lists."""
    return sum(entry.total.articles for entry in read_ledger(Lake(lake)).values())


def test_without_grace_the_old_files_go_at_once(dumps: Path, tmp_path: Path) -> None:
    run_inline(dumps, tmp_path / "lake", **AGAIN)
    assert len(rows(tmp_path / "lake", "articles")) == visible(tmp_path / "lake") == 6
    assert read_replaced(Lake(tmp_path / "lake")) == []
    whole(tmp_path / "lake")


def test_with_grace_they_stay_for_who_holds_an_older_list(dumps: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    old = [lake / file.path for entry in whole(lake).values() for file in entry.files]

    def again(**more: object) -> RunReport:
        return run_inline(dumps, lake, **{**AGAIN, "grace_minutes": 60.0, **more})

    assert again().total.articles == 6
    assert all(path.is_file() for path in old)
    assert len(rows(lake, "articles")) == 12
    assert visible(lake) == 6
    whole(lake)
    with later(30 * 60):
        again()
    assert all(path.is_file() for path in old)
    with later(-365 * 86_400):
        again()
    assert all(path.is_file() for path in old), "a clock that was set back deletes nothing"
    with later(61 * 60):
        assert again().shards == 0
    assert not any(path.exists() for path in old)
    assert len(rows(lake, "articles")) == visible(lake) == 6
    whole(lake)


def test_a_crash_between_the_note_and_the_entry_costs_nothing(dumps: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    for entry in whole(lake).values():
        retire(Lake(lake), entry)
    run_inline(dumps, lake, shard_mb=0.004)
    assert read_replaced(Lake(lake)) == []
    assert len(rows(lake, "articles")) == 6
    whole(lake)


def test_a_crash_before_a_superseded_entry_is_gone_shows_nothing_twice(tmp_path: Path) -> None:
    folder, lake = write_dumps(tmp_path / "in", range(6)), tmp_path / "lake"
    run_inline(folder, lake, limit=2)
    (trial,) = Lake(lake).ledger.glob("*.json")
    kept = trial.read_bytes()
    run_inline(folder, lake, shard_mb=0.004)
    assert not trial.exists()
    trial.write_bytes(kept)
    assert trial.stem not in read_ledger(Lake(lake))
    assert run_inline(folder, lake, shard_mb=0.004).shards == 0
    assert not trial.exists()
    assert visible(lake) == 6
    whole(lake)


def test_a_torn_note_is_none(dumps: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.replaced.mkdir(exist_ok=True)
    (lake.replaced / "torn-0.json").write_text('{"shard": "x"')
    assert read_replaced(lake) == []
    run_inline(dumps, lake.root, **AGAIN)
    whole(lake.root)


def test_status_counts_stale_shards_until_they_are_done_again(dumps: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    shards = len(whole(lake.root))
    assert read_status(lake, "lake").shards_stale == 0
    for path in lake.ledger.glob("*.json"):
        entry = json.loads(path.read_text())
        entry["versions"]["rules"], entry["recipe"] = "0123456789ab", "older"
        path.write_text(json.dumps(entry))
    status = read_status(lake, "lake")
    assert (status.shards_stale, status.shards_done) == (shards, shards)
    assert any(f"{shards} stale" in line for line in status.lines())
    assert run_inline(dumps, lake.root, shard_mb=0.004, reprocess=True).shards == shards
    assert read_status(lake, "lake").shards_stale == 0
