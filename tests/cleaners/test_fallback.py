"""When trafilatura is asked, and what becomes of its answer."""

from __future__ import annotations

import pytest

from cleaners import fallback
from cleaners.document import Page
from cleaners.html import walk
from cleaners.scorer import Scores
from cleaners.text import split

PROSE = [
    "The ferry that links the two villages stopped on Sunday, when its cable broke in the flood and was lost.",
    "Nobody was on board, the harbour office said, and the boat was found in the reeds two miles down the river.",
    "A bus will carry pupils over the upper bridge until a new cable comes from the works, which may take six weeks.",
]
HTML = (
    "<html><body><nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    f"<article><h1>Ferry adrift</h1>{''.join(f'<p>{line}</p>' for line in PROSE * 2)}</article></body></html>"
)


def scores(page: Page, chance: float, kind: str = "article") -> Scores:
    """The same chance for each block."""
    return Scores((chance,) * len(page.blocks), 0.5, kind)


@pytest.mark.parametrize(
    ("chance", "kind", "who"),
    [
        (0.55, "article", "trafilatura"),
        (0.95, "article", "engine"),
        (0.55, "listing", "engine"),
        (0.55, "forum", "engine"),
        (0.55, "product", "engine"),
    ],
)
def test_it_is_asked_about_articles_of_which_little_is_promised(chance: float, kind: str, who: str) -> None:
    page = walk(HTML)
    before = scores(page, chance, kind)
    after, answered = fallback.asked(HTML, page, before)
    assert answered == who
    if who == "engine":
        assert after is before


def test_its_answer_overrules_the_engine_either_way() -> None:
    page = walk(HTML)
    after, _ = fallback.asked(HTML, page, scores(page, 0.55))
    kept = {page.blocks[at].text for at, chance in enumerate(after.probabilities) if chance >= fallback.KEEP}
    assert set(PROSE) <= kept
    assert not kept & {"Home", "Sport"}


def test_it_is_not_asked_about_text_dumps_nor_about_what_would_take_it_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(PROSE)
    assert fallback.asked(text, split(text), scores(split(text), 0.55))[1] == "engine"
    page = walk(HTML)
    monkeypatch.setattr(fallback, "LARGEST", len(HTML) - 1)
    assert fallback.asked(HTML, page, scores(page, 0.55))[1] == "engine"
    monkeypatch.setattr(fallback, "LARGEST", len(HTML))
    monkeypatch.setattr(fallback, "MOST_BLOCKS", len(page.blocks) - 1)
    assert fallback.asked(HTML, page, scores(page, 0.55))[1] == "engine"


def test_its_caches_are_emptied_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    from trafilatura.utils import trim

    page = walk(HTML)
    monkeypatch.setattr(fallback, "_EMPTIED_EVERY", 1_000_000)
    fallback.ask(HTML, page)
    assert trim.cache_info().currsize > 0
    monkeypatch.setattr(fallback, "_EMPTIED_EVERY", 1)
    fallback.ask(HTML, page)
    assert trim.cache_info().currsize == 0
