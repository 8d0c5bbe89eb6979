"""Scripts as data: what they are made of, how words are counted, how sentences end."""

from __future__ import annotations

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.language import dominant_script, ends_sentence, is_unspaced, terminal_punctuation, word_count
from cleaners.language.languages import BESIDE, LANGUAGES, ONLY, SCRIPTS_OF, near, one, scripts_of
from cleaners.language.scripts import DIRECTION_MARKS, SCRIPTS, letters_by_script, script_of

MODULES = ["cascade", "detectors", "languages", "likeness", "lines", "mixture", "page", "sample", "scripts", "variants"]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_in_docstrings_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"cleaners.language.{module}")).failed == 0


def test_ranges_of_scripts_do_not_overlap() -> None:
    spans = sorted(span for script in SCRIPTS.values() for span in script.ranges)
    assert all(first <= last for first, last in spans)
    assert all(spans[i][1] < spans[i + 1][0] for i in range(len(spans) - 1))


@pytest.mark.parametrize("code", sorted(SCRIPTS))
def test_a_script_knows_its_marks(code: str) -> None:
    script = SCRIPTS[code]
    assert script.terminal
    assert all(len(pair) == 2 for pair in script.quotes)
    assert script.digits == "" or (len(script.digits) == 10 and [int(d) for d in script.digits] == list(range(10)))


def test_every_language_has_a_known_script() -> None:
    assert all(scripts <= set(SCRIPTS) for scripts in [*SCRIPTS_OF.values(), *BESIDE.values()])
    assert not set(SCRIPTS_OF) & set(BESIDE)
    assert ONLY["Grek"] == "el"
    assert "Latn" not in ONLY
    assert scripts_of("hr") == {"Latn", "Cyrl"}


def test_nearness_is_mutual() -> None:
    assert all(near(a, b) == near(b, a) and one(a, b) == one(b, a) for a in LANGUAGES for b in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("   \n", 0),
        ("—  … !", 0),
        ("one", 1),
        ("well-known don’t 3,000 a.m.", 4),
        ("한국어는 띄어 쓴다", 3),
        ("北京", 1),
        ("北京市", 2),
        ("NHK ニュース", 3),
        ("สวัสดี", 3),
        ("मैं हिन्दी बोलता हूँ", 4),
        ("“اقتصاد” و رياضة", 3),
    ],
)
def test_words(text: str, words: int) -> None:
    assert word_count(text) == words


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("", ""),
        ("12:30 !", ""),
        ("plain", "Latn"),
        ("Straße à Łódź", "Latn"),
        ("Обама (Obama)", "Cyrl"),
        ("東京でReutersが報道", "Kana"),
        ("中国的の经济问题非常复杂而且重要", "Hani"),
        ("한국의 文化", "Hang"),
        ("ελληνικά", "Grek"),
        ("हिन्दी", "Deva"),
    ],
)
def test_the_dominant_script(text: str, script: str) -> None:
    assert dominant_script(text) == script


def test_unspaced_scripts() -> None:
    unspaced = [text for text in ("漢字", "ไทย", "한국", "русский", "abc 漢", "") if is_unspaced(text)]
    assert unspaced == ["漢字", "ไทย"]


@pytest.mark.parametrize(
    "text", ["Done.", "Done.”", "«Fertig!»", "終わり。", "終わり。」", "समाप्त।", "انتهى؟", "አለቀ።", "(End.) "]
)
def test_ends_of_sentences(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["", "Read more", "One, two,", "Title:", "a;", "”"])
def test_what_ends_no_sentence(text: str) -> None:
    assert not ends_sentence(text)


def test_terminal_punctuation_holds_marks_only() -> None:
    assert {".", "!", "?", "…", "。", "؟", "।", "።"} <= terminal_punctuation()
    assert not any(mark.isalnum() or mark.isspace() for mark in terminal_punctuation())
    assert ";" not in terminal_punctuation()
    assert "\u200f" in DIRECTION_MARKS


@given(st.text(max_size=200))
def test_letters_and_words_of_any_text(text: str) -> None:
    assert sum(letters_by_script(text).values()) <= len(text)
    assert word_count(text) <= len(text)
    assert set(map(script_of, text)) <= {"", *SCRIPTS}
