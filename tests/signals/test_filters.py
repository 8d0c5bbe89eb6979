"""The filter language, and what a filter and a profile do to a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.config import Options, load
from flows.errors import ConfigError
from flows.filters import columns, parse
from flows.profiles import PROFILES
from tests.flows.runs import rows, run_inline, write_dumps

ROW = {
    "word_count": 120,
    "confidence": 0.8,
    "language": "en",
    "title": None,
    "host": "news.example",
    "date": "2024-05-02",
    "flags": ["guarded", "short"],
    "lead_present": True,
    "c4_curly_bracket": False,
    "mean_confidence": None,
}

HOLDS = [
    "word_count >= 50 and confidence > 0.6",
    "50 <= word_count <= 200",
    "language in ['en', 'fr']",
    "language not in ('de', 'nl')",
    "word_count in [120, 130]",
    "word_count not in [-120, 130] and -word_count in [-120]",
    "'short' in flags and 'empty' not in flags",
    "'example' in host",
    "title is None and host is not None",
    "lead_present and not c4_curly_bracket",
    "lead_present == True",
    "word_count * 2 - 40 > 100 + -1",
    "word_count / 2 == 60",
    "date >= '2024-01-01'",
    "language == 'de' or confidence > 0.7",
    "not (mean_confidence > 0.1)",
    "not (word_count / 0 > 1)",
]
FAILS = {
    "word_count >= 50 and confidence > 0.9": "confidence > 0.9",
    "word_count < 50 and confidence > 0.9": "word_count < 50",
    "(confidence > 0.1 and word_count < 50) and lead_present": "word_count < 50",
    "title == 'A'": "title == 'A'",
    "title != 'A'": "title != 'A'",
    "mean_confidence > 0.1 or mean_confidence <= 0.1": "mean_confidence > 0.1 or mean_confidence <= 0.1",
    "'x' in title": "'x' in title",
}
REFUSED = {
    "word_count >=": "no expression",
    "word_counts >= 50": "did you mean word_count?",
    "text_length > 5 and __import__('os')": "there is no 'text_length'",
    "__import__('os').system('true')": "not allowed",
    "len(text) > 5": "not allowed",
    "title.upper() == 'A'": "not allowed",
    "flags[0] == 'short'": "not allowed",
    "(lambda: True)()": "not allowed",
    "[x for x in flags] == flags": "not allowed",
    "word_count ** 99 > 1": "not allowed",
    "word_count": "a number, not a condition",
    "word_count > 'many'": "is a number and",
    "language > 3": "is a string",
    "confidence > 0.5 and 'en'": "a string, not a condition",
    "lead_present > False": "cannot be less or more",
    "title == None": "is None",
    "title is 'A'": "None only",
    "word_count in 'abc'": "cannot be looked for",
    "language in [1, 2]": "cannot be looked for",
    "language in ['en', 2]": "only numbers or only strings",
    "published > 5": "'published' is a timestamp, which has no comparisons; for moments of time use date.",
    "removed_kinds is None": "'removed_kinds' is a map, which has no comparisons",
    "wordcount > 5": "there is no 'wordcount'; did you mean word_count? Write",
    f"confidence * {10**400} > 1": "is too large",
    "word_count in [-'a']": "only numbers or only strings",
    "-language == 'a'": "a number is needed",
    "b'en' == language": "neither a number nor a string",
    "": "no expression",
    "(" * 300 + "1" + ")" * 300: "cannot be used",
}


@pytest.mark.parametrize("text", HOLDS)
def test_an_article_that_satisfies_a_filter(text: str) -> None:
    assert parse(text).fails(ROW) is None


@pytest.mark.parametrize(("text", "part"), FAILS.items())
def test_an_article_that_does_not(text: str, part: str) -> None:
    assert parse(text).fails(ROW) == part


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_a_wrong_filter_is_refused_before_the_run(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=r"cannot be used.*winnow schema articles") as caught:
        Options(filter=text)
    assert why in str(caught.value)


def test_every_plain_column_can_be_filtered_by() -> None:
    assert {"word_count", "confidence", "flags", "host", "lead_present", "gopher_dup_5gram"} <= columns().keys()
    assert not {"layout", "removed_kinds", "published"} & columns().keys()


def test_what_fails_the_filter_goes_to_filtered_with_the_reason(tmp_path: Path) -> None:
    folder = write_dumps(tmp_path / "in", range(6))
    (folder / "short.txt").write_text("A headline\nA line of forty characters, no more words.\n")
    report = run_inline(folder, tmp_path / "lake", filter="word_count >= 50 and kept_share > 0.1")
    assert [row["reason"] for row in rows(tmp_path / "lake", "filtered")] == ["word_count >= 50"]
    assert len(rows(tmp_path / "lake", "articles")) == 6
    assert (report.outcome, report.total.filtered) == ("done", 1)


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_options_that_hold(name: str) -> None:
    options = load(None, {"profile": name, "inputs": ("x",)})
    assert all(getattr(options, key) == value for key, value in PROFILES[name].items())


def test_what_is_given_goes_before_the_profile(tmp_path: Path) -> None:
    file = tmp_path / "winnow.toml"
    file.write_text('profile = "training"\nremoved = "none"\n')
    options = load(file, {"filter": "word_count > 9"})
    assert (options.filter, options.removed) == ("word_count > 9", "none")


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean archive"):
        load(None, {"profile": "archives"})


def test_training_profile_on_good_and_bad_text(tmp_path: Path) -> None:
    good: dict[str, Any] = {name: 0.0 for name, kind in columns().items() if kind == "number"}
    good |= {name: False for name, kind in columns().items() if kind == "bool"}
    good |= {"word_count": 300, "confidence": 0.9, "gopher_mean_word_length": 5.0, "gopher_alpha_words": 0.95}
    good |= {"fineweb_line_punct": 0.9}
    keep = parse(PROFILES["training"]["filter"])
    assert keep.fails(good) is None
    assert keep.fails({**good, "gopher_dup_7gram": 0.2}) == "gopher_dup_7gram <= 0.13"
    assert keep.fails({**good, "c4_curly_bracket": True}) == "not c4_curly_bracket"
