"""Runs whose process is gone, on a real Prefect server: told apart by the lake from those that go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows import dead_runs
from flows.dead_runs import end_dead, going_on, watch
from flows.lake import lock
from flows.lake.place import Lake
from tests.flows.homes import prefect_api

pytestmark = pytest.mark.slow
QUICK = {"look": 0.05, "patience": 0.3}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]) -> Iterator[None]:
    """A Prefect server of its own, which this process asks."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    home = new_home(tmp_path_factory.mktemp("here") / "prefect")
    with prefect_api(home, whole=True) as server, temporary_settings({PREFECT_API_URL: server.url}):
        yield


class Schedule:
    """A deployment with a limit of one, and runs of it as Prefect sees them."""

    def __init__(self, client: Any, name: str) -> None:
        from prefect.client.schemas.objects import ConcurrencyLimitStrategy

        self.name = f"ingest/{name}"
        self._client = client
        flow = client.create_flow_from_name("ingest")
        alone = {"collision_strategy": ConcurrencyLimitStrategy.CANCEL_NEW}
        self._deployment = client.create_deployment(flow, name, concurrency_limit=1, concurrency_options=alone)

    def run(self, lake: Path | str, *, begun: bool = True) -> UUID:
        """A run that Prefect believes to go on, or to be about to begin, where it is given the slot."""
        from prefect.states import Pending, Running

        options: dict[str, Any] = {"inputs": ["in"], "output": str(lake)}
        run = self._client.create_flow_run_from_deployment(self._deployment, parameters={"options": options})
        self._client.set_flow_run_state(run.id, Pending())
        if begun and self.state(run.id) == "PENDING":
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


class Clock:
    """The clock of the watcher. What is to happen at a second happens when it is told that this second has come."""

    def __init__(self, events: dict[float, Callable[[], object]]) -> None:
        self._now, self._events = 0.0, dict(sorted(events.items()))

    def monotonic(self) -> float:
        """Seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time go by."""
        self._now += seconds
        for second in [second for second in self._events if second <= self._now]:
            self._events.pop(second)()


def killed(folder: Path) -> Path:
    """The lake of a run that was killed as it wrote to it: nobody holds it, and the lock has its word yet."""
    lake = Lake(folder)
    with lock.hold(lake, "run"):
        word = lake.lock.read_bytes()
    lake.lock.write_bytes(word)
    return folder


@pytest.fixture
def schedule(api: None, request: pytest.FixtureRequest) -> Iterator[Schedule]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield Schedule(client, request.node.name)


def test_a_dead_run_gives_its_slot_back(schedule: Schedule, tmp_path: Path) -> None:
    dead = schedule.run(killed(tmp_path / "lake"))
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
    ending = schedule.run(killed(tmp_path / "lake"))
    thread = threading.Timer(0.5, schedule.complete, [ending])
    thread.start()
    assert end_dead(going_on(schedule.name), look=0.05, patience=600) == 0
    thread.join()
    assert schedule.state(ending) == "COMPLETED"


def test_the_lake_that_counts_is_that_of_the_run(schedule: Schedule, tmp_path: Path) -> None:
    """A schedule that is served with another lake than before."""
    schedule.run(killed(tmp_path / "old"))
    with lock.hold(Lake(tmp_path / "new"), "run"):
        assert end_dead(going_on(schedule.name), **QUICK) == 1


def test_nothing_is_going_on_of_a_schedule_that_is_new(api: None) -> None:
    assert going_on("ingest/never-served") == {}


def test_the_lake_must_be_free_for_the_whole_time(schedule: Schedule, tmp_path: Path, monkeypatch: Any) -> None:
    """Free while the run began, held while it worked, and free again while it tells what it did."""
    run = schedule.run(killed(tmp_path / "lake"))
    work = lock.hold(Lake(tmp_path / "lake"), "run")

    def let_go() -> None:
        work.__exit__(None, None, None)
        killed(tmp_path / "lake")

    events: dict[float, Callable[[], object]] = {5: work.__enter__, 100: let_go, 115: lambda: schedule.complete(run)}
    monkeypatch.setattr(dead_runs, "time", Clock(events))
    assert end_dead(going_on(schedule.name)) == 0
    assert schedule.state(run) == "COMPLETED"


def test_a_dead_run_is_remembered_when_the_next_one_is_through(
    schedule: Schedule, tmp_path: Path, monkeypatch: Any
) -> None:
    """Its lease had ended before its schedule was served again."""
    run = schedule.run(killed(tmp_path / "lake"))
    work = lock.hold(Lake(tmp_path / "lake"), "next")
    events: dict[float, Callable[[], object]] = {
        10: work.__enter__,
        60: lambda: work.__exit__(None, None, None),
        300: lambda: schedule.complete(run),
    }
    monkeypatch.setattr(dead_runs, "time", Clock(events))
    assert end_dead(going_on(schedule.name)) == 1
    assert schedule.state(run) == "CRASHED"


def nothing(folder: Path) -> None:
    """Another machine's disk, or a mount that is missing."""


def given_back(folder: Path) -> None:
    """This machine's own lake, at a path at which the run's machine has one too."""
    with lock.hold(Lake(folder), "another run"):
        pass


def not_ours(folder: Path) -> None:
    """As another user's: it cannot be opened, whoever asks."""
    killed(folder)
    (folder / "_lock").rename(folder / "word")
    (folder / "_lock").mkdir()


@pytest.mark.parametrize("make", [nothing, given_back, not_ours])
def test_a_lake_that_tells_nothing_is_no_witness(
    schedule: Schedule, tmp_path: Path, monkeypatch: Any, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "lake")
    run = schedule.run(tmp_path / "lake")
    monkeypatch.setattr(dead_runs, "time", Clock({300: lambda: schedule.complete(run)}))
    assert end_dead(going_on(schedule.name), look=60) == 0
    assert schedule.state(run) == "COMPLETED"


def test_a_run_that_has_not_begun_is_left_alone(schedule: Schedule, tmp_path: Path) -> None:
    """On a busy machine it takes most of a minute, and its lease is short."""
    run = schedule.run(killed(tmp_path / "lake"), begun=False)
    assert schedule.state(run) == "PENDING"
    assert going_on(schedule.name) == {}


def test_a_run_that_ends_as_it_is_called_crashed_has_the_last_word(
    schedule: Schedule, tmp_path: Path, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = schedule.run(killed(tmp_path / "lake"))
    look = lock.holder

    def ends_meanwhile(lake: Lake) -> lock.Owner | None:
        schedule.complete(run)
        return look(lake)

    monkeypatch.setattr(lock, "holder", ends_meanwhile)
    assert end_dead(going_on(schedule.name), look=0.05, patience=0) == 0
    assert schedule.state(run) == "COMPLETED"
    assert not caplog.messages


def test_a_run_whose_output_is_no_place_does_not_keep_a_schedule_from_being_served(schedule: Schedule) -> None:
    schedule.run("s3://")
    watch(schedule.name)
    assert going_on(schedule.name) == {}


def test_an_option_of_stores_that_is_wrong_does_not_end_the_watch(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = schedule.run("s3://crawl/lake")
    monkeypatch.setenv("WINNOW_STORAGE", "endpoint=http://127.0.0.1:9 no_such_option=1")
    monkeypatch.setattr(dead_runs, "time", Clock({50: lambda: schedule.complete(run)}))
    assert end_dead(going_on(schedule.name)) == 0
    assert schedule.state(run) == "COMPLETED"
