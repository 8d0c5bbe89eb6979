"""The lock of a lake in a store: one holder, taken over after its death by one, given up when it may be lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from flows.errors import LockHeldError, LockLostError
from flows.lake import lease
from flows.lake.ledger import enter
from flows.lake.lock import hold, holder
from flows.lake.place import Lake, open_lake
from flows.storage import RemotePath
from tests.environment import unmeasured
from tests.flows.test_lake import entry

_HOLD = """
import sys, time
from flows.lake.lock import hold
from flows.lake.place import open_lake
with hold(open_lake(sys.argv[1]), "other"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lake(bucket: RemotePath) -> Lake:
    return open_lake(str(bucket / "lake"))


def numbers(lake: Lake) -> list[str]:
    return sorted(path.name.lstrip("0") for path in lake.lock.glob("*"))


def elsewhere(lake: Lake, number: int, **more: object) -> lease.Holder:
    """A lock that a machine holds which is not this one."""
    found = replace(lease._myself("far"), host="elsewhere", pid=1, machine="another", **more)  # type: ignore[arg-type]
    lease._path(lake, number).write_bytes(lease._json(found))
    return found


def test_one_after_the_other(lake: Lake) -> None:
    with hold(lake, "first"):
        with pytest.raises(LockHeldError, match="run first ") as caught, hold(lake, "second"):
            pass
        assert caught.value.exit_code == 3
        found = holder(lake)
        assert found is not None
        assert found.run == "first"
    assert holder(lake) is None
    with hold(lake, "second"):
        assert numbers(lake) == ["2.json"], "what was given back is cleared away"


@pytest.mark.slow
def test_of_many_one_gets_it(real_bucket: RemotePath) -> None:  # moto looks and writes in two steps: two may win there
    lake = Lake(real_bucket / "lake")
    elsewhere(lake, 7, released=True)
    with ThreadPoolExecutor(6) as racers:
        found = list(racers.map(lambda name: lease._take(lake, lease._myself(name)), "abcdef"))
    assert [number for number in found if isinstance(number, int)] == [8]


@pytest.mark.slow
def test_a_killed_holder_of_this_machine_is_dead_at_once(lake: Lake) -> None:
    command = [sys.executable, "-c", _HOLD, str(lake.root)]
    with subprocess.Popen(command, env=unmeasured(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LockHeldError, match="run other"), hold(lake, "second"):
            pass
        process.send_signal(signal.SIGKILL)
    with hold(lake, "second"):
        assert numbers(lake) == ["2.json"]


@pytest.mark.slow
def test_another_machine_counts_by_the_stores_clock(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(lake, 1)
    with pytest.raises(LockHeldError, match="process 1 on elsewhere"), hold(lake, "near"):
        pass
    monkeypatch.setattr(lease.time, "time", lambda: 0.0)  # this machine's clock has no say
    monkeypatch.setattr(lease, "DEAD_SECONDS", 1.5)
    time.sleep(2.5)
    with hold(lake, "near"):
        assert numbers(lake) == ["2.json"]


def test_a_holder_that_was_taken_over_writes_no_more(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.1)
    with hold(lake, "first"):
        enter(lake, entry())
        elsewhere(lake, 2)
        time.sleep(1.0)
        with pytest.raises(LockLostError, match="another run may hold it"):
            enter(lake, entry(shard="1" * 16))
    assert numbers(lake) == ["1.json", "2.json"]
    found = holder(lake)
    assert found is not None
    assert found.host == "elsewhere"


def test_a_holder_that_cannot_reach_the_store_writes_no_more(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with hold(lake, "first"):
        monkeypatch.setattr(lease, "MARGIN_SECONDS", lease.DEAD_SECONDS)
        time.sleep(0.01)
        with pytest.raises(LockLostError):
            enter(lake, entry())
    assert list(lake.ledger.glob("*")) == []
