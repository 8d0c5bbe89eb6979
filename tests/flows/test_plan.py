"""From inputs to shards: every byte once, the same keys everywhere, nothing that is done already."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from flows.config import Options
from flows.lake.ledger import Covered, Entry
from flows.lake.place import Lake
from flows.plan import Plan, make_plan, read_plan, write_plan
from tests.flows.runs import write_dumps


def plan_of(folder: Path, lake: Path, entries: dict[str, Entry] | None = None, **more: object) -> Plan:
    """A plan for a folder."""
    options = Options(**{"inputs": (str(folder),), "shard_mb": 0.004, **more})  # type: ignore[arg-type]
    return make_plan(options, Lake(lake), entries or {})


def entry(key: str, *members: Covered, **more: object) -> Entry:
    """The ledger's entry of a shard."""
    return Entry(key, "old", {}, {}, members, {}, {}, {}, (), **more)  # type: ignore[arg-type]


def test_every_dump_is_in_one_shard_in_order(tmp_path: Path) -> None:
    plan = plan_of(write_dumps(tmp_path / "in", range(20)), tmp_path / "lake")
    sources = [member.source for shard in plan.shards for member in shard.members]
    assert sources == [f"{number:04d}.txt" for number in range(20)]
    assert len(plan.shards) >= 3
    assert len({shard.key for shard in plan.shards}) == len(plan.shards)


def test_keys_come_from_content_and_names_alone(tmp_path: Path) -> None:
    first = write_dumps(tmp_path / "one" / "in", range(9))
    second = shutil.copytree(first, tmp_path / "two" / "in", copy_function=shutil.copyfile)
    keys = [[shard.key for shard in plan_of(folder, tmp_path / "lake").shards] for folder in (first, second)]
    assert keys[0] == keys[1]
    (second / "0000.txt").write_text("something else")
    changed = [shard.key for shard in plan_of(second, tmp_path / "lake").shards]
    assert changed[0] != keys[0][0]


def test_a_large_dump_is_cut_without_gaps(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = "".join(json.dumps({"text": f"Line {number}. " + "rain " * 40}) + "\n" for number in range(200))
    (tmp_path / "in" / "big.jsonl").write_text(lines)
    members = [shard.members[0] for shard in plan_of(tmp_path / "in", tmp_path / "lake").shards]
    assert len(members) > 5
    assert members[0].start == 0
    assert members[-1].stop is None
    assert all(before.stop == after.start for before, after in pairwise(members))
    assert all(lines.encode()[member.start - 1 : member.start] in (b"", b"\n") for member in members)


def test_what_is_covered_is_left_out_and_a_trial_run_covers_nothing(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(4))
    first, *others = plan_of(folder, tmp_path / "lake").shards
    held = {first.key: entry(first.key, *(member.covered for member in first.members))}
    plan = plan_of(folder, tmp_path / "lake", held)
    assert plan.known == len(first.members)
    assert [m.source for s in plan.shards for m in s.members] == [m.source for s in others for m in s.members]
    trial = {first.key: replace(held[first.key], limit=1, shard="f" * 16)}
    assert plan_of(folder, tmp_path / "lake", trial).known == 0


def test_reprocess_takes_stale_shards_as_they_were_cut(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(4))
    covered = [member.covered for shard in plan_of(folder, tmp_path / "lake").shards for member in shard.members]
    held = {"a": entry("a", covered[2], covered[3]), "b": entry("b", covered[0], covered[1], generation=3)}
    plan = plan_of(folder, tmp_path / "lake", held, reprocess=True)
    assert [(shard.key, shard.generation, len(shard.members)) for shard in plan.shards] == [("b", 4, 2), ("a", 1, 2)]
    (folder / "0003.txt").unlink()
    assert [s.key for s in plan_of(folder, tmp_path / "lake", held, reprocess=True).shards] == ["b"]


def test_a_plan_reads_back_odd_names_and_all(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(2))
    (folder / "caf\udce9 #1!.txt").write_text("x")
    plan = plan_of(folder, tmp_path / "lake")
    write_plan(plan, Lake(tmp_path / "lake"))
    assert read_plan(Lake(tmp_path / "lake")) == plan
    Lake(tmp_path / "lake").plan.write_text("{torn")
    assert read_plan(Lake(tmp_path / "lake")) is None


def test_unchanged_dumps_are_not_read_again(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(2))
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))
    first = plan_of(folder, tmp_path / "lake")
    known = Lake(tmp_path / "lake").known_dumps
    changed = known.read_text().replace(first.shards[0].members[0].digest, "0" * 64)
    known.write_text(changed)
    assert plan_of(folder, tmp_path / "lake").shards[0].members[0].digest == "0" * 64
    (folder / "0000.txt").write_text("now")
    assert plan_of(folder, tmp_path / "lake").shards[0].members[0].digest not in ("0" * 64, "")
