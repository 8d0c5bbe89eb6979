"""A document that hangs, eats memory or crashes its worker costs itself, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.runs import HOSTILE, article, fingerprint, reasons, rows, run, write_dumps

HARM = {
    "HANG": "timeout",
    "SLEEP": "timeout",
    "EAT": "memory",
    "SEGFAULT": "crash",
    "KILLED": "crash",
    "EXIT": "crash",
    "BUG": "unreadable",
    "GRAB": "memory",
}
FAST = {"cleaner": HOSTILE, "cpu_seconds": 0.25, "memory_mb": 400}


@pytest.mark.parametrize(("word", "reason"), [("SEGFAULT", "crash"), ("BUG", "unreadable"), ("GRAB", "memory")])
def test_harm_costs_itself(tmp_path: Path, word: str, reason: str) -> None:
    dumps = write_dumps(tmp_path / "in", range(8))
    (dumps / "0003.txt").write_text(article(3, word))
    report = run(dumps, tmp_path / "lake", **FAST)
    assert list(reasons(tmp_path / "lake")) == [("0003.txt", reason)]
    assert (report.total.articles, report.total.quarantined, report.outcome) == (7, 1, "done")


@pytest.mark.parametrize(
    ("number", "word", "reason"),
    [(0, "EXIT", "crash"), (3, "HANG", "timeout"), (3, "BUG", "unreadable"), (7, "EXIT", "crash")],
)
@pytest.mark.slow
def test_harm_done_while_texts_are_measured_together_costs_itself(
    tmp_path: Path, number: int, word: str, reason: str
) -> None:
    dumps = write_dumps(tmp_path / "in", range(8))
    (dumps / f"{number:04d}.txt").write_text(article(number, word))
    report = run(dumps, tmp_path / "lake", **{**FAST, "cleaner": "tests.flows.cleaner:hostile_when_measured"})
    assert list(reasons(tmp_path / "lake")) == [(f"{number:04d}.txt", reason)]
    assert (report.total.articles, report.total.quarantined, report.outcome) == (7, 1, "done")


@pytest.mark.slow
def test_all_kinds_of_harm_in_one_run(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(40))
    places = dict(zip((0, 1, 13, 20, 21, 30, 35, 39), HARM, strict=True))
    for number, word in places.items():
        (dumps / f"{number:04d}.txt").write_text(article(number, word))
    run(dumps, tmp_path / "lake", workers=2, shard_mb=0.02, **FAST)
    assert dict(reasons(tmp_path / "lake")) == {f"{number:04d}.txt": HARM[word] for number, word in places.items()}
    harmless = write_dumps(tmp_path / "harmless", range(40))
    for number in places:
        (harmless / f"{number:04d}.txt").unlink()
    run(harmless, tmp_path / "other")
    texts = [
        sorted((row["source"], row["text"]) for row in rows(tmp_path / lake, "articles")) for lake in ("lake", "other")
    ]
    assert texts[0] == texts[1]
    assert fingerprint(tmp_path / "lake")
