"""The format of a dump, under whatever compression, for the tables that count by format."""

from __future__ import annotations

from pathlib import Path

from flows.sources import SourceOptions, detect
from flows.sources.compression import Inflated, inner_name
from flows.sources.compression import recognise as find_codec
from flows.sources.registry import HEAD
from flows.sources.stream import Stored, Stream

UNKNOWN = "unknown"


def recognise(path: Path, options: SourceOptions) -> str:
    """The name of the format: the forced one, else what the content says; `unknown` where the file cannot be opened."""
    if options.format is not None:
        return options.format
    try:
        with path.open("rb", buffering=0) as file:
            stream, name = Stream(Stored(file)), path.name
            for _ in range(options.max_depth):
                codec = find_codec(stream.peek(HEAD))
                if codec is None:
                    break
                name = inner_name(name, codec)
                stream = Stream(Inflated(stream, codec, options.max_ratio, options.max_member_bytes, 0))
            return detect(stream.peek(HEAD), name)
    except OSError:
        return UNKNOWN
