"""Bad input costs itself only, and comes out under its reason."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import tarfile
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.document import RawRecord
from flows.sources import Item, SourceOptions, Unreadable, fetch, open_dump, read_file
from tests.sources import dumps
from tests.sources.dumps import COMPRESS, HTML, PAGES, http, page_record, warc_record

PAGE = HTML[0].encode()
RECORDS = [page_record(page) for page in HTML]
MEMBERS = [gzip.compress(record, mtime=0) for record in RECORDS]


def read(data: bytes, name: str = "dump", **options: object) -> list[Item]:
    return list(read_file(io.BytesIO(data), source="dump", name=name, options=SourceOptions(**options)))  # type: ignore[arg-type]


def seen(items: list[Item]) -> list[str]:
    """Each item as the number of its page or its reason."""
    return [_seen(item) for item in items]


def _seen(item: Item) -> str:
    if isinstance(item, Unreadable):
        return item.reason
    text = item.payload if isinstance(item.payload, str) else item.payload.decode("utf-8", "replace")
    found = re.search(r"by (\d) metres", text)
    return found[1] if found else text


def flipped(data: bytes, at: int) -> bytes:
    """One bit of the byte at `at` turned over."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


ANSWERS = [
    (http(b"gone", "404 Not Found"), "http_status", "HTTP 404 Not Found"),
    (http(b"", "500 Oops"), "http_status", "HTTP 500 Oops"),
    (http(b"moved", "301 Moved", Location="https://b.example/"), "redirect", "HTTP 301 to https://b.example/"),
    (http(b"", "304 Not Modified"), "redirect", "HTTP 304 to nowhere"),
    (http(b" \r\n "), "empty", "the body is empty"),
    (http(b"{}", content_type="application/json"), "not_text", "its content type is application/json"),
    (http(b"a{}", content_type="text/css"), "not_text", "its content type is text/css"),
    (
        http(b"\xff\xd8\xff\xe0", content_type="text/html"),
        "not_text",
        "declared as text/html, but this is a JPEG picture",
    ),
    (http(b"%PDF-1.4", content_type=""), "not_text", "declared as text/plain, but this is a PDF document"),
    (http(b"<rss/>", content_type="text/xml"), "not_text", "declared as text/plain, but this is XML that is no XHTML"),
    (b"no header at all", "bad_http", "no HTTP header that can be read"),
    (b"HTTP/1.1 ??? Odd\r\n\r\nbody", "bad_http", "no HTTP header that can be read"),
    (b"", "bad_http", "no HTTP header that can be read"),
    (http(flipped(gzip.compress(PAGE), 30), Content_Encoding="gzip"), "bad_http", None),
    (http(b"0\r\n\r\n", Transfer_Encoding="chunked"), "empty", "the body is empty"),
    (http(gzip.compress(PAGE * 300), Content_Encoding="gzip"), "too_large", None),
]


@pytest.mark.parametrize(("answer", "reason", "detail"), ANSWERS, ids=range(len(ANSWERS)))
def test_answers_that_are_no_documents(answer: bytes, reason: str, detail: str | None) -> None:
    data = RECORDS[0] + warc_record(answer) + RECORDS[1]
    items = read(data, max_record_bytes=30_000)
    assert seen(items) == ["2", reason, "3"]
    assert detail is None or getattr(items[1], "detail", "") == detail
    assert getattr(items[1], "head", b"")[:200] == answer[:200]


BAD_RECORDS = [
    (warc_record(b"", "revisit", WARC_Refers_To_Target_URI="https://a.example/"), "revisit"),
    (warc_record(b"rest", "continuation", WARC_Segment_Number="2"), "segmented"),
    (warc_record(http(PAGE), WARC_Segment_Number="1"), "segmented"),
    (warc_record(http(PAGE), "novelty"), "bad_record"),
    (warc_record(http(PAGE), Content_Length=""), "bad_record"),
    (warc_record(http(PAGE), Content_Length="many"), "bad_record"),
    (warc_record(http(PAGE), Content_Length="5"), "bad_record"),
    (warc_record(http(PAGE), Content_Length="300"), "bad_record"),
    (warc_record(http(PAGE), Content_Length="900"), "bad_record"),
    (warc_record(http(PAGE), Content_Length="999999999999"), "too_large"),
    (warc_record(http(b"x" * 5000)), "too_large"),
    (b"rubbish between records\r\nWARC/odd\r\n\r\n", "bad_record"),
    (b"WARC/1.0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", "bad_record"),
]


