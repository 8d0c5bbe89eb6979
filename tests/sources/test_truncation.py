"""A dump that breaks off anywhere: nothing raised, every record that was whole before the cut, one word on the cut."""

from __future__ import annotations

import io

import pytest

from cleaners.document import RawRecord
from flows.sources import Item, Unreadable, read_file
from tests.sources import dumps
from tests.sources.dumps import COMPRESS, Sample

ALL = {sample.name: sample for sample in dumps.samples()}


def read(data: bytes, name: str) -> tuple[list[RawRecord], list[Unreadable]]:
    items: list[Item] = list(read_file(io.BytesIO(data), source=name, name=name))
    return [i for i in items if isinstance(i, RawRecord)], [i for i in items if isinstance(i, Unreadable)]


@pytest.mark.parametrize("name", ALL)
def test_every_record_before_the_cut(name: str) -> None:
    sample: Sample = ALL[name]
    whole, refused = read(sample.data, name)
    assert (len(whole), refused) == (len(sample.ends), [])
    # A format needs its first bytes to be known: a tar is one by the checksum of its first 512.
    start, step = (512, 7) if name == "a.tar" else (4, 1)
    for cut in range(start, len(sample.data), step):
        records, refused = read(sample.data[:cut], name)
        must = sum(end <= cut for end in sample.ends)
        assert records == whole[: len(records)], cut
        assert len(records) >= must, cut
        assert len(refused) <= 1, cut
        assert all(item.reason in ("truncated", "empty") for item in refused), (cut, refused)
        if len(records) < len(whole) and cut not in boundaries(sample):
            assert refused, cut


def boundaries(sample: Sample) -> set[int]:
    """Where a cut leaves a whole dump: between lines and between records."""
    return {end + more for end in (0, *sample.ends) for more in range(5)} if sample.name != "a.json" else set()


@pytest.mark.parametrize("codec", COMPRESS)
def test_every_line_before_the_cut_of_a_compressed_file(codec: str) -> None:
    data = COMPRESS[codec](dumps.jsonl(dumps.PAGES))
    whole, _ = read(data, f"a.jsonl.{codec}")
    assert len(whole) == 5
    for cut in range(1, len(data), 2):
        records, refused = read(data[:cut], f"a.jsonl.{codec}")
        assert records == whole[: len(records)] or records[0].media_type == "text/plain", cut
        # Fewer bytes than a magic number are a short text by all that can be told.
        assert cut < 7 or [item.reason for item in refused] == ["truncated"], (cut, refused)


OTHERS = {
    "a.csv": dumps.csv_table(),
    "a.mhtml": dumps.mhtml(),
    "a.parquet": dumps.table("parquet"),
    "a.arrow": dumps.table("arrow"),
    "a.arrows": dumps.table("arrows"),
    "a.zip": dumps.zipped({"a.html": dumps.HTML[0].encode(), "b.jsonl": dumps.jsonl()}),
}


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_raised_and_nothing_invented(name: str) -> None:
    data = OTHERS[name]
    whole, refused = read(data, name)
    assert whole
    assert not refused
    for cut in range(1, len(data), max(1, len(data) // 400)):
        records, refused = read(data[:cut], name)
        assert records == whole[: len(records)] or len(data[:cut]) < 12, cut
        # A cut between rows of a table or batches of a stream leaves a whole one.
        assert len(records) + len(refused) >= (0 if name in ("a.csv", "a.arrows") else 1), cut


def test_a_cut_table_gives_the_rows_before_the_cut() -> None:
    data = dumps.csv_table()
    for cut in range(20, len(data)):
        records, refused = read(data[:cut], "a.csv")
        must = data[:cut].count(b'hurt."\r\n')
        assert must <= len(records) <= must + 1, cut
        assert len(refused) <= 1


def test_batches_of_a_stream_before_the_cut() -> None:
    data = dumps.table("arrows")
    counts = [len(read(data[:cut], "a.arrows")[0]) for cut in range(1, len(data))]
    assert counts == sorted(counts)
    assert set(counts) == {0, 2, 4, 5}
