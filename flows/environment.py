"""What Prefect must be told before it is imported. Whatever the user has set stays."""

from __future__ import annotations

import atexit
import os
import shutil
from contextlib import suppress
from pathlib import Path

from flows.scratch import new_scratch

SETTINGS = {
    # Workers are one a core; what threads of BLAS would share out is too small for them, and they spin as they wait.
    "OPENBLAS_NUM_THREADS": "1",
    # Nothing is sent anywhere.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # A cold, busy machine needs more than Prefect's 20 s to start the embedded API.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    # The terminal belongs to the progress bar; failures are told at the end.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
    "PREFECT_CLI_PROMPT": "false",
}


def prepare(home: Path = Path(".winnow")) -> None:
    """Set Prefect's environment. Its home is PREFECT_HOME, else `home`/prefect where that can be written.

    Where it cannot, a folder that goes with this process: nothing of it is needed by the next run.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if "PREFECT_HOME" not in os.environ:
        os.environ["PREFECT_HOME"] = str(_writable(home.absolute() / "prefect"))
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)


def _writable(home: Path) -> Path:
    """The folder, or a temporary one where nothing can be written to it. Raises OSError where there is none either."""
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        if os.access(home, os.W_OK):
            return home
    folder = new_scratch()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
