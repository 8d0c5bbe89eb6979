"""A disk that is full or read-only, files that vanish or change, a clock that jumps: said in a line, nothing half."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

from flows.errors import DiskError
from flows.lake.ledger import read_ledger
from flows.lake.lock import holder
from flows.lake.place import Lake
from flows.lake.verify import verify
from tests.environment import unmeasured
from tests.flows.runs import CLEANER, article, fingerprint, rows, run, run_inline, write_dumps

SMALL = {"shard_mb": 0.004}


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A file system of that size at `folder`; where none may be mounted, no file may be larger than an eighth of it."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 7, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that nobody may write to, root neither where it can be mounted so."""
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)


@pytest.mark.slow
def test_a_full_disk_stops_the_run_and_more_room_lets_it_go_on(tmp_path: Path) -> None:
    """Wherever it strikes: what is there is whole, what is in the ledger is right, and the rest is done later."""
    dumps = write_dumps(tmp_path / "in", range(24))
    run_inline(dumps, tmp_path / "undisturbed", **SMALL)
    disk = tmp_path / "disk"
    stopped = 0
    for kilobytes in (4, 16, 60, 120, 240, 360):
        with small_disk(disk, kilobytes):
            lake = disk / "lake"
            try:
                run_inline(dumps, lake, **SMALL)
            except DiskError as error:
                stopped += 1
                assert "Free space or fix the permissions, then run the same command again" in str(error)
            for path in (lake / "articles").rglob("*.parquet"):
                pq.ParquetFile(path).close()
            entries = read_ledger(Lake(lake))
            assert [
                sentence for sentence in verify(Lake(lake), entries).wrong if "no ledger entry" not in sentence
            ] == []
            assert holder(Lake(lake)) is None
            with suppress(shutil.Error):
                shutil.copytree(lake, tmp_path / f"copy{kilobytes}")
        run_inline(dumps, tmp_path / f"copy{kilobytes}", **SMALL)
        assert fingerprint(tmp_path / f"copy{kilobytes}") == fingerprint(tmp_path / "undisturbed"), kilobytes
    assert stopped >= 3


@pytest.mark.slow
def test_workers_meet_the_full_disk_too(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(24))
    with small_disk(tmp_path / "disk", 120), pytest.raises(DiskError, match="cannot write"):
        run(dumps, tmp_path / "disk" / "lake", workers=2, **SMALL)


def test_a_read_only_output(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(2))
    (tmp_path / "disk").mkdir()
    with read_only(tmp_path / "disk"), pytest.raises(DiskError, match="cannot write"):
        run_inline(dumps, tmp_path / "disk" / "lake")


@pytest.mark.slow
def test_the_command_says_it_in_a_line_with_exit_code_1(tmp_path: Path, new_home: Callable[[Path], Path]) -> None:
    dumps = write_dumps(tmp_path / "in", range(24))
    config = tmp_path / "winnow.toml"
    config.write_text(f'cleaner = "{CLEANER}"\nshard_mb = 0.004\nworkers = 1\n')
    environment = unmeasured(PREFECT_HOME=str(new_home(tmp_path / "prefect")))
    with small_disk(tmp_path / "disk", 120):
        command = [sys.executable, "-m", "flows.cli", "ingest", str(dumps), "-o", str(tmp_path / "disk" / "lake")]
        done = subprocess.run(
            [*command, "--config", str(config)], env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("winnow: cannot write "), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("how", ["vanishes", "is written anew", "shrinks"])
def test_a_dump_that_does_while_it_is_read(tmp_path: Path, how: str) -> None:
    """Its shard fails, alone, and the next run takes it as it is then."""
    dumps = write_dumps(tmp_path / "in", range(12))
    victim = dumps / "0007.txt"
    from flows import session

    stage = session.stage

    def disturbed(shard, *arguments):  # type: ignore[no-untyped-def]
        if any(member.source == victim.name for member in shard.members) and victim.exists():
            match how:
                case "vanishes":
                    victim.unlink()
                case "is written anew":
                    victim.write_text(article(70))
                case "shrinks":
                    victim.write_text(article(7)[:100])
        return stage(shard, *arguments)

    with mock.patch("flows.session.stage", disturbed):
        report = run_inline(dumps, tmp_path / "lake", **SMALL)
    assert (report.outcome, len(report.failures)) == ("failed", 1)
    assert "0007.txt changed or vanished while it was read" in report.failures[0].reason
    assert run_inline(dumps, tmp_path / "lake", **SMALL).outcome == "done"
    found = {row["source"] for table in ("articles", "quarantine") for row in rows(tmp_path / "lake", table)}
    assert found == {f"{number:04d}.txt" for number in range(12)} - ({victim.name} if how == "vanishes" else set())
    assert verify(Lake(tmp_path / "lake"), read_ledger(Lake(tmp_path / "lake"))).wrong == ()


@pytest.mark.parametrize("jump", [-10 * 365 * 86_400, 10 * 365 * 86_400])
def test_a_clock_that_jumps_changes_nothing_in_the_lake(tmp_path: Path, jump: int) -> None:
    dumps = write_dumps(tmp_path / "in", range(12))
    run_inline(dumps, tmp_path / "undisturbed", **SMALL)
    lake = tmp_path / "lake"
    (tmp_path / "half").mkdir()
    for number in range(6):
        shutil.copy2(dumps / f"{number:04d}.txt", tmp_path / "half")
    now, now_ns = time.time, time.time_ns
    run_inline(tmp_path / "half", lake, **SMALL)
    with (
        mock.patch("time.time", lambda: now() + jump),
        mock.patch("time.time_ns", lambda: now_ns() + jump * 10**9),
    ):
        assert run_inline(dumps, lake, **SMALL).outcome == "done"
        run_inline(dumps, tmp_path / "jumped", **SMALL)
    assert fingerprint(tmp_path / "jumped") == fingerprint(tmp_path / "undisturbed")
    report = run_inline(dumps, lake, **SMALL)
    assert (report.outcome, report.shards) == ("done", 0)
    assert len(rows(lake, "articles")) == 12
