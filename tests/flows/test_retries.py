"""Where workers fail and no record is to blame: again after a while, and in the end the shard fails alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from flows.child import Beat
from flows.errors import WorkerError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.workers import Answer, Broken
from tests.flows.runs import Inline, article, fingerprint, rows, run, run_inline, write_dumps

SMALL = {"shard_mb": 0.001}


class Flaky(Inline):
    """Fails at what `fails` says, and counts how often it was asked to do so."""

    asked = 0
    fails: Callable[[str, str, int], bool]

    def call(self, function: Callable[..., Answer], *arguments: Any, **more: Any) -> Answer:
        job = arguments[0]
        label = job.shard.members[0].source if hasattr(job, "shard") else job.name
        if type(self).fails(function.__name__, label, type(self).asked):
            type(self).asked += 1
            raise WorkerError("cannot start a worker: no memory")
        return super().call(function, *arguments, **more)

    def rest(self, seconds: float) -> None:
        """No time to wait."""


def flaky(fails: Callable[[str, str, int], bool]) -> type[Flaky]:
    """A pool of that kind."""
    return type("Pool", (Flaky,), {"fails": staticmethod(fails), "asked": 0})


@pytest.mark.parametrize("step", ["stage_records", "publish_shard"])
def test_what_fails_twice_is_done_the_third_time(tmp_path: Path, step: str) -> None:
    dumps = write_dumps(tmp_path / "in", range(3))
    pool = flaky(lambda function, label, asked: function == step and asked < 2)
    with mock.patch("flows.session.WorkerPool", pool):
        assert run(dumps, tmp_path / "lake", **SMALL).outcome == "done"
    assert pool.asked == 2
    run_inline(dumps, tmp_path / "undisturbed", **SMALL)
    assert fingerprint(tmp_path / "lake") == fingerprint(tmp_path / "undisturbed")


def test_a_shard_that_fails_fails_alone(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(6))
    pool = flaky(lambda function, label, asked: label == "0002.txt")
    with mock.patch("flows.session.WorkerPool", pool):
        report = run(dumps, tmp_path / "lake", **SMALL)
    assert (report.outcome, report.exit_code, len(report.failures)) == ("failed", 1, 1)
    assert "no memory" in report.failures[0].reason
    assert sorted(row["source"] for row in rows(tmp_path / "lake", "articles")) == [
        f"{number:04d}.txt" for number in (0, 1, 3, 4, 5)
    ]
    run_inline(dumps, tmp_path / "lake", **SMALL)
    run_inline(dumps, tmp_path / "undisturbed", **SMALL)
    assert fingerprint(tmp_path / "lake") == fingerprint(tmp_path / "undisturbed")


def test_what_was_to_be_replaced_stays_when_its_shard_fails(tmp_path: Path) -> None:
    """And what repeats it stays a duplicate: its article is still there."""
    dumps = write_dumps(tmp_path / "in", range(3))
    (dumps / "0002.txt").write_text(article(0))
    run_inline(dumps, tmp_path / "lake", **SMALL)
    pool = flaky(lambda function, label, asked: label == "0000.txt")
    with mock.patch("flows.session.WorkerPool", pool):
        report = run(dumps, tmp_path / "lake", reprocess=True, removed="none", **SMALL)
    assert (report.outcome, report.total.articles, report.total.duplicates) == ("failed", 1, 1)
    ids = [row["id"] for row in rows(tmp_path / "lake", "articles")]
    assert len(ids) == len(set(ids)) == 2
    assert len(read_ledger(Lake(tmp_path / "lake"))) == 3


def test_a_worker_that_is_lost_at_no_record_is_replaced(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(2))
    lost = iter(range(3))

    class Losing(Inline):
        """Loses its child three times before it begins."""

        def call(self, function: Callable[..., Answer], *arguments: Any, **more: Any) -> Answer:
            if next(lost, None) is not None:
                raise Broken("crash", "the process was killed by SIGKILL", Beat([0.0] * Beat.FIELDS))
            return super().call(function, *arguments, **more)

    with mock.patch("flows.session.WorkerPool", Losing):
        assert run(dumps, tmp_path / "lake").total.articles == 2
