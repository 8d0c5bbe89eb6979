"""kill -9 of everything at a random instant, then the same command again: the lake is what it would have been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from tests.flows.runs import ROOT, article, fingerprint, run, write_dumps

SHARDS = {"workers": 2, "shard_mb": 0.008, "cleaner": "tests.flows.cleaner:slow"}
_COMMAND = """
import sys
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
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(dumps), str(lake)]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
