"""One run at a time: the second is told who, a dead holder is no holder."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.errors import LockHeldError
from flows.lake.lock import DEAD_SECONDS, hold, holder
from flows.lake.place import Lake
from tests.environment import unmeasured

_HOLD = """
import sys, time
from pathlib import Path
from flows.lake.lock import hold
from flows.lake.place import Lake
with hold(Lake(Path(sys.argv[1])), "other"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with hold(lake, "first"):
        with (
            pytest.raises(LockHeldError, match="run first ") as caught,
            hold(lake, "second"),
        ):
            pass
        assert caught.value.exit_code == 3
        owner = holder(lake)
        assert owner is not None
        assert owner.run == "first"
    assert holder(lake) is None
    with hold(lake, "third"):
        pass


def test_who_looks_whether_a_lake_is_held_keeps_nobody_out(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.lock.touch()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            holder(lake)
            time.sleep(0.001)

    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look)
        try:
            for number in range(60):
                with hold(lake, f"run{number}"):
                    pass
        finally:
            done.set()
        looking.result()


def test_a_killed_holder_lets_go_at_once(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, env=unmeasured(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LockHeldError, match="run other"), hold(lake, "second"):
            pass
        process.send_signal(signal.SIGKILL)
    with hold(lake, "second"):
        owner = holder(lake)
        assert owner is not None
        assert owner.run == "second"


@pytest.mark.parametrize(("age", "free"), [(1.0, False), (DEAD_SECONDS + 60, True)])
def test_another_machine_counts_by_its_heartbeat(tmp_path: Path, age: float, free: bool) -> None:
    lake = Lake(tmp_path)
    beat = time.time() - age
    lake.lock.write_text(json.dumps({"host": "elsewhere", "pid": 1, "run": "far", "since": beat, "beat": beat}))
    assert (holder(lake) is None) == free
    if not free:
        with pytest.raises(LockHeldError, match="process 1 on elsewhere"), hold(lake, "near"):
            pass
