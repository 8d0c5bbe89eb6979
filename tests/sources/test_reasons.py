"""Every reason code is explained, and nothing is explained that does not exist."""

from __future__ import annotations

from typing import get_args

from cleaners import errors
from cleaners.errors import RecordError
from flows.sources import reasons
from flows.sources.errors import Reason

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
