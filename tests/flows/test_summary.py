"""What is said at the end of a run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from flows.artifacts import MOST_ROWS, markdown, summary
from flows.config import Options
from flows.errors import LakeError
from flows.lake.files import AT_ONCE
from flows.lake.ledger import Tally, read_ledger
from flows.lake.place import Lake
from flows.logs import written
from flows.report import page_of
from flows.report.gather import Figures
from flows.report.review import Review
from flows.runs import Failure, RunReport, latest_reports, new_run, read_report, read_reports, write_report
from flows.summary import show_report
from tests.flows.runs import run_inline, write_dumps


@pytest.fixture
def report(tmp_path: Path) -> RunReport:
    """A run over three articles and an empty file."""
    dumps = write_dumps(tmp_path / "in", range(3))
    (dumps / "empty.txt").touch()
    return run_inline(dumps, tmp_path / "lake")


def said(report: RunReport, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of the summary, white space squeezed."""
    show_report(report, read_ledger(Lake(Path(report.output))))
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_the_tables_add_up(
    report: RunReport, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = said(report, capsys)
    total = report.total
    assert f"text 4 3 0 0 1 {total.kept_chars:,} {total.cut_chars:,}" in lines
    assert {"navigation 6", "title 3", "empty 1"} <= set(lines)
    assert f"The lake {report.output} holds 3 articles of 4 records." in lines
    assert any(line.startswith('duckdb -c "SELECT') and report.output in line for line in lines)


def test_no_digit_is_lost_however_narrow_it_is(
    report: RunReport, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    large = Tally(330_000_000, 310_000_000, 20_000_000, kept_chars=990_123_456_789, cut_chars=480_123_456_789)
    lines = said(replace(report, formats={"parquet": large}), capsys)
    assert "parquet 330,000,000 310,000,000 20,000,000 0 0 990,123,456,789 480,123,456,789" in lines


def test_trouble_is_said(report: RunReport, capsys: pytest.CaptureFixture[str]) -> None:
    failed = replace(
        report, outcome="failed", failures=(Failure("k", "a.warc", "gone [bold]"),), broken=("id 1 twice",)
    )
    lines = " ".join(said(failed, capsys))
    assert "failed: a.warc: gone [bold]" in lines
    assert "1 shards failed; run the same command again" in lines
    assert "broken: id 1 twice" in lines
    assert "- failed: a.warc: gone [bold]" in markdown(failed)


def test_a_refused_run_says_why_wherever_it_is_looked_at(
    report: RunReport, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with written("json"):
        refused = run_inline(tmp_path / "in", tmp_path / "lake", reprocess=True, removed="none", fail_if="records > 3")
    assert refused.exit_code == 1
    assert json.loads(capfd.readouterr().err.splitlines()[-1])["refused"] == "records > 3"
    assert "failed: --fail-if records > 3 holds; what the run brought is in the lake" in said(refused, capfd)
    page = page_of(refused, Figures(), Review((), 0, 0), ())
    assert "Failed: --fail-if records &gt; 3 holds." in page


def test_a_retry_says_what_it_could_not_take_again(
    report: RunReport, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake, other = tmp_path / "lake", write_dumps(tmp_path / "other", range(1))
    left = "1 shards with such records stay as they are: their dumps are not under "
    retried = run_inline(other, lake, retry=True)
    assert any(line.startswith(f"{left}{other} as they were.") for line in said(retried, capsys))
    assert not any(left in line for line in said(run_inline(other, lake, retry=True, reasons=("crash",)), capsys))
    assert not any(left in line for line in said(run_inline(tmp_path / "in", lake, retry=True), capsys))


def test_prefect_is_shown_trouble_first_and_long_tables_last(report: RunReport) -> None:
    many = {f"kind_{number}": 100 - number for number in range(MOST_ROWS + 2)}
    failures = tuple(Failure(str(number), f"{number}.warc", "gone") for number in range(MOST_ROWS + 3))
    shown = markdown(replace(report, outcome="failed", failures=failures, kinds=many))
    wanted = (
        "failed: 0.warc: gone\n",
        "and 3 shards more",
        "| records | 4 |\n| articles | 3 |",
        "| empty | 1 |",
        "kind_0",
        f"| 2 others | {sum(list(many.values())[MOST_ROWS:])} |",
        "| language |",
    )
    assert sorted(wanted, key=shown.index) == list(wanted)
    assert summary(report) == "records 4: articles 3, quarantined 1"


def test_a_run_that_found_nothing_new_says_so(report: RunReport) -> None:
    assert "Nothing was new" in markdown(replace(report, shards=0, formats={}, brought=()))
    assert "Nothing was new" not in markdown(
        replace(report, shards=0, formats={}, brought=(), outcome="failed", failures=(Failure("k", "a", "gone"),))
    )


@pytest.mark.parametrize("option", [{"retry": True}, {"limit": 2}])
def test_a_run_over_a_part_does_not_speak_of_all_inputs(report: RunReport, option: dict[str, object]) -> None:
    """A retry looks at shards that hold quarantined records, a trial at the first records."""
    idle = replace(report, shards=0, formats={}, brought=(), options={**report.options, **option})
    for said in (markdown(idle), summary(idle)):
        assert "nothing to do" in said
        assert "Nothing was new" not in said


def test_a_report_is_kept_as_it_is_shown(report: RunReport) -> None:
    (kept,) = read_reports(Lake(Path(report.output)))
    assert kept.formats == report.formats
    assert kept.total.balanced
    assert markdown(kept) == markdown(report)
    assert kept.options["removed"] == Options().removed
    assert {"plan", "resolve", "stage", "publish", "check"} <= set(kept.seconds)


@pytest.mark.parametrize(
    "kept", ["20000101T000000-000000", "29990101T000000-ffffff", "20260101T000000-1a2b3c", "named"]
)
def test_names_of_runs_sort_by_time_also_where_the_clock_was_set_back(tmp_path: Path, kept: str) -> None:
    lake = Lake(tmp_path)
    lake.runs.mkdir()
    (lake.runs / f"{kept}.json").touch()
    names = [new_run(lake) for _ in range(50)]
    assert kept == "named" or min(names) > kept
    assert names == sorted(set(names)) or kept.startswith("2999"), "one second holds them all"
    assert all(re.fullmatch(r"\d{8}T\d{6}-[0-9a-f]{6}", name) for name in names)


def test_runs_that_find_nothing_leave_one_report(report: RunReport, tmp_path: Path) -> None:
    """Those with something to tell stay: what they brought, what failed, what was refused."""
    idle = [run_inline(tmp_path / "in", tmp_path / "lake").run for _ in range(3)]
    refused = run_inline(tmp_path / "in", tmp_path / "lake", fail_if="records == 0").run
    again = [run_inline(tmp_path / "in", tmp_path / "lake").run for _ in range(2)]
    kept = [found.run for found in read_reports(Lake(tmp_path / "lake"))]
    assert kept == [report.run, idle[-1], refused, again[-1]]


def test_only_the_reports_that_are_asked_for_are_read(report: RunReport) -> None:
    """A lake has thousands of them; in a store each is a request."""
    lake = Lake(Path(report.output))
    for number in range(AT_ONCE):
        write_report(replace(report, run=f"29990101T000000-{number:06x}"), lake)
    (lake.runs / "20000101T000000-000000.json").write_text("no report")
    assert next(latest_reports(lake)).run == f"29990101T000000-{AT_ONCE - 1:06x}"
    assert getattr(read_report(lake, report.run), "formats", None) == report.formats
    assert read_report(lake, "20990101T000000-000000") is None
    assert read_report(lake, "../_schema") is None
    with pytest.raises(LakeError, match="20000101T000000-000000"):
        read_reports(lake)
