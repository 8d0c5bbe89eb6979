"""A lake in a store is the lake on a disk, file for file; whatever happens to the run that makes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.lake.ledger import read_ledger
from flows.lake.place import DATA, open_lake
from flows.lake.verify import verify
from flows.storage import RemotePath
from tests.flows.runs import article, fingerprint, run_inline, write_dumps

SMALL = {"shard_mb": 0.004}


def files_of(lake: RemotePath) -> dict[str, bytes]:
    """Everything that must be the same: data and ledger."""
    found = {path.relative_to(lake).as_posix(): path for path in lake.rglob("*")}
    return {name: path.read_bytes() for name, path in found.items() if name.split("/")[0] in (*DATA, "_ledger")}


def files_on_disk(lake: Path) -> dict[str, bytes]:
    return {name: (lake / name).read_bytes() for name in fingerprint(lake)}


def upload(folder: Path, to: RemotePath) -> RemotePath:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            (to / path.relative_to(folder)).write_bytes(path.read_bytes())
    return to


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    """Articles, two repeats, a table, what cannot be read, names that are odd, names that are hidden."""
    folder = write_dumps(tmp_path / "in", range(10))
    (folder / "0010.txt").write_text(article(2))
    (folder / "0011.txt").write_text("Another headline\n" + article(5).split("\n", 1)[1])
    (folder / "0012.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (folder / "0013.txt").write_text("")
    (folder / "sub").mkdir()
    (folder / "sub" / "a b+ü%.txt").write_text(article(20))
    (folder / "sub" / ".hidden").write_text(article(21))
    rows = [{"text": article(number), "url": f"https://news.example/{number}"} for number in (30, 31)]
    (folder / "table.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def test_the_lake_is_the_same(dumps: Path, bucket: RemotePath, tmp_path: Path) -> None:
    run_inline(dumps, tmp_path / "lake", **SMALL)
    report = run_inline(dumps, bucket / "lake", **SMALL)
    assert report.outcome == "done"
    assert files_of(bucket / "lake") == files_on_disk(tmp_path / "lake")
    again = run_inline(dumps, bucket / "lake", **SMALL)
    assert (again.outcome, again.shards, again.known) == ("done", 0, again.dumps)
    assert {path.name for path in (bucket / "lake" / "_staging").rglob("*")} <= {"dumps.json"}
    found = verify(open_lake(str(bucket / "lake")), read_ledger(open_lake(str(bucket / "lake"))))
    assert (found.wrong, found.articles) == ((), 13)


@pytest.mark.slow
def test_dumps_in_a_store_make_the_same_files(dumps: Path, bucket: RemotePath, tmp_path: Path) -> None:
    run_inline(dumps, tmp_path / "lake", **SMALL)
    there = upload(dumps, bucket / "in")
    run_inline(there, bucket / "lake", **SMALL)
    assert contents(files_of(bucket / "lake")) == contents(files_on_disk(tmp_path / "lake"))
    run_inline(there, tmp_path / "mixed", **SMALL)
    assert files_on_disk(tmp_path / "mixed") == files_of(bucket / "lake")


def contents(files: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """Data files without their names: these hold the digest of the dumps, which for objects is their ETag."""
    return sorted((name.rpartition("/")[0], data) for name, data in files.items() if not name.startswith("_"))
