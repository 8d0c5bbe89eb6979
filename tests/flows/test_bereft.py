"""Duplicates whose article was cleaned again and is none any more: no text is lost over it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.lake import bereft
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from tests.flows.runs import article, rows, run_inline

SMALL = {"shard_mb": 0.004}


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """A dump with an article and a record that is none, and one that repeats the article under another headline."""
    for name in ("first", "second"):
        (tmp_path / "in" / name).mkdir(parents=True)
    (tmp_path / "in" / "first" / "a.jsonl").write_text(json.dumps({"text": article(1)}) + "\n{broken\n")
    (tmp_path / "in" / "second" / "b.txt").write_text("Another headline\n" + article(1).split("\n", 1)[1])
    return tmp_path / "in"


@pytest.fixture
def lake(dumps: Path) -> Path:
    """Their lake, a shard a dump."""
    place = dumps.parent / "lake"
    for name in ("first", "second"):
        run_inline(dumps / name, place, **SMALL)
    assert counts(place) == {"articles": 1, "duplicates": 1, "filtered": 0, "quarantine": 1}
    return place


def counts(lake: Path) -> dict[str, int]:
    """Rows of each table."""
    assert verify(Lake(lake), read_ledger(Lake(lake))).wrong == ()
    return {table: len(rows(lake, table)) for table in ("articles", "duplicates", "filtered", "quarantine")}


def left(lake: Path) -> list[int]:
    """How many duplicates of which shards repeat nothing, as a check says."""
    return list(verify(Lake(lake), read_ledger(Lake(lake))).bereft.values())


@pytest.mark.parametrize(
    ("stricter", "expected"),
    [
        ({"filter": "word_count >= 1000"}, {"articles": 0, "duplicates": 0, "filtered": 2, "quarantine": 1}),
        ({"languages": ("fr",)}, {"articles": 0, "duplicates": 0, "filtered": 2, "quarantine": 1}),
        ({"filter": "title == 'Another headline'"}, {"articles": 1, "duplicates": 0, "filtered": 1, "quarantine": 1}),
        ({"filter": "word_count >= 50"}, {"articles": 1, "duplicates": 1, "filtered": 0, "quarantine": 1}),
    ],
)
def test_a_retry_does_again_what_it_bereaves(
    dumps: Path, lake: Path, stricter: dict[str, Any], expected: dict[str, int]
) -> None:
    inputs = (str(dumps / "first"), str(dumps / "second"))
    report = run_inline(dumps, lake, inputs=inputs, retry=True, **stricter, **SMALL)
    assert counts(lake) == expected
    assert left(lake) == []
    assert report.shards == (2 if expected["filtered"] else 1)
    assert report.total.records == (3 if expected["filtered"] else 2)
    assert run_inline(dumps, lake, inputs=inputs, **stricter, **SMALL).shards == 0


def test_what_is_not_at_hand_is_told_and_done_by_the_run_that_has_it(dumps: Path, lake: Path) -> None:
    run_inline(dumps / "first", lake, reprocess=True, filter="word_count >= 1000", **SMALL)
    assert counts(lake) == {"articles": 0, "duplicates": 1, "filtered": 1, "quarantine": 1}
    told = CliRunner().invoke(main, ["verify", str(lake)])
    assert told.exit_code == 0
    assert "note: 1 duplicates in 1 shards repeat what was cleaned again and is no article any more" in told.output
    assert run_inline(dumps / "second", lake, limit=5, **SMALL).shards == 0, "a trial changes nothing"
    assert run_inline(dumps / "second", lake, **SMALL).shards == 1
    assert counts(lake) == {"articles": 1, "duplicates": 0, "filtered": 1, "quarantine": 1}
    assert "note" not in CliRunner().invoke(main, ["verify", str(lake)]).output


def test_a_lake_is_not_read_again_while_nothing_in_it_is_done_again(
    dumps: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_inline(dumps / "first", lake, reprocess=True, filter="word_count >= 1000", **SMALL)
    monkeypatch.setattr(bereft, "bereft", lambda *_: pytest.fail("the lake was read"))
    assert run_inline(dumps / "first", lake, filter="word_count >= 1000", **SMALL).shards == 0


def test_a_run_that_was_interrupted_before_it_could_is_made_up_for(
    dumps: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = (str(dumps / "first"), str(dumps / "second"))
    with monkeypatch.context() as patched:
        patched.setattr("flows.session.MOST_ROUNDS", 0)
        run_inline(dumps, lake, inputs=inputs, retry=True, filter="word_count >= 1000", **SMALL)
    assert left(lake) == [1]
    assert run_inline(dumps, lake, inputs=inputs, filter="word_count >= 1000", **SMALL).shards == 1
    assert left(lake) == []
