"""What tests of several folders share."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import pytest

from tests.environment import count_here_only
from tests.flows.homes import copy_home, make_home


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Take the tracer away while a test marked `untraced` is called.

    pytest-cov's own `no_cover` does nothing in the workers of xdist: coverage was started in them once before it.
    """
    if item.get_closest_marker("untraced") is None:
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(scope="session", autouse=True)
def _children_do_not_count() -> None:
    """Runs end their workers with kill -9: what coverage counted there is lost, and starts took half as long again.

    Commands that are to be measured ask for it: tests/environment.py.
    """
    count_here_only()


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Makes a folder that is not there a home of Prefect, and returns it.

    To make the tables of its database takes a server ten seconds of CPU: that is done once, in an empty folder, for all
    workers of the run, and copied. tests/test_readme.py has the command begin with nothing.
    """
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = run / "prefect-home"
    with (run / "prefect-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            make_home(empty := tmp_path_factory.mktemp("prefect"))
            empty.rename(made)
    return partial(copy_home, made)
