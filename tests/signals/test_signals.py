"""Quality signals: cases computed by hand, from the words of the papers."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import clean, tokens
from cleaners.account import account
from cleaners.signals import Signals, duplicates, measure, measure_all
from tests.signals.definitions import sentences, split_words

REFRAIN = "the tide came in and the boats went out"  # nine words, 39 characters

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("nothing", "", {"c4_lines": 0.0, "gopher_mean_word_length": 0.0}),
    ("white space", " \n\n ", {"fineweb_line_punct": 0.0}),
    (
        "words",
        "The mayor -- of all people -- sold 12 boats.",
        {
            # The, mayor, of, all, people, sold, 12, boats. = 3+5+2+3+6+4+2+6 characters; the dashes are no words
            "gopher_mean_word_length": 31 / 8,
            "gopher_alpha_words": 7 / 10,  # neither the dashes nor 12
            "gopher_stop_words": 1,  # of; "The" is capitalised
        },
    ),
    ("stop words", "the be to of and that have with the", {"gopher_stop_words": 8}),
    ("symbols", "#tide #boats wait... and see…", {"gopher_hash_ratio": 2 / 5, "gopher_ellipsis_ratio": 2 / 5}),
    (
        "lines",
        "- first\n• second\nthird...\nfourth…\n\nFifth.",
        {"gopher_bullet_lines": 2 / 5, "gopher_ellipsis_lines": 2 / 5, "fineweb_line_punct": 2 / 5},
    ),
    (
        "a line twice",
        "One.\nTwo words.\nOne.",
        {"gopher_dup_lines": 1 / 3, "gopher_dup_line_chars": 4 / 20, "fineweb_char_dup": 4 / 18},
    ),
    (
        "a paragraph twice",
        "One.\nTwo.\n\nThree.\n\nOne.\nTwo.",
        {"gopher_dup_paragraphs": 1 / 3, "gopher_dup_paragraph_chars": 9 / 28},
    ),
    (
        "runs of words",
        f"{REFRAIN} {REFRAIN}",
        {
            "gopher_top_2gram": 2 * 8 / 79,  # "the tide" is said twice, and nothing more often
            "gopher_top_3gram": 2 * 13 / 79,
            "gopher_top_4gram": 2 * 16 / 79,
            "gopher_dup_5gram": 16 / 79,  # the tide came in and: 3+4+4+2+3, then too few words are left
            "gopher_dup_9gram": 31 / 79,  # the whole refrain without its spaces
            "gopher_dup_10gram": 0.0,
        },
    ),
    ("nothing repeats", "a bc def", {"gopher_top_2gram": 4 / 8, "gopher_top_3gram": 1.0, "gopher_top_4gram": 0.0}),
    (
        "what C4 keeps",
        'He sold boats.\nToo short.\nNo end here\nYou need JavaScript for this.\nWe use cookies here.\nI did so "yes"',
        {"c4_lines": 2 / 6, "c4_sentences": 2, "c4_lorem_ipsum": False, "c4_curly_bracket": False},
    ),
    ("what C4 drops", "Lorem ipsum { }", {"c4_lorem_ipsum": True, "c4_curly_bracket": True}),
    ("sentences", "It rained. It snowed! Did it? Yes it did.", {"c4_sentences": 4, "c4_lines": 1.0}),
    ("white space behind a line", "It rained all day. \nIt snowed all night.", {"c4_sentences": 2, "c4_lines": 1.0}),
    ("a blank paragraph twice", "One.\n\n \n\n \n\nTwo.", {"gopher_dup_paragraphs": 1 / 4, "gopher_dup_lines": 0.0}),
    (
        "FineWeb",
        'A line that is longer than thirty characters.\nShort\nThis one ends with a quotation mark, "yes."',
        {"fineweb_short_lines": 1 / 3, "fineweb_line_punct": 1 / 3, "fineweb_newline_ratio": 2 / 17},
    ),
    ("Chinese", "今天下雨了。\n明天也会。", {"fineweb_line_punct": 1.0, "gopher_mean_word_length": 9 / 5}),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_signals_computed_by_hand(text: str, expected: dict[str, Any]) -> None:
    found = measure(text)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected)


def test_blank_lines_are_no_lines() -> None:
    tight, wide = measure("One line.\nAnother line."), measure("One line.\n\nAnother line.")
    assert tight.fineweb_newline_ratio == wide.fineweb_newline_ratio == 1 / 4


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="ab .\n…#-今天", max_size=300))
def test_shares_lie_between_0_and_1(text: str) -> None:
    found = measure(text)
    shares = [name for name in Signals.__slots__ if "_dup_" in name or name.endswith(("_lines", "_words", "_punct"))]
    for name in set(shares) - {"gopher_stop_words"}:
        assert 0.0 <= getattr(found, name) <= 1.0, name


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["tide", "boat", "in", "the"]), max_size=60))
def test_repeated_runs_by_definition(words: list[str]) -> None:
    text = " ".join(words)
    _, found, _ = measure_all(["the tide in the boat", text, text[::-1]])  # other texts change nothing
    for size in (2, 3, 4):
        runs = [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]
        counts = Counter(runs)
        most = max(counts.values(), default=0)
        first = next((run for run in runs if counts[run] == most), "")
        assert getattr(found, f"gopher_top_{size}gram") * max(1, len(text)) == pytest.approx(len(first) * most)
    for size in (5, 8, 10):
        assert getattr(found, f"gopher_dup_{size}gram") * max(1, len(text)) == pytest.approx(greedy(words, size))


def greedy(words: list[str], size: int) -> int:
    """Characters in repeated runs, spelled out."""
    seen: set[tuple[str, ...]] = set()
    at = characters = 0
    while at <= len(words) - size:
        run = tuple(words[at : at + size])
        if run in seen:
            characters += len("".join(run))
            at += size
        else:
            seen.add(run)
            at += 1
    return characters


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "tide ",
                "boat",
                " of",
                "the",
                "a",
                "é",
                "12",
                "#",
                "$",
                "-- ",
                "• ",
                "- ",
                "\n",
                "\n\n",
                "\n \n",
                " ",
                "\t",
            ),
            *(
                ".",
                ". ",
                '." ',
                '"',
                "'",
                ")",
                "? ",
                "! ",
                "…",
                "… ",
                "...",
                "....",
                "{",
                "今天",
                "下",
                "。",
                "ไทย",
                "က",
            ),
            *(
                "\ud800",
                "\0",
                "\x1c",
                "\x85",
                "\xa0",
                "\u2028",
                "\u3000",
                "\r",
                "😀",
                "𠀀",
                "\u200b",
                "e\u0301",
                "x" * 1_001,
            ),
            *("JavaScript ", "lorem Ipsum", "uses cookies", "Terms of use", "\u212aookies", "cOOKIE"),
        ]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None, max_examples=60)
@given(PIECES)
def test_words_by_definition(text: str) -> None:
    """White space sets words apart, and letters of undivided scripts go by two."""
    words = split_words(text)
    found = tokens.tokens([text]).words
    assert found.size.tolist() == [len(word) for word in words]
    assert found.letterless.tolist() == [not any(map(str.isalpha, word)) for word in words]
    same = [[one == other for other in words] for one in words]
    assert (found.name[:, None] == found.name[None, :]).tolist() == same


@settings(deadline=None, max_examples=60)
@given(PIECES)
def test_lines_by_definition(text: str) -> None:
    lines = [line for line in text.split("\n") if line.strip()]
    found = tokens.tokens([text]).lines
    assert [text[start : start + size] for start, size in zip(found.start, found.size, strict=True)] == lines
    assert found.stripped.tolist() == [len(line.strip()) for line in lines]
    assert (found.breaks + 1).tolist() == [sentences(line.strip()) for line in lines]
    assert found.ellipsis.tolist() == [line.rstrip().endswith(("...", "…")) for line in lines]
    assert found.bullet.tolist() == [line.lstrip().startswith(("•", "-")) for line in lines]
    same = [[one == other for other in lines] for one in lines]
    assert (found.name[:, None] == found.name[None, :]).tolist() == same


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=6))
def test_texts_together_have_the_signals_that_each_has_alone(texts: list[str]) -> None:
    assert measure_all(texts) == [measure(text) for text in texts]


@settings(deadline=None, max_examples=60)
@given(PIECES)
def test_long_texts_are_read_piece_by_piece(text: str) -> None:
    """Pieces of a few characters, and blocks shorter than some words, give what one piece gives."""
    small = {"PIECE": 8, "BLOCK": 16, "_powers": cache(tokens._powers.__wrapped__)}
    with mock.patch.multiple(tokens, **small):
        found = measure(text)
    assert found == measure(text)


def test_words_of_undivided_scripts_are_pairs_of_characters() -> None:
    assert tokens.tokens(["“Quoted” 今天下雨"]).words.size.tolist() == [8, 2, 2]


def test_duplicates_count_what_repeats() -> None:
    assert duplicates(["x", "yy", "x", "yy", "yy"]) == (3, 5)


def test_account_of_a_document() -> None:
    paragraph = "The harbour of the small town stayed shut on Monday after the storm had torn the pier away."
    other = "Fishermen said that they would wait for the insurance before they went out again in the spring."
    document = clean(f"Storm shuts harbour\n\n{paragraph}\n\nAccept all cookies\n\n{other}\n")
    found = account(document)
    kept = len(paragraph) + len(other)
    assert found.kept_share == pytest.approx(kept / len(document.page_text), abs=0.03)
    assert found.boilerplate_density == pytest.approx(1 / 3)
    assert found.lead_present
    assert found.mean_confidence is not None and 0.5 <= found.mean_confidence <= 1.0
    assert found.language_mix == 0.0


def test_account_of_a_page_without_an_article() -> None:
    found = account(clean("Accept all cookies\nShare\n"))
    assert (found.boilerplate_density, found.mean_confidence, found.lead_present) == (0.0, None, False)
