"""The page of a large run: `python -m benchmarks.report [--documents N]... [--keep FOLDER]`.

Fills a lake with invented articles, cleaned by a rule of thumb that costs nothing, and with copies of them under other
ids and hosts; then has `winnow report` make the run's page. Prints for each size the page's bytes, and the seconds and
the peak memory that making it took. The exit code is 1 where a page has 5 MB or does not say that it shows a sample.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.lake import article
from cleaners.assemble import assemble
from cleaners.document import CleanDocument, Explanation, RawRecord, Verdict
from cleaners.language.languages import LANGUAGES
from cleaners.rulebook import kinds
from cleaners.text import split
from flows.config import Options
from flows.lake.ledger import Entry, Tally, enter, read_ledger
from flows.lake.place import Lake
from flows.runs import RunReport, write_report
from flows.session import open_session

LIMIT = 5_000_000  # bytes
CLEANED = 4_000  # documents; a lake that is larger holds copies of them
HOSTS = 500
FILES = 50
LONG = 60  # characters of a line from which it is kept
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a run over so many documents, and what it took to make it."""

    documents: int
    path: Path
    seconds: float
    megabytes: float


def explain_record(record: RawRecord) -> Explanation:
    """Keep the long lines; the others are of a kind, the whole of a date, language and confidence, by chance."""
    text = str(record.payload)
    page, chance = split(text), random.Random(crc32(text.encode()))
    names = list(kinds())
    verdicts = tuple(
        Verdict(block.index, True)
        if len(block.text) >= LONG
        else Verdict(block.index, False, chance.choice(names), "x")
        for block in page.blocks
    )
    kept, spans = assemble(page, verdicts)
    found = CleanDocument(kept, page.blocks[0].text.strip(), verdicts=verdicts, spans=spans, page_text=page.text)
    day = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(days=int(chance.triangular(0, 90, 60)))
    language, sure = chance.choice(sorted(LANGUAGES)[:6]), round(chance.betavariate(8, 2), 4)
    return Explanation(replace(found, published=day, language=language, confidence=sure, url=record.url or ""), page)


def write_dumps(folder: Path, documents: int) -> None:
    """The articles as JSON Lines, each with lines to cut; a few hosts have most of them, every 200th line is broken."""
    folder.mkdir()
    chance = random.Random(documents)
    for part in range(FILES):
        with (folder / f"{part:02d}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(part, documents, FILES):
                url = f"https://site{int(HOSTS * chance.random() ** 3)}.example/{number}?token=secret"
                text = "\n\n".join([*article(number), *(f"Read {word} more" for word in ("this", "that", "all"))])
                row = json.dumps({"url": url, "text": f"{text}\n\n{number}"})
                file.write(row[: len(row) if number % 200 else 40] + "\n")


def fill(folder: Path, documents: int) -> Path:
    """A lake of about so many documents: as many as cost little are cleaned, the others are copies under other names.

    Copies are of all that was cleaned: beyond 4,000, the largest multiple of 4,000 that is not more.
    """
    cleaned = min(documents, CLEANED)
    write_dumps(folder / "dumps", cleaned)
    lake = folder / "lake"
    options = Options(
        inputs=(str(folder / "dumps"),), output=str(lake), workers=2, cleaner="benchmarks.report:explain_record",
        report=False, dedup="off", sites=False,
    )  # fmt: skip
    with open_session(options) as session, ThreadPoolExecutor(options.processes) as threads:
        for plan in session.plans():
            for shard, staged in session.ahead(plan, lambda number: threads.submit(session.stage, number)):
                session.commit(shard, staged)
        report = session.report()
    multiply(Lake(lake), report, documents // cleaned)
    return lake


def multiply(lake: Lake, report: RunReport, times: int) -> None:
    """Have a run's shards in the lake so many times, under other keys, with other ids and hosts."""
    entries = [read_ledger(lake)[key] for key in report.brought]
    made = [_copied(lake, entry, number) for number in range(1, times) for entry in entries]
    for entry in made:
        enter(lake, entry)
    formats = {name: sum([tally] * times, Tally()) for name, tally in report.formats.items()}
    kinds = {name: count * times for name, count in report.kinds.items()}
    reasons = {name: count * times for name, count in report.reasons.items()}
    brought = (*report.brought, *(entry.shard for entry in made))
    write_report(replace(report, formats=formats, kinds=kinds, reasons=reasons, brought=brought), lake)


def _copied(lake: Lake, entry: Entry, number: int) -> Entry:
    """A shard once more, its files beside those that it has."""
    files = []
    for file in entry.files:
        rows = pq.ParquetFile(lake.root / file.path).read()
        for column in ("id", "host", "url"):
            if column in rows.column_names:
                changed = pc.binary_join_element_wise(rows[column], f"{number:03d}", "")
                rows = rows.set_column(rows.column_names.index(column), rows.schema.field(column), changed)
        folder, _, name = file.path.rpartition("/")
        path = f"{folder}/{number:03d}{name}"
        pq.write_table(rows, lake.root / path, compression="zstd", row_group_size=8_192)
        files.append(replace(file, path=path))
    return replace(entry, shard=f"{number:03d}{entry.shard[3:]}", files=tuple(files))


def make_page(lake: Path) -> Page:
    """Have the command make the page of all that the lake holds. Raises CalledProcessError where it fails."""
    documents = sum(entry.total.records for entry in read_ledger(Lake(lake)).values())
    began = time.monotonic()
    command = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "report", str(lake)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert command.stdout is not None
    said = command.stdout.read().decode().strip()
    _, status, use = os.wait4(command.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, command.args)
    return Page(documents, Path(said), time.monotonic() - began, use.ru_maxrss / 1e3)


def told(page: Page) -> bool:
    """Print what a page came to; whether it is as it must be."""
    text = page.path.read_bytes()
    print(
        f"{page.documents:>9,} documents: page {len(text) / 1e6:.2f} MB, {page.seconds:.1f} s, "
        f"peak memory {page.megabytes:.0f} MB",
        flush=True,
    )
    return len(text) < LIMIT and b" articles: the least confident first" in text


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--documents",
        type=int,
        action="append",
        metavar="N",
        help="beyond 4,000 a multiple of it (default 4,000 and 100,000)",
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave dumps and lakes there")
    chosen = parser.parse_args()
    well = True
    with tempfile.TemporaryDirectory() as place:
        for documents in chosen.documents or [4_000, 100_000]:
            folder = (chosen.keep or Path(place)) / str(documents)
            folder.mkdir(parents=True)
            well &= told(make_page(fill(folder, documents)))
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
