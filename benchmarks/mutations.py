"""Hostile inputs for the fuzzer: the files of seeds/, mutated, and values that Hypothesis invents.

An input is made from a seed number and its own number alone, so that any of them can be made again.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flows.sources.compression import Inflated, inner_name, recognise
from flows.sources.records import SourceOptions
from flows.sources.stream import Stored, Stream

SEEDS = Path(__file__).parents[1] / "seeds"
LARGEST = 60_000  # bytes of a seed; beyond, an input costs too much for what it shows
PAGES = 0.3  # share of the inputs whose seed is HTML: most samples are plain text
FORMATS = ("html", "txt", "jsonl", "json", "csv", "tsv", "mhtml", "warc", "zip", "tar", "parquet", "arrow")

# What parsers trip over: markers of formats, numbers at the edges, markup that does not end, text that is no text.
TOKENS = (
    b"\0", b"\xff", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", b"\x80",
    b"\r", b"\n", b"\r\n\r\n", b"\t", b"\x0b\x0c", b"\xe2\x80\xa8", b"\xc2\xa0" * 9, b" " * 300, b"\n" * 300,
    b'"', b"'", b"\\", b'\\"', b"\\ud800", b"\\u0000", b"{", b"}", b"[", b"]", b",", b":", b"[" * 400, b'{"a":' * 400,
    b"null", b"NaN", b"1e999", b"-1", b"0", b"4294967296", b"9223372036854775808", b"9" * 400, b"true",
    b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"<script>", b"</script>", b"<div>" * 200, b"&#0;", b"&#xD800;",
    b"&amp;" * 60, b"&" + b"a" * 200, b"<p", b"<p a=", b"<title>", b"<svg>", b"<template>", b"<table><tr><td>" * 40,
    b'<meta charset="utf-16">', b'<meta charset="nonsense">', b'<script type="application/ld+json">{', b"<?xml ",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>&b;", b"%00", b"../", b"//", b"http://[", b"a" * 2000,
    b"WARC/1.0\r\n", b"Content-Length: 99999999999\r\n", b"HTTP/1.1 200 OK\r\n", b"Content-Encoding: gzip\r\n",
    b"Transfer-Encoding: chunked\r\n", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b\x08\0", b"PAR1",
    b"ARROW1", b"\x28\xb5\x2f\xfd", b"BZh9", b"\xfd7zXZ\0", b"ustar", b"--edge",
    b"Date: Mon, 31 Feb 99999 99:99:99 +9999\r\n",
    "\u202e\u200f\u2066".encode(), "\U0001f468\u200d\U0001f469".encode() * 20, "\u0301".encode() * 300,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """What is given to the readers: a file's name, which is a hint at its format, and its bytes."""

    name: str
    data: bytes


@cache
def seeds(largest: int = LARGEST) -> tuple[Input, ...]:
    """Every sample dump of at most so many bytes; what lies in a compressed one stands beside it, as do Arrow files."""
    if largest < LARGEST:
        return tuple(seed for seed in seeds() if len(seed.data) <= largest)
    found = [Input(path.name, path.read_bytes()) for path in sorted(SEEDS.rglob("*")) if _is_dump(path)]
    opened = [inner for seed in found for inner in _opened(seed)]
    return (*(seed for seed in found if len(seed.data) <= LARGEST), *opened, *_arrow())


@cache
def pages(largest: int = LARGEST) -> tuple[Input, ...]:
    """Those of the seeds that are HTML."""
    return tuple(seed for seed in seeds(largest) if Path(seed.name).suffix in (".html", ".xhtml"))


def mutated(seed: int, number: int, largest: int = LARGEST) -> Input:
    """Input `number` of the run `seed`, of a seed of at most `largest` bytes and not over four times as long itself."""
    chance = random.Random(f"{seed}:{number}")
    found = chance.choice((pages(largest) if chance.random() < PAGES else ()) or seeds(largest))
    data = bytearray(found.data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 9, 30))):
        chance.choice(MUTATIONS)(data, chance)
    name = found.name if chance.random() < 0.9 else f"a.{chance.choice(FORMATS)}"
    made = bytes(data[: 4 * largest])
    if b"\0" not in found.data and chance.random() < 0.6:  # else nearly every text would be one of no known encoding
        made = made.decode("utf-8", "ignore").encode()
    return Input(name, made)


