"""Each format: how it is recognised, what its records are, and that each record is found again by its address."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.document import RawRecord
from flows.sources import Item, SourceOptions, Unreadable, detect, fetch, formats, open_dump, read_file
from tests.sources import dumps
from tests.sources.dumps import COMPRESS, HTML, PAGES, http, warc_record

TEXT = PAGES[0].encode()
PAGE = HTML[0].encode()


def read(data: bytes, name: str = "dump", **options: object) -> list[Item]:
    return list(read_file(io.BytesIO(data), source="dump", name=name, options=SourceOptions(**options)))  # type: ignore[arg-type]


def payloads(items: list[Item]) -> list[str]:
    assert not [item for item in items if isinstance(item, Unreadable)]
    records = [item.payload for item in items if isinstance(item, RawRecord)]
    return [part.decode() if isinstance(part, bytes) else part for part in records]


DETECTED = [
    ("text", TEXT, "notes"),
    ("text", b"[Photo] The river", "a.txt"),
    ("text", b"{{template}} The river", "a.txt"),
    ("text", b"<3 he wrote", "a.txt"),
    ("text", b"BZh stands for bzip2", "a.txt"),
    ("html", PAGE, "a.txt"),
    ("html", b"\xef\xbb\xbf  <!-- saved -->\n<HTML>", "a"),
    ("html", b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html xmlns="y">', "a"),
    ("html", "<html><p>Überlingen".encode("utf-16"), "a"),
    ("html", b"no tag at first", "a.html"),
    ("mhtml", dumps.mhtml(), "a.html"),
    ("jsonl", dumps.jsonl(), "a.txt"),
    ("jsonl", b'{"text": "a line of ' + b"x" * 9000, "a.json"),
    ("jsonl", b"broken first line\n", "a.jsonl"),
    ("jsonl", b'{"text": "cut off in a str\n{"text": "a"}\n', "a"),
    ("jsonl", b'{"count": 17, "text": "cut off"\n{"text": "a"}\n', "a"),
    ("jsonl", '{"text": "Überlingen"}\n{}\n'.encode("utf-16"), "a.txt"),
    ("json", '[{"text": "Überlingen"}]'.encode("utf-16"), "a.txt"),
    ("json", b'[\n {"text": "a"}]', "a.txt"),
    ("json", b'{\n "text": "a"\n}', "a.txt"),
    ("json", b'{"text": "she said \\"yes\\"",\n "url": "C:\\\\"}', "a.jsonl"),
    ("json", b'{"rows": [{"text": "a"},\n{"text": "b"}]}', "a"),
    ("json", b'{"rows": [\n{"text": "a"}]}', "a"),
    ("csv", b"url;text\n", "a.csv"),
    ("csv", b"url\ttext\n", "a.tsv"),
    ("text", b"url;text\n", "a"),
    ("warc", dumps.warc(), "a.txt"),
    ("parquet", dumps.table("parquet"), "a"),
    ("arrow", dumps.table("arrow"), "a"),
    ("arrow", dumps.table("arrows"), "a"),
    ("zip", dumps.zipped({"a": b"b"}), "a"),
    ("tar", dumps.tar({"a": b"b"}), "a"),
    ("tar", dumps.tar({"a": b"b"}, tarfile.USTAR_FORMAT), "a"),
    ("binary", b"%PDF-1.7 ...", "a.txt"),
    ("binary", b"\x89PNG\r\n\x1a\n", "a.html"),
    ("binary", bytes(range(256)), "a.html"),
    ("binary", b'<?xml version="1.0"?><rss version="2.0">', "feed.xml"),
    ("binary", dumps.zipped({"[Content_Types].xml": b"<a/>"}), "letter.docx"),
    ("text", "Überlingen".encode("utf-16-le") * 20, "a"),
    ("text", "東京で洪水が発生した".encode("iso2022_jp"), "a"),
    ("text", "東京で洪水が発生した".encode("shift_jis"), "a"),
    ("text", "Наводнение".encode("koi8-r"), "a"),
]


@pytest.mark.parametrize(("expected", "head", "name"), DETECTED)
def test_content_before_name(expected: str, head: bytes, name: str) -> None:
    assert detect(head[:4096], name) == expected


def test_every_format_is_recognised_somewhere() -> None:
    assert {expected for expected, _, _ in DETECTED} == set(formats())


WHOLE = {
    "a.txt": (TEXT, [PAGES[0]]),
    "a.html": (PAGE, [HTML[0]]),
    "a.mhtml": (dumps.mhtml(), [HTML[0]]),
    "a.jsonl": (dumps.jsonl(), PAGES),
    "a.json": (b"[" + b",".join(dumps.jsonl().splitlines()) + b"]", PAGES),
    "b.json": (b"\xef\xbb\xbf" + dumps.jsonl().replace(b', "', b',\n"').replace(b"\n{", b"{"), PAGES),
    "a.csv": (dumps.csv_table(), [f"{page}\n{page}" for page in PAGES]),
    "a.parquet": (dumps.table("parquet"), PAGES),
    "a.arrow": (dumps.table("arrow"), PAGES),
    "a.arrows": (dumps.table("arrows"), PAGES),
    "a.warc": (dumps.warc(), HTML),
    "a.tar": (dumps.tar({f"{n}.html": page.encode() for n, page in enumerate(HTML)}), HTML),
    "a.zip": (dumps.zipped({f"{n}/a.html": page.encode() for n, page in enumerate(HTML)}), HTML),
}
WRAPPED = {
    f"{name}.{codec}": (pack(data), expected)
    for name, (data, expected) in WHOLE.items()
    for codec, pack in COMPRESS.items()
}
PACKED = {
    f"{name}.zip": (dumps.zipped({f"in/{name}.gz": gzip.compress(data, mtime=0)}), expected)
    for name, (data, expected) in WHOLE.items()
    if name not in ("a.zip", "a.tar")
}
ALL = WHOLE | WRAPPED | PACKED | {"a.warc.gz": (dumps.warc_gz(), HTML)}


@pytest.mark.parametrize("name", ALL)
def test_records_and_their_addresses(name: str, tmp_path: Path) -> None:
    data, expected = ALL[name]
    path = tmp_path / name
    path.write_bytes(data)
    items = list(open_dump(path, source="dump"))
    assert payloads(items) == expected
    assert len({item.position for item in items}) == len(items)
    assert {item.source for item in items} == {"dump"}
    for item in items:
        assert fetch(path, "dump", item.position) == item


def test_positions_read_as_the_grammar_says() -> None:
    packed = dumps.zipped({"a/b.jsonl.gz": gzip.compress(dumps.jsonl(PAGES[:2]))})
    assert [item.position for item in read(packed)] == ["member:a/b.jsonl.gz!line:1", "member:a/b.jsonl.gz!line:2"]
    starts = [item.position for item in read(dumps.warc(HTML[:2]))]
    assert starts == ["offset:0", f"offset:{len(dumps.warc(HTML[:1]))}"]
    one_member = [item.position for item in read(gzip.compress(dumps.warc(HTML[:2])))]
    assert one_member == ["offset:0", f"offset:0!offset:{len(dumps.warc(HTML[:1]))}"]
    assert [item.position for item in read(dumps.csv_table(), "a.csv")] == [f"row:{n}" for n in range(5)]
    assert [item.position for item in read(TEXT)] == [""]


def test_fetch_says_when_a_record_or_its_dump_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert getattr(fetch(path, "a", "line:1"), "reason", None) == "missing_file"
    path.write_bytes(dumps.jsonl())
    assert getattr(fetch(path, "a", "line:99"), "reason", None) == "not_found"
    assert getattr(fetch(path, "a", "offset:7"), "reason", None) == "not_found"
    assert getattr(fetch(path, "a", "nonsense"), "reason", None) == "not_found"


ROW = {
    "url": "https://news.example/1",
    "Headline": "Flood",
    "articleBody": PAGES[0],
    "author": [{"name": "Ada Brook"}, {"name": "Jo Hill"}],
    "datePublished": "2024-05-01",
    "publisher": {"name": "The Example"},
    "inLanguage": "x",
    "lang": "en",
    "crawled_at": "2024-05-02T10:00:00",
}


def one(row: object, **options: object) -> Item:
    (item,) = read(json.dumps(row).encode() + b"\n", "a.jsonl", **options)
    return item


def test_a_row_carries_what_it_says_about_the_page() -> None:
    assert one(ROW) == RawRecord(
        PAGES[0],
        "text/plain",
        "https://news.example/1",
        datetime(2024, 5, 2, 10, tzinfo=UTC),
        None,
        {
            "title": "Flood",
            "published": "2024-05-01",
            "authors": "Ada Brook; Jo Hill",
            "language": "en",
            "site_name": "The Example",
        },
        "dump",
        "line:1",
    )


FIELDS: list[tuple[dict[str, object], dict[str, object], str, str]] = [
    ({"html": "<p>a", "text": "b"}, {}, "<p>a", "text/html"),
    ({"html": "", "text": "b"}, {}, "b", "text/plain"),
    ({"html": None, "body": "b"}, {}, "b", "text/plain"),
    ({"text": "", "content": "b"}, {}, "b", "text/plain"),
    ({"content": "<p>b</p>"}, {}, "<p>b</p>", "text/html"),
    ({"content": {"rendered": "<p>b</p>"}}, {}, "<p>b</p>", "text/html"),
    ({"content": ["a", "b"]}, {}, "a\nb", "text/plain"),
    ({"text": "a", "summary": "b"}, {"text": "summary"}, "b", "text/plain"),
    ({"text": "a", "page": {"raw": "<p>"}}, {"html": "page.raw"}, "<p>", "text/html"),
    ({"text": "a", "page.raw": "<p>"}, {"html": "page.raw"}, "<p>", "text/html"),
    ({"content": ["a", "", None, "b"]}, {}, "a\n\nb", "text/plain"),
    ({"text": " \n", "content": "b"}, {}, "b", "text/plain"),
    ({"html": "\n", "text": "b"}, {}, "b", "text/plain"),
    ({"text": "lone \ud800"}, {}, "lone \ud800", "text/plain"),
    ({"text": "a", "score": float("nan")}, {}, "a", "text/plain"),
]


@pytest.mark.parametrize(("row", "options", "payload", "media_type"), FIELDS)
def test_which_field_is_the_page(row: object, options: dict[str, object], payload: str, media_type: str) -> None:
    item = one(row, **options)
    assert isinstance(item, RawRecord), item
    assert (item.payload, item.media_type) == (payload, media_type)


REFUSED_ROWS: list[tuple[object, dict[str, object], str, str]] = [
    ({"b": 1, "a": "x"}, {}, "no_text_field", "no html or text among its fields: a, b"),
    ({"text": "x"}, {"text": "story"}, "no_text_field", "no story among its fields: text"),
    ({"text": "  "}, {}, "empty", "nothing in text"),
    ({"text": None, "body": [], "content": {"a": " "}}, {}, "empty", "nothing in text, body, content"),
    ({"story": ""}, {"text": "story"}, "empty", "nothing in story"),
    ({}, {}, "no_text_field", "no html or text among its fields: none"),
    ({"article": {"body": "x", "lead": "y"}}, {}, "no_text_field", "article holds an object of body, lead"),
    ({"content": [{"p": "x"}]}, {}, "no_text_field", "content holds a list of other things than text"),
    ({"text": "", "body": 12.5}, {}, "no_text_field", "body holds no text but 12.5"),
    (["text"], {}, "bad_json", "a JSON array where an object was expected"),
    (None, {}, "bad_json", "a JSON null where an object was expected"),
    (True, {}, "bad_json", "a JSON boolean where an object was expected"),
    (1.5, {}, "bad_json", "a JSON number where an object was expected"),
    ({"text": "x" * 100}, {"max_record_bytes": 50}, "too_large", "113 bytes, 50 are allowed"),
]


@pytest.mark.parametrize(("row", "options", "reason", "detail"), REFUSED_ROWS)
def test_rows_without_a_page(row: object, options: dict[str, object], reason: str, detail: str) -> None:
    item = one(row, **options)
    assert isinstance(item, Unreadable)
    assert (item.reason, item.detail, item.position) == (reason, detail, "line:1")


def test_metadata_is_always_fit_for_a_column() -> None:
    item = one({"text": "a", "title": "lone \ud800 \x00 and\nlines", "author": 7, "published": None})
    assert isinstance(item, RawRecord)
    assert item.metadata == {"title": "lone and lines", "authors": "7"}
    gaps = one({"text": "a", "title": float("nan"), "author": ["x", float("nan")], "date": float("nan")})
    assert isinstance(gaps, RawRecord)
    assert gaps.metadata == {"authors": "x"}


TIMES = [
    ("2024-05-01", "2024-05-01T00:00:00+00:00", "2024-05-01"),
    ("2024-05-01T14:00:00+02:00", "2024-05-01T12:00:00+00:00", "2024-05-01T14:00:00+02:00"),
    ("Wed, 01 May 2024 14:00:00 +0200", "2024-05-01T12:00:00+00:00", "2024-05-01T14:00:00+02:00"),
    ("1 May 2024 12:00:00 GMT", "2024-05-01T12:00:00+00:00", "2024-05-01T12:00:00+00:00"),
    ("2024-05-01 12:00:00 UTC", "2024-05-01T12:00:00+00:00", "2024-05-01T12:00:00+00:00"),
    ("2024-05-01 14:00:00 +0200 CEST", "2024-05-01T12:00:00+00:00", "2024-05-01T14:00:00+02:00"),
    (20240501, "2024-05-01T00:00:00+00:00", "20240501"),
    (20240501.0, "2024-05-01T00:00:00+00:00", "2024-05-01T00:00:00+00:00"),
    (1714564800, "2024-05-01T12:00:00+00:00", "2024-05-01T12:00:00+00:00"),
    ("1714564800", "2024-05-01T12:00:00+00:00", "2024-05-01T12:00:00+00:00"),
    (1714564800000000000, "2024-05-01T12:00:00+00:00", "2024-05-01T12:00:00+00:00"),
    ("20240501120000", "2024-05-01T12:00:00+00:00", "2024-05-01T12:00:00+00:00"),
    ("yesterday", None, "yesterday"),
    ("Wed, 32 May 2024 14:00:00 GMT", None, "Wed, 32 May 2024 14:00:00 GMT"),
]


@pytest.mark.parametrize(("value", "fetched", "published"), TIMES)
def test_times_as_dumps_write_them(value: object, fetched: str | None, published: str) -> None:
    item = one({"text": "a", "crawled_at": value, "pubDate": value})
    assert isinstance(item, RawRecord)
    assert item.fetched == (datetime.fromisoformat(fetched) if fetched else None)
    assert item.metadata == {"published": published}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(st.sampled_from('a"\\{}[],: é'), min_size=1), st.integers(1, 3000)), max_size=4))
def test_an_array_is_cut_where_its_elements_end(texts: list[tuple[str, int]]) -> None:
    rows = [{"text": f".{text * times}"} for text, times in texts]
    for ascii_only in (False, True):
        data = json.dumps(rows, ensure_ascii=ascii_only).encode()
        assert payloads(read(data, "a.json")) == [row["text"] for row in rows]


def test_the_answer_of_an_api_is_its_list() -> None:
    answer = {"status": "ok", "response": {"total": 2, "results": [{"body": "a"}, {"body": "b"}]}}
    items = read(json.dumps(answer, indent=1).encode(), "a.json")
    assert payloads(items) == ["a", "b"]
    assert [item.position for item in items] == ["row:0!row:0", "row:0!row:1"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_utf_16(encoding: str) -> None:
    """As PowerShell writes it. U+0A0D and U+0D0A hold the bytes of line ends, and the second line is none."""
    rows = [{"text": "Überlingen \u0a0d \u0d0a 😀"}, {"text": "b"}]
    mark = "" if encoding == "utf-16" else "\ufeff"
    lines = mark + "\r\n".join([json.dumps(rows[0], ensure_ascii=False), "{broken", json.dumps(rows[1])]) + "\r\n"
    one, bad, other = read(lines.encode(encoding), "a.jsonl")
    assert payloads([one, other]) == [row["text"] for row in rows]
    assert isinstance(bad, Unreadable)
    assert (bad.reason, bad.position, other.position) == ("bad_json", "line:2", "line:3")
    array = (mark + json.dumps(rows, ensure_ascii=False)).encode(encoding)
    assert payloads(read(array, "a.json")) == payloads(read(gzip.compress(array), "a.json.gz"))
    assert payloads(read(array, "a.json")) == [row["text"] for row in rows]


def test_a_line_that_begins_like_a_mark_of_utf_16_is_bad_alone() -> None:
    bad, good = read(b'\xff\xfe{"text": "a"}\n{"text": "b"}\n', "a.jsonl")
    assert isinstance(bad, Unreadable)
    assert payloads([good]) == ["b"]


CSV = [
    ("a.csv", b"text;n\na, b;1\n", ["a, b"]),
    ("a.tsv", b"text\tn\na, b; c\t1\n", ["a, b; c"]),
    ("a.csv", b'\xef\xbb\xbftext\r\n\r\n"a\r\nb"\r\n', ["a\r\nb"]),
    ("a.csv", "text,n\nÜberlingen,1\n".encode("utf-16"), ["Überlingen"]),
    ("a.csv", b"\n\r\ntext,n\n\na,1\n\n", ["a"]),
    ("a.csv", b"sep=;\r\nn;text\r\n1;a, b\r\n", ["a, b"]),
    ("a.csv", b'text,n\r"a\nb",1\rc,2\r', ["a\nb", "c"]),
    ("a.csv", b"text,n\na,1,,\n", ["a"]),
    ("a.csv", b'n,text\n1,"He said \\"no\\", and left"\n2,"b"\n', ['He said "no", and left', "b"]),
    ("a.csv", b'n,text\n1,"C:\\new ""x"" \\"\n2,"b"\n', ['C:\\new "x" \\', "b"]),
    ("a.csv", b"html,text\n\\N,a\n", ["a"]),
    ("a.csv", b'html,text\n\\N,"He said \\"no\\", and left"\n', ['He said "no", and left']),
]


@pytest.mark.parametrize(("name", "data", "expected"), CSV)
def test_tables(name: str, data: bytes, expected: list[str]) -> None:
    assert payloads(read(data, name)) == expected


TORN = {
    "in the last field": (b'1,a,"Rain\n2,b,"Sun, wind"\n3,c,Fog\n', ["Rain", "Sun, wind", "Fog"]),
    "rows without quotes behind it": (b'1,a,"Rain\n2,b,Sun\n\n3,c,"Fog, ice"\n', ["Rain", "Sun", "Fog, ice"]),
    "in another field": (b'1,"a,Rain\n2,b,"Sun, wind"\n3,c,Fog\n', ["Sun, wind", "Fog"]),
    "every field quoted": (b'"1","a","Rain\n"2","b","Sun"\n"3","c","Fog"\n', ["Rain", "Sun", "Fog"]),
    "text of several lines": (b'1,a,"Rain\nand, hail\n2,b,"Sun\nwind"\n', ["Rain\nand, hail", "Sun\nwind"]),
    "a quotation behind it": (b'1,a,"Rain\n2,b,"""Sun"", he said, ""today"""\n', ["Rain", '"Sun", he said, "today"']),
    "no other quote": (b'1,a,"Rain\n2,b,Sun\n3,c,Fog\n4,d,Ice\n', ["Rain", "Sun", "Fog", "Ice"]),
    "a backslash that escapes nothing": (
        b'1,a,"He said \\"yes\\", twice"\n2,b,"C:\\"\n3,c,"Fog"\n',
        ['He said "yes", twice', "C:\\", "Fog"],
    ),
    "quotes in quotes behind backslashes": (
        b'1,a,"He said \\"yes\\" twice"\n2,b,"Rain\n3,c,Fog\n4,d,"Sun, \\"wind\\""\n5,e,"C:\\"\n'
        b'6,f,"Rain\n7,g,"Ice, hail"\n',
        ['He said "yes" twice', "Rain", "Fog", 'Sun, "wind"', "C:\\", "Rain", "Ice, hail"],
    ),
    "quotes behind backslashes, the last is stray": (
        b'1,a,"He said \\"yes\\" twice"\n2,b,"Rain\n3,c,Fog\n4,d,Sun\n5,e,Ice\n',
        ['He said "yes" twice', "Rain", "Fog", "Sun", "Ice"],
    ),
    "quotes that are not doubled": (b'1,a,"Rain\nsaid "Ann"."\n2,b,Sun\n', ['Rain\nsaid Ann"."', "Sun"]),
    "a cut off text": (b'1,a,Rain\n2,b,"Sun, wind\nice, hail, snow\nfog\n', ["Rain"]),
}


@pytest.mark.parametrize("case", TORN)
def test_a_stray_quote_costs_its_own_row_at_most(case: str) -> None:
    table, expected = TORN[case]
    items = read(b"n,id,text\n" + table, "a.csv")
    assert payloads([item for item in items if isinstance(item, RawRecord)]) == expected
    assert [item.position for item in items] == [f"row:{number}" for number in range(len(items))]
    reasons = {item.reason for item in items if isinstance(item, Unreadable)}
    assert reasons == {"in another field": {"corrupt"}, "a cut off text": {"truncated"}}.get(case, set())


def test_a_stray_quote_in_the_header_is_accounted_for() -> None:
    (bad,) = read(b'n,"text\n1,Rain\n2,Sun\n', "a.csv")
    assert isinstance(bad, Unreadable)
    assert (bad.reason, bad.position, bad.detail) == (
        "corrupt",
        "",
        "a quote in the header has no end: all rows are in it",
    )


CELL = st.text(st.sampled_from('",;\\\n ab\t'), max_size=12)


@settings(max_examples=400, deadline=None)
@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6)),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_a_table_that_is_right_is_read_as_it_is(rows: list[list[str]], quoting: Literal[0, 1]) -> None:
    """Whatever stands in its fields: quotes, delimiters, line ends. Each row begins with a text that is not blank."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    writer.writerow(["text", *(f"c{number}" for number in range(len(rows[0]) if rows else 1))])
    texts = [f"a{row[0]}" for row in rows]
    writer.writerows([text, *row] for text, row in zip(texts, rows, strict=True))
    assert payloads(read(out.getvalue().encode(), "a.csv")) == texts


