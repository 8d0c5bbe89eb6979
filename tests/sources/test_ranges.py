"""A dump cut into ranges: read one by one they give what the whole gives."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest

from cleaners.document import RawRecord
from flows.sources import Range, SourceOptions, open_dump, ranges
from tests.sources import dumps
from tests.sources.dumps import HTML, PAGES

LONG = [page * (1 + n % 4) for n, page in enumerate(PAGES * 20)]
CUT = {
    "a.jsonl": dumps.jsonl(LONG),
    "blank.jsonl": b"\n\n".join(dumps.jsonl(LONG).splitlines()) + b'\n{"text": "the end is not marked"}',
    "bad.jsonl": dumps.jsonl(LONG).replace(b"river", b'ri"ver', 7),
    "a.warc": dumps.warc(HTML * 20),
    "a.warc.gz": dumps.warc_gz(HTML * 20),
    "damaged.warc": dumps.warc(HTML * 20).replace(b"Content-Length: 2", b"Content-Length: 1", 3),
    "damaged.warc.gz": dumps.warc_gz(HTML * 20)[:3000] + b"damage" + dumps.warc_gz(HTML * 20)[3006:],
}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("target", [1, 100, 997, 4096, 20_000])
def test_parts_give_the_whole(name: str, target: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(CUT[name])
    parts = ranges(path, target)
    items = [item for part in parts for item in open_dump(path, source="a", within=part)]
    assert items == list(open_dump(path, source="a"))
    assert (parts[0].start, parts[-1].stop) == (0, None)
    assert all(one.stop == two.start for one, two in pairwise(parts))
    if not name.startswith("damaged"):
        assert len(parts) > 1 or len(CUT[name]) < 2 * target


def test_parts_are_of_about_the_size_that_was_asked_for(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.warc", "a.warc.gz"):
        path = tmp_path / name
        path.write_bytes(CUT[name])
        parts = ranges(path, 3000)
        sizes = [(part.stop or len(CUT[name])) - part.start for part in parts]
        assert all(3000 <= size <= 6000 for size in sizes[:-1]), name


WHOLE = {
    "a.csv": dumps.csv_table(LONG),
    "a.jsonl.gz": gzip.compress(dumps.jsonl(LONG)),
    "one.warc.gz": gzip.compress(dumps.warc(HTML * 20)),
    "utf16.jsonl": dumps.jsonl(LONG).decode().encode("utf-16"),
    "a.parquet": dumps.table("parquet", LONG),
    "a.txt": "\n".join(LONG).encode(),
    "a.zip": dumps.zipped({"a.jsonl": dumps.jsonl(LONG)}),
    "small.jsonl": b'{"text": "a"}\n',
    "empty.jsonl": b"",
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_cannot_be_cut_is_one_part(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(WHOLE[name])
    assert ranges(path, 200) == [Range()]


def test_a_gzip_inside_of_a_record_is_no_place_to_cut(tmp_path: Path) -> None:
    inner = gzip.compress(b"not a WARC")
    record = dumps.warc_record(inner * 50, "resource", Content_Type="text/plain")
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(gzip.compress(record, 0) for _ in range(6)))
    starts = {part.start for part in ranges(path, 300)}
    assert starts <= {n * len(gzip.compress(record, 0)) for n in range(6)}


def test_no_file_and_a_forced_format(tmp_path: Path) -> None:
    assert ranges(tmp_path / "none.jsonl", 10) == [Range()]
    path = tmp_path / "a.jsonl"
    path.write_bytes(dumps.jsonl(LONG))
    assert ranges(path, 1000, SourceOptions(format="text")) == [Range()]
    path.rename(tmp_path / "a.csv")
    assert len(ranges(tmp_path / "a.csv", 1000, SourceOptions(format="jsonl"))) > 1


def test_the_lines_of_a_part_have_their_own_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(CUT["a.jsonl"])
    last = ranges(path, 3000)[-1]
    item = next(open_dump(path, source="a", within=last))
    assert isinstance(item, RawRecord)
    assert item.position == f"line:{last.line}"
    assert item.payload == LONG[last.line - 1]