def strategies() -> Any:
    """What Hypothesis invents: pages, tables of rows, any text and any bytes, as inputs."""
    from hypothesis import strategies as st

    text = st.text(max_size=200)
    leaf = text | st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=50).map(repr)
    value = st.recursive(leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))
    names = st.sampled_from(
        ("text", "html", "url", "title", "date", "published", "language", "authors", "fetched", "x")
    )
    row = st.dictionaries(names | text, value, max_size=8)
    tags = st.sampled_from(
        ("p", "div", "article", "h1", "li", "ul", "table", "td", "a", "script", "time", "meta", "br")
    )
    attributes = st.lists(st.tuples(st.sampled_from(("class", "id", "datetime", "content", "href")), text), max_size=2)
    element = st.tuples(tags, attributes, st.sampled_from(("", "/", "!")))
    markup = st.lists(element.map(_tag) | text, max_size=40).map("".join)
    rows = st.lists(row, max_size=6)
    return st.one_of(
        markup.map(lambda found: Input("a.html", found.encode("utf-8", "surrogatepass"))),
        text.map(lambda found: Input("a.txt", found.encode("utf-8", "surrogatepass"))),
        st.binary(max_size=2000).flatmap(
            lambda data: st.sampled_from(FORMATS).map(lambda name: Input(f"a.{name}", data))
        ),
        rows.map(lambda found: Input("a.jsonl", "\n".join(map(json.dumps, found)).encode())),
        rows.map(lambda found: Input("a.json", json.dumps(found).encode())),
    )


def _tag(element: tuple[str, Sequence[tuple[str, str]], str]) -> str:
    name, attributes, sign = element
    written = "".join(f' {key}="{value}"' for key, value in attributes)
    return f"</{name}>" if sign == "/" else f"<{name}{written}>"


def _is_dump(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(".expect.toml")


def _opened(seed: Input) -> Iterator[Input]:
    codec = recognise(seed.data[:16])
    if codec is not None:
        options = SourceOptions()
        inflated = Inflated(Stream(Stored(io.BytesIO(seed.data))), codec, options.max_ratio, options.max_member_bytes)
        data = Stream(inflated).read(LARGEST + 1)
        if len(data) <= LARGEST:
            yield Input(inner_name(seed.name, codec), data)


def _arrow() -> Iterator[Input]:
    """The Parquet sample as an Arrow file and as an Arrow stream."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in sorted(SEEDS.glob("parquet/*.parquet")):
        table = pq.read_table(path)
        for suffix, make in (("arrow", pa.ipc.new_file), ("arrows", pa.ipc.new_stream)):
            out = io.BytesIO()
            with make(out, table.schema) as writer:
                writer.write_table(table, max_chunksize=2)
            yield Input(f"{path.stem}.{suffix}", out.getvalue())


Mutation = Callable[[bytearray, random.Random], None]


def _at(data: bytearray, chance: random.Random) -> int:
    """A place in the data; beginnings and ends, where formats keep their tables, come up more often."""
    size = len(data)
    near = min(size, 64)
    where = chance.random()
    if where < 0.15:
        return chance.randrange(near + 1)
    return size - chance.randrange(near + 1) if where < 0.3 else chance.randrange(size + 1)


def _flip(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    if at < len(data):
        data[at] ^= 1 << chance.randrange(8)


def _set(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    if at < len(data):
        data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, 0x20, 0x0A, chance.randrange(256)))


def _drop(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    del data[at : at + int(chance.expovariate(0.02))]


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_at(data, chance) :]


def _insert_token(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    data[at:at] = chance.choice(TOKENS)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    token = chance.choice(TOKENS)
    data[at : at + len(token)] = token


def _noise(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    length = int(chance.expovariate(0.05))
    data[at : at + chance.choice((0, length))] = chance.randbytes(length)


def _double(data: bytearray, chance: random.Random) -> None:
    """A stretch comes again, here or elsewhere, now and then many times."""
    at = _at(data, chance)
    stretch = data[at : at + int(chance.expovariate(0.003))]
    to = chance.choice((at, _at(data, chance)))
    data[to:to] = stretch * chance.choice((1, 1, 1, 3, 50 if len(stretch) < 500 else 1))


def _splice(data: bytearray, chance: random.Random) -> None:
    """The end of another sample takes the place of this one's."""
    other = chance.choice(seeds()).data
    data[_at(data, chance) :] = other[chance.randrange(len(other) + 1) :]


def _numbers(data: bytearray, chance: random.Random) -> None:
    """A four-byte number becomes one at the edge of its range."""
    at = _at(data, chance)
    value = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data), chance.getrandbits(32)))
    data[at : at + 4] = value.to_bytes(4, chance.choice(("little", "big")))


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _set, _drop, _cut, _insert_token, _insert_token, _overwrite, _noise, _double, _splice, _numbers),
)
