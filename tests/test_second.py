"""The second look and the second opinion: what is doubtful follows its like, and trafilatura's word counts where it
keeps less."""

from __future__ import annotations

import numpy as np
import pytest

from cleaners import fallback
from cleaners.html import walk
from cleaners.scorer import Scores, lines, network, second, tree

PROSE = "The storm came in from the west and tore the roofs off {} houses in the harbour, the mayor said on Monday."
STORY = "".join(f"<p class=text>{PROSE.format(number)}</p>" for number in range(40, 46))
CARDS = "".join(
    f"<div class=card><a href=/{n}>Ferry {n} is late again, and nobody knows why</a></div>" for n in range(6)
)
PAGE = walk(f"<body><article><h1>Storm</h1>{STORY}</article><aside>{CARDS}</aside></body>")
DOUBT = 0.45


def again(first: list[float]) -> list[float]:
    """The chances after the second look, from these."""
    chances, model = np.array(first, np.float32), network.load("text/html")
    seen = second.look(PAGE, chances, lines.measure(PAGE), tree.tree(PAGE))
    assert seen.shape == (len(first), len(second.FEATURES))
    return list(second.corrected(chances, seen, model.second, model.second_bias).tolist())


def kinds_of_blocks() -> tuple[list[int], list[int]]:
    """Indexes of the paragraphs and of the cards."""
    paragraphs = [block.index for block in PAGE.blocks if block.tag == "p"]
    return paragraphs, [block.index for block in PAGE.blocks if "Ferry" in block.text]


def test_what_is_doubtful_follows_its_like() -> None:
    paragraphs, cards = kinds_of_blocks()
    first = [0.99 if block.index in paragraphs else 0.01 for block in PAGE.blocks]
    first[paragraphs[3]] = first[cards[2]] = DOUBT
    found = again(first)
    assert found[paragraphs[3]] > 0.5
    assert found[cards[2]] < DOUBT


def test_what_is_sure_stays_as_it_is() -> None:
    paragraphs, cards = kinds_of_blocks()
    first = [0.999 if block.index in paragraphs else 0.001 for block in PAGE.blocks]
    first[cards[0]] = 0.999
    assert again(first) == pytest.approx(first)


def scores(kept: list[int], kind: str = "article") -> Scores:
    """An engine that keeps these blocks and is not sure of it."""
    return Scores(tuple(0.6 if block.index in kept else DOUBT for block in PAGE.blocks), 0.3, kind)


@pytest.mark.parametrize(
    ("engine_keeps", "kind", "method"),
    [
        ("everything", "article", "trafilatura"),
        ("a paragraph", "article", "engine"),
        ("everything", "listing", "engine"),
        ("everything", "forum", "engine"),
    ],
)
def test_trafilatura_counts_where_it_keeps_less_of_an_article(
    engine_keeps: str, kind: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paragraphs, _ = kinds_of_blocks()
    monkeypatch.setattr(fallback, "ask", lambda html, page: tuple(paragraphs))
    kept = [block.index for block in PAGE.blocks] if engine_keeps == "everything" else paragraphs[:1]
    said, answered = fallback.asked("", PAGE, scores(kept, kind))
    assert answered == method
    if method == "trafilatura":
        assert [chance > 0.5 for chance in said.probabilities] == [block.index in paragraphs for block in PAGE.blocks]


def test_paragraphs_are_found_in_an_answer_that_breaks_lines_at_inline_elements() -> None:
    blocks = ["Menu", PROSE.format(40), "Share"]
    answer = PROSE.format(40).replace(" tore ", "\ntore\n")
    assert fallback.overlay(blocks, answer) == (1,)
