"""Writes the packed and the damaged dumps of `seeds/` from the plain files in `seed_sources/`.

Run `python -m tests.make_seeds`. Plain text and HTML of `seeds/` are their own sources and are edited where they lie.
What is compressed, archived or damaged is made here, without a clock and without chance, so that a second run writes
the same bytes (with the same versions of zlib, zstd and pyarrow). `seed_sources/rows.toml` holds the title, address and
date of rows.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.sources.dumps import http, warc_record

HERE = Path(__file__).parent
SOURCES = HERE / "seed_sources"
SEEDS = HERE.parent / "seeds"

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "78da63644cf8cf500f000306018058f4df7c0000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
LONG_LINE = 5_000_000  # characters of the line that a careless scraper took from a <script>


def main() -> None:
    """Write every dump of `DUMPS`."""
    for name, make in DUMPS.items():
        target = SEEDS / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(make())


def source(name: str) -> str:
    """A file of `seed_sources/`."""
    return (SOURCES / name).read_text(encoding="utf-8")


def row(name: str) -> dict[str, str]:
    """A story as a row: its text or its HTML, its title, address and date."""
    said = tomllib.loads(source("rows.toml"))[name]
    return {"url": said["url"], "title": said["title"], "date": said["date"], _field(name): source(name)}


def _field(name: str) -> str:
    return "html" if name.endswith(".html") else "text"


def json_lines(*names: str) -> bytes:
    """A row a line."""
    return b"".join(json.dumps(row(name), ensure_ascii=False).encode() + b"\n" for name in names)


def json_array() -> bytes:
    """Rows as one indented array."""
    rows = [row("json/asino.txt"), row("json/chor.html")]
    return json.dumps(rows, ensure_ascii=False, indent=2).encode() + b"\n"


def table(names: Sequence[str], delimiter: str) -> bytes:
    """Rows with a header, and behind them one whose text is missing."""
    fields = ["url", "title", "date", "text"]
    lost = {"url": "https://lost.example/", "title": "Lost", "date": "2020-01-01", "text": ""}
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fields, delimiter=delimiter)
    writer.writeheader()
    writer.writerows([*map(row, names), lost])
    return file.getvalue().encode()


def parquet() -> bytes:
    """Rows of text and of HTML in one table; a crawl's columns that say nothing of use stand beside them."""
    rows = [row("parquet/warung.txt"), row("parquet/lysty.txt"), row("parquet/tortoise.html")]
    names = ("url", "title", "date", "text", "html")
    columns = {name: pa.array([entry.get(name) for entry in rows], pa.string()) for name in names}
    columns["http_status"] = pa.array([200] * len(rows), pa.int16())
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd")
    return file.getvalue()


def warc(records: Sequence[bytes]) -> bytes:
    """A gzip member a record, as crawlers write them."""
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def record(body: bytes, kind: str, number: int, url: str = "", **headers: str) -> bytes:
    """A WARC record with an identifier of its own."""
    said = {"WARC_Record_ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>", "WARC_Date": "2022-05-04T03:02:01Z"}
    return warc_record(body, kind, **said, WARC_Target_URI=url, **headers)


def crawl() -> bytes:
    """A crawl: two pages, and what else a crawler meets."""
    fenland, vexin = "https://fenlandchronicle.example", "https://amiduvexin.example"
    page = gzip.compress(source("warc/mill.html").encode(), mtime=0)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(page), page)
    info, fields = b"software: Fieldmouse/2.1\r\nformat: WARC File Format 1.0\r\n", "application/warc-fields"
    asked = b"GET /farming/mill HTTP/1.1\r\nHost: fenlandchronicle.example\r\n\r\n"
    missing = b"<html><title>404</title><h1>Page not found</h1><p>The page you were looking for has moved.</p></html>"
    return warc(
        [
            record(info, "warcinfo", 1, Content_Type=fields),
            record(asked, "request", 2, f"{fenland}/farming/mill", Content_Type="application/http; msgtype=request"),
            record(
                http(chunked, Content_Encoding="gzip", Transfer_Encoding="chunked"),
                "response",
                3,
                f"{fenland}/farming/mill",
            ),
            record(http(missing, "404 Not Found"), "response", 4, f"{fenland}/farming/old"),
            record(
                http(b"", "301 Moved Permanently", Location=f"{fenland}/farming/"), "response", 5, f"{fenland}/farming"
            ),
            record(http(PNG, content_type="image/png"), "response", 6, f"{fenland}/logo.png"),
            record(http(PDF, content_type="application/pdf"), "response", 7, f"{fenland}/notice.pdf"),
            record(http(b""), "response", 8, f"{fenland}/empty"),
            record(source("warc/clocher.html").encode(), "resource", 9, f"{vexin}/coq", Content_Type="text/html"),
            record(b"fetchTimeMs: 212\r\n", "metadata", 10, f"{vexin}/coq", Content_Type=fields),
        ]
    )


def wet() -> bytes:
    """Plain text of pages as Common Crawl gives it away."""
    pages = (
        ("wet/panal.txt", "https://vistazonorte.example/quito/enjambre", "spa"),
        ("wet/dungdae.txt", "https://dongseom.example/news/2207", "kor"),
    )
    records = [record(b"Software-Info: ia-web-commons\r\n", "warcinfo", 1, Content_Type="application/warc-fields")]
    for number, (name, url, language) in enumerate(pages, 2):
        headers = {"Content_Type": "text/plain", "WARC_Identified_Content_Language": language}
        records.append(record(source(name).encode(), "conversion", number, url, **headers))
    return warc(records)


