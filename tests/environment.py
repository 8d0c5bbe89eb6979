"""The environment of the commands that tests start."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_COVERAGE: dict[str, str] = {}


def count_here_only() -> None:
    """Take out of this process' environment what starts coverage in its children."""
    for name in [name for name in os.environ if name.startswith("COVERAGE")]:
        _COVERAGE[name] = os.environ.pop(name)


def unmeasured(**more: str) -> dict[str, str]:
    """This process' own, with this project to import, without what is set for Prefect, and `more`.

    The command's lines are not counted: that would cost it half as much again, and other tests reach them, or it is
    killed before it can tell.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "COVERAGE"))}
    return {**kept, "PYTHONPATH": str(ROOT)} | more


def measured(**more: str) -> dict[str, str]:
    """The same, for what no test does in its own process: `make test` counts the lines that the command runs."""
    return unmeasured() | _COVERAGE | more
