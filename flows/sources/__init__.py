"""Dumps in, raw records out. One file a format, found by listing this folder.

**Addresses.** Each record has a `source`, the path of its dump relative to the input under which it was found, and a
`position` inside of the dump. A position is empty (the whole file) or steps joined by `!`, from the outside in:

    offset:N     byte N of the file as it is stored, counted from 0. In a compressed file N is where the compressed
                 member (a gzip member, a zstd frame) begins that holds the record, and a second `offset:M` counts
                 inside of the decompressed member where the record does not begin it. WARC.
    line:N       line N, counted from 1. JSON Lines.
    row:N        row or object N, counted from 0. CSV and TSV (behind the header), JSON arrays, Parquet, Arrow.
    member:NAME  the member of a zip or tar. `!`, `#`, `%`, control characters and bytes that are no UTF-8 are
                 percent-encoded; `#2` behind the name is the second member of that name.

Compression around a file is no step: there is one thing inside. So `member:a/b.jsonl.gz!line:12` is the twelfth line of
a compressed member and `offset:12345` a record of a WARC. `fetch` finds a record again by its address.

**Nothing is raised for bad data.** What is no readable text comes out as an `Unreadable` with a reason of
`reasons.toml`. Archive members and compressed files are never written to disk under a name of theirs.
"""

from __future__ import annotations

from flows.sources.dump import fetch, open_dump, read_file
from flows.sources.listing import Dump, list_dumps
from flows.sources.ranges import ranges
from flows.sources.reasons import reasons
from flows.sources.records import Item, Range, SourceOptions, Unreadable
from flows.sources.registry import detect, formats

__all__ = [
    "Dump",
    "Item",
    "Range",
    "SourceOptions",
    "Unreadable",
    "detect",
    "fetch",
    "formats",
    "list_dumps",
    "open_dump",
    "ranges",
    "read_file",
    "reasons",
]
