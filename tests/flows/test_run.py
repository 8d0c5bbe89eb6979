"""Whole runs with real workers: nothing lost, nothing doubled, the same bytes whatever the way."""

from __future__ import annotations

import json
import random
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import flows.session
from flows.clean_shard import stage_records
from flows.config import Options
from flows.errors import DumpChangedError, LockHeldError, StoppedError
from flows.lake.ledger import read_ledger
from flows.lake.lock import hold
from flows.lake.place import Lake
from flows.lake.verify import quick_check, verify
from flows.plan import make_plan, write_plan
from flows.runs import read_reports
from flows.session import open_session
from tests.flows.runs import CLEANER, Inline, article, fingerprint, rows, run, run_inline, write_dumps

SMALL = {"shard_mb": 0.004}


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """18 articles, two repeats, one French, one empty, one binary, one table of three, one broken gzip."""
    folder = write_dumps(tmp_path_factory.mktemp("run") / "in", range(18))
    (folder / "0018.txt").write_text(article(2))
    (folder / "0019.txt").write_text("Another headline\n" + article(5).split("\n", 1)[1])
    (folder / "0020.txt").write_text(article(20, "Voici le " + "mot " * 20))
    (folder / "0021.txt").write_text("")
    (folder / "0022.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    table = [{"text": article(number), "url": f"https://news.example/{number}"} for number in (30, 31, 32)]
    (folder / "table.jsonl").write_text("\n".join(map(json.dumps, table)) + "\n{broken\n")
    (folder / "torn.txt.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\x03torn")
    return folder


@pytest.fixture(scope="module")
def lake(dumps: Path) -> Path:
    """The lake of a plain run with one worker."""
    output = dumps.parent / "lake"
    assert run(dumps, output, **SMALL).outcome == "done"
    return output


def test_every_record_is_in_exactly_one_table(lake: Path) -> None:
    counts = {table: len(rows(lake, table)) for table in ("articles", "duplicates", "filtered", "quarantine")}
    assert counts == {"articles": 22, "duplicates": 2, "filtered": 0, "quarantine": 4}
    where = Counter((row["source"], row["position"]) for table in counts for row in rows(lake, table))
    assert set(where.values()) == {1}
    total = sum(counts.values())
    assert total == len(where) == sum(entry.total.records for entry in read_ledger(Lake(lake)).values())


def test_repeats_name_what_they_repeat(lake: Path) -> None:
    ids = {row["source"]: row["id"] for row in rows(lake, "articles")}
    found = {row["source"]: (row["repeats"], row["by"]) for row in rows(lake, "duplicates")}
    assert found == {"0018.txt": (ids["0002.txt"], "payload"), "0019.txt": (ids["0005.txt"], "text")}


def test_only_articles_have_removed_blocks(lake: Path) -> None:
    ids = {row["id"] for row in rows(lake, "articles")}
    removed = [(row["id"], row["block"]) for row in rows(lake, "removed")]
    assert {identity for identity, _ in removed} <= ids
    assert len(removed) == len(set(removed)), "a repeat of the same payload brings no blocks"


def test_rows_lie_where_their_columns_say(lake: Path) -> None:
    for path in (lake / "articles").rglob("*.parquet"):
        language, month = (part.partition("=")[2] for part in path.relative_to(lake / "articles").parts[:2])
        name = path.relative_to(lake).as_posix()
        entry = next(e for e in read_ledger(Lake(lake)).values() if name in {file.path for file in e.files})
        assert entry.total.balanced
        assert language in ("en", "fr")
        assert month in ("2024-01", "2024-02", "2024-03")


def test_a_lake_is_whole(lake: Path) -> None:
    found = verify(Lake(lake), read_ledger(Lake(lake)))
    assert (found.wrong, found.articles, found.rebuilt) == ((), 22, 22)


def test_twice_is_once(dumps: Path, lake: Path) -> None:
    before = fingerprint(lake)
    report = run_inline(dumps, lake, **SMALL)
    assert (report.outcome, report.shards, report.known, report.dumps) == ("done", 0, 25, 25)
    assert fingerprint(lake) == before


def test_workers_or_none_write_the_same_bytes(dumps: Path, lake: Path, tmp_path: Path) -> None:
    run(dumps, tmp_path / "lake", workers=2, **SMALL)
    run_inline(dumps, tmp_path / "inline", **SMALL)
    assert fingerprint(tmp_path / "lake") == fingerprint(lake) == fingerprint(tmp_path / "inline")


def test_the_order_in_which_dumps_are_named_does_not_matter(dumps: Path, lake: Path, tmp_path: Path) -> None:
    for seed in range(2):
        named = [str(path) for path in dumps.iterdir()]
        random.Random(seed).shuffle(named)
        run_inline(dumps, tmp_path / f"lake{seed}", inputs=tuple(named), **SMALL)
        assert fingerprint(tmp_path / f"lake{seed}") == fingerprint(lake)


def test_only_what_is_new_is_done(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(4))
    run_inline(folder, tmp_path / "lake")
    (folder / "0001.txt").touch()
    (folder / "0002.txt").write_text(article(40))
    write_dumps(folder, range(4, 6))
    report = run_inline(folder, tmp_path / "lake")
    assert (report.total.records, report.total.articles, report.known) == (3, 3, 3)
    assert len(rows(tmp_path / "lake", "articles")) == 7


def test_languages_that_were_not_asked_for_are_filtered(dumps: Path, tmp_path: Path) -> None:
    report = run_inline(dumps, tmp_path / "lake", languages=("fr",))
    assert (report.total.articles, report.total.filtered, report.total.quarantined) == (1, 23, 4)
    assert {row["reason"] for row in rows(tmp_path / "lake", "filtered")} == {"language"}
    assert report.total.balanced


@pytest.mark.parametrize(("removed", "kinds", "layout"), [("counts", True, False), ("none", False, False)])
def test_less_of_the_account(tmp_path: Path, removed: str, kinds: bool, layout: bool) -> None:
    folder = write_dumps(tmp_path / "in", range(2))
    run_inline(folder, tmp_path / "lake", removed=removed)
    assert rows(tmp_path / "lake", "removed") == []
    for row in rows(tmp_path / "lake", "articles"):
        assert (row["removed_kinds"] is not None, row["layout"] is not None) == (kinds, layout)


def test_a_limit_takes_the_first_records(dumps: Path, tmp_path: Path) -> None:
    for _ in range(2):
        run_inline(dumps, tmp_path / "lake", limit=3)
        assert [row["source"] for row in rows(tmp_path / "lake", "articles")] != []
        assert sorted(row["source"] for row in rows(tmp_path / "lake", "articles")) == [
            "0000.txt",
            "0001.txt",
            "0002.txt",
        ]
    assert run_inline(dumps, tmp_path / "lake", limit=2).shards == 0, "they are there already"
    report = run_inline(dumps, tmp_path / "lake")
    assert (report.total.articles, report.total.duplicates) == (22, 2), "the trial's rows give way, nothing is double"
    run_inline(dumps, tmp_path / "other")
    assert {row["id"] for row in rows(tmp_path / "lake", "articles")} == {
        row["id"] for row in rows(tmp_path / "other", "articles")
    }
    assert verify(Lake(tmp_path / "lake"), read_ledger(Lake(tmp_path / "lake"))).wrong == ()


def test_reprocess_replaces_a_shards_rows(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(6))
    run_inline(folder, tmp_path / "lake", **SMALL)
    report = run_inline(folder, tmp_path / "lake", removed="none", **SMALL)
    assert report.shards == 0
    report = run_inline(folder, tmp_path / "lake", removed="none", reprocess=True, **SMALL)
    assert (report.outcome, report.total.articles, report.total.duplicates) == ("done", 6, 0)
    assert len(rows(tmp_path / "lake", "articles")) == 6
    assert rows(tmp_path / "lake", "removed") == []
    assert run_inline(folder, tmp_path / "lake", removed="none", reprocess=True, **SMALL).shards == 0


def test_retry_takes_the_quarantine_again(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(4))
    (folder / "0001.txt").write_text(article(1, "BUG"))
    run_inline(folder, tmp_path / "lake", cleaner="tests.flows.cleaner:hostile", **SMALL)
    assert len(rows(tmp_path / "lake", "quarantine")) == 1
    nothing = run_inline(folder, tmp_path / "lake", retry=True, reasons=("timeout",), **SMALL)
    assert nothing.shards == 0
    report = run_inline(folder, tmp_path / "lake", retry=True, **SMALL)
    assert report.outcome == "done"
    assert (len(rows(tmp_path / "lake", "articles")), rows(tmp_path / "lake", "quarantine")) == (4, [])


def test_the_second_run_over_a_lake_is_refused(dumps: Path, tmp_path: Path) -> None:
    with hold(Lake(tmp_path / "lake"), "first"), pytest.raises(LockHeldError, match="run first"):
        run_inline(dumps, tmp_path / "lake")


@pytest.mark.parametrize("step", ["make_plan", "freeze"])
def test_a_run_that_is_stopped_before_its_first_shard_says_so(
    dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """While it plans, or while workers look through the dumps for what pages of a site repeat."""
    real = getattr(flows.session, step)

    def stopped(*arguments: Any, **more: Any) -> Any:
        session.stop(signal.SIGINT)
        return real(*arguments, **more)

    monkeypatch.setattr(flows.session, step, stopped)
    lake = Lake(tmp_path / "lake")
    with pytest.raises(StoppedError) as caught, open_session(Options((str(dumps),), str(lake.root))) as session:
        list(session.plans())
    assert caught.value.exit_code == 130
    assert [report.outcome for report in read_reports(lake)] == ["stopped"]


def test_a_shard_that_fails_is_done_by_the_next_run(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(4))
    report = run_inline(folder, tmp_path / "lake", cleaner="tests.flows.cleaner:nowhere")
    assert (report.outcome, report.exit_code, len(report.failures)) == ("failed", 1, 1)
    assert "cannot be loaded" in report.failures[0].reason
    assert fingerprint(tmp_path / "lake") == {}
    assert run_inline(folder, tmp_path / "lake").outcome == "done"
    assert len(rows(tmp_path / "lake", "articles")) == 4


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_a_dump_that_changed_after_a_kill_is_no_failure_of_the_run_that_takes_it_as_it_is(
    tmp_path: Path, what: str
) -> None:
    """The plan that the killed run left speaks of the dump as it was."""
    folder, lake = write_dumps(tmp_path / "in", range(4)), Lake(tmp_path / "lake")
    options = Options(
        inputs=(str(folder),), output=str(lake.root), workers=1, cleaner=CLEANER, report=False, shard_mb=0.001
    )
    write_plan(make_plan(options, lake, {}), lake)
    (folder / "0001.txt").unlink()
    if what == "changed":
        (folder / "0001.txt").write_text(article(7))
    (folder / "0002.txt").write_text("Another headline\n" + article(3).split("\n", 1)[1])
    report = run_inline(folder, lake.root, shard_mb=0.001)
    assert (report.outcome, report.failures) == ("done", ())
    assert report.total.records == (4 if what == "changed" else 3)
    assert verify(lake, read_ledger(lake)).wrong == ()
    assert run_inline(folder, lake.root, shard_mb=0.001).shards == 0


def test_what_failed_of_a_plan_that_was_left_may_be_repeated_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the plan that was left both dumps fail; in the next one the second repeats the first."""
    folder, lake = write_dumps(tmp_path / "in", range(1)), Lake(tmp_path / "lake")
    (folder / "0001.txt").write_text(article(0))
    options = Options(
        inputs=(str(folder),), output=str(lake.root), workers=1, cleaner=CLEANER, report=False, shard_mb=0.001
    )
    write_plan(make_plan(options, lake, {}), lake)
    fails = iter([True, True])

    def flaky(pool: Inline, function: Any, *arguments: Any, **more: Any) -> Any:
        if function is stage_records and next(fails, False):
            raise DumpChangedError("it was being written")
        return call(pool, function, *arguments, **more)

    call = Inline.call
    monkeypatch.setattr(Inline, "call", flaky)
    report = run_inline(folder, lake.root, shard_mb=0.001)
    assert (report.outcome, report.failures) == ("done", ())
    assert (report.total.articles, report.total.duplicates) == (1, 1)


def test_a_cleaner_that_loses_text_breaks_the_run(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(2))
    report = run_inline(folder, tmp_path / "lake", cleaner="tests.flows.cleaner:forgetful")
    assert (report.outcome, report.exit_code) == ("broken", 4)
    assert "article" in report.broken[0]


@pytest.mark.parametrize("harm", ["gone", "cut", "flipped", "stray"])
def test_verify_finds(lake: Path, tmp_path: Path, harm: str) -> None:
    harmed = Lake(shutil.copytree(lake, tmp_path / "lake"))
    victim = harmed.root / harmed.data_files()[0]
    data = bytearray(victim.read_bytes())
    match harm:
        case "gone":
            victim.unlink()
        case "cut":
            victim.write_bytes(data[:-1])
        case "flipped":
            data[len(data) // 2] ^= 1
            victim.write_bytes(data)
        case "stray":
            victim.with_name("stray.parquet").write_bytes(data)
    entries = read_ledger(harmed)
    assert verify(harmed, entries).wrong
    assert bool(quick_check(harmed, entries)) == (harm != "flipped")
