"""The table of metadata names, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def metadata_table() -> dict[str, dict[str, list[str]]]:
    """`rules/metadata.toml`."""
    text = (files("cleaners") / "rules" / "metadata.toml").read_text(encoding="utf-8")
    table: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return table
