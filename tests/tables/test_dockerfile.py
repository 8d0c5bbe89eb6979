"""What can be checked of the container file where no engine builds it: that it copies and runs what is there."""

from __future__ import annotations

import re
import tomllib

from flows.cli import main
from tests.flows.runs import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_what_it_copies_is_there_and_not_ignored() -> None:
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.M) for name in line.split()[:-1]]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    assert set(copied) == allowed


def test_it_installs_extras_and_runs_commands_that_there_are() -> None:
    extras = re.search(r"'\.\[([a-z0-9,]+)\]'", TEXT)
    assert extras is not None
    assert set(extras[1].split(",")) <= set(PROJECT["optional-dependencies"])
    entry = re.search(r'^ENTRYPOINT \["([a-z]+)"\]$', TEXT, re.M)
    assert entry is not None
    assert entry[1] in PROJECT["scripts"]
    shown = re.search(r"^#\s+docker run .* winnow ([a-z]+) ", TEXT, re.M)
    assert shown is not None
    assert shown[1] in main.commands


def test_it_runs_as_nobody_special_with_the_python_that_the_project_asks_for() -> None:
    images = re.findall(r"^FROM (\S+)", TEXT, re.M)
    assert set(images) == {"python:3.11-slim"}
    assert PROJECT["requires-python"] == ">=3.11"
    assert re.findall(r"^USER (\w+)$", TEXT, re.M) == ["winnow"]