def test_a_row_with_more_fields_than_the_header_is_not_cut_short() -> None:
    kept, odd = read(b'n,text\n1,"a"\n2, It rained, and it snowed\n', "a.csv")
    assert isinstance(kept, RawRecord)
    assert isinstance(odd, Unreadable)
    assert (odd.reason, odd.position) == ("corrupt", "row:1")
    assert odd.detail == "the row has 3 fields, the header 2: where would the others belong?"


@pytest.mark.parametrize("name", ["parquet", "arrow"])
def test_a_table_without_a_page_says_which_columns_it_has(name: str) -> None:
    import pyarrow as pa
    import pyarrow.feather as feather
    import pyarrow.parquet as pq

    out = io.BytesIO()
    table = pa.table({"url": ["https://news.example/1"], "story_so_far": ["a"], "title": ["b"]})
    pq.write_table(table, out) if name == "parquet" else feather.write_feather(table, out)
    (item,) = read(out.getvalue())
    assert isinstance(item, Unreadable)
    assert item.detail == "no html or text among its fields: story_so_far, title, url"


def test_a_table_in_another_encoding_reaches_the_cleaners_as_bytes() -> None:
    (item,) = read("text,title\nÜberlingen,Höhe\n".encode("cp1252"), "a.csv")
    assert isinstance(item, RawRecord)
    assert item.payload == "Überlingen".encode("cp1252")


