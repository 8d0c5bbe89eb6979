"""Foreign lines: what an article may hold is kept, foreign navigation is found."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.language import foreign
from cleaners.language.languages import LANGUAGES, near
from cleaners.language.likeness import Shape, shape_of, speaks_of_interface


def read(name: str) -> list[dict[str, Any]]:
    data = tomllib.loads(Path(__file__).with_name(f"{name}_lines.toml").read_text(encoding="utf-8"))
    groups: list[dict[str, Any]] = data[name]
    return groups


KEEP, CUT = read("keep"), read("cut")


def name_of(group: dict[str, Any]) -> str:
    return f"{group['article']} {group['what']} {group.get('where', '')}".strip()


@pytest.mark.parametrize("group", KEEP, ids=name_of)
def test_an_article_keeps_its_foreign_lines(group: dict[str, Any]) -> None:
    assert {line: foreign(line, group["article"], inside=True) for line in group["lines"]} == dict.fromkeys(
        group["lines"]
    )


def test_there_are_enough_lines_to_keep_and_to_cut() -> None:
    assert sum(len(group["lines"]) for group in KEEP) >= 300
    assert len({group["article"] for group in KEEP}) >= 25
    assert sum(len(group["lines"]) for group in CUT) >= 100


@pytest.mark.parametrize("group", CUT, ids=name_of)
def test_foreign_navigation_is_found(group: dict[str, Any]) -> None:
    inside = group["where"] == "inside"
    assert [line for line in group["lines"] if foreign(line, group["article"], inside=inside) is None] == []


@pytest.mark.parametrize("group", CUT, ids=name_of)
def test_what_is_foreign_inside_is_foreign_at_the_edges(group: dict[str, Any]) -> None:
    for line in group["lines"]:
        if foreign(line, group["article"], inside=True) is not None:
            assert foreign(line, group["article"], inside=False) is not None


@pytest.mark.parametrize("inside", [True, False])
def test_what_is_quoted_stays_everywhere(inside: bool) -> None:
    quotations = next(group["lines"] for group in KEEP if group["what"] == "quotation in quotation marks")
    assert [line for line in quotations if foreign(line, "en", inside=inside)] == []


@pytest.mark.parametrize(
    "line", ["const nachricht = 'das ist nur ein test'", "git commit -m 'noch ein kleiner versuch heute'"]
)
def test_code_stays_everywhere(line: str) -> None:
    assert foreign(line, "en", inside=False) is None


def test_run_together_labels_are_navigation_wherever_they_stand() -> None:
    for inside in (True, False):
        found = foreign("ENGLISHأخبار العالمأمريكاأوروبا", "en", inside=inside)
        assert found is not None
        assert found.rule == "run_together"


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Les flere nyheter om været her", "da"),
        ("Baca juga berita lainnya di sini", "ms"),
        ("Přečtěte si také další články", "sk"),
        ("Leia também outras notícias do dia", "gl"),
        ("Подробнее читайте на нашем сайте", "uk"),
        ("Све вести дана", "hr"),
        ("اخبار امروز ایران", "ar"),
        ("もっと見る", "zh"),
    ],
)
def test_near_languages_are_never_foreign(line: str, language: str) -> None:
    assert foreign(line, language, inside=False) is None


@pytest.mark.parametrize("line", ["Politik", "Startseite", "Accueil", "Deportes", "", "   ", "12:30", "…", "123 456"])
def test_a_single_latin_word_is_never_judged_by_its_language(line: str) -> None:
    assert foreign(line, "en", inside=False) is None


@pytest.mark.parametrize("language", ["und", "", "xx"])
def test_nothing_is_foreign_to_an_unknown_language(language: str) -> None:
    assert foreign("Последние новости", language, inside=False) is None


def test_paragraphs_in_another_language_are_no_navigation() -> None:
    paragraph = "Der Rat stimmte am Abend dafür, " * 6 + "und die Brücke bleibt gesperrt."
    assert foreign(paragraph, "en", inside=False) is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("„Wir bleiben hier“", "quoted"),
        ("#klima #streik", "tags"),
        ("x = open(name)", "code"),
        ("Rio Grande Norte", "title"),
        ("Maria van der Linden", "name"),
        ("Han kom aldrig.", "sentence"),
        ("– Hvem er det", "utterance"),
        ("Liberté, égalité, fraternité", "list_of_words"),
        ("NewsСпорт", "glued"),
    ],
)
def test_shapes(text: str, field: str) -> None:
    assert getattr(shape_of(text), field)
    assert not getattr(shape_of("Wir gehen nach Hause"), field)


def test_every_language_has_words_of_its_interfaces() -> None:
    assert speaks_of_interface("Melden Sie sich für den Newsletter an", ["de"])
    assert not speaks_of_interface("Der Regen fiel die ganze Nacht", ["de"])
    from cleaners.language.likeness import _STEMS

    assert set(_STEMS) == set(LANGUAGES)
    assert min(map(len, _STEMS.values())) >= 15


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120), st.sampled_from(LANGUAGES), st.booleans())
def test_any_line_gets_an_answer(line: str, language: str, inside: bool) -> None:
    found = foreign(line, language, inside=inside)
    if found is not None:
        assert 0.0 < found.confidence <= 1.0
        assert not (found.language and near(found.language, language))
    assert isinstance(shape_of(line), Shape)


@pytest.mark.parametrize("unit", ["a", "漢", "a@", "_", "«", "é, ", "- a", "#", "de "])
def test_unbroken_lines_cost_linear_time(unit: str) -> None:
    for inside in (True, False):
        foreign(unit * 20_000, "en", inside=inside)
        foreign(unit * 20_000, "ar", inside=inside)
