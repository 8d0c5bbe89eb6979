"""Which version of what wrote a row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson


@cache
def winnow_version() -> str:
    """The version of the program; `0+source` where it runs from a checkout that is not installed."""
    try:
        return version("newswinnow")
    except PackageNotFoundError:
        return "0+source"


@cache
def versions() -> Mapping[str, str]:
    """The versions that decide what is written."""
    from cleaners.rulebook import rules_version

    return {"winnow": winnow_version(), "rules": rules_version()}


def fingerprint(value: Any) -> str:
    """16 hex digits that stand for a JSON-like value."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def recipe(options: Mapping[str, Any]) -> str:
    """What stands for today's versions and the options that change what is written."""
    return fingerprint([dict(versions()), dict(options)])
