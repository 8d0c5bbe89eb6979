"""What tests of tables, compaction and takedowns ask of a lake."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

from flows.lake.ledger import Entry, read_ledger
from flows.lake.pieces import batches
from flows.lake.place import DATA, Lake
from flows.lake.verify import verify

SHARDS = {"shard_mb": 0.004}


class Crash(BaseException):
    """What a kill is to the code: nothing catches it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A lake, and what stands in it as the ledger says."""

    root: Path

    @property
    def lake(self) -> Lake:
        return Lake(self.root)

    @property
    def entries(self) -> dict[str, Entry]:
        return read_ledger(self.lake)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table that the ledger lists, sorted."""
        found = [
            row
            for entry in self.entries.values()
            for file in entry.files
            if file.path.startswith(f"{table}/")
            for batch in batches(self.lake, file)
            for row in batch.to_pylist()
        ]
        return sorted(found, key=repr)

    def all_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return {table: self.rows(table) for table in DATA}

    def files(self) -> list[str]:
        """Every data file that lies there."""
        return [path.as_posix() for path in self.lake.data_files()]

    def is_whole(self) -> bool:
        """Whether all that must hold does."""
        assert verify(self.lake, self.entries).wrong == ()
        return True


def copied(made: Made, place: Path) -> Made:
    """The same lake somewhere else."""
    return Made(Path(shutil.copytree(made.root, place)))


STEPS = (
    "flows.lake.ledger.write_whole",
    "flows.lake.replaced.write_whole",
    "flows.lake.forgotten.write_whole",
    "flows.lake.delta.create_whole",
    "flows.lake.rewrite.move_all",
    "pathlib.Path.unlink",
)


@contextmanager
def crashing(step: int) -> Iterator[list[str]]:
    """End with Crash before write or removal number `step`, from 0. Yields the names of the steps that were made."""
    done: list[str] = []
    with ExitStack() as stack:
        for name in STEPS:
            holder, _, attribute = name.rpartition(".")
            owner = Path if holder == "pathlib.Path" else import_module(holder)
            real = getattr(owner, attribute)
            stack.enter_context(mock.patch.object(owner, attribute, _counted(name, real, done, step)))
        yield done


def telling(steps: list[str]) -> list[int]:
    """The numbers of the steps worth a crash: of many alike in a row the first two and the last."""
    return [
        number
        for number, name in enumerate(steps)
        if steps[max(number - 2, 0) : number] != [name, name] or steps[number + 1 : number + 2] != [name]
    ]


def _counted(name: str, real: Any, done: list[str], step: int) -> Any:
    def call(*arguments: Any, **more: Any) -> Any:
        if len(done) == step:
            raise Crash(name)
        done.append(name)
        return real(*arguments, **more)

    return call
