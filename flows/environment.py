"""What Prefect must be told before it is imported. Whatever the user has set stays."""

from __future__ import annotations

import os
from pathlib import Path

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
    """Set Prefect's environment. Its home is `home`/prefect unless PREFECT_HOME says otherwise."""
    for name, value in {**SETTINGS, "PREFECT_HOME": str(home.absolute() / "prefect")}.items():
        os.environ.setdefault(name, value)
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