@pytest.mark.parametrize(("record", "reason"), BAD_RECORDS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_bad_record_costs_itself_only(record: bytes, reason: str, packed: bool, tmp_path: Path) -> None:
    parts = [RECORDS[0], record, RECORDS[1], RECORDS[2]]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(gzip.compress(part) if packed else part for part in parts))
    options = SourceOptions(max_record_bytes=4000)
    items = list(open_dump(path, source="a", options=options))
    assert seen(items) == ["2", reason, "3", "4"]
    assert [fetch(path, "a", item.position, options) for item in items] == items


@pytest.mark.parametrize("at", range(0, len(MEMBERS[2]), 7))
def test_a_corrupt_member_of_a_warc_costs_one_record(at: int, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join([*MEMBERS[:2], flipped(MEMBERS[2], at), *MEMBERS[3:]]))
    items = list(open_dump(path, source="a"))
    kinds = seen(items)
    # Some bits of a gzip header mean nothing (time, system).
    assert kinds in (["2", "3", "corrupt", "5", "6"], ["2", "3", "4", "5", "6"])
    assert kinds[2] == "corrupt" or at < 10
    assert items[2].position == f"offset:{len(b''.join(MEMBERS[:2]))}"


def test_a_long_record_with_a_false_checksum_is_corrupt_and_no_page() -> None:
    """Most of it, or all, has been unpacked before its checksum is seen: the second record fills the buffer exactly."""
    for size in (100_000, 1 << 16, 1 << 17):
        page = "." * (size + 60_000 - len(page_record("." * 60_000)))
        record = page_record(page)
        assert abs(len(record) - size) <= 1
        for more in (-1, 0, 1):
            long = gzip.compress(page_record(page + "." * more if more >= 0 else page[:more]), mtime=0)
            items = read(MEMBERS[0] + flipped(long, len(long) - 6) + MEMBERS[1])
            assert seen(items) == ["2", "corrupt", "3"], (size, more)


def test_reading_goes_on_at_a_member_that_is_a_record_and_not_at_one_inside_of_a_body() -> None:
    inner = warc_record(gzip.compress(b"a gzip, but no record") * 3, "resource", Content_Type="text/plain")
    outer = bytearray(gzip.compress(inner, 0))
    outer[-6] ^= 1
    assert seen(read(MEMBERS[0] + bytes(outer) + MEMBERS[1])) == ["2", "corrupt", "3"]


def test_the_first_member_may_be_the_corrupt_one() -> None:
    for at in (12, 40, len(MEMBERS[0]) - 6):
        assert seen(read(flipped(MEMBERS[0], at) + b"".join(MEMBERS[1:]))) == ["corrupt", "3", "4", "5", "6"]


def test_a_corrupt_frame_of_a_zst_warc_costs_one_record() -> None:
    frames = [COMPRESS["zst"](record) for record in RECORDS]
    assert seen(read(b"".join([*frames[:2], flipped(frames[2], 60), *frames[3:]]))) == ["2", "3", "corrupt", "5", "6"]


def test_lines_behind_a_corrupt_member_are_read() -> None:
    members = [gzip.compress(line, mtime=0) for line in dumps.jsonl().splitlines(keepends=True)]
    items = read(b"".join([members[0], flipped(members[1], 40), *members[2:]]), "a.jsonl.gz")
    # The line in which reading goes on might be the rest of another one.
    assert seen(items) == ["2", "corrupt", "5", "6"]


LINES = [
    (b'{"text": \n', "bad_json"),
    (b"not json\n", "bad_json"),
    (b'{"text": "\xff"}\n', "bad_json"),
    (b'{"text": ' + b"[" * 100_000 + b"\n", "bad_json"),
    (b'{"text": ' + b'{"a":' * 3000 + b"1" + b"}" * 3001 + b"\n", "bad_json"),
    (b'{"text": "' + b"x" * 300_000 + b'"}\n', "too_large"),
    (b"\0\0\0\n", "bad_json"),
]


@pytest.mark.parametrize(("line", "reason"), LINES)
def test_a_bad_line_costs_itself_only(line: bytes, reason: str) -> None:
    good = dumps.jsonl(PAGES[:2]).splitlines(keepends=True)
    items = read(good[0] + line + b"\n" + good[1], "a.jsonl", max_record_bytes=200_000)
    assert seen(items) == ["2", reason, "3"]
    assert [item.position for item in items] == ["line:1", "line:2", "line:4"]
    assert getattr(items[1], "size", 0) == len(line)


