"""The documentation is true: it builds with every link checked, its commands run, its snippets work."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from flows.cli import main
from tests.environment import ROOT, unmeasured

PAGES = sorted((ROOT / "docs").glob("*.md"))
# These need a lake of their own, and have tests of their own: tests/tables/.
OWN_TESTS = {"reading.md", "tables.md"}
RUN = {
    page.name: re.findall(r"^\$ winnow (.+)$", page.read_text(), re.MULTILINE)
    for page in PAGES
    if page.name not in OWN_TESTS
}
NAMED = [
    (page.name, line)
    for page in PAGES
    for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", page.read_text(), re.DOTALL)
    for line in re.findall(r"^(?:\$ )?winnow (.+)$", block.replace("\\\n", " "), re.MULTILINE)
]
SNIPPETS = [
    (page.name, snippet)
    for page in PAGES
    if page.name not in OWN_TESTS
    for snippet in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
]


def words(line: str) -> list[str]:
    """A command's words, without comment and redirection."""
    found = shlex.split(line, comments=True)
    return found[: next((at for at, word in enumerate(found) if word in {">", "2>", "|", "&&"}), len(found))]


@pytest.mark.parametrize(("page", "line"), NAMED, ids=lambda value: str(value)[:40])
def test_every_command_has_the_options_that_are_shown(page: str, line: str) -> None:
    name, *arguments = words(line)
    command = main.commands[name]
    shown = {argument.split("=")[0] for argument in arguments if argument.startswith("-")}
    known = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    assert shown <= known | {"--help", "-"}, f"{page}: winnow {line}"
    assert isinstance(command, click.Command)


@pytest.mark.slow
@pytest.mark.parametrize("page", [name for name, commands in RUN.items() if commands])
def test_commands(page: str, tmp_path: Path, new_home: Callable[[Path], Path]) -> None:
    new_home(tmp_path / ".winnow" / "prefect")
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    for line in RUN[page]:
        call = [sys.executable, "-m", "flows.cli", *words(line)]
        done = subprocess.run(call, cwd=tmp_path, env=unmeasured(), capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{page}: winnow {line}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip()


@pytest.mark.parametrize(("page", "snippet"), SNIPPETS, ids=lambda value: str(value)[:20])
def test_python(page: str, snippet: str) -> None:
    exec(compile(snippet, page, "exec"), {})


def test_tables_of_rules_are_toml() -> None:
    for name in ("rules.md", "languages.md"):
        (block,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)
        assert tomllib.loads(block)


@pytest.mark.slow
def test_the_site_builds_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(call, cwd=ROOT, env=unmeasured(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.name for path in (tmp_path / "site").glob("*.html")}
    assert {"index.html", "kinds.html", "options.html", "columns.html"} <= made
    loaded = re.findall(
        r'(?:src|href)="(https?://[^"]+\.(?:js|css|woff2?))"', (tmp_path / "site/index.html").read_text()
    )
    assert loaded == []