def test_a_forced_format_is_for_what_lies_inside_of_archives_and_compression() -> None:
    packed = gzip.compress(dumps.zipped({"a.txt": b"text;n\nb;1\n"}))
    assert payloads(read(packed, format="csv")) == ["b"]
    assert payloads(read(b"text;n\nb;1\n", format="text")) == ["text;n\nb;1\n"]


def test_columns_of_times_and_of_bytes() -> None:
    import pyarrow as pa

    times = pa.array([1714564800000000000] * 5, pa.timestamp("ns", "UTC"))
    data = dumps.table("parquet", fetched=times, html=pa.array([b"<p>\xfc"] * 5, pa.binary()))
    item = read(data)[0]
    assert isinstance(item, RawRecord)
    assert (item.payload, item.media_type) == (b"<p>\xfc", "text/html")
    assert item.fetched == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_text_of_a_column_that_is_no_utf8_reaches_the_cleaners_as_bytes() -> None:
    import pyarrow as pa

    raw = pa.array([b"\xdcberlingen", "Überlingen".encode(), None, b"b", b"c"], pa.binary())
    bad = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    items = read(dumps.table("arrow", article_text=bad), text="article_text")
    assert [getattr(item, "payload", "") for item in items] == [b"\xdcberlingen", "Überlingen", "", "b", "c"]


