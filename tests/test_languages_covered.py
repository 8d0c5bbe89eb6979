"""Every language that is identified has its rules and a dump in `seeds/languages/`, which `test_seeds.py` runs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from cleaners.language.languages import LANGUAGES
from cleaners.normal import word_count
from cleaners.rulebook import packs
from tests.expectations import squeezed

SEEDS = Path(__file__).resolve().parents[1] / "seeds" / "languages"
PARAGRAPHS = 6  # of prose, at least, in each seed
PROSE = 14  # words of a paragraph, at least
RUBBISH = 10  # lines, at least, around and between them, beside the title


def article(code: str) -> dict[str, Any]:
    """What is expected of the one article of a language's dump."""
    (expected,) = tomllib.loads((SEEDS / f"{code}.txt.expect.toml").read_text(encoding="utf-8"))["article"]
    assert isinstance(expected, dict)
    return expected


def test_there_are_49() -> None:
    assert len(set(LANGUAGES)) == 49


@pytest.mark.parametrize("code", LANGUAGES)
def test_has_a_rule_pack(code: str) -> None:
    assert code in packs()


@pytest.mark.parametrize("code", LANGUAGES)
def test_has_a_seed(code: str) -> None:
    """Of that language, with an article and the rubbish around it, and every line of it accounted for."""
    expected = article(code)
    dump = (SEEDS / f"{code}.txt").read_text(encoding="utf-8")
    lines = {squeezed(line) for line in dump.split("\n")} - {""}
    assert expected["language"] == code
    assert expected["drop"][expected["title"]] == ["title"]
    assert lines == set(expected["keep"]) | set(expected["drop"])
    assert sum(word_count(line) >= PROSE for line in expected["keep"]) >= PARAGRAPHS
    assert len(expected["drop"]) > RUBBISH


def test_no_other_seed_is_there() -> None:
    assert {path.name.partition(".")[0] for path in SEEDS.iterdir()} == set(LANGUAGES)
