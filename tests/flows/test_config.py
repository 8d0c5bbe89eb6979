"""Options: one place, three ways in (command line, file, flow), and errors that help."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from flows.config import Options, about, load
from flows.errors import ConfigError


def test_file_sets_and_hand_overrules(tmp_path: Path) -> None:
    file = tmp_path / "winnow.toml"
    file.write_text('inputs = ["a", "b"]\nworkers = 3\nlanguages = "en,fr"\ncpu-seconds = 2\n')
    options = load(file, {"workers": 5, "limit": None})
    assert (options.inputs, options.workers, options.languages, options.cpu_seconds) == (("a", "b"), 5, ("en", "fr"), 2)


def test_pyproject_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.winnow]\noutput = "lake"\n')
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).output == "lake"
    (tmp_path / "winnow.toml").write_text('output = "other"\n')
    assert load(None, {}).output == "other"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("worker = 3", "there is no option 'worker'; did you mean workers?"),
        ("qqq = 3", "known are cleaner, "),
        ('workers = "three"', "workers must be a whole number, not 'three'"),
        ("workers = true", "workers must be a whole number, not True"),
        ("wait = 1", "wait must be true or false, not 1"),
        ("inputs = [1]", "inputs must be a list of strings"),
        ("limit = 0", "limit must be at least 1, not 0"),
        ("memory_mb = 1", "memory_mb must be at least 128"),
        ("shard_mb = 0", "shard_mb must be more than 0"),
        ('removed = "some"', "removed must be one of full, counts, none, not 'some'"),
        ('cleaner = "mine"', "cleaner must be written module:function"),
        ("a = = 1", "is no TOML"),
    ],
)
def test_wrong_content_is_an_error_that_helps(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "winnow.toml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")) as caught:
        load(file, {})
    assert caught.value.exit_code == 2


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the configuration file"):
        load(tmp_path / "none.toml", {})


def test_every_option_says_what_it_means() -> None:
    assert all(about(entry.name).endswith(".") for entry in fields(Options))


def test_recipe_holds_what_changes_the_rows() -> None:
    recipe = Options().recipe()
    assert {"removed", "languages", "format", "field_url"} <= set(recipe)
    assert not {"workers", "output", "inputs", "limit", "shard_mb"} & set(recipe)
