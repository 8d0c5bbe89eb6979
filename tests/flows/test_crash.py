"""kill -9 at random instants of a run over dumps of every kind, then the same command again, until it is done.

The lake is in the end what an undisturbed run makes, byte by byte. `make test-crash` does it with thousands of
documents and scores of kills; `make test` does a share.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows.lake.ledger import read_ledger
from flows.lake.lock import holder
from flows.lake.place import Lake
from flows.lake.sweep import orphans
from flows.lake.verify import verify
from flows.runs import read_reports
from tests.environment import unmeasured
from tests.flows.mixed import every_record, write_mixed
from tests.flows.processes import alive, command_of, descendants
from tests.flows.runs import CLEANER, fingerprint, rows

REAL = "cleaners.recipe:explain_record"
SOON = 90.0  # seconds a child may take to see that its run is gone, on a machine that does much else
TABLES = ("articles", "duplicates", "filtered", "quarantine")
_SCRIPT = """
import sys
from pathlib import Path
from tests.flows.runs import run
if __name__ == "__main__":
    dumps, lake, workers, shard_mb, cleaner, wait = sys.argv[1:]
    options = {"workers": int(workers), "shard_mb": float(shard_mb), "cleaner": cleaner, "wait": wait == "wait"}
    raise SystemExit(run(Path(dumps), Path(lake), **options).exit_code)
"""


@dataclass(slots=True)
class Bench:
    """Dumps, how to run over them, and what an undisturbed run makes of them in how many seconds."""

    dumps: Path
    cleaner: str
    shard_mb: float
    expected: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def script(self, lake: Path, workers: int = 2, *, wait: bool = False) -> list[str]:
        """The run alone, without Prefect."""
        settings = [str(workers), str(self.shard_mb), self.cleaner, "wait" if wait else ""]
        return [sys.executable, "-c", _SCRIPT, str(self.dumps), str(lake), *settings]

    def command(self, lake: Path) -> list[str]:
        """The command a user types; it starts Prefect's API beside it."""
        config = lake.with_suffix(".toml")
        config.write_text(f'cleaner = "{self.cleaner}"\nshard_mb = {self.shard_mb}\n')
        flags = ["--output", str(lake), "--config", str(config), "--workers", "2"]
        return [sys.executable, "-m", "flows.cli", "ingest", str(self.dumps), *flags]

    def prepare(self, lake: Path) -> None:
        """Make the lake that all others must be like, and check that nothing is lost or double in it."""
        begin = time.monotonic()
        assert start(self.script(lake)).wait() == 0
        self.seconds = time.monotonic() - begin
        self.expected = fingerprint(lake)
        found = Counter((row["source"], row["position"]) for table in TABLES for row in rows(lake, table))
        assert sorted(found.elements()) == every_record(self.dumps), "none lost, none double"

    def check(self, lake: Path) -> None:
        """The lake is like the undisturbed one, and nothing else lies about."""
        books = Lake(lake)
        entries = read_ledger(books)
        assert fingerprint(lake) == self.expected
        assert orphans(books, entries.values()) == []
        assert verify(books, entries).wrong == ()
        left = [path for folder in (books.staging, books.ledger, books.runs) for path in folder.iterdir()]
        assert [path.name for path in left if path.is_dir() or path.name.startswith(".")] == []
        assert holder(books) is None


def start(command: Sequence[str], home: Path | None = None) -> subprocess.Popen[bytes]:
    """A run in a process group of its own."""
    environment = unmeasured(**({"PREFECT_HOME": str(home)} if home else {}))
    silent = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, start_new_session=True, stdout=silent, stderr=silent)


def kill_at(process: subprocess.Popen[bytes], lake: Path, seconds: float, *, group: bool) -> bool:
    """kill -9 so many seconds after the run took the lake; False where the run ended before.

    Kills the whole process group, or the supervisor alone: then its children must end by themselves, soon.
    """
    while process.poll() is None and holder(Lake(lake)) is None:
        time.sleep(0.02)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    else:
        return False
    children = descendants(process.pid)
    os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
    process.wait()
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline and any(map(alive, children)):
        time.sleep(0.05)
    assert [command_of(child) for child in children if alive(child)] == [], "no child outlives its run"
    return True


