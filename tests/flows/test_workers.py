"""The worker pool: children that answer, wait their turn, and die with their supervisor."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from flows.errors import LakeError
from flows.workers import Beat, Limits, PoolClosed, WorkerPool, echo, usage
from tests.environment import unmeasured

_SUPERVISOR = """
import sys, time
from flows.workers import Limits, WorkerPool, echo
from tests.flows.test_workers import spin, pid
if __name__ == "__main__":
    from concurrent.futures import ThreadPoolExecutor
    pool = WorkerPool(2, Limits(cpu_seconds=600))
    with ThreadPoolExecutor(2) as threads:
        print(*[pool.call(pid) for _ in range(1)], flush=True)
        list(threads.map(lambda _: pool.call(spin), range(2)))
"""


def pid(beat: Beat) -> int:
    """The child's process id."""
    return os.getpid()


def spin(beat: Beat) -> None:
    """Hold the interpreter for good, as a runaway regular expression does."""
    sum(range(10**12))


def refuse(beat: Beat) -> None:
    """Raise what goes home."""
    raise LakeError("the disk is full")


def test_answers_errors_and_stopping() -> None:
    with WorkerPool(1, Limits()) as pool:
        assert pool.call(echo, {"a": 1}) == {"a": 1}
        with pytest.raises(LakeError, match="the disk is full"):
            pool.call(refuse)
        first = pool.call(pid)
        assert pool.call(pid) == first, "an error that was told is no reason to replace the child"
        assert pool.started == 1
        resident, cpu = usage(first)
        assert resident > 1 << 20
        assert cpu > 0
        with ThreadPoolExecutor(1) as threads:
            hung = threads.submit(pool.call, spin)
            time.sleep(0.3)
            pool.stop()
            with pytest.raises(PoolClosed):
                hung.result(20)
        with pytest.raises(PoolClosed):
            pool.call(echo, 1)


@pytest.mark.slow
def test_children_die_with_their_supervisor(tmp_path: Path) -> None:
    script = tmp_path / "supervisor.py"
    script.write_text(_SUPERVISOR)
    environment = unmeasured()
    with subprocess.Popen([sys.executable, str(script)], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and alive(child):
        time.sleep(0.05)
    assert not alive(child)


def alive(process: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def imported(beat: Beat) -> list[str]:
    """Which of pyarrow and pandas a child has imported when it has made an array, and what pandas makes of that."""
    array = importlib.import_module("pyarrow").array([1, 2])
    before = sorted({"pandas", "pyarrow"} & set(sys.modules))
    return [*before, str(array.to_pandas().sum())]


def test_a_child_that_makes_arrays_does_not_pay_for_pandas() -> None:
    pytest.importorskip("pandas")
    pool = WorkerPool(1, Limits())
    try:
        pool.call(rows_made)
        assert pool.call(imported) == ["pyarrow", "3"]
    finally:
        pool.close()


def rows_made(beat: Beat) -> None:
    """What a shard makes first: the module imports pyarrow."""
    importlib.import_module("flows.lake.schema")
