"""Takedowns: a document leaves every table, is recorded, and does not come back."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from flows import tidy
from flows.cli import main
from flows.lake.forgotten import read_forgotten
from flows.lake.verify import verify
from tests.flows.runs import article, run_inline, write_dumps
from tests.tables.lakes import SHARDS, Crash, Made, copied, crashing, telling

TAKEN = "https://news.example/2"


def by_source(made: Made, name: str) -> str:
    """The id of the article of a dump."""
    return next(row["id"] for row in made.rows("articles") if row["source"] == name)


def test_an_address_leaves_every_table(lake: Made) -> None:
    gone = next(row["id"] for row in lake.rows("articles") if row["url"] == TAKEN)
    before = lake.all_rows()
    assert tidy.forget([TAKEN], str(lake.root)) == {"articles": 1, "removed": 3}
    after = lake.all_rows()
    assert after["articles"] == [row for row in before["articles"] if row["id"] != gone]
    assert after["removed"] == [row for row in before["removed"] if row["id"] != gone]
    assert all(after[table] == before[table] for table in ("duplicates", "filtered", "quarantine"))
    assert lake.is_whole()
    total = [entry.total for entry in lake.entries.values()]
    assert sum(tally.forgotten for tally in total) == 1
    assert sum(tally.articles for tally in total) == len(after["articles"])


def test_what_repeats_it_goes_with_it(lake: Made) -> None:
    rows = tidy.forget([by_source(lake, "0003.txt"), by_source(lake, "0007-again.txt")], str(lake.root))
    assert rows == {"articles": 2, "duplicates": 2, "removed": 6}
    assert lake.rows("duplicates") == []
    assert lake.is_whole()


def test_who_names_a_copy_means_the_text(lake: Made) -> None:
    rows = tidy.forget(["https://copies.example/3"], str(lake.root))
    assert rows == {"articles": 1, "duplicates": 1, "removed": 3}
    assert lake.is_whole()


def test_a_list_from_a_spreadsheet(lake: Made, tmp_path: Path) -> None:
    (tmp_path / "takedowns.txt").write_bytes(f"\ufeff{TAKEN}\r\n\r\n".encode())
    done = CliRunner().invoke(main, ["forget", "--list", str(tmp_path / "takedowns.txt"), str(lake.root)])
    assert done.output == "rows removed: 1 of articles, 3 of removed\n"


def test_no_byte_of_it_stays(lake: Made) -> None:
    tidy.publish(str(lake.root), ["delta"])
    tidy.compact(str(lake.root), grace_minutes=60)
    digest = next(row["text_sha256"] for row in lake.rows("articles") if row["url"] == TAKEN)
    tidy.forget([TAKEN], str(lake.root))
    listed = {file.path for entry in lake.entries.values() for file in entry.files}
    assert set(lake.files()) == listed, "what waits for the end of its grace period goes too"
    assert digest in read_forgotten(lake.lake).texts
    held = [path for path in lake.root.rglob("*") if path.is_file() and "_forgotten" not in path.parts]
    assert [path for path in held if TAKEN.encode() in path.read_bytes()] == []
    assert DeltaTable(lake.root / "articles").to_pyarrow_table().num_rows == len(lake.rows("articles"))


def test_it_does_not_come_back(lake: Made, dumps: Path, tmp_path: Path) -> None:
    gone = {by_source(lake, "0003.txt"), next(r["id"] for r in lake.rows("articles") if r["url"] == TAKEN)}
    tidy.forget(sorted(gone), str(lake.root))
    left = {row["id"] for row in lake.rows("articles")}
    run_inline(dumps, lake.root, reprocess=True, removed="counts", **SHARDS)
    assert {row["id"] for row in lake.rows("articles")} == left
    more = tmp_path / "more"
    more.mkdir()
    lines = [{"text": article(102), "url": "https://copy.example/2"}, {"text": "Another text.", "url": TAKEN}]
    (more / "copies.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    report = run_inline(more, lake.root, **SHARDS)
    assert (report.total.records, report.total.articles) == (2, 1), "an id was asked for, not its address"
    assert lake.is_whole()


def test_an_address_stays_out_whatever_it_says(lake: Made, tmp_path: Path) -> None:
    tidy.forget([TAKEN, "https://never.example/seen"], str(lake.root))
    more = tmp_path / "more"
    more.mkdir()
    lines = [
        {"text": f"Text {number} of another day.", "url": url}
        for number, url in enumerate([TAKEN, "https://never.example/seen"])
    ]
    (more / "later.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    report = run_inline(more, lake.root, **SHARDS)
    assert (report.total.records, report.total.forgotten, report.total.articles) == (2, 2, 0)
    assert lake.is_whole()


@pytest.mark.parametrize("dedup", ["mark", "drop"])
def test_who_stays_out_takes_nobody_with_it(lake: Made, tmp_path: Path, dedup: str) -> None:
    """Of an address that was never seen nothing is known but the address: what says the same, or nearly, comes in."""
    tidy.forget(["https://never.example/seen"], str(lake.root))
    more = tmp_path / "more"
    more.mkdir()
    near = "One more line that the first version had not, added at noon."
    lines = [
        {"text": article(200), "url": "https://never.example/seen"},
        {"text": article(200), "url": "https://copies.example/200"},
        {"text": article(201), "url": "https://never.example/seen"},
        {"text": article(201, near), "url": "https://near.example/201"},
    ]
    (more / "later.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    total = run_inline(more, lake.root, dedup=dedup).total
    assert (total.articles, total.duplicates, total.filtered, total.forgotten) == (2, 0, 0, 2)
    clusters = lake.root / "clusters" / "clusters.parquet"
    named = pq.read_table(clusters).column("id").to_pylist() if clusters.exists() else []
    assert set(named) <= {row["id"] for table in ("articles", "duplicates") for row in lake.rows(table)}
    assert lake.is_whole()


def test_in_files_of_several_shards(lake: Made) -> None:
    tidy.compact(str(lake.root))
    before = lake.rows("articles")
    ids = [row["id"] for row in before[::5]]
    tidy.forget(ids, str(lake.root))
    assert lake.rows("articles") == [row for row in before if row["id"] not in ids]
    assert lake.is_whole()


def test_all_of_a_lake(lake: Made) -> None:
    tidy.forget([row["id"] for row in lake.rows("articles")], str(lake.root))
    assert (lake.rows("articles"), lake.rows("removed"), lake.rows("duplicates")) == ([], [], [])
    assert len(lake.rows("quarantine")) == 1
    assert lake.is_whole()


def test_again_finds_nothing_and_unknown_is_remembered(lake: Made) -> None:
    tidy.forget([TAKEN], str(lake.root))
    assert tidy.forget([TAKEN], str(lake.root)) == {}
    assert tidy.forgotten(tidy.take_down([TAKEN], str(lake.root))) == (
        "nothing of it is in the lake; it stays out from now on"
    )


def test_what_is_not_there_is_named(lake: Made) -> None:
    asked = [TAKEN, f"{TAKEN}/", by_source(lake, "0003.txt"), "0" * 32, "https://copies.example/3"]
    assert tidy.forgotten(tidy.take_down(asked, str(lake.root))).splitlines() == [
        "rows removed: 2 of articles, 1 of duplicates, 6 of removed",
        f"not in the lake, and stays out from now on: {'0' * 32}",
        f"not in the lake, and stays out from now on: {TAKEN}/",
    ]
    never = [f"https://never.example/{number}" for number in range(30)]
    told = tidy.forgotten(tidy.take_down([by_source(lake, "0004.txt"), *never], str(lake.root))).splitlines()
    assert (len(told), told[-1]) == (22, "and 10 more that are not in the lake")


@pytest.mark.slow
def test_a_crash_at_any_step_is_carried_out_later(small: Made, tmp_path: Path) -> None:
    tidy.compact(str(small.root))  # so that files are shared
    tidy.publish(str(small.root), ["delta"])
    ids = [row["id"] for row in small.rows("articles")[::3]]
    expected = copied(small, tmp_path / "expected")
    with crashing(-1) as steps:
        tidy.forget(ids, str(expected.root))
    for step in telling(steps):
        trial = copied(small, tmp_path / f"trial{step}")
        with crashing(step), pytest.raises(Crash):
            tidy.forget(ids, str(trial.root))
        tidy.forget(ids if step == 0 else [], str(trial.root))
        assert trial.all_rows() == expected.all_rows(), f"crash before step {step}, {steps[step]}"
        assert trial.files() == expected.files()
        assert trial.is_whole()
        assert DeltaTable(trial.root / "articles").to_pyarrow_table().num_rows == len(expected.rows("articles"))


def test_verify_finds_what_was_not_carried_out(lake: Made) -> None:
    with crashing(1), pytest.raises(Crash):
        tidy.forget([by_source(lake, "0003.txt")], str(lake.root))
    wrong = verify(lake.lake, lake.entries).wrong
    assert len(wrong) == 1
    assert "was to be forgotten: run winnow forget again" in wrong[0]


@pytest.mark.slow
def test_near_duplicates_and_pages_go_with_it(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(3))
    for number in (0, 1):
        (dumps / f"near-{number}.txt").write_text(
            article(number, "One more line that the first version had not, added at noon.")
        )
    made = Made(tmp_path / "lake")
    run_inline(dumps, made.root, dedup="mark", report=True)
    clusters = made.root / "clusters" / "clusters.parquet"
    assert pq.read_table(clusters).num_rows == 4
    gone = by_source(made, "0000.txt")
    assert list((made.root / "report").glob("*/index.html"))
    tidy.forget([gone], str(made.root))
    left = pq.read_table(clusters).to_pylist()
    assert len(left) == 2
    assert gone not in {row["id"] for row in left}
    assert list((made.root / "report").glob("*/index.html")) == []
    assert "<td><a" not in (made.root / "report" / "index.html").read_text()
    assert list((made.root / "_near").glob("*.arrow")) == []
    run_inline(dumps, made.root, dedup="mark")
    assert pq.read_table(clusters).to_pylist() == left
    assert made.is_whole()
