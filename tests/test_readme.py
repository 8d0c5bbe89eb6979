"""The README's commands do what it says: every `$ winnow ...` line is run, in the order in which they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT, unmeasured

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ winnow (.+)$", README, re.MULTILINE)
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
QUERIES = re.findall(r'^\$ duckdb -c "(.+)"$', README, re.MULTILINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder with the project's seeds in it."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "seeds").symlink_to(ROOT / "seeds")
    return folder


def test_there_is_something_to_run() -> None:
    assert COMMANDS
    assert SNIPPETS
    assert QUERIES


@pytest.mark.slow
def test_commands_and_queries(place: Path) -> None:
    for command in COMMANDS:
        arguments = [sys.executable, "-m", "flows.cli", *shlex.split(command, comments=True)]
        done = subprocess.run(arguments, cwd=place, env=unmeasured(), capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"winnow {command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip()
    import duckdb

    for query in QUERIES:
        found = duckdb.sql(query.replace("'output/", f"'{place}/output/")).fetchall()
        assert found, query


def test_snippets() -> None:
    page = "<title>Rain</title><article><h1>Rain</h1><p>It rained in Velsund all day, and the fair was moved.</p>"
    for snippet in SNIPPETS:
        exec(compile(snippet, "README.md", "exec"), {"payload": page})
