"""kill -9 of everything at a random instant, then the same command again: the lake is what it would have been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from tests.environment import unmeasured
from tests.flows.runs import article, fingerprint, run, write_dumps

SHARDS = {"workers": 2, "shard_mb": 0.008, "cleaner": "tests.flows.cleaner:slow"}
_COMMAND = """
import sys
from contextlib import suppress
from pathlib import Path
from tests.flows.runs import run
if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), workers=2, shard_mb=0.008, cleaner="tests.flows.cleaner:slow")
"""


@pytest.mark.slow
def test_killed_at_any_instant_and_run_again(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(120))
    for number in range(100, 120):  # these repeat earlier ones, of other shards
        (dumps / f"{number:04d}.txt").write_text(article(number - 90))
    run(dumps, tmp_path / "undisturbed", **SHARDS)
    expected = fingerprint(tmp_path / "undisturbed")
    chance = random.Random(20240511)
    script = tmp_path / "command.py"
    script.write_text(_COMMAND)
    for trial in range(3):
        lake = tmp_path / f"lake{trial}"
        for _ in range(4):
            _kill_after(chance.uniform(0.6, 4.0), script, dumps, lake)
        run(dumps, lake, **SHARDS)
        assert fingerprint(lake) == expected
        assert verify(Lake(lake), read_ledger(Lake(lake))).wrong == ()


def _kill_after(seconds: float, script: Path, dumps: Path, lake: Path) -> None:
    environment = unmeasured()
    command = [sys.executable, str(script), str(dumps), str(lake)]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_runs_that_race_for_one_lake(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(30))
    script = tmp_path / "command.py"
    script.write_text(_COMMAND)
    environment = unmeasured()
    command = [sys.executable, str(script), str(dumps), str(tmp_path / "lake")]
    racers = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [racer.communicate(timeout=60)[1] for racer in racers]
    assert any(racer.returncode == 0 for racer in racers)
    assert all("LockHeldError" in words for racer, words in zip(racers, said, strict=True) if racer.returncode)
    run(dumps, tmp_path / "undisturbed", **SHARDS)
    assert fingerprint(tmp_path / "lake") == fingerprint(tmp_path / "undisturbed")


@pytest.mark.slow
def test_killed_workers_cost_nothing(tmp_path: Path) -> None:
    """Killing a worker is no fault of the record it was at: nothing goes to quarantine for one kill."""
    dumps = write_dumps(tmp_path / "in", range(60))
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(dumps), str(tmp_path / "lake")],
        env=unmeasured(),
        start_new_session=True,
    )
    killed = 0
    while process.poll() is None:
        time.sleep(1.2)
        for child in workers_of(process.pid)[:1] if killed < 4 else ():
            os.kill(child, signal.SIGKILL)
            killed += 1
    assert process.returncode == 0
    assert killed >= 1
    run(dumps, tmp_path / "undisturbed", **SHARDS)
    assert fingerprint(tmp_path / "lake") == fingerprint(tmp_path / "undisturbed")


def workers_of(supervisor: int) -> list[int]:
    """The worker processes of a run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == supervisor and b"spawn_main" in path.with_name("cmdline").read_bytes():
                found.append(int(path.parent.name))
    return found
