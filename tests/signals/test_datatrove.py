"""The signals agree with datatrove's filters, whose thresholds made FineWeb.

Its filters answer yes or no. So each is asked twice, with the threshold a little under and a little over what Winnow
measured: the answer must change in between. Winnow's words are given to it: its own come from a tokenizer a language.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from cleaners.signals import Signals, measure_all
from tests.signals.definitions import sentences, split_words

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("datatrove", reason="datatrove is not installed: pip install 'newswinnow[peers]'")
    from datatrove.data import Document
    from datatrove.pipeline.filters import c4_filters, fineweb_quality_filter, gopher_quality_filter
    from datatrove.pipeline.filters import gopher_repetition_filter as repetition

pytestmark = pytest.mark.untraced  # what is called here most is not ours
DOCUMENTS = 1_000
_WORDS = [
    *("the", "harbour", "of", "boats", "and", "tides", "that", "have", "come", "with", "rain", "to", "be", "sold"),
    *("again", "12", "--", "#", "wait...", "“fish”", "it's", "día"),
]
_ENDS = (".", ".", ".", "?", '."', "...", "…", "", " |", " privacy policy.", "。")

QUALITY = {
    "gopher_hash_ratio": "max_symbol_word_ratio",
    "gopher_bullet_lines": "max_bullet_lines_ratio",
    "gopher_ellipsis_lines": "max_ellipsis_lines_ratio",
    "gopher_mean_word_length": "max_avg_word_length",
}
REPETITION = {
    "gopher_dup_lines": "dup_line_frac",
    "gopher_dup_line_chars": "dup_line_char_frac",
    "gopher_dup_paragraphs": "dup_para_frac",
    "gopher_dup_paragraph_chars": "dup_para_char_frac",
}
FINEWEB = {"fineweb_short_lines": "short_line_thr", "fineweb_char_dup": "char_duplicates_ratio"}
LEVELS = (-1e-9, 1e-9)


def made(number: int) -> str:
    """An invented text: lines of odd words, some of them twice, some bullets."""
    chance = random.Random(number)
    lines = [_line(chance) for _ in range(chance.randint(1, 12))]
    lines += chance.choices(lines, k=chance.randint(0, 4))
    chance.shuffle(lines)
    return "\n".join(lines)


def _line(chance: random.Random) -> str:
    said = " ".join(chance.choices(_WORDS, k=chance.randint(1, 30)))
    return chance.choice(("", "", "", "- ", "• ")) + said + chance.choice(_ENDS)


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, Signals]]:
    texts = list(map(made, range(DOCUMENTS)))
    return list(zip(texts, measure_all(texts), strict=True))


@pytest.fixture(autouse=True)
def same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gopher_quality_filter, repetition, fineweb_quality_filter):
        monkeypatch.setattr(module, "split_into_words", lambda text, language: split_words(text))
    monkeypatch.setattr(c4_filters, "split_into_sentences", lambda line, language: [line] * sentences(line))


def passes(module: ModuleType, name: str, off: dict[str, Any], **thresholds: Any) -> Callable[[str], bool]:
    """A filter with only these thresholds, as a function of a text."""
    chosen = getattr(module, name)(**{**off, **thresholds})
    return lambda text: chosen.filter(Document(text=text, id="")) is True


def switches(texts: list[tuple[str, Signals]], signal: str, make: Callable[[float], Callable[[str], bool]]) -> int:
    """How many of the texts pass just over the measured value and not just under it; zero has no under."""
    agreed = 0
    for text, found in texts:
        value = getattr(found, signal)
        under, over = (make(value + by)(text) for by in LEVELS)
        agreed += over and not under if value > 0 else over
    return agreed


OFF_QUALITY = dict.fromkeys(
    (
        "min_doc_words",
        "max_doc_words",
        "min_avg_word_length",
        "max_avg_word_length",
        "max_symbol_word_ratio",
        "max_bullet_lines_ratio",
        "max_ellipsis_lines_ratio",
        "max_non_alpha_words_ratio",
        "min_stop_words",
    )
)
OFF_REPETITION: dict[str, Any] = {**dict.fromkeys(REPETITION.values()), "top_n_grams": (), "dup_n_grams": ()}
OFF_FINEWEB = {"line_punct_thr": 0.0, "short_line_thr": 1.0, "char_duplicates_ratio": 1.0, "new_line_ratio": 1e9}


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "option"), QUALITY.items())
def test_gopher_quality(texts: list[tuple[str, Signals]], signal: str, option: str) -> None:
    chosen = texts
    if signal == "gopher_hash_ratio":  # one threshold for both symbols
        chosen = [(text, found) for text, found in texts if found.gopher_ellipsis_ratio < found.gopher_hash_ratio]
    if signal == "gopher_mean_word_length":  # a bullet is punctuation; datatrove's list does not have it
        chosen = [(text, found) for text, found in texts if "•" not in text]
    assert len(chosen) > 200

    def filters(value: float) -> Callable[[str], bool]:
        return passes(gopher_quality_filter, "GopherQualityFilter", OFF_QUALITY, **{option: value})

    assert switches(chosen, signal, filters) == len(chosen)


@pytest.mark.slow
def test_gopher_alpha_and_stop_words(texts: list[tuple[str, Signals]]) -> None:
    for text, found in texts:
        for by in LEVELS:
            asked = passes(
                gopher_quality_filter,
                "GopherQualityFilter",
                OFF_QUALITY,
                max_non_alpha_words_ratio=found.gopher_alpha_words + by,
            )
            assert asked(text) == (by < 0)
        few = passes(
            gopher_quality_filter, "GopherQualityFilter", OFF_QUALITY, min_stop_words=found.gopher_stop_words + 1
        )
        assert not few(text)


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "option"), REPETITION.items())
def test_gopher_repetition_of_lines(texts: list[tuple[str, Signals]], signal: str, option: str) -> None:
    def filters(value: float) -> Callable[[str], bool]:
        return passes(repetition, "GopherRepetitionFilter", OFF_REPETITION, **{option: value})

    assert switches(texts, signal, filters) == len(texts)


@pytest.mark.slow
@pytest.mark.parametrize("size", range(2, 11))
def test_gopher_repetition_of_runs(texts: list[tuple[str, Signals]], size: int) -> None:
    kind = "top" if size < 5 else "dup"

    def filters(value: float) -> Callable[[str], bool]:
        wanted: Any = {f"{kind}_n_grams": ((size, value),)}
        return passes(repetition, "GopherRepetitionFilter", OFF_REPETITION, **wanted)

    assert switches(texts, f"gopher_{kind}_{size}gram", filters) == len(texts)


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "option"), FINEWEB.items())
def test_fineweb(texts: list[tuple[str, Signals]], signal: str, option: str) -> None:
    def filters(value: float) -> Callable[[str], bool]:
        return passes(fineweb_quality_filter, "FineWebQualityFilter", OFF_FINEWEB, **{option: value})

    assert switches(texts, signal, filters) == len(texts)


@pytest.mark.slow
def test_fineweb_punctuation_and_line_ends(texts: list[tuple[str, Signals]]) -> None:
    for text, found in texts:
        for by in LEVELS:
            ends = {**OFF_FINEWEB, "line_punct_thr": found.fineweb_line_punct + by}
            assert passes(fineweb_quality_filter, "FineWebQualityFilter", ends)(text) == (by < 0)
            lines = {**OFF_FINEWEB, "new_line_ratio": found.fineweb_newline_ratio + by}
            assert passes(fineweb_quality_filter, "FineWebQualityFilter", lines)(text) == (by > 0)


@pytest.mark.slow
def test_c4(texts: list[tuple[str, Signals]]) -> None:
    for text, found in texts:
        document = Document(text=text, id="")
        kept = c4_filters.C4QualityFilter(min_num_sentences=found.c4_sentences).filter(document)
        assert kept is True
        assert c4_filters.C4QualityFilter(min_num_sentences=found.c4_sentences + 1).filter(
            Document(text=text, id="")
        ) == (False, "too_few_sentences")
        lines = [line for line in document.text.split("\n") if line]
        assert found.c4_lines == pytest.approx(len(lines) / len(text.split("\n")))
