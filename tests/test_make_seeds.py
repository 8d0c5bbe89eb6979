"""The packed seeds are what `make_seeds` writes. Compressed ones differ between versions of zlib and are left out."""

from __future__ import annotations

import pytest

from tests.make_seeds import DUMPS, SEEDS

PLAIN = [name for name in DUMPS if name.endswith((".jsonl", ".json", ".csv", ".tsv", ".txt"))]


@pytest.mark.parametrize("name", PLAIN)
def test_is_made_from_its_sources(name: str) -> None:
    assert (SEEDS / name).read_bytes() == DUMPS[name]()


def test_every_made_dump_is_there() -> None:
    assert all((SEEDS / name).is_file() for name in DUMPS)
