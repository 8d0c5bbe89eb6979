"""A bounded share of the fuzzer, and that it finds what is there. `python -m benchmarks.fuzz` does more."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import fuzz, obligations
from benchmarks.fuzz import BATCH, INVENTED_EVERY, Batch, Fuzzer, Plan, Result, judge, make, report
from benchmarks.mutations import Input, mutated, pages, seeds
from cleaners.document import RawRecord
from flows.workers import Limits
from tests.sources.hostile import hang_at_two

SEED = 20_261_122
PLAN = Plan(SEED)
INVENTED = (INVENTED_EVERY - 1) * BATCH


def test_every_format_is_among_the_seeds() -> None:
    suffixes = {Path(given.name).suffix for given in seeds()}
    assert suffixes >= {".html", ".txt", ".jsonl", ".json", ".csv", ".tsv", ".mhtml", ".warc", ".zip", ".tar"}
    assert suffixes >= {".gz", ".zst", ".bz2", ".xz"}
    assert suffixes >= {".parquet", ".arrow", ".arrows", ".wet", ".xhtml"}


def test_a_number_stands_for_an_input() -> None:
    assert [mutated(SEED, number) for number in range(30)] == [mutated(SEED, number) for number in range(30)]
    assert len({mutated(SEED, number).data for number in range(30)}) > 25
    assert make(PLAN, INVENTED + 3) == make(PLAN, INVENTED + 3) != make(PLAN, INVENTED + 4)


def test_small_inputs_are_of_small_samples_of_every_kind() -> None:
    made = [mutated(SEED, number, 3000) for number in range(200)]
    assert max(len(given.data) for given in made) <= 4 * 3000
    assert {".html", ".txt", ".jsonl", ".gz", ".zip"} <= {Path(given.name).suffix for given in made}
    assert len(pages(3000)) > 5 < sum(given.name.endswith(".html") for given in made) / 10


@pytest.mark.parametrize("first", [0, INVENTED], ids=["mutated", "invented"])
def test_a_few_inputs_here(first: int) -> None:
    batch = Batch()
    for number, given in fuzz._inputs(PLAN, first, 15):
        judge(given, SEED, number, 0.1, batch)
    assert batch.findings == []


@pytest.mark.slow
def test_a_few_hundred_inputs_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "BATCH", 200)
    result = Fuzzer(Plan(SEED, share=0.1)).run(lambda result: result.inputs < 200)
    assert (result.inputs, result.findings) == (200, [])
    assert result.cleaned > 10


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (lambda *_, **__: (_ for _ in ()).throw(KeyError("x")), "KeyError in"),
        (lambda *_, **__: [RawRecord(b"x"), RawRecord(b"y")], "two records have one address"),
    ],
)
def test_what_is_wrong_is_found(harm: object, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(obligations, "read_file", harm)
    batch = Batch()
    judge(Input("a.txt", b"rain"), SEED, 7, 0.0, batch)
    assert batch.findings
    assert batch.findings[0].kind.startswith(kind)
    result = Result(1, 0, batch.findings)
    report(result, PLAN, tmp_path)
    assert [path.name.partition("-")[0] for path in tmp_path.iterdir()] == ["7"]


@pytest.mark.slow
def test_an_input_that_hangs_is_found_and_the_others_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "BATCH", 4)
    monkeypatch.setattr(fuzz, "try_batch", hang_at_two)
    result = Fuzzer(PLAN, limits=Limits(cpu_seconds=0.5)).run(lambda result: result.inputs < 4)
    assert [(finding.number, finding.kind) for finding in result.findings] == [(2, "timeout")]
    assert result.inputs == 4
