"""Cases from a review: the rules' own format, run against the rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main


def run(tmp_path: Path, text: str) -> tuple[int, str]:
    """What `winnow cases` says of a file."""
    (tmp_path / "cases.toml").write_text(text)
    result = CliRunner().invoke(main, ["cases", str(tmp_path / "cases.toml")])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("case", "holds"),
    [
        ('[en.cookie_banner]\ncut = ["Accept all cookies"]', True),
        ('[en.boilerplate]\ncut = ["Accept all cookies"]', True),
        ('[en.newsletter]\ncut = ["Accept all cookies"]', False),
        ('[en.cookie_banner]\nkeep = ["Accept all cookies"]', False),
        ('[en.cookie_banner]\nkeep = ["The court said that cookies may be set only with consent."]', True),
        ('[de.cookie_banner]\ncut = ["Alle Cookies akzeptieren"]', True),
    ],
)
def test_cases(tmp_path: Path, case: str, holds: bool) -> None:
    code, said = run(tmp_path, case)
    assert (code, said.splitlines()[-1]) == ((0, "1 of 1 cases hold") if holds else (1, "0 of 1 cases hold"))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[xx.title]\ncut = []", "'xx' is no language"),
        ("[en.banner]\ncut = []", "'banner' is no kind"),
        ("[en.title]\nmaybe = []", "only lists of strings"),
        ("[en.title]\ncut = 3", "only lists of strings"),
        ("en = 3", "'en' is no language"),
        ("[en", "cases.toml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, wrong: str) -> None:
    code, said = run(tmp_path, text)
    assert code == 2, "1 is for cases that do not hold"
    assert wrong in said
