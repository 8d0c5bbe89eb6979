"""The committer: in the plan's order, an entry once, nothing that leans on what failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.commit import Committer
from flows.config import Options
from flows.errors import LakeError, ShardError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.plan import Plan, make_plan
from flows.runs import Count
from flows.stage import Staged, stage
from flows.workers import Limits
from tests.flows.runs import CLEANER, Inline, article, rows, write_dumps


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Two shards; the second repeats an article of the first."""
    dumps = write_dumps(tmp_path / "in", range(2))
    (dumps / "0001.txt").write_text(article(0))
    return Options(inputs=(str(dumps),), cleaner=CLEANER, shard_mb=0.0001)


@pytest.fixture
def plan(options: Options, tmp_path: Path) -> Plan:
    """The plan of both."""
    return make_plan(options, Lake(tmp_path / "lake"), {}, remember=False)


@pytest.fixture
def committer(options: Options, tmp_path: Path) -> Iterator[Committer]:
    """A committer of an empty lake."""
    with Inline(1, Limits()) as pool:
        made = Committer(Lake(tmp_path / "lake"), options, pool, Count(), {}, lambda shard, entry: None)
        yield made
        made.close()


def staged(plan: Plan, options: Options, lake: Lake) -> list[Staged]:
    """Every shard of the plan, staged."""
    with Inline(1, Limits()) as pool:
        return [stage(shard, options, lake, shard.key, pool, lambda beat: None) for shard in plan.shards]


def test_what_repeats_a_failed_shard_fails_with_it(
    plan: Plan, options: Options, committer: Committer, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    for shard, ready in zip(plan.shards, staged(plan, options, lake), strict=True):
        committer.take(shard, ready)
        if shard is plan.shards[0]:
            committer.fail(shard, ShardError("lost on the way into place"))
    committer.finish()
    assert plan.shards[1].key not in read_ledger(lake), "its duplicate would point to an article that is not there"


def test_an_entry_that_is_there_already_is_another_run(
    plan: Plan, options: Options, committer: Committer, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    first, second = (staged(plan, options, lake)[0] for _ in range(2))
    committer.take(plan.shards[0], first)
    committer.finish()
    (again,) = staged(Plan("", plan.shards[:1]), options, lake)
    assert again.records == second.records
    with pytest.raises(LakeError, match="another run wrote"):
        committer.take(plan.shards[0], again)
        committer.finish()
    assert len(rows(lake.root, "articles")) == 1
