"""Lakes to work on: one is made once, each test gets a copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flows.runs import article, run_inline, write_dumps
from tests.tables.lakes import SHARDS, Made, copied


@pytest.fixture(scope="session")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 articles in files, six with addresses in a table, a repeated payload, a repeated text, an empty file."""
    folder = write_dumps(tmp_path_factory.mktemp("tables") / "in", range(30))
    addressed = [{"text": article(100 + n), "url": f"https://news.example/{n}"} for n in range(6)]
    addressed.append({"text": article(3), "url": "https://copies.example/3"})
    (folder / "table.jsonl").write_text("\n".join(map(json.dumps, addressed)) + "\n")
    (folder / "0007-again.txt").write_text(article(7))
    (folder / "empty.txt").touch()
    return folder


@pytest.fixture(scope="session")
def made(dumps: Path) -> Path:
    """The lake of these dumps, of several shards."""
    output = dumps.parent / "lake"
    report = run_inline(dumps, output, **SHARDS)
    assert (report.outcome, report.shards > 3) == ("done", True)
    return output


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Made:
    """A copy of it."""
    return copied(Made(made), tmp_path / "lake")


@pytest.fixture(scope="session")
def made_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of eight articles in two shards."""
    folder = tmp_path_factory.mktemp("small")
    report = run_inline(write_dumps(folder / "in", range(8)), folder / "lake", **SHARDS)
    assert (report.outcome, report.shards) == ("done", 2)
    return folder / "lake"


@pytest.fixture
def small(made_small: Path, tmp_path: Path) -> Made:
    """A copy of it, for what is done many times."""
    return copied(Made(made_small), tmp_path / "small")
