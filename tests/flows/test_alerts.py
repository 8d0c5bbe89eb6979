"""What a run tells: events, the usual band, --fail-if, counters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from flows import telling
from flows.alerts import AUTOMATION, EVENTS, events, kept_share, recent, refusal, usual
from flows.config import Options
from flows.errors import (
    ConfigError,
    DiskError,
    IncompleteError,
    InvariantError,
    LakeError,
    LockHeldError,
    RunError,
    StoppedError,
)
from flows.lake.ledger import Tally
from flows.runs import Failure, RunReport
from flows.telling import counters, tell_failure
from tests.flows.runs import ROOT


def report(records: int = 100, quarantined: int = 1, kept: int = 70, cut: int = 30, **more: object) -> RunReport:
    """A run over one format."""
    tally = Tally(records, records - quarantined, 0, 0, quarantined, kept, cut)
    made = RunReport("r", "", "lake", "done", {}, {}, formats={"text": tally})
    return replace(made, **more)  # type: ignore[arg-type]


USUAL = [report(quarantined=number) for number in (1, 2, 1, 2, 1, 2)]


@pytest.mark.parametrize(
    ("run", "names"),
    [
        (report(), ["completed"]),
        (report(quarantined=30), ["completed", "quarantine-rate"]),
        (report(kept=20, cut=80), ["completed", "kept-share"]),
        (report(quarantined=30, kept=20, cut=80), ["completed", "quarantine-rate", "kept-share"]),
        (report(records=3, quarantined=3), ["completed"]),
        (report(outcome="failed", failures=(Failure("s", "l", "why"),)), ["failed"]),
        (report(refused="records > 1"), ["failed"]),
        (report(outcome="broken", broken=("x",)), ["failed"]),
    ],
)
def test_events(run: RunReport, names: list[str]) -> None:
    assert [name for name, _ in events(run, USUAL)] == [f"winnow.run.{name}" for name in names]


def test_the_band_is_told_by_the_newest_runs_that_tell_something() -> None:
    """Runs over a few records, of a schedule that finds little, are passed over."""
    newest_first = [report(records=3), *(report(records=1000 - at, run=str(at)) for at in range(40)), report(records=3)]
    assert [run.run for run in recent(newest_first)] == [str(at) for at in reversed(range(30))]
    assert recent(report(records=3) for _ in range(10**9)) == []


def test_no_band_before_there_are_runs() -> None:
    assert usual([0.1] * 4) is None
    assert [name for name, _ in events(report(quarantined=90), USUAL[:4])] == ["winnow.run.completed"]


def test_the_payload_tells_the_figures() -> None:
    (_, payload), (_, unusual) = events(report(quarantined=30), USUAL)
    assert (payload["quarantine_rate"], payload["records"], payload["articles"]) == (0.3, 100, 70)
    assert unusual["usual_to"] < 0.3


def test_kept_share_of_nothing() -> None:
    assert kept_share(report(kept=0, cut=0)) == 1.0


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("quarantine_rate > 0.05", False),
        ("quarantine_rate >= 0.01 and records == 100", True),
        ("kept_share < 0.5 or failed_shards > 0", False),
        (None, False),
    ],
)
def test_fail_if(expression: str | None, holds: bool) -> None:
    assert bool(refusal(report(), expression)) is holds


@pytest.mark.parametrize("wrong", ["rate > 1", "records", "records >", "__import__('os')", "'a' > 1"])
def test_a_wrong_fail_if_is_refused_before_the_run(wrong: str) -> None:
    with pytest.raises(ConfigError, match="cannot be used"):
        Options(fail_if=wrong)


def test_exit_codes() -> None:
    assert report().exit_code == 0
    assert report(refused="x > 1").exit_code == 1
    assert IncompleteError("x", report(outcome="broken")).exit_code == 4


def test_counters_can_be_read(tmp_path: Path) -> None:
    text = counters(report(refused="x"), []).decode()
    found = {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}
    assert found["winnow_last_run_records"] == 100
    assert found["winnow_last_run_exit_code"] == 1
    assert found["winnow_records_total"] == 0


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DiskError("cannot write s3://k:s@lake/a: full"), 1),
        (LakeError("no lake"), 2),
        (InvariantError(["x"]), 4),
        (LockHeldError("held"), None),
        (StoppedError(15), None),
        (IncompleteError("told already", report(refused="x")), None),
    ],
)
def test_a_run_that_could_not_go_on_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: RunError, told: int | None
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(telling, "emit_event", lambda **event: sent.append(event))
    metrics = tmp_path / "winnow.prom"
    tell_failure(error, Options(output=str(tmp_path / "lake"), metrics=str(metrics)))
    assert [event["event"] for event in sent] == ["winnow.run.failed"] * (told is not None)
    assert metrics.is_file() is (told is not None)
    if told is not None:
        assert f'winnow_last_run_exit_code{{lake="{tmp_path}/lake"}} {told}.0' in metrics.read_text()
        assert "k:s" not in sent[0]["payload"]["error"]


def test_what_cannot_be_told_of_a_failure_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "emit_event", lambda **_: None)
    (tmp_path / "file").touch()
    tell_failure(DiskError("full"), Options(output=str(tmp_path), metrics=str(tmp_path / "file" / "winnow.prom")))


def test_of_a_lake_that_cannot_be_read_the_exit_code_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "emit_event", lambda **_: None)
    entry, metrics = tmp_path / "lake" / "_ledger" / "a.json", tmp_path / "winnow.prom"
    entry.parent.mkdir(parents=True)
    entry.write_text("{")
    tell_failure(LakeError("no entry"), Options(output=str(tmp_path / "lake"), metrics=str(metrics)))
    assert f'winnow_last_run_exit_code{{lake="{tmp_path}/lake"}} 2.0' in metrics.read_text()
    assert "winnow_records_total" not in metrics.read_text()  # they are not known, and not 0


def test_the_shipped_automation_is_the_one_that_serve_makes() -> None:
    (automation,) = yaml.safe_load((ROOT / "automations.yaml").read_text())["automations"]
    assert automation["name"] == AUTOMATION
    assert set(automation["trigger"]["expect"]) == set(EVENTS)
