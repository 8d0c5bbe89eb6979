"""Temporary folders of this machine. A process that is killed leaves its own behind; the next one clears it away."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from pathlib import Path


def new_scratch() -> Path:
    """A new folder, named after this process, which removes it. Those of processes that are gone are removed first.

    The name says Winnow, the machine and the process: in a temporary folder that machines share a process of another
    one cannot be told to be gone, and nothing of the user's is named so. Raises OSError.
    """
    place = Path(tempfile.gettempdir())
    ours = f"winnow-scratch-{socket.gethostname()}-"
    name = re.compile(rf"{re.escape(ours)}(\d{{1,9}})-[a-z0-9_]{{8}}")
    for left in place.glob("winnow-scratch-*"):
        owner = name.fullmatch(left.name)
        if owner is not None and not _lives(int(owner[1])):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{ours}{os.getpid()}-"))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
