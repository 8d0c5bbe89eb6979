"""A real store: WARC in, lake out, kill -9 and resume, two writers at once; and nothing is downloaded whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isal import igzip

from flows.lake.ledger import read_ledger
from flows.lake.place import open_lake
from flows.lake.verify import verify
from flows.storage import RemotePath
from flows.storage.ranged import RangeFile
from tests.environment import unmeasured
from tests.flows.runs import article, run, run_inline, write_dumps
from tests.lake_remote.test_lake import contents, files_of, files_on_disk, upload

SHARDS = {"workers": 2, "shard_mb": 0.008, "cleaner": "tests.flows.cleaner:slow"}
_COMMAND = """
import sys
from tests.flows.runs import run
from flows.storage import location
if __name__ == "__main__":
    run(location(sys.argv[1]), location(sys.argv[2]), workers=2, shard_mb=0.008, cleaner="tests.flows.cleaner:slow")
"""


def warc(numbers: range, filler: int = 0) -> bytes:
    """A WARC.gz, a member a record."""
    chance = random.Random(3)
    return b"".join(igzip.compress(record(number, chance.randbytes(filler).hex())) for number in numbers)


def record(number: int, filler: str) -> bytes:
    body = f"{article(number)}{filler}\n".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: https://news.example/{number}\r\n"
        f"WARC-Date: 2024-05-01T10:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


@pytest.mark.slow
def test_a_warc_in_and_a_lake_out(real_bucket: RemotePath, tmp_path: Path) -> None:
    dumps = tmp_path / "in"
    dumps.mkdir()
    (dumps / "crawl.warc.gz").write_bytes(warc(range(60), filler=600))
    run_inline(dumps, tmp_path / "lake", shard_mb=0.01)
    there = upload(dumps, real_bucket / "in")
    report = run_inline(there, real_bucket / "lake", shard_mb=0.01)
    assert report.outcome == "done"
    assert report.shards > 3, "it was cut"
    assert contents(files_of(real_bucket / "lake")) == contents(files_on_disk(tmp_path / "lake"))


@pytest.mark.parametrize(
    ("articles", "kills"), [pytest.param(16, 1, marks=pytest.mark.slow), pytest.param(60, 6, marks=pytest.mark.full)]
)
def test_killed_and_run_again(real_bucket: RemotePath, tmp_path: Path, articles: int, kills: int) -> None:
    dumps = write_dumps(tmp_path / "in", range(articles))
    (dumps / "9999.txt").write_text(article(3))
    run(dumps, tmp_path / "undisturbed", **SHARDS)
    chance = random.Random(20240511)
    for _ in range(kills):
        process = start(dumps, real_bucket / "lake")
        time.sleep(chance.uniform(1.5, 6.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    run(dumps, real_bucket / "lake", **SHARDS)
    check(real_bucket / "lake", tmp_path / "undisturbed")


@pytest.mark.slow
def test_two_writers_at_once(real_bucket: RemotePath, tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(12))
    racers = [start(dumps, real_bucket / "lake") for _ in range(2)]
    said = [racer.communicate(timeout=120)[1] for racer in racers]
    assert any(racer.returncode == 0 for racer in racers)
    assert all("LockHeldError" in words for racer, words in zip(racers, said, strict=True) if racer.returncode)
    run(dumps, tmp_path / "undisturbed", **SHARDS)
    check(real_bucket / "lake", tmp_path / "undisturbed")


@pytest.mark.slow
def test_a_big_warc_is_planned_and_read_in_parts(real_bucket: RemotePath, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan of 12 MB reads some of it; a shard reads its part and the rest of a block."""
    dump = real_bucket / "in" / "crawl.warc.gz"
    dump.write_bytes(warc(range(150), filler=80_000))
    size = dump.stat().st_size
    asked: list[int] = []
    request = RangeFile._request
    monkeypatch.setattr(
        RangeFile, "_request", lambda self, a, b, etag: asked.append(b - a) or request(self, a, b, etag)
    )
    report = run_inline(dump, real_bucket / "lake", limit=5)
    assert (report.outcome, report.total.articles) == ("done", 5)
    assert sum(asked) < size / 4
    report = run_inline(dump, real_bucket / "lake", shard_mb=3)
    assert (report.outcome, report.total.articles) == ("done", 150)
    assert max(asked) <= 4 << 20
    assert sum(asked) < 2.5 * size


def start(dumps: Path, lake: RemotePath) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _COMMAND, str(dumps), str(lake)],
        env=unmeasured(),
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )


def check(lake: RemotePath, expected: Path) -> None:
    assert files_of(lake) == files_on_disk(expected)
    found = open_lake(str(lake))
    assert verify(found, read_ledger(found)).wrong == ()
    assert {path.name for path in (lake / "_staging").rglob("*")} <= {"dumps.json"}
