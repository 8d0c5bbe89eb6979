"""Ten thousand tiny dumps in a folder: planned in seconds, read in groups, few files in each partition."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from flows.config import Options
from flows.cut import GROUP_FILES
from flows.lake.place import Lake
from flows.plan import make_plan
from tests.flows.runs import run_inline, write_dumps

MANY = 10_000
PLAN_CPU_SECONDS = 60  # 3 where the machine is free


@pytest.mark.full
def test_ten_thousand_tiny_dumps(tmp_path: Path) -> None:
    dumps, place = write_dumps(tmp_path / "in", range(MANY)), tmp_path / "lake"
    begin = time.process_time()
    plan = make_plan(Options(inputs=(str(dumps),)), Lake(place), {})
    spent = time.process_time() - begin
    print(f"planned with {spent:.1f} s of CPU")
    assert spent < PLAN_CPU_SECONDS
    sources = [member.source for shard in plan.shards for member in shard.members]
    assert sources == sorted({path.name for path in dumps.iterdir()})
    groups = MANY // GROUP_FILES
    assert len(plan.shards) == groups
    report = run_inline(dumps, place, dedup="off", sites=False)
    assert (report.outcome, report.total.articles, report.shards) == ("done", MANY, groups)
    partitions = Counter(path.parent for path in (place / "articles").rglob("*.parquet"))
    assert len(partitions) == 3
    assert max(partitions.values()) <= groups