def test_a_saved_page_has_its_address_and_date() -> None:
    (item,) = read(dumps.mhtml())
    assert isinstance(item, RawRecord)
    assert (item.url, item.charset) == ("https://news.example/flood", "utf-8")
    assert item.fetched == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_wet_and_resource_records() -> None:
    wet = warc_record(TEXT, "conversion", Content_Type="text/plain", WARC_Identified_Content_Language="eng,deu")
    resource = warc_record(PAGE, "resource", Content_Type="text/html; charset=utf-8")
    text, page = read(wet + resource)
    assert isinstance(text, RawRecord)
    assert isinstance(page, RawRecord)
    assert (text.payload, text.media_type, text.metadata) == (TEXT, "text/plain", {"language": "eng"})
    assert (page.payload, page.media_type, page.charset) == (PAGE, "text/html", "utf-8")
    assert text.fetched == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert text.url == "https://news.example/flood"


def test_records_about_the_crawl_are_passed_over() -> None:
    crawl = [
        warc_record(b"software: x\r\n", "warcinfo", Content_Type="application/warc-fields"),
        warc_record(b"GET / HTTP/1.1\r\n\r\n", "request", Content_Type="application/http; msgtype=request"),
        warc_record(b"fetchTimeMs: 3\r\n", "metadata", Content_Type="application/warc-fields"),
        warc_record(b"20240501\nnews.example. 1 IN A 1.2.3.4\n", "response", Content_Type="text/dns"),
    ]
    assert read(b"".join(crawl)) == []
    assert payloads(read(b"".join([*crawl, dumps.warc(), *crawl]))) == HTML


