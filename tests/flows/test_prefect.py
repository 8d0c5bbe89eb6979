"""The command with a real Prefect behind it: its own API, or a server that PREFECT_API_URL names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.api import ApiServer
from flows.lake.place import Lake
from flows.runs import read_reports
from tests.environment import measured, unmeasured
from tests.flows.homes import prefect_api
from tests.flows.runs import CLEANER, fingerprint, rows, run, write_dumps

pytestmark = pytest.mark.slow
SETTINGS = {"shard_mb": 0.004}


def command(dumps: Path, lake: Path, cleaner: str = CLEANER) -> list[str]:
    """The command a user types, with a configuration file for what has no option."""
    config = lake.with_suffix(".toml")
    config.write_text(f'cleaner = "{cleaner}"\nshard_mb = {SETTINGS["shard_mb"]}\n')
    flags = ["--output", str(lake), "--config", str(config), "--workers", "1"]
    return [sys.executable, "-m", "flows.cli", "ingest", str(dumps), *flags]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]) -> Path:
    """One home for Prefect."""
    return new_home(tmp_path_factory.mktemp("here") / "prefect")


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """As a user's, without a server named."""
    return unmeasured(PREFECT_HOME=str(home), COLUMNS="140")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[ApiServer]:
    """A Prefect API that is there already."""
    with prefect_api(home) as started:
        yield started


def test_from_dumps_to_a_lake_and_again(tmp_path: Path, environment: dict[str, str]) -> None:
    dumps, lake = write_dumps(tmp_path / "in", range(12)), tmp_path / "lake"
    done = subprocess.run(
        command(dumps, lake), env=measured(**environment), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "The lake" in done.stdout
    assert "duckdb -c" in done.stdout
    assert len(rows(lake, "articles")) == 12
    run(dumps, tmp_path / "plain", **SETTINGS)
    assert fingerprint(lake) == fingerprint(tmp_path / "plain"), "with and without Prefect the bytes are the same"
    before = fingerprint(lake)
    done = subprocess.run(command(dumps, lake), env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 shards done" in done.stdout
    assert fingerprint(lake) == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_stop_it_cleanly(
    tmp_path: Path, environment: dict[str, str], server: ApiServer, number: signal.Signals, code: int
) -> None:
    dumps, lake = write_dumps(tmp_path / "in", range(60)), tmp_path / "lake"
    named = {**environment, "PREFECT_API_URL": server.url}
    call = command(dumps, lake, "tests.flows.cleaner:slow")
    with subprocess.Popen(call, env=named, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while process.poll() is None and not list(Lake(lake).ledger.glob("*.json")):
            time.sleep(0.05)
        os.killpg(process.pid, number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said == f"winnow: stopped by signal {number.value}; run the same command again to go on\n"
    assert read_reports(Lake(lake))[-1].outcome == "stopped"
    run(dumps, lake, cleaner="tests.flows.cleaner:slow", **SETTINGS)
    run(dumps, tmp_path / "undisturbed", cleaner="tests.flows.cleaner:slow", **SETTINGS)
    assert fingerprint(lake) == fingerprint(tmp_path / "undisturbed")


def test_prefect_sees_a_task_a_shard_and_the_artifacts(
    tmp_path: Path, environment: dict[str, str], server: ApiServer
) -> None:
    dumps, lake = write_dumps(tmp_path / "in", range(12)), tmp_path / "lake"
    named = {**environment, "PREFECT_API_URL": server.url}
    subprocess.run(command(dumps, lake), env=named, capture_output=True, check=True)
    shards = len(list(Lake(lake).ledger.glob("*.json")))
    (flow,) = (found["id"] for found in asked(server, "flow_runs") if found["name"] == f"ingest into {lake}")
    for _ in range(50):  # the server takes in task runs as events, after a moment
        done = [task["state_name"] for task in asked(server, "task_runs") if task["flow_run_id"] == flow]
        if done == ["Completed"] * shards:
            break
        time.sleep(0.2)
    assert done == ["Completed"] * shards
    keys = {artifact["key"] for artifact in asked(server, "artifacts")}
    assert keys >= {"winnow-formats", "winnow-progress", "winnow-run"}


def asked(server: ApiServer, what: str) -> list[dict[str, Any]]:
    """The server's own list of something."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/{what}/filter", b"{}", headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found
