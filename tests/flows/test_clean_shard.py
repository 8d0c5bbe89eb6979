"""Reading a shard: dump after dump, and what happens when one is not what the plan saw, or breaks its reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cleaners.document import RawRecord
from flows.child import Beat
from flows.clean_shard import Condemned, ShardReader, load_cleaner
from flows.config import Options
from flows.errors import DumpChangedError, ShardError
from flows.lake.place import Lake
from flows.plan import Shard, make_plan
from flows.sources import Unreadable
from tests.flows.runs import write_dumps


@pytest.fixture
def shard(tmp_path: Path) -> Shard:
    """Three text dumps."""
    folder = write_dumps(tmp_path / "in", range(3))
    (shard,) = make_plan(Options(inputs=(str(folder),)), Lake(tmp_path / "lake"), {}, remember=False).shards
    return shard


def reader(shard: Shard) -> ShardReader:
    """A reader that tells nobody where it is."""
    return ShardReader(shard, Options(), Beat([0.0] * Beat.FIELDS))


def test_dump_after_dump(shard: Shard) -> None:
    items = list(reader(shard))
    assert all(isinstance(item, RawRecord) for item in items)
    assert [item.source for item in items] == ["0000.txt", "0001.txt", "0002.txt"]


def test_a_dump_that_is_not_what_the_plan_saw_fails_the_shard(shard: Shard) -> None:
    with Path(shard.members[1].path).open("a") as file:
        file.write("More.")
    reading = reader(shard)
    assert next(reading).source == "0000.txt"
    with pytest.raises(DumpChangedError, match=r"0001\.txt changed"):
        next(reading)
    Path(shard.members[0].path).unlink()
    with pytest.raises(DumpChangedError, match="vanished"):
        next(reader(shard))


def test_a_dump_that_breaks_its_reader_is_left(shard: Shard) -> None:
    reading = reader(shard)
    next(reading)
    left = reading.abandon(Condemned("crash", "the process was killed by SIGSEGV", member=1))
    assert isinstance(left, Unreadable)
    assert (left.source, left.reason) == ("0001.txt", "crash")
    assert "while it was read" in left.detail
    assert [item.source for item in reading] == ["0002.txt"]


def test_a_shard_may_hold_a_dump_that_cannot_be_read(shard: Shard) -> None:
    missing = replace(shard.members[0], path="/nothing/here.txt", digest="unreadable")
    items = list(reader(Shard("k", (missing, *shard.members[1:]))))
    assert [getattr(item, "reason", "") for item in items] == ["missing_file", "", ""]


@pytest.mark.parametrize("name", ["nowhere:f", "cleaners.document:nothing"])
def test_a_cleaner_that_is_not_there(name: str) -> None:
    with pytest.raises(ShardError, match="cannot be loaded"):
        load_cleaner(name)
