"""The tree of exceptions is what the docs and the modules draw, and survives the way home from a worker."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import cleaners
import cleaners.errors
import flows.errors
from cleaners.errors import RecordError, WinnowError
from flows.errors import IncompleteError, InvariantError, RunError, StoppedError

PAGE = (Path(__file__).parents[1] / "docs" / "errors.md").read_text(encoding="utf-8")
MODULES = (cleaners.errors, flows.errors)
CLASSES = {
    name: found
    for module in MODULES
    for name, found in vars(module).items()
    if isinstance(found, type) and issubclass(found, WinnowError) and found.__module__ == module.__name__
}


MADE: dict[str, Callable[[], WinnowError]] = {
    "InvariantError": lambda: InvariantError(["a", "b"]),
    "StoppedError": lambda: StoppedError(15),
    "IncompleteError": lambda: IncompleteError("over", SimpleNamespace(exit_code=4)),
}


def drawn(text: str) -> dict[str, str]:
    """Each class of a drawn tree with its parent."""
    found: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in text.splitlines():
        if match := re.match(r"^[ │├└─]*?(?=\w+Error\b)(\w+Error)\b", line):
            depth = match.start(1)
            parents = [level for level in above if level < depth]
            found.setdefault(match[1], above[max(parents)] if parents else "")
            above = {level: name for level, name in above.items() if level < depth} | {depth: match[1]}
    return found


def test_the_docs_draw_the_tree() -> None:
    tree = drawn(PAGE.split("```")[1])
    assert set(tree) == set(CLASSES)
    parents = {name: found.__bases__[0].__name__ for name, found in CLASSES.items()}
    assert tree == {**parents, "WinnowError": ""}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_each_module_draws_its_own(module: object) -> None:
    own = {name for name, found in CLASSES.items() if found.__module__ == module.__name__}  # type: ignore[attr-defined]
    assert own <= set(drawn(module.__doc__ or ""))


def test_exit_codes_stand_in_the_docs() -> None:
    for name, found in CLASSES.items():
        if issubclass(found, RunError) and name not in ("RunError", *MADE):
            assert re.search(rf"{name} +{found.exit_code} ", PAGE), name


@pytest.mark.parametrize("name", CLASSES)
def test_each_says_when_and_can_be_sent_home(name: str) -> None:
    found = CLASSES[name]
    assert found.__doc__
    error = MADE.get(name, lambda: found("said why"))()
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (found, str(error), vars(error))


def test_what_clean_raises_is_public() -> None:
    kinds = [name for name, found in CLASSES.items() if issubclass(found, RecordError)]
    assert {*kinds, "WinnowError", "RuleError"} <= set(cleaners.__all__)
