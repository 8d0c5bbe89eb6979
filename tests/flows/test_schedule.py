"""`winnow serve` with a real Prefect server: scheduled runs start, take what is new, never overlap, outlive a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.config import Options
from flows.errors import ConfigError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.schedule import _absolute, when
from tests.environment import measured, unmeasured
from tests.flows.runs import article, rows, write_dumps

SLOT = 10  # seconds; Prefect's scheduler takes in slots at this pace at best
PATIENCE = 1200  # seconds that nothing here takes, on the busiest machine
FIRST, ALL = 3, 20  # documents


@pytest.mark.parametrize(
    ("text", "length"), [("30s", timedelta(seconds=30)), ("15m", timedelta(minutes=15)), ("6 h", timedelta(hours=6))]
)
def test_every(text: str, length: timedelta) -> None:
    assert when(None, text).every == length


@pytest.mark.parametrize(
    ("cron", "every"),
    [(None, None), ("0 * * * *", "1h"), (None, "soon"), (None, "1s"), (None, "9999999999d"), ("every day", None)],
)
def test_a_wrong_schedule_is_refused(cron: str | None, every: str | None) -> None:
    with pytest.raises(ConfigError):
        when(cron, every)


def test_paths_are_those_of_where_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = _absolute(Options(inputs=("inbox", "s3://crawl/in"), output="lake", metrics="winnow.prom"))
    assert found["inputs"] == [str(tmp_path / "inbox"), "s3://crawl/in"]
    assert found["output"] == str(tmp_path / "lake")
    assert found["metrics"] == str(tmp_path / "winnow.prom")
    assert Options(**found), "they are options still"


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    there = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_HOME": str(tmp_path / "home")}
    call = [sys.executable, "-m", "flows.cli", "serve", "inbox", "-o", "lake", "--every", "1h"]
    found = subprocess.run(call, cwd=tmp_path, env=measured(**there), capture_output=True, text=True)
    assert found.returncode == 1
    assert "winnow: Prefect's API at http://127.0.0.1:9/api does not answer" in found.stderr
    assert "Traceback" not in found.stderr


class Served:
    """`winnow serve` as a user starts it, in a folder that holds packages of the same names as ours."""

    def __init__(self, folder: Path, environment: Callable[..., dict[str, str]]) -> None:
        self.folder, self.lake = folder, folder / "lake"
        self.log = folder / "serve.log"
        call = ["-P", "-m", "flows.cli", "serve", "inbox", "-o", "lake", "--every", f"{SLOT}s", "--workers", "1"]
        config = folder / "winnow.toml"
        config.write_text(
            f'cleaner = "tests.flows.cleaner:held"\ncpu_seconds = {PATIENCE}\nshard_mb = 0.004\nreport = false\n'
        )
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *call],
                cwd=folder,
                env=environment(PREFECT_HOME=str(folder / "prefect")),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def api(self) -> str:
        """The API's address, from what the command says."""
        return self.until(lambda: re.findall(r"shows it at (\S+?)\.\s", self.log.read_text()))[0] + "/api"

    def until(self, found: Callable[[], Any]) -> Any:
        """Wait until something is there."""
        deadline = time.monotonic() + PATIENCE
        while not (result := found()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.3)
        return result

    def asked(self, what: str, **more: str) -> list[dict[str, Any]]:
        """The server's own list of something, at most 200."""
        body = json.dumps(more).encode()
        request = urllib.request.Request(f"{self.api}/{what}/filter", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def runs(self, state: str) -> set[str]:
        """Ids of the runs in a state. Of those that are to come, of which there are 100, the latest may be left out."""
        found = self.asked("flow_runs", sort="EXPECTED_START_TIME_ASC")
        return {run["id"] for run in found if run["state_type"] == state}

    def articles(self) -> int:
        """Articles in the lake, as its ledger says: files that a killed run left are swept away while one looks."""
        return sum(entry.total.articles for entry in read_ledger(Lake(self.lake)).values())

    def end(self, number: signal.Signals) -> None:
        """Send a signal to the runner and all it started, but the server, which ends with it."""
        os.killpg(self.process.pid, number)
        self.process.wait(PATIENCE)


@pytest.fixture
def folder(tmp_path: Path, new_home: Callable[[Path], Path]) -> Path:
    """Where a user stands: with packages of their own called flows and cleaners."""
    new_home(tmp_path / "prefect")
    for name in ("flows", "cleaners"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('the wrong package')\n")
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """The schedule, ended at the end."""
    started = Served(folder, unmeasured)  # it is killed before it could tell
    yield started
    if started.process.poll() is None:
        started.end(signal.SIGKILL)


@pytest.fixture
def hold(folder: Path) -> Iterator[Path]:
    """A file; while it is there, the record that names it holds its run."""
    path = folder / "hold"
    path.touch()
    yield path
    path.unlink(missing_ok=True)


@pytest.mark.slow
def test_scheduled_runs(folder: Path, hold: Path, served: Served) -> None:
    write_dumps(folder / "inbox", range(FIRST))
    served.until(lambda: served.articles() == FIRST)
    served.until(lambda: served.runs("SCHEDULED") and served.runs("COMPLETED"))
    assert all(run["auto_scheduled"] for run in served.asked("flow_runs"))
    served.until(lambda: {"winnow-run", "winnow-slowest"} <= {a["key"] for a in served.asked("artifacts")})
    served.until(  # the bar reaches its end
        lambda: any(a["key"] == "winnow-progress" and a["data"] == 100 for a in served.asked("artifacts"))
    )
    assert [automation["name"] for automation in served.asked("automations")] == ["winnow: a run was unusual"]
    (folder / "inbox" / f"{ALL - 1:04d}.txt").write_text(article(ALL - 1, f"HOLD {hold}"), encoding="utf-8")
    write_dumps(folder / "inbox", range(FIRST, ALL - 1))
    served.until(hold.with_name(f"{hold.name}.reached").exists)
    [killed] = served.until(lambda: served.runs("RUNNING"))
    cancelled = served.runs("CANCELLED")
    served.until(lambda: served.runs("CANCELLED") - cancelled)  # the newcomer: the run goes on
    served.end(signal.SIGKILL)  # in the middle of the run, which holds the slot
    assert FIRST <= served.articles() < ALL
    hold.unlink()
    again = Served(folder, measured)
    try:
        again.until(lambda: again.articles() == ALL)
        again.until(lambda: killed in again.runs("CRASHED"))  # what was killed is known to be dead
    finally:
        again.end(signal.SIGTERM)
    assert "never awaited" not in again.log.read_text()
    assert len({row["id"] for row in rows(served.lake, "articles")}) == ALL
