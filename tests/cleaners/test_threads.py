"""Comment threads of text dumps: where they begin, and what only looks like one."""

from __future__ import annotations

import time

import pytest

from cleaners import clean, explain
from cleaners.document import Block, Verdict
from cleaners.matching import Hit, match, prepare
from cleaners.text import split
from cleaners.threads import ARTICLE_WORDS, find_thread

ARTICLE = (
    "The ferry to Ostrand will not sail again before the spring, the company that runs it said on Tuesday.",
    "Its only ship was found to have cracks in the hull during a routine inspection at the yard in Bellmar.",
    "About four hundred people live on the island, and most of them work or go to school on the mainland.",
    "A smaller boat will carry them twice a day, but it takes no cars, and none of the heating oil they need.",
    "The county has asked the coast guard to bring fuel across until another ship can be hired from the north.",
    "Nobody on the island has been told what the hire will cost, or who is going to pay for it in the end.",
)
MORE = (
    "The company has sailed to Ostrand since 1931, when it took over the route from two brothers with a fishing boat.",
    "Its director, Tove Hallin, told a meeting in the school hall that the cracks could not have been foreseen.",
    "The yard had looked at the same plates two years earlier, she said, and had found nothing worth a note.",
    "Several of those who came to the meeting wanted to know why a second ship had been sold only two years ago.",
    "Hallin answered that the money had gone into the new quay, without which no ship could have landed there at all.",
    "The county council will discuss the matter on Friday, when it also has to decide about the price of the tickets.",
    "Until then the island's only shop has put up a list on which people can write what they need from the mainland.",
    "By Wednesday evening the list was four pages long, and the first thing on it was a fuse for the church organ.",
)
REMARK = (
    "My grandfather ran that ferry for thirty years and he always said the hull would be the end of it one day.",
    "They had five years to order a new ship and spent the money on a ticket hall that nobody ever asked for.",
)
THREAD = (
    "Marit says:",
    "June 3, 2024 at 4:15 pm",
    REMARK[0],
    "Reply",
    "Joss says:",
    "June 4, 2024 at 8:02 am",
    REMARK[1],
    "Reply",
    "Leave a comment",
)


def heading_of(lines: tuple[str, ...]) -> int | None:
    """Where the thread of a dump of these lines begins if all of them are kept."""
    page = split("\n".join(lines))
    prepared = prepare(page.blocks)
    verdicts = [Verdict(block.index, True) for block in page.blocks]
    return find_thread(page.blocks, verdicts, match(prepared, "en"), prepared.keys)


@pytest.mark.parametrize(
    "heading", ["2 Comments", "Comments (2)", "Comments", "2 thoughts on “No ferry before spring”"]
)
def test_a_thread_begins_at_its_heading(heading: str) -> None:
    assert heading_of((*ARTICLE, heading, *THREAD)) == len(ARTICLE)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(ARTICLE, id="no heading"),
        pytest.param((*ARTICLE, "2 Comments", *REMARK), id="nothing else says that readers speak"),
        pytest.param((*ARTICLE, "2 Comments", "Reply"), id="one sign is not enough"),
        pytest.param(("Comments", *ARTICLE, *THREAD), id="a link to the thread above the article"),
        pytest.param((ARTICLE[0], "2 Comments", *ARTICLE, *THREAD), id="a link to the thread behind the lead"),
        pytest.param((ARTICLE[0], "Comments", "Reply", "Leave a comment", *ARTICLE), id="buttons behind the lead"),
        pytest.param(
            (*ARTICLE, "Comments", *ARTICLE, "Reply", "Leave a comment"), id="more article before the first sign"
        ),
        pytest.param(
            (*ARTICLE, "3 Comments", "Reply", *ARTICLE, "5 Comments", "Leave a comment"), id="posts of a blog"
        ),
        pytest.param((*ARTICLE, "Comments", "Reply", "Leave a comment", *ARTICLE * 12), id="too much for so few signs"),
    ],
)
def test_no_thread(lines: tuple[str, ...]) -> None:
    assert heading_of(lines) is None


def test_a_page_of_headings_takes_linear_time() -> None:
    lines = tuple(f"Comments {chr(0x4E00 + at)}" for at in range(20_000))
    blocks = [Block(at, line, 0, 1) for at, line in enumerate(lines)]
    verdicts = [Verdict(at, False) for at in range(len(lines))]
    hits = [Hit(at, "comments", "en:comments:line", 0, 1) for at in range(len(lines))]
    started = time.process_time()
    assert find_thread(blocks, verdicts, hits, lines) is None
    assert time.process_time() - started < 5  # quadratic time took 19 s


def test_what_readers_wrote_is_cut_as_comments() -> None:
    done = explain("\n\n".join(("No ferry to Ostrand before spring", *ARTICLE, *MORE, "2 Comments", *THREAD)))
    assert all(paragraph in done.document.text for paragraph in (*ARTICLE, *MORE))
    said = {block.text.strip(): done.document.verdicts[block.index] for block in done.page.blocks}
    assert all(not said[remark].keep and said[remark].kind == "comments" for remark in REMARK)


def test_an_article_below_its_comment_link_stays_whole() -> None:
    text = clean("\n\n".join(("No ferry to Ostrand before spring", "2 Comments", *ARTICLE, *THREAD))).text
    assert all(paragraph in text for paragraph in ARTICLE)


def test_the_article_has_the_words_that_count() -> None:
    blocks = [Block(0, " ".join(ARTICLE), 0, 1)]
    assert len(blocks[0].text.split()) > ARTICLE_WORDS
