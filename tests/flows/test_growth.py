"""A dump that is still being written: taken up to its last whole record, gone on with later, nothing twice."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest

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


def test_lines_in_utf_16_that_grew_are_read_anew(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = b"".join(jsonl(range(6))).decode().splitlines(keepends=True)
    for count in (4, 6):
        (tmp_path / "in" / "a.jsonl").write_bytes("".join(lines[:count]).encode("utf-16"))
        total = run_inline(tmp_path / "in", tmp_path / "lake", **SMALL).total
    assert (total.articles, total.duplicates, total.quarantined) == (2, 4, 0)


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


def test_digests_and_lines_of_a_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\ntwo\nthree")
    found = digests_at(path, [0, 4, 100])
    assert len(set(found.values())) == 3
    (tmp_path / "b").write_bytes(b"one\n")
    assert digests_at(tmp_path / "b", [4])[4] == found[4]
    assert [line_at(path, offset) for offset in (0, 4, 8)] == [1, 2, 3]
