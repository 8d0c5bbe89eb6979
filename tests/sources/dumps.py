"""Dumps of every format, made from a few pages. What the tests feed the readers."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import zstandard

PAGES = [
    f"The river rose by {n} metres overnight, the mayor of Überlingen said — nobody was hurt." for n in range(2, 7)
]
HTML = [f"<!doctype html><title>Flood {n}</title><p>{text}</p>" for n, text in enumerate(PAGES)]


@dataclass(frozen=True)
class Sample:
    """A dump and the byte behind which each of its records is whole."""

    name: str
    data: bytes
    ends: tuple[int, ...]


def cumulative(parts: Iterable[bytes], tail: int = 0) -> tuple[int, ...]:
    """The end of each part in the joined parts, less `tail` bytes that may miss."""
    ends, at = [], 0
    for part in parts:
        at += len(part)
        ends.append(at - tail)
    return tuple(ends)


def warc_record(body: bytes, kind: str = "response", **headers: str) -> bytes:
    """A WARC record. `headers` names are written with dashes; an empty value leaves a header out."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": "<urn:uuid:00000000-0000-0000-0000-000000000000>",
        "WARC-Date": "2024-05-01T12:00:00Z",
        "WARC-Target-URI": "https://news.example/flood",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(body)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\r\n".join(["WARC/1.0", *lines, "", ""]).encode() + body + b"\r\n\r\n"


def http(body: bytes, status: str = "200 OK", content_type: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    """An HTTP answer."""
    fields = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


def page_record(page: str) -> bytes:
    """A page as a crawler stores it."""
    return warc_record(http(page.encode()))


def jsonl(pages: list[str] = PAGES) -> bytes:
    """A row a page."""
    rows = [{"url": f"https://news.example/{n}", "title": "Flood", "text": page} for n, page in enumerate(pages)]
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def warc(pages: list[str] = HTML) -> bytes:
    """A record a page, uncompressed."""
    return b"".join(map(page_record, pages))


def warc_gz(pages: list[str] = HTML) -> bytes:
    """A record a gzip member."""
    return b"".join(gzip.compress(page_record(page), mtime=0) for page in pages)


def tar(files: dict[str, bytes], format_: int = tarfile.PAX_FORMAT) -> bytes:
    """The files as a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Pipe(io.BytesIO):
    """A file that cannot be gone back in."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    tell = seek  # type: ignore[assignment]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False) -> bytes:
    """The files as a zip; `streamed` has their sizes behind them."""
    out = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def member_ends(archive: bytes) -> tuple[int, ...]:
    """Where the members of a zip end: where the next one or the table of contents begins."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return (*(member.header_offset for member in opened.infolist()[1:]), opened.start_dir)


def csv_table(pages: list[str] = PAGES) -> bytes:
    """A row a page, each text on two lines."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["url", "text"])
    writer.writerows([f"https://news.example/{n}", f"{page}\n{page}"] for n, page in enumerate(pages))
    return out.getvalue().encode()


def mhtml(page: str = HTML[0]) -> bytes:
    """A page as a browser saves it."""
    return (
        "From: <Saved by a browser>\r\nSnapshot-Content-Location: https://news.example/flood\r\nSubject: Flood\r\n"
        "Date: Wed, 1 May 2024 12:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----edge"\r\n\r\n\r\n'
        "------edge\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        f"Content-Location: https://news.example/flood\r\n\r\n{page}\r\n"
        "------edge\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n------edge--\r\n"
    ).encode()


def table(kind: str, pages: list[str] = PAGES, **columns: object) -> bytes:
    """A row a page as `parquet`, `arrow` or `arrows`, two rows a group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = pa.table({"text": pages, "url": [f"https://news.example/{n}" for n in range(len(pages))], **columns})
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(data, out, row_group_size=2, write_page_checksum=True)
        return out.getvalue()
    writer = pa.ipc.new_file(out, data.schema) if kind == "arrow" else pa.ipc.new_stream(out, data.schema)
    with writer:
        writer.write_table(data, max_chunksize=2)
    return out.getvalue()


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def samples() -> list[Sample]:
    """Dumps of three pages in which each record's end is known."""
    lines = jsonl(PAGES[:3]).splitlines(keepends=True)
    elements = [line.strip() for line in lines]
    array = b"[\n" + b",\n".join(elements) + b"\n]\n"
    element_ends = tuple(array.index(element) + len(element) for element in elements)
    records = [page_record(page) for page in HTML[:3]]
    members = [gzip.compress(record, mtime=0) for record in records]
    files = {f"{n}.html": page.encode() for n, page in enumerate(HTML[:3])}
    archive = tar(files)
    zips = {
        "a.zip": zipped(files),
        "stored.zip": zipped(files, zipfile.ZIP_STORED),
        "bz2.zip": zipped(files, zipfile.ZIP_BZIP2),
        "streamed.zip": zipped(files, streamed=True),
        "streamed-stored.zip": zipped(files, zipfile.ZIP_STORED, streamed=True),
    }
    in_tar = tuple(archive.index(data) + len(data) for data in files.values())
    return [
        Sample("a.jsonl", b"".join(lines), cumulative(lines, tail=1)),
        Sample("a.json", array, element_ends),
        Sample("a.warc", b"".join(records), cumulative(records, tail=4)),
        Sample("a.warc.gz", b"".join(members), cumulative(members)),
        Sample("a.tar", archive, in_tar),
        *(Sample(name, data, member_ends(data)) for name, data in zips.items()),
    ]
