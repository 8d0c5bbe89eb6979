"""The reason codes of the quarantine, in words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What a reason code means and what to do about it, a sentence or two each."""

    means: str
    remedy: str


@cache
def reasons() -> Mapping[str, ReasonText]:
    """Every reason code that a quarantined record may have.

    >>> reasons()["encrypted"].means
    'A member of a zip archive is encrypted.'
    """
    table = tomllib.loads(files("flows.sources").joinpath("reasons.toml").read_text("utf-8"))
    return {code: ReasonText(**entry) for code, entry in table.items()}
