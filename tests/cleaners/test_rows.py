"""Tables of text dumps: rows between paragraphs that the model doubts, and what is no row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cleaners.dumps import LEAST_ROWS
from cleaners.judge import judge
from cleaners.matching import Hit, prepare
from cleaners.scorer import Scores
from cleaners.text import split
from cleaners.titles import Title
from cleaners.verdicts import Evidence

PROSE = "The ferry to Ostrand was full on most days of the year, as the county wrote in its report of last week."
END = "The council will talk about a second ship in the autumn, when it knows what the state is going to pay."
TABLE = tuple(f"{month} 2023 {120 + 7 * number} trips" for number, month in enumerate(("May", "June", "July") * 3))
CALENDAR = tuple(" ".join(str(day) for day in range(week, week + 7)) for week in range(1, 29, 4))


def kept(lines: Sequence[str], hits: Sequence[Hit] = (), kind: str = "article") -> list[str]:
    """The rules by which lines that the model cuts are kept; it keeps PROSE and END."""
    page = split("\n".join(lines))
    scores = Scores(tuple(0.99 if line in (PROSE, END) else 0.1 for line in lines), 0.9, kind)
    evidence = Evidence(hits, prepare(page.blocks).keys, scores, "scorer", lambda line, inside: "")
    verdicts = judge(page, evidence, range(len(lines)), Title(None))
    return [
        verdict.rule for verdict, line in zip(verdicts, lines, strict=True) if verdict.keep and line not in (PROSE, END)
    ]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(TABLE, id="months"),
        pytest.param(TABLE[:LEAST_ROWS], id="as few as may be"),
        pytest.param(
            tuple(f"{at} Insurer Nr. {at * 3} Group {at * 17},591 {at / 10} %" for at in range(1, 20)), id="ranks"
        ),
        pytest.param(tuple(f"第{at}回　{at * 3}人 {at * 10}円" for at in range(1, 9)), id="no letters of Latin"),
    ],
)
def test_the_rows_of_a_table_stay(rows: Sequence[str]) -> None:
    assert kept((PROSE, *rows, END)) == ["rows"] * len(rows)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((PROSE, *TABLE[: LEAST_ROWS - 1], END), id="too few"),
        pytest.param((PROSE, *TABLE), id="behind the last paragraph"),
        pytest.param((*TABLE, PROSE, END), id="in front of the first"),
        pytest.param((PROSE, *CALENDAR, END), id="a calendar"),
        pytest.param((PROSE, *(f"{at} 14.05.2024" for at in range(12)), END), id="numbers and dates alone"),
        pytest.param((PROSE, *(f"Storm number {at}" for at in range(12)), END), id="one number each: a list of links"),
        pytest.param((PROSE, *(f"{row} {'and more ' * 40}" for row in TABLE), END), id="too long for a row"),
    ],
)
def test_what_is_no_table_stays_cut(lines: Sequence[str]) -> None:
    assert kept(lines) == []


def test_rows_that_a_rule_names_are_none() -> None:
    lines = (PROSE, *TABLE, END)
    hits = [Hit(at, "ticker", "en:ticker:pattern", 0, 3) for at in range(1, len(TABLE) + 1)]
    assert kept(lines, hits) == []


@pytest.mark.parametrize("kind", ["forum", "listing"])
def test_a_page_of_several_texts_has_tables_of_others(kind: str) -> None:
    assert kept((PROSE, *TABLE, END), kind=kind) == []
