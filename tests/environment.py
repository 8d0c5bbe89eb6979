"""The environment of the commands that tests start."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def unmeasured(**more: str) -> dict[str, str]:
    """This process' own, with this project to import, without what is set for Prefect, and `more`.

    The command's lines are not counted: that would cost it half as much again, and other tests reach them, or it is
    killed before it can tell.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "COVERAGE"))}
    return {**kept, "PYTHONPATH": str(ROOT), **more}