def test_ustar_gnu_and_pax_names() -> None:
    long = "folder/" * 40 + "a.html"
    for format_ in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        items = read(dumps.tar({long: PAGE, "b.html": PAGE}, format_))
        assert [item.position for item in items] == [f"member:{long}", "member:b.html"]


def test_members_of_one_name_have_two_addresses() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for text in (b"one", b"two"):
            info = tarfile.TarInfo("a.txt")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    items = read(out.getvalue())
    assert payloads(items) == ["one", "two"]
    assert [item.position for item in items] == ["member:a.txt", "member:a.txt#2"]


def test_bodies_as_servers_send_them() -> None:
    import brotli
    import zstandard

    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bare_deflate = deflater.compress(PAGE) + deflater.flush()
    coded = {"Content_Encoding": "deflate", "Transfer_Encoding": "chunked"}
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (PAGE[:30], PAGE[30:])) + b"0\r\n\r\n"
    answers = [
        http(PAGE),
        http(chunked, Transfer_Encoding="chunked"),
        http(gzip.compress(PAGE), Content_Encoding="gzip"),
        http(brotli.compress(PAGE), Content_Encoding="br"),
        http(zstandard.compress(PAGE), Content_Encoding="zstd"),
        # Stored already decoded, with the headers as they were.
        http(PAGE, Content_Encoding="gzip", Transfer_Encoding="chunked"),
        http(chunked, Content_Encoding="gzip", Transfer_Encoding="chunked"),
        http(PAGE).replace(b"\r\n", b"\n"),
        http(gzip.compress(PAGE), Content_Encoding="X-GZIP"),
        http(zlib.compress(PAGE), Content_Encoding="deflate"),
        http(bare_deflate, Content_Encoding="deflate"),
        http(b"%x\r\n%b\r\n0\r\n\r\n" % (len(bare_deflate), bare_deflate), **coded),
        http(b"\r\n \t" * 20 + PAGE),
        http(PAGE, content_type="text/html,text/html; charset=utf-8, text/html"),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + http(PAGE),
    ]
    found = read(b"".join(map(warc_record, answers)))
    assert [text.lstrip() for text in payloads(found)] == [HTML[0]] * len(answers)
    assert {item.charset for item in found if isinstance(item, RawRecord)} == {"utf-8"}
