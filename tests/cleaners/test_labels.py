"""A line that equals a label of sites, right between two paragraphs: a subhead, or what sites put there."""

from __future__ import annotations

import pytest

from cleaners.html import walk
from cleaners.judge import LABEL_ABOVE, judge
from cleaners.matching import match, prepare
from cleaners.scorer import Scores
from cleaners.text import split
from cleaners.titles import Title
from cleaners.verdicts import Evidence

PROSE = "The ferry to Ostrand was full on most days of the year, as the county wrote in its report of last week."
END = "The council will talk about a second ship in the autumn, when it knows what the state is going to pay."


def judged(*lines: str, score: float, html: bool = False) -> dict[str, str]:
    """The rule of each kept line; the model is certain of PROSE and END."""
    page = walk("".join(f"<p>{line}</p>" for line in lines)) if html else split("\n".join(lines))
    scores = Scores(tuple(0.99 if line in (PROSE, END) else score for line in lines), 0.9, "article")
    prepared = prepare(page.blocks)
    evidence = Evidence(match(prepared, "en"), prepared.keys, scores, "scorer", lambda line, inside: "")
    verdicts = judge(page, evidence, range(len(lines)), Title(None))
    return {line: verdict.rule for line, verdict in zip(lines, verdicts, strict=True) if verdict.keep}


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("label", ["Comments", "Contact", "Privacy Policy"])
def test_a_label_between_paragraphs_is_a_subhead(label: str, html: bool) -> None:
    enough = LABEL_ABOVE["text/html" if html else "text/plain"]
    assert judged(PROSE, label, END, score=enough, html=html)[label] in ("subhead", "")
    assert label not in judged(PROSE, label, END, score=enough - 0.1, html=html)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((PROSE, "Advertisement", END), id="what sites put between paragraphs"),
        pytest.param((PROSE, "Read more", END), id="a heading of links"),
        pytest.param((PROSE, END, "Comments"), id="behind the last paragraph"),
        pytest.param((PROSE, "Comments", "Lena B.", END), id="a name follows"),
    ],
)
def test_other_labels_go(lines: tuple[str, ...]) -> None:
    assert set(judged(*lines, score=0.6)) <= {PROSE, END, "Lena B."}
