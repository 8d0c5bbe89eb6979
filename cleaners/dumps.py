"""What only the order of its lines tells of a text dump: the judge's last passes over what has no markup."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from cleaners.assemble import TERMINAL
from cleaners.comparable import words as word_count
from cleaners.document import Block, Page, Verdict
from cleaners.islands import find_islands
from cleaners.threads import find_thread
from cleaners.titles import Title
from cleaners.verdicts import MODELS, Evidence, back, cut, is_kept_prose, is_prose, likely

LEAD_ABOVE = 0.1  # probability from which on a line between headline and body stays
LEAD_WORDS = 8
TAIL_ABOVE = 0.25  # the same for prose right behind the body; both raise the shingle F1 of text dumps by 0.1 points
SUBHEAD_ABOVE = 0.3  # the same for a short line right between two kept paragraphs
SUBHEAD_WORDS = 12
LEAST_ROWS = 6  # of a table, one behind the other
ROW_WORDS = (3, 60)
LONGEST_ROW = 600  # characters
_BULLETS = ("- ", "– ", "* ", "• ", "· ")
_NUMBERS = re.compile(r"\d\S*")  # one match a word that has a digit


def settle(page: Page, verdicts: list[Verdict], evidence: Evidence, body: range, title: Title) -> None:
    """Change the verdicts on the lines of a text dump where its order says more than the lines themselves."""
    _thread(page.blocks, verdicts, evidence)
    _lead(page.blocks, verdicts, title, body)
    _tail(page.blocks, verdicts, body)
    _subheads(page.blocks, verdicts)
    if evidence.scores.page_kind == "article":  # forums and lists have no one body to be in or far from
        _islands(page.blocks, verdicts)
        _rows(page.blocks, verdicts)


def _thread(blocks: Sequence[Block], verdicts: list[Verdict], evidence: Evidence) -> None:
    """What readers wrote behind the article, prose or not, and what follows it; a forum is made of such."""
    if evidence.scores.page_kind == "forum":
        return
    heading = find_thread(blocks, verdicts, evidence.hits, evidence.keys)
    for index in range(heading + 1, len(verdicts)) if heading is not None else ():
        if verdicts[index].keep:
            verdicts[index] = cut(verdicts[index], "comments", "thread")


def _lead(blocks: Sequence[Block], verdicts: list[Verdict], title: Title, body: range) -> None:
    """A line of some length between the headline of a text dump and its body is its lead: the model needs less proof.

    HTML says in its markup what a lead is, and the model reads it.
    """
    for index in range(title.block + 1, body.start) if title.block is not None else ():
        if likely(verdicts[index], LEAD_ABOVE) and word_count(blocks[index].text) >= LEAD_WORDS:
            verdicts[index] = back(verdicts[index], "lead")


def _tail(blocks: Sequence[Block], verdicts: list[Verdict], body: range) -> None:
    """Prose that follows the body of a text dump without a gap goes on with it: the model needs less proof."""
    for index in range(body.stop, len(verdicts) if body else 0):
        if not (likely(verdicts[index], TAIL_ABOVE) and is_prose(blocks[index].text)):
            break
        verdicts[index] = back(verdicts[index], "tail")


def _subheads(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """A short line of a text dump right between two kept paragraphs, or a paragraph and a list, is a subhead.

    The model needs less proof.
    """
    for before, block, behind in zip(blocks, blocks[1:], blocks[2:], strict=False):
        if not (likely(verdicts[block.index], SUBHEAD_ABOVE) and _is_short_title(block.text)):
            continue
        inserted = verdicts[before.index].rule.endswith((":start", ":contains"))  # "Read also: ..." between paragraphs
        follows = is_kept_prose(behind, verdicts) or _is_kept_item(behind, verdicts)
        if follows and (inserted or is_kept_prose(before, verdicts)):
            verdicts[block.index] = back(verdicts[block.index], "subhead")


def _islands(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """What a text dump keeps far behind its article."""
    for index in find_islands(blocks, verdicts):
        verdicts[index] = cut(verdicts[index], "boilerplate", "island")


def _rows(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """A table's rows between the paragraphs of a text dump, numbers and all, belong to the article.

    On text dumps of the development corpora, each site held out, five of six words that it brings back are of articles.
    """
    first = next((block.index for block in blocks if is_kept_prose(block, verdicts)), len(blocks))
    last = next((block.index for block in reversed(blocks) if is_kept_prose(block, verdicts)), 0)
    lines = [block for block in blocks[first:last] if verdicts[block.index].rule != "blank"]
    for is_row, run in itertools.groupby(lines, lambda block: _is_row(block.text, verdicts[block.index])):
        rows = list(run)
        for block in rows if is_row and len(rows) >= LEAST_ROWS else ():
            if not verdicts[block.index].keep:
                verdicts[block.index] = back(verdicts[block.index], "rows")


def _is_row(text: str, verdict: Verdict) -> bool:
    """A line of a few words, some with letters and two with digits, of which no rule speaks."""
    if len(text) > LONGEST_ROW or len(_NUMBERS.findall(text)) < 2:
        return False
    if not (verdict.keep or verdict.rule in MODELS or verdict.rule == "repeat"):
        return False
    return ROW_WORDS[0] <= len(text.split()) <= ROW_WORDS[1] and any(map(str.isalpha, text))


def _is_kept_item(block: Block, verdicts: Sequence[Verdict]) -> bool:
    return verdicts[block.index].keep and block.text.startswith(_BULLETS)


def _is_short_title(text: str) -> bool:
    line = text.strip()
    return bool(line) and line[-1] not in TERMINAL and word_count(line) <= SUBHEAD_WORDS