def zipped() -> bytes:
    """A zip of a text in Shift JIS, a page, a file of no bytes, a picture, and what a desktop leaves behind."""
    members = {
        "news/raion.txt": source("zip/raion.txt").encode("shift_jis"),
        "news/grzyby.html": source("zip/grzyby.html").encode(),
        "news/blank.txt": b"",
        "logo.png": PNG,
        "__MACOSX/news/._raion.txt": b"\0\5\26\7\0\2\0\0Mac OS X",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def tarred() -> bytes:
    """A tar.gz of two texts, JSON Lines that are compressed once more, and a link."""
    members = {
        "2023/ciceu.txt": source("tar/biblioteca.txt").encode(),
        "2022/szentendre.txt": source("tar/harang.txt").encode(),
        "2021/archive.jsonl.gz": gzip.compress(json_lines("tar/archive-1.txt"), mtime=0),
    }
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("latest.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "2023/ciceu.txt"
        archive.addfile(link)
    return gzip.compress(file.getvalue(), mtime=0)


def truncated() -> bytes:
    """A download that broke off inside of the fourth row."""
    rows = json_lines("broken/good-1.txt", "broken/good-2.txt", "broken/good-3.txt", "jsonl/chess.txt")
    return gzip.compress(rows, mtime=0)[:-300]


def bad_line() -> bytes:
    """Between two rows one that the disk had no room for."""
    return (
        json_lines("broken/json-1.txt")
        + b'{"url": "https://kirkhamsound.example/arts/hats", "title": "Hats", "text": "The curator of the\n'
        + json_lines("broken/json-2.txt")
    )


def lone_surrogate() -> bytes:
    """A row that was cut between the two halves of an emoji, before one that was not."""
    text = "The ferry is running again, the harbour master wrote on Monday \\ud83d"
    cut = f'{{"url": "https://eemsbode.example/nieuws/veer", "title": "Ferry", "text": "{text}"}}\n'
    return cut.encode() + json_lines("broken/surrogate-good.txt")


def long_line() -> bytes:
    """A story with the state of a page between its paragraphs, on one line of 5 MB."""
    return gzip.compress(source("broken/long-line.txt").replace("@@STATE@@", _state()).encode(), mtime=0)


def _state() -> str:
    teasers: Iterator[str] = (
        f'{{"id":{number},"slug":"harbour-{number}","image":"/img/{number % 97}.jpg","views":{number * 7919 % 10007}}}'
        for number in range(1_000_000, 2_000_000)
    )
    parts, length = [], 0
    while length < LONG_LINE:
        parts.append(next(teasers))
        length += len(parts[-1]) + 1
    return 'window.__INITIAL_STATE__={"teasers":[' + ",".join(parts) + "]};"


def damaged_warc() -> bytes:
    """Three pages; in the gzip member of the second, bytes were overwritten."""
    urls = (
        "https://penrose.example/arts/kettle",
        "https://penrose.example/arts/lost",
        "https://marealta.example/farol",
    )
    pages = (source("broken/warc-1.html"), source("broken/warc-1.html")[::-1], source("broken/warc-3.html"))
    records = [
        record(http(page.encode()), "response", number, url)
        for number, (url, page) in enumerate(zip(urls, pages, strict=True), 1)
    ]
    first, second, third = (bytearray(gzip.compress(entry, mtime=0)) for entry in records)
    second[120:180] = bytes(60)
    return bytes(first + second + third)


def flawed_utf8() -> bytes:
    """UTF-8 into which somebody pasted a word in windows-1252."""
    return source("broken/invalid.txt").encode().replace("gêné".encode(), "gêné".encode("windows-1252"))


def noise() -> bytes:
    """Bytes that are text in no encoding."""
    chance = random.Random(20)  # the same bytes each time are the point
    return bytes(chance.choice((chance.randrange(0x80, 0x100), 0x20, 0x0A, 0x81, 0x9D)) for _ in range(2000))


DUMPS: dict[str, Callable[[], bytes]] = {
    "jsonl/stories.jsonl": lambda: json_lines("jsonl/chess.txt", "jsonl/taxi.html", "jsonl/fromage.txt"),
    "json/export.json": json_array,
    "csv/export.csv": lambda: table(["csv/sauna.txt", "csv/kartoffel.txt", "csv/knihovna.txt"], ","),
    "csv/export.tsv": lambda: table(["tsv/clocks.txt", "tsv/paromshchik.txt"], "\t"),
    "parquet/crawl.parquet": parquet,
    "warc/crawl.warc.gz": crawl,
    "wet/common-crawl.warc.wet.gz": wet,
    "archives/news.zip": zipped,
    "archives/years.tar.gz": tarred,
    "compressed/kirchturmuhr.txt.zst": lambda: zstandard.ZstdCompressor(level=19).compress(
        source("packed/uhr.txt").encode()
    ),
    "compressed/panchina.txt.xz": lambda: lzma.compress(source("packed/panchina.txt").encode()),
    "compressed/kitap.txt.bz2": lambda: bz2.compress(source("packed/kitap.txt").encode()),
    "broken/truncated.jsonl.gz": truncated,
    "broken/bad-line.jsonl": bad_line,
    "broken/lone-surrogate.jsonl": lone_surrogate,
    "broken/long-line.txt.gz": long_line,
    "broken/damaged.warc.gz": damaged_warc,
    "broken/flawed-utf8.txt": flawed_utf8,
    "broken/noise.txt": noise,
    "broken/picture.txt": lambda: PNG,
    "broken/empty.txt": lambda: b"",
}

if __name__ == "__main__":
    main()
