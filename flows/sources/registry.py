"""The formats, found by listing this folder: every module in it that has a `FORMAT`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from flows.sources.records import Format

HEAD = 4096
"""Bytes that formats are recognised by."""


@cache
def registry() -> Mapping[str, Format]:
    """Every format by its name, in the order in which they are asked."""
    package = __name__.rpartition(".")[0]
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    found = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return MappingProxyType({entry.name: entry for entry in sorted(found, key=lambda entry: (entry.rank, entry.name))})


def formats() -> list[str]:
    """The names that `SourceOptions.format` knows."""
    return list(registry())


def detect(head: bytes, name: str) -> str:
    """The format of a dump that begins with `head`: what the bytes prove, else what the name says, else `text`.

    >>> detect(b"<!doctype html><p>Rain", "page.txt"), detect(b"a;b", "table.csv"), detect(b"Rain", "notes")
    ('html', 'csv', 'text')
    """
    return choose(head, name).name


def choose(head: bytes, name: str) -> Format:
    """As `detect`, the format itself."""
    known = registry()
    by_content = next((entry for entry in known.values() if entry.recognise(head)), None)
    by_name = (entry for entry in known.values() if name.lower().endswith(entry.suffixes))
    return by_content or next(by_name, known["text"])
