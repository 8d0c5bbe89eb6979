"""Prefect's API for a run or a schedule, where no server is named: started beside it, gone with it, whatever ends it.

Prefect can embed a server itself, but that one gets the Ctrl-C meant for the run, and outlives a run that is killed.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from flows.errors import RunError

START_SECONDS = 300.0  # an empty database on a busy machine took two minutes; what has ended is seen at once
# For one run: no pages, no scheduler.
_RUN_ONLY = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


class ApiServer:
    """A Prefect API on a free port of this machine, as a child process; `whole` with its pages and its scheduler."""

    def __init__(self, log: Path, *, whole: bool = False) -> None:
        port = _free_port()
        more = {"PREFECT_SERVER_API_PORT": str(port)} if whole else _RUN_ONLY
        self.url = f"http://127.0.0.1:{port}/api"
        self._log = log
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flows.api", str(os.getpid()), str(port)],
                env={**os.environ, **more, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers. Raises RunError where it ends, or takes more than five minutes."""
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                time.sleep(0.1)
        raise RunError(f"Prefect's API did not start; {self._log} says why. PREFECT_API_URL names a running server")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start(*, whole: bool = False) -> ApiServer | None:
    """Begin to start an API and point Prefect at it; None where PREFECT_API_URL names one. Before Prefect is imported.

    It ends with this process, after Prefect has told it the last news.
    """
    if os.environ.get("PREFECT_API_URL"):
        return None
    server = ApiServer(Path(os.environ["PREFECT_HOME"]) / "api.log", whole=whole)
    atexit.register(server.stop)
    os.environ["PREFECT_API_URL"] = server.url
    return server


def serve(supervisor: int, port: int) -> None:
    """Be the server, until the process `supervisor` ends."""
    from flows.child import die_with

    die_with(supervisor)
    import uvicorn

    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