ELEMENTS = [
    (b"17", "bad_json"),
    (b"null", "bad_json"),
    (b'"text"', "bad_json"),
    (b'{"text": nul}', "bad_json"),
    (b'{"text": [1 2]}', "bad_json"),
    (b'{"text": "' + b'\\"}' * 100_000 + b'"}', "too_large"),
]


@pytest.mark.parametrize(("element", "reason"), ELEMENTS)
def test_a_bad_element_costs_itself_only(element: bytes, reason: str) -> None:
    good = dumps.jsonl(PAGES[:2]).splitlines()
    items = read(b"[" + b", ".join([good[0], element, good[1]]) + b"]", "a.json", max_record_bytes=200_000)
    assert seen(items) == ["2", reason, "3"]
    assert [item.position for item in items] == ["row:0", "row:1", "row:2"]


ROWS = [
    (b'"' + b"x\n" * 150_000 + b'",1\n', "too_large"),
    (b"x" * 300_000 + b",1\n", "too_large"),
    (b"a\rb,1\n", "corrupt"),
    (b",1\n", "empty"),
]


@pytest.mark.parametrize(("row", "reason"), ROWS)
def test_a_bad_row_costs_itself_only(row: bytes, reason: str) -> None:
    items = read(b"text,n\nby 2 metres,1\n" + row + b"by 3 metres,1\n", "a.csv", max_record_bytes=200_000)
    kinds = seen(items)
    assert (kinds[0], kinds[1], kinds[-1]) == ("2", reason, "3")


def test_a_damaged_row_group_costs_itself_only() -> None:
    data = dumps.table("parquet", [f"{page} {n}" * 40 for n, page in enumerate(PAGES)])
    assert seen(read(data)) == ["2", "3", "4", "5", "6"]
    damaged = data[:40] + b"\xff" * 60 + data[100:]
    kinds = seen(read(damaged))
    assert kinds[0] == "corrupt"
    assert kinds[-3:] == ["4", "5", "6"]