def kill_until_done(
    bench: Bench, command: list[str], lake: Path, chance: random.Random, home: Path | None = None
) -> int:
    """Run, kill, run again, until a run ends by itself. How many kills it took.

    Runs live longer with each kill: where the machine became slow, none would get as far as its first shard.
    """
    kills = 0
    while True:
        process = start(command, home)
        group = chance.random() < 0.8
        if not kill_at(process, lake, chance.uniform(0, bench.seconds / 1.5 * (1 + kills / 10)), group=group):
            assert process.returncode == 0
            return kills
        kills += 1


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """150 documents."""
    folder = tmp_path_factory.mktemp("small")
    bench = Bench(write_mixed(folder / "in", 150), "tests.flows.cleaner:slow", 0.02)
    bench.prepare(folder / "undisturbed")
    return bench


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """3,000 documents."""
    folder = tmp_path_factory.mktemp("large")
    bench = Bench(write_mixed(folder / "in", 3_000), CLEANER, 0.03)
    bench.prepare(folder / "undisturbed")
    return bench


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """300 documents, cleaned as users' are."""
    folder = tmp_path_factory.mktemp("real")
    bench = Bench(write_mixed(folder / "in", 300), REAL, 0.03)
    bench.prepare(folder / "undisturbed")
    return bench


@pytest.mark.slow
def test_a_share_of_the_kills(small: Bench, tmp_path: Path) -> None:
    chance = random.Random(20240511)
    kills = 0
    while kills < 4:
        process = start(small.script(tmp_path / "lake"))
        kills += kill_at(process, tmp_path / "lake", chance.uniform(0, small.seconds / 3), group=kills != 1)
        if process.returncode == 0:
            small.check(tmp_path / "lake")
            subprocess.run(["rm", "-r", str(tmp_path / "lake")], check=True)
    assert start(small.script(tmp_path / "lake")).wait() == 0
    small.check(tmp_path / "lake")


@pytest.mark.full
def test_sixty_kills_at_random_instants(large: Bench, tmp_path: Path) -> None:
    chance = random.Random(20240512)
    kills: list[int] = []
    while sum(kills) < 60:
        lake = tmp_path / f"lake{len(kills)}"
        kills.append(kill_until_done(large, large.script(lake), lake, chance))
        large.check(lake)
        print(f"\n{sum(kills)} kills, {len(kills)} lakes {kills}; undisturbed {large.seconds:.0f} s", flush=True)


@pytest.mark.full
def test_the_command_with_prefect_and_the_real_cleaner_is_killed(real: Bench, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    kills = kill_until_done(real, real.command(lake), lake, random.Random(20240514), tmp_path / "prefect")
    real.check(lake)
    print(f"\n{kills} kills of the command; undisturbed {real.seconds:.0f} s")


@pytest.mark.full
def test_thirty_killed_workers(large: Bench, tmp_path: Path) -> None:
    """A worker that is killed from outside costs nothing: its record is tried again.

    A shard whose workers are killed again and again before they begin fails, and the next run does it.
    """
    chance = random.Random(20240513)
    killed = runs = again = 0
    while killed < 30:
        lake = tmp_path / f"lake{runs}"
        process = start(large.script(lake))
        while process.poll() is None and killed < 30:
            time.sleep(chance.uniform(1.0, 3.0) * max(1.0, large.seconds / 20))
            for child in [pid for pid in descendants(process.pid) if "spawn_main" in command_of(pid)][:1]:
                os.kill(child, signal.SIGKILL)
                killed += 1
        if process.wait() != 0:
            again += 1
            assert start(large.script(lake)).wait() == 0
        large.check(lake)
        runs += 1
    print(f"\n{killed} workers killed in {runs} runs, {again} of which had to be gone on with")


@pytest.mark.full
def test_the_prefect_server_is_killed(large: Bench, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    process = start(large.command(lake), tmp_path / "prefect")
    while process.poll() is None and not list(Lake(lake).ledger.glob("*.json")):
        time.sleep(0.05)
    (server,) = (pid for pid in descendants(process.pid) if "flows.api" in command_of(pid))
    os.kill(server, signal.SIGKILL)
    process.wait(600)  # Prefect's client asks for a minute each time before it gives up, three times in all
    assert process.returncode == 0
    print(f"\nexit code {process.returncode}, {len(list(Lake(lake).ledger.glob('*.json')))} shards in the ledger")
    assert start(large.script(lake)).wait() == 0
    large.check(lake)


@pytest.mark.full
def test_two_runs_race_for_one_lake(large: Bench, tmp_path: Path) -> None:
    """One is refused, or waits and finds nothing to do; a killed holder is followed by the one that waits."""
    refused = [start(large.script(tmp_path / "one")) for _ in range(2)]
    assert sorted(racer.wait() for racer in refused)[0] == 0
    large.check(tmp_path / "one")
    lake = tmp_path / "two"
    first = start(large.script(lake))
    while holder(Lake(lake)) is None:
        time.sleep(0.02)
    second = start(large.script(lake, wait=True))
    assert kill_at(first, lake, large.seconds / 3, group=True)
    assert second.wait() == 0
    large.check(lake)
    assert [report.outcome for report in read_reports(Lake(lake))] == ["done"]


@pytest.mark.full
@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_writes_the_same_bytes(large: Bench, tmp_path: Path, workers: int) -> None:
    assert start(large.script(tmp_path / "lake", workers)).wait() == 0
    large.check(tmp_path / "lake")
