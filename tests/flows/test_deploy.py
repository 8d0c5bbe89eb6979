"""prefect.yaml: what it says fits the flows, and a real server and worker carry it out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.api import ApiServer
from flows.schedule import LEASE_SECONDS
from tests.flows.runs import ROOT, rows, write_dumps

PATIENCE = 1200  # seconds that nothing here takes, on the busiest machine
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_parameters_fit_their_flow(deployment: dict[str, Any]) -> None:
    module, _, name = deployment["entrypoint"].rpartition(".")
    flow = getattr(import_module(module), name)
    assert flow.validate_parameters(deployment["parameters"])
    assert deployment["concurrency_limit"] == {
        "limit": 1,
        "collision_strategy": "CANCEL_NEW",
        "grace_period_seconds": LEASE_SECONDS,
    }


def test_there_is_one_for_each_need() -> None:
    assert [one["name"] for one in DEPLOYMENTS] == ["batch", "hourly", "nightly-compaction", "weekly-reprocessing"]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Where a worker is started: beside a user's own package `flows`."""
    folder = tmp_path / "elsewhere"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "__init__.py").write_text("raise ImportError('the wrong package')\n")
    return folder


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A server's address and what prefect.yaml asks for."""
    for name in [name for name in os.environ if name.startswith("PREFECT")]:
        monkeypatch.delenv(name)
    for name, value in {
        "PREFECT_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "WINNOW_INPUT": str(tmp_path / "in"),
        "WINNOW_LAKE": str(tmp_path / "lake"),
    }.items():
        monkeypatch.setenv(name, value)
    server = ApiServer(tmp_path / "server.log", whole=True)
    try:
        server.wait()
        yield {**os.environ, "PREFECT_API_URL": server.url}
    finally:
        server.stop()


def _end(worker: subprocess.Popen[bytes]) -> None:
    """Ask it to end, as Ctrl-C does; and see that it does."""
    worker.send_signal(signal.SIGINT)
    try:
        worker.wait(60)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


@pytest.mark.full
def test_a_worker_runs_what_was_deployed(tmp_path: Path, elsewhere: Path, environment: dict[str, str]) -> None:
    write_dumps(tmp_path / "in", range(4))
    deploy = tmp_path / "deploy"
    deploy.mkdir()
    for name in ("prefect.yaml", "automations.yaml"):
        shutil.copy(ROOT / name, deploy)
    prefect = [sys.executable, "-m", "prefect"]
    for line in ("work-pool create winnow --type process", "--no-prompt deploy --all",
                 "automation create --from-file automations.yaml"):  # fmt: skip
        subprocess.run([*prefect, *line.split()], cwd=deploy, env=environment, check=True, timeout=PATIENCE)
    safe = {**environment, "PYTHONSAFEPATH": "1"}
    worker = subprocess.Popen([*prefect, "worker", "start", "--pool", "winnow"], cwd=elsewhere, env=safe)
    try:
        run = [*prefect, "deployment", "run", "ingest/batch", "--watch"]
        subprocess.run(run, cwd=deploy, env=environment, check=True, timeout=PATIENCE)
    finally:
        _end(worker)
    assert len(rows(tmp_path / "lake", "articles")) == 4
