"""Homes and servers of Prefect for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from flows.api import ApiServer

_OTHERS = ("PREFECT", "COVERAGE")  # of the server, what little is Winnow's is measured where a command starts one


@contextmanager
def prefect_api(home: Path, *, whole: bool = False) -> Iterator[ApiServer]:
    """A Prefect API with that home, which asks nothing else of the environment; it ends at the end."""
    with mock.patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith(_OTHERS)]:
            del os.environ[name]
        os.environ |= {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        server = ApiServer(home / "server.log", whole=whole)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def make_home(home: Path) -> None:
    """Start and end an API in an empty folder: its database has its tables then."""
    with prefect_api(home, whole=True):
        pass
    for name in ("server.log", "prefect.db-shm"):
        (home / name).unlink(missing_ok=True)


def copy_home(made: Path, home: Path) -> Path:
    """A home of a test's own."""
    return Path(shutil.copytree(made, home))
