"""Memory of a run over a large dump: `python -m benchmarks.memory [--gigabytes 2] [--pages 4000]`.

Writes a WARC.gz of that size (pages between pictures, as crawls hold them) to a temporary folder, has `winnow ingest`
clean it with two workers, and looks at the whole process tree twice a second: supervisor, workers, Prefect's API. The
exit code is 1 where the peak is 1.5 GB or more, or the median of the last third is a tenth above that of the second.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from isal import igzip

LIMIT = 1.5e9
# The last third may take so much more than the second: a worker grows until it is replaced.
GROWTH = 1.10
PICTURE = 3_000_000
PARAGRAPHS = 24
_KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes of a process tree at a moment: `resident` counts shared pages once a process, `own` shares them out."""

    seconds: float
    resident: int
    own: int
    processes: int


def write_warc(path: Path, size: int, pages: int) -> None:
    """A WARC.gz of about `size` bytes as stored, with so many pages spread over it."""
    chance = random.Random(1)
    pictures = max(size // PICTURE, 1)
    with path.open("wb") as file:
        for at in range(pictures):
            for number in range(pages * at // pictures, pages * (at + 1) // pictures):
                file.write(_page(chance, number))
            picture = b"\xff\xd8\xff\xe0" + chance.randbytes(PICTURE)
            file.write(_record(f"https://news.example/{at}.jpg", "image/jpeg", picture))


def _page(chance: random.Random, number: int) -> bytes:
    words = ["river", "council", "bridge", "harvest", "minister", "school", "of", "the", "and", "rose", "said", "after"]
    body = "".join(
        f"<p>{' '.join(chance.choices(words, k=40)).capitalize()} {number}-{at}.</p>" for at in range(PARAGRAPHS)
    )
    page = f"<!doctype html><html lang=en><title>Story {number}</title><nav><a href=/>Home</a></nav><main>{body}</main>"
    return _record(f"https://news.example/{number}", "text/html; charset=utf-8", page.encode())


def _record(url: str, media_type: str, payload: bytes) -> bytes:
    body = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n\r\n".encode() + payload
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-05-01T12:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    packed: bytes = igzip.compress(head.encode() + body + b"\r\n\r\n", 1)
    return packed


def watch(process: subprocess.Popen[bytes], every: float = 0.5) -> Iterator[Sample]:
    """The process tree of a run until it ends."""
    begin = time.monotonic()
    while process.poll() is None:
        tree = [process.pid, *descendants(process.pid)]
        memory = [_memory(pid) for pid in tree]
        yield Sample(time.monotonic() - begin, sum(m[0] for m in memory), sum(m[1] for m in memory), len(tree))
        time.sleep(every)


def descendants(process: int) -> list[int]:
    """The children of a process, their children, and so on."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            children[int(path.read_text().rpartition(")")[2].split()[1])].append(int(path.parent.name))
    found = list(children[process])
    for child in found:
        found += children[child]
    return found


def _memory(process: int) -> tuple[int, int]:
    """Resident bytes of a process, and its share of them; zeros where it has ended."""
    with suppress(OSError, KeyError, ValueError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
        table = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
        return table["Rss"] * _KILOBYTE, table["Pss"] * _KILOBYTE
    return 0, 0


def run(dump: Path, folder: Path, workers: int) -> list[Sample]:
    """Have the command clean a dump. Raises RuntimeError where it does not end well."""
    command = [sys.executable, "-m", "flows.cli", "ingest", str(dump), "-o", str(folder / "lake"), "-w", str(workers)]
    environment = {**os.environ, "PREFECT_HOME": str(folder / "prefect")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        samples = list(watch(process))
        said = process.stdout.read().decode() if process.stdout else ""
    print(said)
    if process.returncode:
        raise RuntimeError(f"winnow ended with {process.returncode}")
    return samples


def report(samples: Sequence[Sample]) -> bool:
    """Show the course of a run from when all its processes are there; whether it kept its limits."""
    most = max(sample.processes for sample in samples)
    begin = next(sample.seconds for sample in samples if sample.processes == most)
    length = samples[-1].seconds - begin
    for tenth in range(10):
        part = [s for s in samples if tenth * length / 10 <= s.seconds - begin <= (tenth + 1) * length / 10]
        if part:
            peak = max(part, key=lambda s: s.own)
            print(f"{peak.seconds:7.0f} s  {peak.own / 1e6:7.0f} MB  {peak.processes} processes")
    peak_own, peak_resident = max(s.own for s in samples), max(s.resident for s in samples)
    second = median(s.own for s in samples if length / 3 <= s.seconds - begin < 2 * length / 3)
    last = median(s.own for s in samples if s.seconds - begin >= 2 * length / 3)
    print(f"peak {peak_own / 1e6:.0f} MB (shared pages counted once), {peak_resident / 1e6:.0f} MB (sum of resident)")
    print(f"medians: second third {second / 1e6:.0f} MB, last third {last / 1e6:.0f} MB: {last / second:.2f} times")
    return peak_own < LIMIT and last <= second * GROWTH


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0, help="size of the dump as stored (default 2)")
    parser.add_argument("--pages", type=int, default=4_000, help="pages in it (default 4000)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnow-memory-") as name:
        folder = Path(name)
        dump = folder / "crawl.warc.gz"
        write_warc(dump, int(options.gigabytes * 1e9), options.pages)
        print(f"{dump.stat().st_size / 1e9:.2f} GB, {options.pages:,} pages, {options.workers} workers", flush=True)
        return 0 if report(run(dump, folder, options.workers)) else 1


if __name__ == "__main__":
    sys.exit(main())
