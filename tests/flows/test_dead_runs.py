"""Runs whose process is gone, on a real Prefect server: told apart by the lake from those that go on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.api import ApiServer
from flows.dead_runs import end_dead, going_on
from flows.lake import lock
from flows.lake.place import Lake

pytestmark = pytest.mark.slow
QUICK = {"look": 0.05, "patience": 0.3}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Prefect server of its own, which this process asks."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    home = tmp_path_factory.mktemp("prefect")
    before = {name: value for name, value in os.environ.items() if name.startswith("PREFECT")}
    for name in before:
        del os.environ[name]
    os.environ |= {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    server = ApiServer(home / "server.log", whole=True)
    for name in ("PREFECT_HOME", "PREFECT_SERVER_ANALYTICS_ENABLED"):
        del os.environ[name]
    os.environ |= before
    try:
        server.wait()
        with temporary_settings({PREFECT_API_URL: server.url}):
            yield
    finally:
        server.stop()


class Schedule:
    """A deployment with a limit of one, and runs of it as Prefect sees them."""

    def __init__(self, client: Any, name: str) -> None:
        from prefect.client.schemas.objects import ConcurrencyLimitStrategy

        self.name = f"ingest/{name}"
        self._client = client
        flow = client.create_flow_from_name("ingest")
        alone = {"collision_strategy": ConcurrencyLimitStrategy.CANCEL_NEW}
        self._deployment = client.create_deployment(flow, name, concurrency_limit=1, concurrency_options=alone)

    def run(self, lake: Path) -> UUID:
        """A run that Prefect believes to go on, where it is given the slot."""
        from prefect.states import Pending, Running

        options: dict[str, Any] = {"inputs": ["in"], "output": str(lake)}
        run = self._client.create_flow_run_from_deployment(self._deployment, parameters={"options": options})
        self._client.set_flow_run_state(run.id, Pending())
        if self.state(run.id) == "PENDING":
            self._client.set_flow_run_state(run.id, Running())
        found: UUID = run.id
        return found

    def state(self, run: UUID) -> str:
        """What Prefect says of a run."""
        return str(self._client.read_flow_run(run).state.type.value)

    def complete(self, run: UUID) -> None:
        """The run's own last word."""
        from prefect.states import Completed

        self._client.set_flow_run_state(run, Completed())


@pytest.fixture
def schedule(api: None, request: pytest.FixtureRequest) -> Iterator[Schedule]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield Schedule(client, request.node.name)


def test_a_dead_run_gives_its_slot_back(schedule: Schedule, tmp_path: Path) -> None:
    dead = schedule.run(tmp_path / "lake")
    assert schedule.state(schedule.run(tmp_path / "lake")) == "CANCELLED", "the slot is taken"
    assert going_on(schedule.name) == {dead: Lake(tmp_path / "lake")}
    assert end_dead(going_on(schedule.name), **QUICK) == 1
    assert schedule.state(dead) == "CRASHED"
    assert schedule.state(schedule.run(tmp_path / "lake")) == "RUNNING"


def test_a_run_that_goes_on_is_left_alone(schedule: Schedule, tmp_path: Path) -> None:
    """Its runner is gone, or it is another's: it holds its lake, and tells its own end."""
    alive = schedule.run(tmp_path / "lake")
    held = threading.Event()

    def work() -> None:
        with lock.hold(Lake(tmp_path / "lake"), "run"):
            held.set()
            time.sleep(1)
            schedule.complete(alive)

    thread = threading.Thread(target=work)
    thread.start()
    held.wait()
    assert end_dead(going_on(schedule.name), **QUICK) == 0
    thread.join()
    assert schedule.state(alive) == "COMPLETED"


def test_a_run_that_has_let_go_of_its_lake_may_tell_its_end(schedule: Schedule, tmp_path: Path) -> None:
    ending = schedule.run(tmp_path / "lake")
    thread = threading.Timer(0.5, schedule.complete, [ending])
    thread.start()
    assert end_dead(going_on(schedule.name), look=0.05, patience=600) == 0
    thread.join()
    assert schedule.state(ending) == "COMPLETED"


def test_the_lake_that_counts_is_that_of_the_run(schedule: Schedule, tmp_path: Path) -> None:
    """A schedule that is served with another lake than before."""
    schedule.run(tmp_path / "old")
    with lock.hold(Lake(tmp_path / "new"), "run"):
        assert end_dead(going_on(schedule.name), **QUICK) == 1


def test_nothing_is_going_on_of_a_schedule_that_is_new(api: None) -> None:
    assert going_on("ingest/never-served") == {}
