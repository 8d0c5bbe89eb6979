"""The comparable form of lines: what looks alike is alike, and a match finds its words again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.normal import core, divides_words, normal, normal_lines, original, word_count

ALIKE = [
    ("Accept All Cookies", "ACCEPT ALL COOKIES"),
    ("Політика cookie", "Политика cookie".replace("Политика", "Політика").upper()),
    ("إغلاق", "اغـلاق"),
    ("اترك تعليقاً", "اترك تعليقا"),
    ("ＳＨＡＲＥ", "share"),
    ("İLGİLİ HABERLER", "ilgili haberler"),
    ("ISPARTA", "ısparta"),
    ("Μοιραστείτε το ΤΕΛΟΣ", "μοιραστειτε το τελος"),
    ("Don’t miss", "Don't miss"),
    ("zero\u200bwidth", "zerowidth"),
    ("1,234 comments", "12 comments"),
    ("1 204 просмотра", "3 просмотра"),
    ("٣٢ تعليق", "5 تعليق"),
    ("2.5k views", "7 views"),
    ("Teilen ", "\u00a0Teilen"),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_alike(first: str, second: str) -> None:
    assert normal(first) == normal(second)


CORES = [
    ("» Comments (12)", "comments"),
    ("• Read more…", "read more"),
    ("→ Share this article ←", "share this article"),
    ("© 2024 Example", "© # example"),
    ("“Follow us”", '"follow us"'),
    ("18+", "#+"),
    ("टिप्पणी", "टिप्पणी"),
]


@pytest.mark.parametrize(("line", "bare"), CORES)
def test_core(line: str, bare: str) -> None:
    assert core(normal(line)) == bare


@given(st.text(max_size=60))
def test_normal_is_stable(text: str) -> None:
    once = normal(text)
    assert "\n" not in once
    assert normal_lines([" ".join(text.split()).replace("\n", " ")]) == [once]


@given(
    st.lists(
        st.text(alphabet=st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12), min_size=1, max_size=8
    ),
    st.data(),
)
def test_original_stays_inside_the_line(words: list[str], data: st.DataObject) -> None:
    raw = " ".join(words)
    form = normal(raw)
    if not form:
        return
    start = data.draw(st.integers(0, len(form) - 1))
    end = data.draw(st.integers(start + 1, len(form)))
    begin, stop = original(raw, form, start, end)
    assert 0 <= begin <= stop <= len(raw)


def test_scripts_that_do_not_divide_words() -> None:
    assert [divides_words(c) for c in "aжعक字ไか한"] == [True, True, True, True, False, False, False, True]
    assert word_count("第四届会议") == 3
