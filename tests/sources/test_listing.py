"""Which dumps are found, in which order, under which source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows import clusters
from flows.addresses import of_lake
from flows.lake import forgotten, iceberg
from flows.lake.place import DATA, Lake
from flows.report import page
from flows.sources import list_dumps

FILES = [
    "b.html",
    "a/x.txt",
    "a/x.txt.expect.toml",
    "a/.hidden",
    ".git/c.txt",
    "c/x.txt",
    "c/odd !#%\n.txt",
    "c.html/p.txt",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "in"


CASES = [
    (["in"], ["a/x.txt", "b.html", "c/odd %21%23%25%0A.txt", "c/x.txt", "c.html/p.txt"]),
    (["in/b.html"], ["b.html"]),
    (["in/b.html", "in"], ["b.html", "a/x.txt", "c/odd %21%23%25%0A.txt", "c/x.txt", "c.html/p.txt"]),
    (["in/*/x.*"], ["a/x.txt", "c/x.txt"]),
    (["in/a", "in/c"], ["a/x.txt", "odd %21%23%25%0A.txt", "c/x.txt"]),
    (["in/a/x.txt", "in/c/x.txt"], ["a/x.txt", "c/x.txt"]),
    (["in/a/", "./in/a", "in/../in/a"], ["x.txt"]),
    (["in/none.txt"], ["none.txt"]),
    (["in/none*"], ["none*"]),
    (["in/**/x.txt"], ["a/x.txt", "c/x.txt"]),
    ([], []),
]


@pytest.mark.parametrize(("inputs", "sources"), CASES)
def test_sources(inputs: list[str], sources: list[str], folder: Path) -> None:
    dumps = list_dumps(inputs)
    assert [dump.source for dump in dumps] == sources
    absolute = list_dumps([str(Path.cwd() / text) for text in inputs])
    assert [dump.source for dump in absolute] == sources


def test_size_and_time(folder: Path) -> None:
    (dump,) = list_dumps(["in/b.html"])
    assert (dump.size, dump.mtime_ns) == (6, (folder / "b.html").stat().st_mtime_ns)
    (none,) = list_dumps(["in/none"])
    assert (none.size, none.mtime_ns) == (0, 0)


def test_loops_of_links_end_and_what_is_no_file_is_left_out(folder: Path) -> None:
    before = list_dumps(["in"])
    (folder / "a" / "up").symlink_to(folder)
    (folder / "a" / "round").symlink_to(folder / "c")
    (folder / "c" / "about").symlink_to(folder / "a")
    (folder / "self").symlink_to(folder / "self")
    (folder / "broken").symlink_to(folder / "nothing")
    (folder / "twin.html").symlink_to(folder / "b.html")
    os.mkfifo(folder / "pipe")
    after = list_dumps(["in"])
    assert {os.path.realpath(dump.path) for dump in after} == {os.path.realpath(dump.path) for dump in before}
    assert len(after) == len(before)


def test_a_name_that_is_no_text(folder: Path) -> None:
    name = b"caf\xe9.txt"
    (folder / "n").mkdir()
    (folder / "n" / os.fsdecode(name)).write_bytes(b"x")
    assert [dump.source for dump in list_dumps(["in/n"])] == ["caf%E9.txt"]


def test_a_name_with_the_signs_of_a_pattern_is_taken_as_it_is(folder: Path) -> None:
    (folder / "a[1].txt").write_bytes(b"x")
    assert [dump.source for dump in list_dumps(["in/a[1].txt"])] == ["a[1].txt"]


def test_same_names_everywhere_still_have_different_sources(folder: Path) -> None:
    for parent in ("p/q", "r/q", "q"):
        (folder / parent).mkdir(parents=True)
        (folder / parent / "x.txt").write_bytes(b"x")
    found = [dump.source for dump in list_dumps(["in/p/q", "in/r/q", "in/q"])]
    assert found == ["q/x.txt", "r/q/x.txt", "in/q/x.txt"]
    assert not any(source.startswith("/") for source in found)


def test_what_a_lake_wrote_is_no_dump(folder: Path) -> None:
    before = list_dumps(["in"], "in/out")
    own = ("articles/language=en/a.parquet", "report/a/index.html", "_runs/a.json", "croissant.json")
    for name in (*own, "mine.txt", "_archive/mine.txt"):
        path = Path("in/out", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    found = {dump.source for dump in list_dumps(["in", "in/**/*.html"], "in/out")}
    assert found == {dump.source for dump in before} | {"out/mine.txt", "out/_archive/mine.txt"}
    assert {"out/croissant.json", "out/_runs/a.json"} <= {dump.source for dump in list_dumps(["in"], "elsewhere")}


def test_every_name_that_a_lake_writes_is_known() -> None:
    lake = Lake(Path("/lake"))
    books = (lake.ledger, lake.change, lake.runs, lake.staging, lake.replaced, lake.sites, lake.near, lake.lock)
    for name in (*(path.name for path in books), *DATA, forgotten.FOLDER, iceberg.FOLDER, page.FOLDER, clusters.FILE):
        assert of_lake(f"/lake/{name}", "/lake"), name
