"""What stands far behind the article of a text dump: what is none of it, and what only stands far off."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from cleaners.document import Block, Verdict
from cleaners.islands import FAR, GAP, find_islands
from cleaners.judge import judge
from cleaners.matching import prepare
from cleaners.scorer import Scores
from cleaners.text import split
from cleaners.titles import Title
from cleaners.verdicts import Evidence

Line = tuple[str, float]
"""What a line says, and its score; it is kept from 0.5 on."""

PROSE = "The ferry to Ostrand will not sail again before the spring, its owner said on Tuesday in the harbour office."
OFFER = "Our travel pages tell you every week where the coast is at its best and what it costs to stay there."
BODY: tuple[Line, ...] = ((PROSE, 0.99),) * 30
SHORT: tuple[Line, ...] = ((PROSE, 0.98),) * 3
LINK: Line = ("Sport", 0.02)
STREWN: tuple[Line, ...] = ((OFFER, 0.7), LINK) * 4


def islands(lines: Sequence[Line]) -> tuple[int, ...]:
    """The numbers of the kept lines that the rule calls islands."""
    blocks = [Block(at, text, 0, len(text)) for at, (text, _) in enumerate(lines)]
    verdicts = [Verdict(at, score >= 0.5, score=score) for at, (_, score) in enumerate(lines)]
    return find_islands(blocks, verdicts)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((*BODY, *(LINK,) * GAP, *STREWN), id="strewn among what goes"),
        pytest.param((*BODY, *(LINK,) * GAP, (OFFER, 0.8)), id="one line"),
        pytest.param((*BODY, *(LINK,) * GAP, *STREWN, *(LINK,) * GAP, *STREWN), id="two of them"),
        pytest.param((*STREWN, *(LINK,) * GAP, *BODY, *(LINK,) * GAP, *STREWN), id="those in front stay"),
        pytest.param((*SHORT, *(LINK,) * FAR, *STREWN), id="behind a short article"),
    ],
)
def test_islands_go(lines: Sequence[Line]) -> None:
    end = max(at for at, (text, _) in enumerate(lines) if text == PROSE)
    assert islands(lines) == tuple(at for at, (text, _) in enumerate(lines) if text == OFFER and at > end)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((), id="nothing"),
        pytest.param(BODY, id="an article alone"),
        pytest.param((*BODY, *(LINK,) * (GAP - 1), *STREWN), id="near"),
        pytest.param((*BODY, *(("  ", 0.0),) * GAP, *STREWN), id="blank lines are no distance"),
        pytest.param((*BODY, *(LINK,) * GAP, *((OFFER, 0.7),) * 4), id="close together"),
        pytest.param((*BODY, *(LINK,) * GAP, *((PROSE, 0.95), LINK) * 4), id="what the model is sure of"),
        pytest.param((*SHORT, *(LINK,) * GAP, *STREWN), id="behind a short article, near"),
        pytest.param((*SHORT, *(LINK,) * FAR, *STREWN, *(LINK,) * FAR, *STREWN), id="a list with a short opening"),
        pytest.param((*STREWN, *(LINK,) * FAR, *STREWN), id="nothing that the model is sure of"),
    ],
)
def test_what_stays(lines: Sequence[Line]) -> None:
    assert islands(lines) == ()


@pytest.mark.parametrize(("kind", "cut"), [("article", 4), ("forum", 0), ("listing", 0)])
def test_a_page_of_several_texts_has_no_islands(kind: str, cut: int) -> None:
    lines = (*BODY, *(LINK,) * GAP, *STREWN)
    page = split("\n".join(f"{text[:-1]} {at}." for at, (text, _) in enumerate(lines)))
    scores = Scores(tuple(score for _, score in lines), 0.9, kind)
    evidence = Evidence((), prepare(page.blocks).keys, scores, "scorer", lambda line, inside: "")
    verdicts = judge(page, evidence, range(len(BODY)), Title(None))
    assert [verdict.rule for verdict in verdicts].count("island") == cut


def test_many_islands_take_linear_time() -> None:
    lines = (*BODY, *(*(LINK,) * GAP, (OFFER, 0.7)) * 4000)
    started = time.process_time()
    assert len(islands(lines)) == 4000
    assert time.process_time() - started < 5  # 0.2 s
