"""Real pages in one WARC: every record ends in exactly one of articles, duplicates, filtered and quarantine."""

from __future__ import annotations

import gzip
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.environment import ROOT, unmeasured

CORPORA = ROOT.parent / "shared" / "corpora"
PAGES = sorted(CORPORA.glob("*/html/*.html.gz"))[:690]


def warc_record(number: int, body: bytes) -> bytes:
    """One WARC response of its own gzip member."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/{number}\r\n"
        f"WARC-Date: 2025-06-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{uuid.UUID(int=number)}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


@pytest.mark.slow
@pytest.mark.corpora
@pytest.mark.skipif(not PAGES, reason="../shared/corpora is not beside the checkout")
def test_every_record_is_in_exactly_one_table(tmp_path: Path, new_home: Callable[[Path], Path]) -> None:
    members = [warc_record(number, gzip.decompress(page.read_bytes())) for number, page in enumerate(PAGES)]
    (tmp_path / "crawl.warc.gz").write_bytes(b"".join(members))
    starts = [sum(map(len, members[:number])) for number in range(len(members))]
    lake = tmp_path / "lake"
    command = [sys.executable, "-m", "flows.cli", "ingest", str(tmp_path / "crawl.warc.gz"), "--output", str(lake)]
    new_home(tmp_path / ".winnow" / "prefect")
    (tmp_path / "winnow.toml").write_text("shard_mb = 4\n")
    environment = unmeasured()
    done = subprocess.run(
        [*command, "--workers", "2"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: Counter[str] = Counter()
    for table in ("articles", "duplicates", "filtered", "quarantine"):
        for file in (lake / table).rglob("*.parquet"):
            found.update(pq.ParquetFile(file).read(columns=["position"]).column("position").to_pylist())
    assert found == Counter(f"offset:{start}" for start in starts)
