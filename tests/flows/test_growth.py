"""A dump that is still being written: taken up to its last whole record, gone on with later, nothing twice."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from flows.clean_shard import is_as_planned
from flows.config import Options
from flows.growth import digests_at, growing, line_at, whole_end
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from flows.plan import make_plan
from flows.show import read_status
from flows.sources import SourceOptions, open_dump
from tests.flows.runs import article, reasons, rows, run_inline, write_dumps
from tests.sources.dumps import tar, zipped

RECORDS = 24
SMALL = {"shard_mb": 0.004}


def jsonl(numbers: range) -> list[bytes]:
    """A line a record."""
    return [json.dumps({"text": article(n), "url": f"https://news.example/{n}"}).encode() + b"\n" for n in numbers]


def warc(numbers: range) -> list[bytes]:
    """A WARC record each."""
    records = []
    for number in numbers:
        body = article(number).encode()
        header = (
            f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://news.example/{number}\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        records.append(header.encode() + body + b"\r\n\r\n")
    return records


def warc_gz(numbers: range) -> list[bytes]:
    """A gzip member a WARC record."""
    return [gzip.compress(record, mtime=0) for record in warc(numbers)]


FORMATS = {"a.jsonl": jsonl, "a.warc": warc, "a.warc.gz": warc_gz}


@pytest.mark.parametrize("name", FORMATS)
def test_where_the_last_whole_record_ends(tmp_path: Path, name: str) -> None:
    records = FORMATS[name](range(4))
    data, path, options = b"".join(records), tmp_path / name, SourceOptions()
    path.write_bytes(data)
    kind = growing(path, options)
    assert kind is not None
    ends = [sum(map(len, records[:count])) for count in range(5)]
    behind = {"a.jsonl": 1, "a.warc": 4, "a.warc.gz": 0}[name]  # line ends may come later
    for size in range(len(data) + 1):
        whole = max((end for end in ends[1:] if end - behind <= size), default=0)
        assert whole_end(path, kind, size, options) == min(whole, size)
    grown = path.with_name("grown-" + name)
    grown.write_bytes(data + b"more of it")
    assert whole_end(grown, kind, len(data), options) == len(data)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_dump_that_grows_brings_every_record_once(tmp_path: Path, name: str) -> None:
    """Cut at any byte, run after run: in the end the lake has what one run over the whole has."""
    data = b"".join(FORMATS[name](range(RECORDS)))
    folder = write_dumps(tmp_path / "in", range(100, 102))
    chance = random.Random(name)
    for size in [*sorted(chance.sample(range(1, len(data)), 5)), len(data)]:
        (folder / name).write_bytes(data[:size])
        assert run_inline(folder, tmp_path / "lake", **SMALL).outcome == "done"
        _holds_each_once(tmp_path / "lake", folder / name)
    assert rows(tmp_path / "lake", "quarantine") == []
    run_inline(folder, tmp_path / "whole", **SMALL)
    found, expected = (
        sorted((row["source"], row["position"], row["id"]) for row in rows(tmp_path / lake, "articles"))
        for lake in ("lake", "whole")
    )
    assert found == expected
    assert len(found) == RECORDS + 2
    assert run_inline(folder, tmp_path / "lake", **SMALL).shards == 0
    assert verify(Lake(tmp_path / "lake"), read_ledger(Lake(tmp_path / "lake"))).wrong == ()


def _holds_each_once(lake: Path, dump: Path) -> None:
    """Every record that the dump has now is in the lake once, where the dump has it; nothing is a duplicate."""
    held = [
        row["position"]
        for table in ("articles", "quarantine", "duplicates", "filtered")
        for row in rows(lake, table)
        if row["source"] == dump.name
    ]
    assert rows(lake, "duplicates") == []
    assert sorted(held) == sorted(item.position for item in open_dump(dump, source=dump.name))


def test_only_the_tail_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = jsonl(range(RECORDS))
    (folder / "a.jsonl").write_bytes(b"".join(lines[:20]))
    run_inline(folder, tmp_path / "lake", **SMALL)
    (folder / "a.jsonl").write_bytes(b"".join(lines))
    options = Options(inputs=(str(folder),), **SMALL)  # type: ignore[arg-type]
    lake = Lake(tmp_path / "lake")
    (member,) = (member for shard in make_plan(options, lake, read_ledger(lake)).shards for member in shard.members)
    assert (member.start, member.stop, member.line) == (sum(map(len, lines[:20])), None, 21)
    assert run_inline(folder, tmp_path / "lake", **SMALL).total.records == 4
    assert read_status(lake, "lake").dumps == 1


def test_a_dump_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b"".join(jsonl(range(4))))
    run_inline(folder, tmp_path / "lake")
    (folder / "a.jsonl").write_bytes(b"".join(jsonl(range(10, 20))))
    assert run_inline(folder, tmp_path / "lake").total.articles == 10


def test_another_size_of_shards_reads_nothing_twice(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b"".join(jsonl(range(RECORDS))))
    run_inline(folder, tmp_path / "lake", **SMALL)
    assert run_inline(folder, tmp_path / "lake", shard_mb=0.01).shards == 0


def test_a_cut_off_record_is_in_quarantine_until_the_rest_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = jsonl(range(4))
    (folder / "a.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:50])
    run_inline(folder, tmp_path / "lake")
    assert list(reasons(tmp_path / "lake")) == [("a.jsonl", "truncated")]
    assert run_inline(folder, tmp_path / "lake").shards == 0
    (folder / "a.jsonl").write_bytes(b"".join(lines))
    report = run_inline(folder, tmp_path / "lake")
    assert (report.total.records, report.total.articles) == (1, 1)
    assert list(reasons(tmp_path / "lake")) == []
    assert Counter(entry.total.quarantined for entry in read_ledger(Lake(tmp_path / "lake")).values()) == {0: 2}


def test_a_dump_that_grew_is_cleaned_again_as_it_was_cut(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lines = jsonl(range(RECORDS))
    for count in (10, RECORDS):
        (folder / "a.jsonl").write_bytes(b"".join(lines[:count]))
        run_inline(folder, tmp_path / "lake", **SMALL)
    report = run_inline(folder, tmp_path / "lake", reprocess=True, removed="none", **SMALL)
    assert (report.outcome, report.total.articles, report.total.duplicates) == ("done", RECORDS, 0)
    assert verify(Lake(tmp_path / "lake"), read_ledger(Lake(tmp_path / "lake"))).articles == RECORDS


def test_growing_while_it_is_read_is_no_change_but_rewriting_is(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "a.jsonl"
    path.write_bytes(b"".join(jsonl(range(4))))
    options = Options(inputs=(str(folder),))
    ((member,),) = (shard.members for shard in make_plan(options, Lake(tmp_path / "lake"), {}, remember=False).shards)
    assert is_as_planned(member)
    os.utime(path, (1e9, 1e9))
    assert is_as_planned(member), "touched"
    with path.open("ab") as file:
        file.write(jsonl(range(4, 5))[0])
    assert is_as_planned(member), "grown"
    assert len(list(open_dump(path, source="a", within=member.within))) == 4
    path.write_bytes(b"".join(jsonl(range(10, 16))))
    assert not is_as_planned(member), "another one"


def csv_rows(numbers: range) -> bytes:
    """A table, with line ends inside of quotes."""
    return b"url,text\n" + b"".join(f'https://news.example/{n},"{article(n)}"\n'.encode() for n in numbers)


def json_array(numbers: range) -> bytes:
    """An array over several lines."""
    return b"[\n" + b",\n".join(line.strip() for line in jsonl(numbers)) + b"\n]\n"


def jsonl_gz(numbers: range) -> bytes:
    """A gzip member a line, as a logger that opens its file again and again writes them."""
    return b"".join(gzip.compress(line, mtime=0) for line in jsonl(numbers))


def jsonl_zst(numbers: range) -> bytes:
    """A frame a line."""
    return b"".join(zstandard.compress(line) for line in jsonl(numbers))


def texts(numbers: range) -> dict[str, bytes]:
    """Members of an archive."""
    return {f"{n}.txt": article(n).encode() for n in numbers}


def tar_of_texts(numbers: range) -> bytes:
    """A tar of texts."""
    return tar(texts(numbers))


def zip_of_texts(numbers: range) -> bytes:
    """A zip of texts."""
    return zipped(texts(numbers))


def page(numbers: range) -> bytes:
    """One page, of which more is there each time."""
    return b"<!doctype html><title>Rain</title>" + b"".join(f"<p>{article(n)}</p>".encode() for n in numbers)


READ_AGAIN = {
    "a.csv": csv_rows, "a.json": json_array, "a.jsonl.gz": jsonl_gz, "a.jsonl.zst": jsonl_zst, "a.tar": tar_of_texts,
    "a.zip": zip_of_texts,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", READ_AGAIN)
def test_a_dump_that_is_read_whole_again_brings_every_record_once(tmp_path: Path, name: str) -> None:
    """Its rows take the place of those that the lake had of it; its neighbours are read again the first time only."""
    folder, lake = write_dumps(tmp_path / "in", range(100, 103)), tmp_path / "lake"
    for count, records in ((6, 9), (9, 12), (9, 0), (13, 13)):
        (folder / name).write_bytes(READ_AGAIN[name](range(count)))
        assert run_inline(folder, lake).total.records == records
        _holds_each_once(lake, folder / name)
        assert sum(entry.total.records for entry in read_ledger(Lake(lake)).values()) == count + 3
    assert {row["source"] for row in rows(lake, "articles")} == {name, *(f"{n:04d}.txt" for n in range(100, 103))}
    found = verify(Lake(lake), read_ledger(Lake(lake)))
    assert (found.wrong, found.articles) == ((), 16)
    assert run_inline(folder, lake, reprocess=True, removed="none").total.articles == 16


@pytest.mark.slow
@pytest.mark.parametrize(("name", "make"), [*READ_AGAIN.items(), ("a.html", page)])
def test_what_was_cut_off_goes_when_the_rest_is_there(
    tmp_path: Path, name: str, make: Callable[[range], bytes]
) -> None:
    folder, lake = tmp_path / "in", tmp_path / "lake"
    folder.mkdir()
    data = make(range(6))
    for size in (0, len(data) * 2 // 3, len(data)):
        (folder / name).write_bytes(data[:size])
        run_inline(folder, lake)
        _holds_each_once(lake, folder / name)
    assert rows(lake, "quarantine") == []
    assert len(read_ledger(Lake(lake))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", READ_AGAIN)
def test_a_dump_of_other_records_takes_no_place(tmp_path: Path, name: str) -> None:
    folder, lake = tmp_path / "in", tmp_path / "lake"
    folder.mkdir()
    for numbers in (range(4), range(10, 20)):
        (folder / name).write_bytes(READ_AGAIN[name](numbers))
        run_inline(folder, lake)
    assert len(rows(lake, "articles")) == 14


def test_nothing_gives_way_while_a_neighbour_is_away(tmp_path: Path) -> None:
    folder, lake = write_dumps(tmp_path / "in", range(100, 102)), tmp_path / "lake"
    (folder / "a.csv").write_bytes(csv_rows(range(4)))
    run_inline(folder, lake)
    (folder / "0100.txt").unlink()
    (folder / "a.csv").write_bytes(csv_rows(range(6)))
    report = run_inline(folder, lake)
    assert (report.total.articles, report.total.duplicates) == (2, 4)
    assert len(rows(lake, "articles")) == 8


def test_a_trial_run_takes_no_place(tmp_path: Path) -> None:
    folder, lake = tmp_path / "in", tmp_path / "lake"
    folder.mkdir()
    (folder / "a.csv").write_bytes(csv_rows(range(4)))
    run_inline(folder, lake)
    (folder / "a.csv").write_bytes(csv_rows(range(6)))
    run_inline(folder, lake, limit=2)
    assert len(rows(lake, "articles")) == 4
    assert run_inline(folder, lake).total.articles == 6
    _holds_each_once(lake, folder / "a.csv")


def test_digests_and_lines_of_a_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\ntwo\nthree")
    found = digests_at(path, [0, 4, 100])
    assert len(set(found.values())) == 3
    (tmp_path / "b").write_bytes(b"one\n")
    assert digests_at(tmp_path / "b", [4])[4] == found[4]
    assert [line_at(path, offset) for offset in (0, 4, 8)] == [1, 2, 3]