FILES = [
    (b"", "empty"),
    (b" \n\t ", "empty"),
    (b"\xef\xbb\xbf", "empty"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_text"),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "not_text"),
    (b"text" + bytes(500), "not_text"),
    (random.Random(1).randbytes(4000), "not_text"),
    (b"x" * 300_000, "too_large"),
    (b"<html>" + b"x" * 300_000, "too_large"),
    (gzip.compress(b""), "empty"),
    (gzip.compress(gzip.compress(gzip.compress(gzip.compress(PAGE)))), "nesting"),
    (dumps.zipped({"a.zip": dumps.zipped({"b.zip": dumps.zipped({"c.zip": dumps.zipped({"d": PAGE})})})}), "nesting"),
    (b"PK\x03\x04 but nothing of a zip", "truncated"),
    (b"PAR1 but nothing of a table", "truncated"),
    (b"ARROW1\0\0 but nothing of a table", "truncated"),
    (b"PAR1 but nothing of a table PAR1", "corrupt"),
    (b"ARROW1\0\0 but nothing of a table ARROW1", "corrupt"),
]


@pytest.mark.parametrize(("data", "reason"), FILES, ids=range(len(FILES)))
def test_files_that_are_no_documents(data: bytes, reason: str) -> None:
    items = read(data, max_record_bytes=200_000)
    assert [getattr(item, "reason", "") for item in items] == [reason]
    assert isinstance(items[0], Unreadable)
    assert len(items[0].head) <= 256


@pytest.mark.parametrize("codec", [*COMPRESS, "zip", "http"])
def test_bombs(codec: str) -> None:
    rain = b"a" * 60_000_000 if codec == "http" else b"a" * 20_000_000
    if codec == "zip":
        data = dumps.zipped({"a": rain})
    elif codec == "http":
        data = warc_record(http(gzip.compress(rain), Content_Encoding="gzip"))
    else:
        data = COMPRESS[codec](rain)
    assert seen(read(data)) == ["bomb"]


def test_a_bomb_of_two_layers_none_of_which_is_one() -> None:
    chance = random.Random(1)
    inner = gzip.compress(b"".join(bytes(1000) + chance.randbytes(4) for _ in range(40_000)))
    assert seen(read(inner, max_record_bytes=1000)) == ["not_text"]
    outer = COMPRESS["zst"](inner * 5)
    assert len(outer) * 4 < len(inner * 5) < len(outer) * 400
    assert seen(read(outer, max_record_bytes=1 << 30)) == ["bomb"]
    assert seen(read(gzip.compress(dumps.tar({"a.gz": inner})), max_record_bytes=1 << 30)) == ["not_text"]


def test_members_of_a_zip_that_share_their_bytes() -> None:
    data = bytearray(dumps.zipped({"a.html": PAGE, "b.html": PAGE, "c.html": HTML[1].encode()}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = bytes(4)  # where the member begins: now where the first one does
    assert seen(read(bytes(data))) == ["bomb", "bomb", "3"]


DAMAGED_ZIPS = {
    "no table": lambda data, table: data[:table],
    "half a table": lambda data, table: data[: table + 60],
    "a damaged table": lambda data, table: data[:table] + b"\xff" * 50 + data[table + 50 :],
    "no end of the table": lambda data, table: data[:-10],
}


@pytest.mark.parametrize("how", DAMAGED_ZIPS)
@pytest.mark.parametrize("packed", [False, True])
def test_members_before_a_damaged_table_of_contents_are_read(how: str, packed: bool, tmp_path: Path) -> None:
    data = dumps.zipped({f"{n}.html": page.encode() for n, page in enumerate(HTML)})
    damaged = DAMAGED_ZIPS[how](data, data.index(b"PK\x01\x02"))
    path = tmp_path / "a.zip"
    path.write_bytes(gzip.compress(damaged)[:-9] if packed else damaged)
    items = list(open_dump(path, source="a"))
    assert seen(items)[:-1] == ["2", "3", "4", "5", "6"]
    assert seen(items)[-1] in ("truncated", "corrupt")
    assert [fetch(path, "a", item.position) for item in items] == items


def test_a_damaged_member_of_a_broken_zip_costs_itself_only() -> None:
    for streamed in (False, True):
        data = dumps.zipped({f"{n}.html": page.encode() for n, page in enumerate(HTML)}, streamed=streamed)
        ends = dumps.member_ends(data)
        broken = flipped(data[: ends[3] + 60], ends[1] + 60)
        assert seen(read(broken)) == ["2", "3", "corrupt", "5", "truncated"]
        locked = bytearray(data[: ends[2]])
        locked[ends[0] + 6] |= 1
        assert seen(read(bytes(locked))) == ["2", "encrypted", "4", "truncated"]
        locked[ends[0] + 6], locked[ends[0] + 8] = data[ends[0] + 6], 99
        assert seen(read(bytes(locked))) == ["2", "unsupported", "4", "truncated"]


def test_a_bomb_in_a_broken_zip() -> None:
    data = dumps.zipped({"a": b"a" * 20_000_000, "b.html": PAGE})
    assert seen(read(data[:-30])) == ["bomb", "2", "truncated"]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf"])
def test_a_table_without_anything_is_empty(name: str, data: bytes) -> None:
    assert [getattr(item, "reason", "") for item in read(data, name)] == ["empty"]


def test_a_deep_layer_is_read_where_the_depth_allows_it() -> None:
    data = gzip.compress(dumps.tar({"a.html.gz": gzip.compress(PAGE)}))
    assert seen(read(data, max_depth=3)) == ["2"]
    assert seen(read(data, max_depth=2)) == ["nesting"]


def test_members_that_are_no_files() -> None:
    out = io.BytesIO()
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, kind in enumerate(kinds):
            info = tarfile.TarInfo(f"odd{number}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.html")
        info.size = len(PAGE)
        archive.addfile(info, io.BytesIO(PAGE))
    assert seen(read(out.getvalue())) == ["not_a_file"] * 5 + ["2"]


@pytest.mark.parametrize("size", ["²", "9" * 5000, "-1", "", "1e9"])
def test_a_size_that_is_no_number(size: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.html")
        info.size, info.pax_headers = len(PAGE), {"size": size, "comment": "x"}
        archive.addfile(info, io.BytesIO(PAGE))
    assert seen(read(out.getvalue())) == ["2"]


def test_a_damaged_header_of_a_tar_costs_its_member_only() -> None:
    data = dumps.tar({f"{n}.html": page.encode() for n, page in enumerate(HTML)}, tarfile.USTAR_FORMAT)
    assert seen(read(flipped(data, 1024 + 3))) == ["2", "corrupt", "4", "5", "6"]


def test_a_damaged_member_of_a_zip_costs_itself_only() -> None:
    data = dumps.zipped({f"{n}.html": page.encode() for n, page in enumerate(HTML)})
    at = data.index(b"2.html") + 40
    assert seen(read(flipped(data, at))) == ["2", "3", "corrupt", "5", "6"]


def test_an_encrypted_member_and_a_link_in_a_zip() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("secret.html", PAGE)
        link = zipfile.ZipInfo("link.html")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.html", PAGE)
    data = out.getvalue()
    at = data.index(b"PK\x01\x02") + 8
    assert seen(read(data[:at] + b"\x01" + data[at + 1 :])) == ["encrypted", "not_a_file", "2"]


NAMES = ["../../up.html", "/etc/absolute.html", "a\\b.html", "new\nline!%#.html", "caf\u00e9.html", "C:\\x.html"]


def test_names_of_members_are_addresses_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "in"))
    for pack in (dumps.zipped, dumps.tar):
        packed = pack(dict.fromkeys(NAMES, PAGE))
        Path("a").write_bytes(packed)
        items = list(open_dump(Path("a"), source="a"))
        assert seen(items) == ["2"] * len(NAMES)
        assert items[0].position == "member:../../up.html"
        assert items[3].position == "member:new%0Aline%21%25%23.html"
        assert [fetch(Path("a"), "a", item.position) for item in items] == items
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "in"]


def test_hidden_members_are_no_dumps() -> None:
    files = {"__MACOSX/._a.html": b"\0\5\26\7", "a/.DS_Store": b"x", "a/b.html": PAGE, "empty/": b""}
    assert seen(read(dumps.zipped(files))) == ["2"]
    assert seen(read(dumps.tar(files))) == ["2"]


def test_a_file_that_cannot_be_opened_is_one_record(tmp_path: Path) -> None:
    assert seen(list(open_dump(tmp_path / "none", source="none"))) == ["missing_file"]
    assert seen(list(open_dump(tmp_path, source="folder"))) == ["not_a_file"]
    looped = tmp_path / "loop"
    looped.symlink_to(looped)
    assert seen(list(open_dump(looped, source="loop"))) == ["unreadable_file"]


class Breaking(io.BytesIO):
    """A file on a disk with a bad sector."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 600:
            raise OSError(5, "Input/output error")
        return super().read(min(size or 0, 600 - self.tell()))


def test_a_disk_that_fails_in_the_middle() -> None:
    items = list(read_file(Breaking(dumps.jsonl(PAGES * 5)), source="a", name="a.jsonl"))
    assert seen(items) == ["2", "3", "4", "read_error"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.txt"])
def test_a_huge_line_is_not_held(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b'{"text": "' if "json" in name else b"text,n\n")
        for _ in range(60):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    items = list(open_dump(path, source="a", options=SourceOptions(max_record_bytes=1_000_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [getattr(item, "reason", "") for item in items] == ["too_large"]
    assert getattr(items[0], "size", 0) >= 60_000_000
    assert peak < 12_000_000


def test_a_long_array_is_streamed() -> None:
    row = json.dumps({"text": "x" * 50_000}).encode()

    class Endless(io.RawIOBase):
        left = 600

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return (b"[" if self.left == 599 else b",") + row if self.left > 0 else b""

    tracemalloc.start()
    count = sum(isinstance(i, RawRecord) for i in read_file(Endless(), source="a", name="a.json"))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 599
    assert peak < 3_000_000


def mutations() -> Iterator[tuple[str, bytes]]:
    yield from ((sample.name, sample.data) for sample in dumps.samples())
    yield from {
        "a.csv": dumps.csv_table(),
        "a.mhtml": dumps.mhtml(),
        "a.parquet": dumps.table("parquet"),
        "a.arrow": dumps.table("arrow"),
        "a.arrows": dumps.table("arrows"),
        "a.zip": dumps.zipped({"a.html": PAGE, "b.jsonl": dumps.jsonl()}),
        "a.tar.gz": gzip.compress(dumps.tar({"a.html": PAGE, "b.jsonl": dumps.jsonl()})),
        "a.warc.zst": COMPRESS["zst"](dumps.warc()),
        "a.jsonl.xz": COMPRESS["xz"](dumps.jsonl()),
    }.items()


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(list(mutations())), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 40)))
)
def test_nothing_is_raised_whatever_the_bytes(sample: tuple[str, bytes], edits: list[tuple[float, bytes, int]]) -> None:
    name, data = sample
    for where, new, dropped in edits:
        at = int(where * len(data))
        data = data[:at] + new + data[at + dropped :]
    items = read(data, name)
    assert all(len(item.head) <= 256 and item.detail for item in items if isinstance(item, Unreadable))
    assert len({item.position for item in items}) == len(items)
