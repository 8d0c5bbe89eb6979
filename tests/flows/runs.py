"""Running the flows in tests: inputs that are made, lakes that are compared."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq

from flows.config import Options
from flows.lake.place import DATA, Lake
from flows.lake.schema import schema
from flows.runs import RunReport
from flows.session import open_session
from flows.workers import Answer, Beat, WorkerPool

ROOT = Path(__file__).parents[2]
CLEANER = "tests.flows.cleaner:explain_record"
HOSTILE = "tests.flows.cleaner:hostile"
_WORDS = [
    "the",
    "river",
    "rose",
    "by",
    "two",
    "metres",
    "after",
    "rain",
    "that",
    "fell",
    "over",
    "night",
    "and",
    "schools",
    "stay",
    "shut",
    "until",
    "water",
    "falls",
]

if str(ROOT) not in sys.path:  # the workers import the test's cleaner by its name, and take the path from here
    sys.path.insert(0, str(ROOT))


def article(number: int, extra: str = "") -> str:
    """An invented dump: a headline, five paragraphs, two lines of navigation. The same number gives the same text."""
    chance = random.Random(number)
    paragraphs = [" ".join(chance.choices(_WORDS, k=20)).capitalize() + f" {number}." for _ in range(5)]
    return "\n".join([f"Headline {number}", "Home", *paragraphs, extra, "Share this"]) + "\n"


def write_dumps(folder: Path, numbers: range) -> Path:
    """One text file an article."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number:04d}.txt").write_text(article(number), encoding="utf-8")
    return folder


class Inline(WorkerPool):
    """Does in this process what workers do in theirs: no second is spent on starting them, and coverage sees it."""

    def call(self, function: Callable[..., Answer], *arguments: Any, **more: Any) -> Answer:
        return function(*arguments, Beat([0.0] * Beat.FIELDS))


def run_inline(folder: Path, output: Path, **more: Any) -> RunReport:
    """A whole run without other processes: for what does not depend on them."""
    with mock.patch("flows.session.WorkerPool", Inline):
        return run(folder, output, **more)


def run(folder: Path, output: Path, **more: Any) -> RunReport:
    """A whole run with real workers, without Prefect: it adds seconds and nothing that is looked at here."""
    usual = {"inputs": (str(folder),), "output": str(output), "workers": 1, "cleaner": CLEANER, "report": False}
    options = Options(**{**usual, **more})
    with open_session(options) as session, ThreadPoolExecutor(options.processes) as threads:
        for plan in session.plans():
            for shard, cleaned in session.ahead(plan, lambda number: threads.submit(session.stage, number)):
                session.commit(shard, cleaned)
        return session.report()


def fingerprint(output: Path) -> dict[str, str]:
    """Path and digest of everything that must be the same: data and ledger."""
    lake = Lake(output)
    paths = [output / path for path in lake.data_files()] + sorted(lake.ledger.rglob("*"))
    return {path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def rows(output: Path, table: str) -> list[dict[str, Any]]:
    """Every row of a table of a lake."""
    assert table in DATA
    files = sorted((output / table).rglob("*.parquet"))
    tables = [pq.ParquetFile(path).read() for path in files]
    return pa.concat_tables([schema(table).empty_table(), *tables]).to_pylist()


def reasons(output: Path) -> Iterator[tuple[str, str]]:
    """Source and reason of each quarantined record."""
    return ((row["source"], row["reason"]) for row in rows(output, "quarantine"))
