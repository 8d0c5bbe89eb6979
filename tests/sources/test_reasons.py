"""Every reason code is explained, and nothing is explained that does not exist."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from cleaners import errors
from cleaners.errors import RecordError
from flows.config import Options
from flows.sources import reasons
from flows.sources.errors import Reason
from flows.sources.reasons import markdown

# Given by the workers, which have no class for them.
WORKERS = {"timeout", "memory", "crash"}


def record_errors() -> set[str]:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, RecordError)]
    return {found.reason for found in classes}


def test_the_list_is_whole() -> None:
    assert set(reasons()) == set(get_args(Reason)) | record_errors() | WORKERS


def test_each_says_what_it_means_and_what_to_do() -> None:
    for code, text in reasons().items():
        assert text.means.endswith("."), code
        assert text.remedy.endswith("."), code
    assert list(reasons()) == sorted(reasons())


def test_the_docs_say_the_same() -> None:
    page = Path(__file__).parents[2] / "docs" / "reasons.md"
    assert page.read_text() == markdown(), "write it with: python -m flows.sources.reasons > docs/reasons.md"


@pytest.mark.parametrize("code", reasons())
def test_each_stands_in_the_docs_once(code: str) -> None:
    assert markdown().count(f"\n| `{code}` |") == 1


def test_a_remedy_names_options_that_exist() -> None:
    words = {word for text in reasons().values() for word in re.findall(r"`([a-z_]+)`", text.remedy)}
    assert words - {"charset"} <= {entry.name for entry in fields(Options)}  # a column of the dump, not an option
    assert words
