"""Dumps of every kind with thousands of short documents, made from numbers: the same numbers give the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.sources import list_dumps, open_dump
from tests.flows.runs import article

PER_DUMP = 40


def write_mixed(folder: Path, documents: int) -> Path:
    """So many records: pages, tables, archives; one in 25 repeats another, some are empty, broken or cut off."""
    folder.mkdir(parents=True)
    numbers = [number - 20 if number % 25 == 24 else number for number in range(documents)]
    writers = list(WRITERS.items())
    for count, start in enumerate(range(0, documents, PER_DUMP)):
        suffix, write = writers[count % len(writers)]
        write(folder / f"{count:04d}{suffix}", numbers[start : start + PER_DUMP])
    return folder


def every_record(folder: Path) -> list[tuple[str, str]]:
    """Source and position of everything that the readers find, sorted."""
    dumps = list_dumps([str(folder)])
    return sorted((item.source, item.position) for dump in dumps for item in open_dump(dump.path, source=dump.source))


def url(number: int) -> str:
    """The address of a document."""
    return f"https://news.example/2024/{number}"


def page(number: int) -> str:
    """A document as HTML, with a banner and navigation around it."""
    title, _, *paragraphs, _, _ = article(number).strip("\n").split("\n")
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html lang=en><title>{title} - The Example</title><nav><a href=/>Home</a> <a href=/w>World</a>"
        f"</nav><article><h1>{title}</h1>{body}</article><div class=cookie>We use cookies. <a href=/c>Accept</a></div>"
    )


def _folder_of(suffix: str, made: Callable[[int], str]) -> Callable[[Path, Sequence[int]], None]:
    def write(path: Path, numbers: Sequence[int]) -> None:
        path.mkdir()
        for place, number in enumerate(numbers):
            text = "" if number % 97 == 96 else made(number)
            (path / f"{place:03d}{suffix}").write_text(text, encoding="utf-8")

    return write


def _lines(numbers: Sequence[int]) -> bytes:
    rows = [{"url": url(number), "html" if number % 3 else "text": _either(number)} for number in numbers]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _either(number: int) -> str:
    return page(number) if number % 3 else article(number)


def _jsonl(path: Path, numbers: Sequence[int]) -> None:
    path.write_bytes(
        _lines(numbers) + (b'{"url": "https://news.example/cut", "te' if numbers[0] % 3 == 0 else b"{no\n")
    )


def _jsonl_gz(path: Path, numbers: Sequence[int]) -> None:
    path.write_bytes(gzip.compress(_lines(numbers), mtime=0))


def _array(path: Path, numbers: Sequence[int]) -> None:
    path.write_text(json.dumps([{"url": url(number), "content": _either(number)} for number in numbers]))


def _csv(path: Path, numbers: Sequence[int]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("url", "title", "text"))
        rows.writerows((url(number), f"Headline {number}", article(number)) for number in numbers)


def _parquet(path: Path, numbers: Sequence[int]) -> None:
    rows = {"url": [url(number) for number in numbers], "html": [page(number) for number in numbers]}
    pq.write_table(pa.table(rows), path)


def _records(numbers: Sequence[int]) -> Iterator[bytes]:
    for number in numbers:
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(number).encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url(number)}\r\nWARC-Date: 2024-05-01T12:00:00Z\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body + b"\r\n\r\n"


def _warc(path: Path, numbers: Sequence[int]) -> None:
    path.write_bytes(b"".join(_records(numbers)))


def _warc_gz(path: Path, numbers: Sequence[int]) -> None:
    whole = b"".join(gzip.compress(record, mtime=0) for record in _records(numbers))
    path.write_bytes(whole[:-30] if numbers[0] % 3 == 1 else whole)


def _zip(path: Path, numbers: Sequence[int]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, number in enumerate(numbers):
            archive.writestr(zipfile.ZipInfo(f"pages/{place}.html"), page(number))


def _tar_gz(path: Path, numbers: Sequence[int]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for place, number in enumerate(numbers):
            data = article(number).encode()
            member = tarfile.TarInfo(f"texts/{place}.txt")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))


WRITERS: dict[str, Callable[[Path, Sequence[int]], None]] = {
    "-texts": _folder_of(".txt", article),
    ".jsonl": _jsonl,
    ".warc.gz": _warc_gz,
    "-pages": _folder_of(".html", page),
    ".csv": _csv,
    ".tar.gz": _tar_gz,
    ".warc": _warc,
    ".json": _array,
    ".zip": _zip,
    ".parquet": _parquet,
    ".jsonl.gz": _jsonl_gz,
}
