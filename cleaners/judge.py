"""Evidence of all kinds → one verdict a block, in two passes: the block alone, then its neighbours.

Where several could name the reason the specific phrase goes before the structure, the structure before the script, the
script before the model (jusText's two passes, with more witnesses: Pomikálek 2011).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from cleaners import dumps
from cleaners.assemble import TERMINAL
from cleaners.comparable import fewer_words
from cleaners.comparable import words as word_count
from cleaners.document import Block, Page, Verdict
from cleaners.headline import is_headline_of
from cleaners.matching import Hit
from cleaners.rulebook import kinds
from cleaners.structure import name_of
from cleaners.titles import Title
from cleaners.verdicts import CUT_BELOW, MODELS, Evidence, Foreign, back, cut, is_kept_prose, is_prose, verdict_of

_BY_MODEL = frozenset(("", *MODELS))
_OPEN = _BY_MODEL | {"hidden"}
SECTION_BELOW = 0.85  # probability under which a list-like block goes with the heading before it, such as "Read next"
BELIEVED = 0.9  # from here on a weak phrase does not cut inside the body
ENTRIES = 3  # so many times before paragraphs make a live blog
LONGEST_TIME = 40  # characters, white space behind it too
CERTAIN = 0.95  # from here on the model is believed without asking which language a line is in
BODY_WORDS = 8  # a block of at least so many words that is likely content marks the body
LABEL_ABOVE = {"text/html": CUT_BELOW, "text/plain": 0.3}  # probability from which on a label between paragraphs stays
REPEAT_WORDS = 15  # a paragraph said twice goes from here on, if it ends like a sentence: rows of tables stay

_NOT_LATIN = re.compile("[\u0370-\u1dff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufeff]")
_CLOCK = re.compile(
    r"\d{1,2}[:.h]\d{2} ?(?:h|uhr|ч\.?|[ap]\.?m\.?)?:?(?: [a-z]{2,4})?|\d{1,2} ?[ap]\.?m\.?:?", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_body(page: Page, probabilities: Sequence[float], hits: Sequence[Hit]) -> range:
    """The blocks from the first to the last that are prose and likely content; empty where there are none."""
    named = {hit.block for hit in hits if not hit.weak}
    likely = [block for block in page.blocks if probabilities[block.index] >= CUT_BELOW and block.index not in named]
    first = next((block.index for block in likely if _speaks(block.text)), None)
    if first is None:
        return range(0)
    return range(first, next(block.index for block in reversed(likely) if _speaks(block.text)) + 1)


def _speaks(text: str) -> bool:
    """Eight words or more that end like a sentence, or so many that they need no full stop (Thai has none)."""
    words = 0 if fewer_words(text, BODY_WORDS) else word_count(text)
    return words >= 2 * BODY_WORDS or (words >= BODY_WORDS and text.rstrip()[-1] in TERMINAL)


def judge(page: Page, evidence: Evidence, body: range, title: Title) -> tuple[Verdict, ...]:
    """One verdict a block."""
    by_block: dict[int, list[Hit]] = {}
    for hit in evidence.hits:
        by_block.setdefault(hit.block, []).append(hit)
    verdicts = [_alone(block, by_block.get(block.index, ()), evidence, body) for block in page.blocks]
    _labels(page, verdicts)
    _sections(page.blocks, verdicts, by_block)
    _captions(page.blocks, verdicts)
    _foreign(page.blocks, verdicts, evidence.foreign, body)
    _repeats(page.blocks, verdicts, evidence.keys)
    _named_by_markup(page, verdicts, title)
    _titles(verdicts, title, body)
    _times(page.blocks, verdicts, by_block, evidence.scores.page_kind)
    if page.media_type == "text/plain":
        dumps.settle(page, verdicts, evidence, body, title)
    return tuple(verdicts)


def _alone(block: Block, hits: Sequence[Hit], evidence: Evidence, body: range) -> Verdict:
    """The first pass: what the block's own evidence says."""
    score = evidence.scores.probabilities[block.index]
    if not block.text or block.text.isspace():
        return verdict_of(block.index, False, "boilerplate", "blank", score)
    for hit in hits:
        if _may_cut(hit, block.index, body, score):
            return verdict_of(block.index, False, hit.kind, hit.rule, score, block.text[hit.start : hit.end])
    if score >= CUT_BELOW:
        return verdict_of(block.index, True, score=score)
    if hits:  # what is not sure enough to cut still knows the name
        named = hits[0]
        return verdict_of(block.index, False, named.kind, named.rule, score, block.text[named.start : named.end])
    kind, rule = ("hidden", "hidden") if block.hidden else ("boilerplate", evidence.model)
    return verdict_of(block.index, False, kind, rule, score)


def _may_cut(hit: Hit, index: int, body: range, score: float) -> bool:
    """Whether the hit may cut here: inside the body only where it is certain, and the model consents to a weak one.

    It does so to a shape from the point where it would keep the line: of those of the corpora that shapes would cut
    against it, two of three are the article's.
    """
    zone = kinds()[hit.kind].zone
    if index in body:
        believed = BELIEVED if hit.rule.endswith(":line") else CUT_BELOW
        return zone == "anywhere" and hit.certain and not (hit.weak and score >= believed)
    before = index < body.start
    return zone in ("anywhere", "edges") or not body or (before if zone == "head" else not before)


def _labels(page: Page, verdicts: list[Verdict]) -> None:
    """A label ("Privacy", "Comments") right between two kept paragraphs is a subhead of the article.

    Unless sites put such labels among paragraphs ("Advertisement") or the model speaks against it. On the development
    corpora 16 of the 21 lines that come back are of articles.
    """
    filled = [block for block in page.blocks if verdicts[block.index].rule != "blank"]
    for before, block, behind in zip(filled, filled[1:], filled[2:], strict=False):
        verdict = verdicts[block.index]
        if verdict.keep or not verdict.rule.endswith(":line") or kinds()[verdict.kind].inserted:
            continue
        if (verdict.score or 0.0) < LABEL_ABOVE[page.media_type]:
            continue
        if is_kept_prose(before, verdicts) and is_kept_prose(behind, verdicts):
            verdicts[block.index] = back(verdict, "subhead")


