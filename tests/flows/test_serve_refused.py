"""`winnow serve` on an API that answers, and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.environment import measured

pytestmark = pytest.mark.slow


class Refusing(BaseHTTPRequestHandler):
    """An API that lets nobody do anything."""

    def do_GET(self) -> None:
        """Refuse."""
        body = json.dumps({"detail": "not for you"}).encode()
        self.send_response(403)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Refuse, when all has been read."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    """The address of an API that refuses."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
        server.shutdown()
        thread.join()


def test_what_an_api_refuses_is_said(api: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    there = {"PREFECT_API_URL": api, "PREFECT_HOME": str(tmp_path / "home")}
    call = [sys.executable, "-m", "flows.cli", "serve", "inbox", "-o", "lake", "--every", "1h"]
    found = subprocess.run(call, cwd=tmp_path, env=measured(**there), capture_output=True, text=True)
    assert found.returncode == 1
    assert f"winnow: Prefect's API at {api} refused: " in found.stderr
    assert "403" in found.stderr
    assert "not for you" in found.stderr
    assert "does not answer" not in found.stderr
    assert "Traceback" not in found.stderr
