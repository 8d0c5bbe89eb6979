"""Temporary folders of this machine. A process that is killed leaves its own behind; the next one clears it away."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

_NAME = re.compile(r"winnow-(\d+)-.+")


def new_scratch() -> Path:
    """A new folder, named after this process, which removes it. Those of processes that are gone are removed first.

    Raises OSError.
    """
    place = Path(tempfile.gettempdir())
    for left in place.glob("winnow-*"):
        owner = _NAME.fullmatch(left.name)
        if owner is not None and not Path(f"/proc/{owner[1]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"winnow-{os.getpid()}-"))