def _sections(blocks: Sequence[Block], verdicts: list[Verdict], hits: dict[int, list[Hit]]) -> None:
    """List-like blocks under a heading such as "Read next" belong to it, up to prose or a line of another kind."""
    kind = ""
    for block in blocks:
        verdict = verdicts[block.index]
        if verdict.rule == "blank":
            continue
        if verdict.rule not in _OPEN:
            opening = any(hit.opens and hit.kind == verdict.kind for hit in hits.get(block.index, ()))
            kind = verdict.kind if opening or verdict.kind == kind else ""
        elif kind:
            score = verdict.score if verdict.score is not None else 1.0
            if score < SECTION_BELOW and not is_prose(block.text):
                verdicts[block.index] = cut(verdict, kind, "section")
            elif verdict.keep:
                kind = ""


def _captions(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """A line and, right behind it, the same line with a source glued on: a picture's text, said twice."""
    shown = [block.text.strip() for block in blocks]
    for index, (first, second) in enumerate(itertools.pairwise(shown)):
        if second.startswith(first) and 1 <= len(second) - len(first) <= 40 and 3 <= word_count(first) <= 60:
            for each in (index, index + 1):
                if verdicts[each].rule in _BY_MODEL:
                    verdicts[each] = cut(verdicts[each], "caption", "caption")


def _foreign(blocks: Sequence[Block], verdicts: list[Verdict], foreign: Foreign, body: range) -> None:
    """Lines in another language than the article's; also the name for what the model cut.

    A detector costs more than the rest of a block's judgement, so it is asked only about lines that the model is not
    sure of, and about lines with letters of another script than Latin, whose language is seen at once.
    """
    for block in blocks:
        verdict = verdicts[block.index]
        if verdict.rule not in _BY_MODEL:
            continue
        sure = not verdict.keep or (verdict.score or 0.0) >= CERTAIN
        if sure and (block.text.isascii() or not _NOT_LATIN.search(block.text)):
            continue
        rule = foreign(block.text.strip(), block.index in body)
        if rule:
            verdicts[block.index] = cut(verdict, "foreign_navigation", rule)


def _repeats(blocks: Sequence[Block], verdicts: list[Verdict], keys: Sequence[str]) -> None:
    """What the page has already shown; a line of few words only where its first showing was cut."""
    seen: dict[str, Verdict] = {}
    for block in blocks:
        verdict = verdicts[block.index]
        key = keys[block.index] if verdict.keep or verdict.rule in MODELS else ""
        if not key:
            continue
        earlier = seen.setdefault(key, verdict)
        if earlier is verdict:
            continue
        if not verdict.keep or (word_count(block.text) >= REPEAT_WORDS and is_prose(block.text)):
            verdicts[block.index] = cut(verdict, "repeated_block", "repeat")


def _named_by_markup(page: Page, verdicts: list[Verdict], title: Title) -> None:
    """What the model cut and no phrase named has the name that the markup gives it; a headline is the title again."""
    for verdict in verdicts if page.containers else ():
        if verdict.rule in MODELS:
            block = page.blocks[verdict.block]
            again = title.text and block.tag == "h1" and is_headline_of(block.text, title.text)
            kind, rule = ("duplicate_title", "title") if again else name_of(page, block)
            if kind:
                verdicts[verdict.block] = cut(verdict, kind, rule)


def _titles(verdicts: list[Verdict], title: Title, body: range) -> None:
    """The title's line goes to the title; where it is said again inside the body, the model must agree."""
    for index in title.repeats:
        if index in body and (verdicts[index].score or 0.0) >= BELIEVED:
            continue
        verdicts[index] = verdict_of(index, False, "duplicate_title", "title", verdicts[index].score)
    if title.block is not None:
        verdicts[title.block] = verdict_of(title.block, False, "title", "title", verdicts[title.block].score)


def _times(blocks: Sequence[Block], verdicts: list[Verdict], hits: dict[int, list[Hit]], page_kind: str) -> None:
    """Times and dates that stand before the entries of a live blog or a chronicle belong to them.

    Three lines at least, each with kept prose behind it, or a kept heading and prose. In a forum or a list of articles
    dates are those of others, so that only times of day count.
    """
    clocks = page_kind in ("forum", "listing")
    times = [
        block.index
        for block in blocks
        if len(block.text) <= LONGEST_TIME
        and _is_time(block.text.strip(), () if clocks else hits.get(block.index, ()))
        and _begins_entry(blocks[block.index + 1 : block.index + 3], verdicts)
    ]
    for index in times if len(times) >= ENTRIES else ():
        if not verdicts[index].keep:
            verdicts[index] = back(verdicts[index], "times")


def _begins_entry(blocks: Sequence[Block], verdicts: Sequence[Verdict]) -> bool:
    """Whether prose comes first, or second behind a line that is kept as well."""
    prose = next((at for at, block in enumerate(blocks) if is_kept_prose(block, verdicts)), None)
    return prose is not None and all(verdicts[block.index].keep for block in blocks[:prose])


def _is_time(line: str, hits: Sequence[Hit]) -> bool:
    """Whether a line is a time of day, or a date label that says when without its year: with it, links have it."""
    if any(hit.kind == "date_label" for hit in hits):
        return any(map(str.isdigit, line)) and not _YEAR.search(line)
    return _CLOCK.fullmatch(line) is not None
