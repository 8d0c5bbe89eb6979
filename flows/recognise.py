"""The format of a dump, under whatever compression, for the tables that count by format."""

from __future__ import annotations

from typing import BinaryIO

from flows.sources import SourceOptions, detect
from flows.sources.compression import Inflated, inner_name
from flows.sources.compression import recognise as find_codec
from flows.sources.registry import HEAD
from flows.sources.stream import Stored, Stream

UNKNOWN = "unknown"


def recognise(file: BinaryIO | None, name: str, options: SourceOptions) -> str:
    """The name of the format of an open dump, which stands at its beginning afterwards as it did before.

    The forced one, else what the content says, with `name` as a hint; `unknown` where it could not be opened (None).
    """
    if options.format is not None:
        return options.format
    if file is None:
        return UNKNOWN
    stream = Stream(Stored(file))
    for _ in range(options.max_depth):
        codec = find_codec(stream.peek(HEAD))
        if codec is None:
            break
        name = inner_name(name, codec)
        stream = Stream(Inflated(stream, codec, options.max_ratio, options.max_member_bytes, 0))
    found = detect(stream.peek(HEAD), name)
    file.seek(0)
    return found
