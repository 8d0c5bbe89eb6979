"""Which version of what wrote a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import orjson

_DATA = (".toml", ".npz", ".txt")


@cache
def winnow_version() -> str:
    """The version of the program; `0+source` where it runs from a checkout that is not installed."""
    try:
        return version("newswinnow")
    except PackageNotFoundError:
        return "0+source"


@cache
def data_version() -> str:
    """First 12 hex digits of a sha256 over the cleaners' data: rules, weights, language tables. Moves when one does."""
    digest = hashlib.sha256()
    for name, data in _data(files("cleaners"), ""):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:12]


@cache
def versions() -> Mapping[str, str]:
    """The versions that decide what is written."""
    return {"winnow": winnow_version(), "rules": data_version()}


def _data(folder: Traversable, above: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = f"{above}/{entry.name}"
        if entry.is_dir():
            yield from _data(entry, name)
        elif entry.name.endswith(_DATA):
            yield name, entry.read_bytes()


def fingerprint(value: Any) -> str:
    """16 hex digits that stand for a JSON-like value."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def recipe(options: Mapping[str, Any]) -> str:
    """What stands for today's versions and the options that change what is written."""
    return fingerprint([dict(versions()), dict(options)])
