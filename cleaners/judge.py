"""Evidence of all kinds → one verdict a block, in two passes: the block alone, then its neighbours.

Where several could name the reason the specific phrase goes before the structure, the structure before the script, the
script before the model (jusText's two passes, with more witnesses: Pomikálek 2011).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cleaners.assemble import TERMINAL
from cleaners.comparable import fewer_words
from cleaners.comparable import words as word_count
from cleaners.document import Block, Page, Verdict
from cleaners.islands import find_islands
from cleaners.matching import Hit
from cleaners.rulebook import kinds
from cleaners.scorer import Scores
from cleaners.structure import name_of
from cleaners.threads import find_thread
from cleaners.titles import Title
from cleaners.twin import mutable_twin

MODELS = ("scorer", "trafilatura")  # rules of a verdict that nothing more specific than a model gave
_BY_MODEL = frozenset(("", *MODELS))
_OPEN = _BY_MODEL | {"hidden"}
CUT_BELOW = 0.5  # probability of being content under which the model alone cuts a block
LEAD_ABOVE = 0.1  # the same for a line between headline and body
TAIL_ABOVE = 0.25  # the same for prose right behind the body; both raise the shingle F1 of text dumps by 0.1 points
SECTION_BELOW = 0.85  # the same for a list-like block under a heading such as "Read next"
BELIEVED = 0.9  # from here on a weak phrase does not cut inside the body
SUBHEAD_ABOVE = 0.3  # the same for a short line right between two kept paragraphs
SUBHEAD_WORDS = 12
LEAST_ROWS = 6  # of a table, one behind the other
ROW_WORDS = (3, 60)
LONGEST_ROW = 600  # characters
ENTRIES = 3  # so many times before paragraphs make a live blog
LONGEST_TIME = 40  # characters, white space behind it too
_BULLETS = ("- ", "– ", "* ", "• ", "· ")
CERTAIN = 0.95  # from here on the model is believed without asking which language a line is in
BODY_WORDS = 8  # a block of at least so many words that is likely content marks the body
REPEAT_WORDS = 15  # a paragraph said twice goes from here on, if it ends like a sentence: rows of tables stay

_NUMBERS = re.compile(r"\d\S*")  # one match a word that has a digit
_NOT_LATIN = re.compile("[\u0370-\u1dff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufeff]")
_CLOCK = re.compile(
    r"\d{1,2}[:.h]\d{2} ?(?:h|uhr|ч\.?|[ap]\.?m\.?)?:?(?: [a-z]{2,4})?|\d{1,2} ?[ap]\.?m\.?:?", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d\d")
Foreign = Callable[[str, bool], str]
_Verdict = mutable_twin(Verdict)


def verdict_of(
    block: int, keep: bool, kind: str = "", rule: str = "", score: float | None = None, matched: str = ""
) -> Verdict:
    """A Verdict, made in a third of the time: a page has hundreds."""
    made: Verdict = _Verdict(block, keep, kind, rule, score, matched)
    made.__class__ = Verdict
    return made


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the witnesses say about a page.

    `foreign(line, inside)` names the rule by which a line is foreign to the article, "" where it is not; it is asked
    only where the answer can change a verdict. `keys` are the blocks' comparable forms. `model` is who scored: `scorer`
    or `trafilatura`, a name that verdicts cite.
    """

    hits: Sequence[Hit]
    keys: Sequence[str]
    scores: Scores
    model: str
    foreign: Foreign


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
    _sections(page.blocks, verdicts, by_block)
    _captions(page.blocks, verdicts)
    _foreign(page.blocks, verdicts, evidence.foreign, body)
    _repeats(page.blocks, verdicts, evidence.keys)
    _named_by_markup(page, verdicts)
    _titles(verdicts, title, body)
    _times(page.blocks, verdicts, by_block, evidence.scores.page_kind)
    if page.media_type == "text/plain":
        _thread(page.blocks, verdicts, evidence)
        _lead(page.blocks, verdicts, title, body)
        _tail(page.blocks, verdicts, body)
        _subheads(page.blocks, verdicts)
        if evidence.scores.page_kind == "article":  # forums and lists have no one body to be in or far from
            _islands(page.blocks, verdicts)
            _rows(page.blocks, verdicts)
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


def _cut(verdict: Verdict, kind: str, rule: str) -> Verdict:
    """The same block, cut for another reason."""
    return verdict_of(verdict.block, False, kind, rule, verdict.score, verdict.matched)


def _back(verdict: Verdict, rule: str) -> Verdict:
    """The same block, kept after all."""
    return verdict_of(verdict.block, True, "", rule, verdict.score, verdict.matched)


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
                verdicts[block.index] = _cut(verdict, kind, "section")
            elif verdict.keep:
                kind = ""


def _thread(blocks: Sequence[Block], verdicts: list[Verdict], evidence: Evidence) -> None:
    """What readers wrote behind the article, prose or not, and what follows it; a forum is made of such."""
    if evidence.scores.page_kind == "forum":
        return
    heading = find_thread(blocks, verdicts, evidence.hits, evidence.keys)
    for index in range(heading + 1, len(verdicts)) if heading is not None else ():
        if verdicts[index].keep:
            verdicts[index] = _cut(verdicts[index], "comments", "thread")


def is_prose(text: str) -> bool:
    """A line of twelve words or more that ends like a sentence, or of twenty-five: Thai has no full stop."""
    words = 0 if fewer_words(text, 12) else word_count(text)
    return words >= 25 or (words >= 12 and text.rstrip()[-1] in TERMINAL)


def _captions(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """A line and, right behind it, the same line with a source glued on: a picture's text, said twice."""
    shown = [block.text.strip() for block in blocks]
    for index, (first, second) in enumerate(itertools.pairwise(shown)):
        if second.startswith(first) and 1 <= len(second) - len(first) <= 40 and 3 <= word_count(first) <= 60:
            for each in (index, index + 1):
                if verdicts[each].rule in _BY_MODEL:
                    verdicts[each] = _cut(verdicts[each], "caption", "caption")


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
            verdicts[block.index] = _cut(verdict, "foreign_navigation", rule)


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
            verdicts[block.index] = _cut(verdict, "repeated_block", "repeat")


def _named_by_markup(page: Page, verdicts: list[Verdict]) -> None:
    """What the model cut and no phrase named has the name that the markup gives it."""
    for verdict in verdicts if page.containers else ():
        if verdict.rule in MODELS:
            kind, rule = name_of(page, page.blocks[verdict.block])
            if kind:
                verdicts[verdict.block] = _cut(verdict, kind, rule)


def _titles(verdicts: list[Verdict], title: Title, body: range) -> None:
    """The title's line goes to the title; where it is said again inside the body, the model must agree."""
    for index in title.repeats:
        if index in body and (verdicts[index].score or 0.0) >= BELIEVED:
            continue
        verdicts[index] = verdict_of(index, False, "duplicate_title", "title", verdicts[index].score)
    if title.block is not None:
        verdicts[title.block] = verdict_of(title.block, False, "title", "title", verdicts[title.block].score)


def _lead(blocks: Sequence[Block], verdicts: list[Verdict], title: Title, body: range) -> None:
    """A line of some length between the headline of a text dump and its body is its lead: the model needs less proof.

    HTML says in its markup what a lead is, and the model reads it.
    """
    for index in range(title.block + 1, body.start) if title.block is not None else ():
        if _likely(verdicts[index], LEAD_ABOVE) and word_count(blocks[index].text) >= BODY_WORDS:
            verdicts[index] = _back(verdicts[index], "lead")


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
            verdicts[index] = _back(verdicts[index], "times")


def _begins_entry(blocks: Sequence[Block], verdicts: Sequence[Verdict]) -> bool:
    """Whether prose comes first, or second behind a line that is kept as well."""
    prose = next((at for at, block in enumerate(blocks) if _is_kept_prose(block, verdicts)), None)
    return prose is not None and all(verdicts[block.index].keep for block in blocks[:prose])


def _is_time(line: str, hits: Sequence[Hit]) -> bool:
    """Whether a line is a time of day, or a date label that says when without its year: with it, links have it."""
    if any(hit.kind == "date_label" for hit in hits):
        return any(map(str.isdigit, line)) and not _YEAR.search(line)
    return _CLOCK.fullmatch(line) is not None


def _tail(blocks: Sequence[Block], verdicts: list[Verdict], body: range) -> None:
    """Prose that follows the body of a text dump without a gap goes on with it: the model needs less proof."""
    for index in range(body.stop, len(verdicts) if body else 0):
        if not (_likely(verdicts[index], TAIL_ABOVE) and is_prose(blocks[index].text)):
            break
        verdicts[index] = _back(verdicts[index], "tail")


def _subheads(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """A short line of a text dump right between two kept paragraphs, or a paragraph and a list, is a subhead.

    The model needs less proof.
    """
    for before, block, behind in zip(blocks, blocks[1:], blocks[2:], strict=False):
        if not (_likely(verdicts[block.index], SUBHEAD_ABOVE) and _is_short_title(block.text)):
            continue
        inserted = verdicts[before.index].rule.endswith((":start", ":contains"))  # "Read also: ..." between paragraphs
        follows = _is_kept_prose(behind, verdicts) or _is_kept_item(behind, verdicts)
        if follows and (inserted or _is_kept_prose(before, verdicts)):
            verdicts[block.index] = _back(verdicts[block.index], "subhead")


def _islands(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """What a text dump keeps far behind its article."""
    for index in find_islands(blocks, verdicts):
        verdicts[index] = _cut(verdicts[index], "boilerplate", "island")


def _rows(blocks: Sequence[Block], verdicts: list[Verdict]) -> None:
    """A table's rows between the paragraphs of a text dump, numbers and all, belong to the article.

    On text dumps of the development corpora, each site held out, five of six words that it brings back are of articles.
    """
    first = next((block.index for block in blocks if _is_kept_prose(block, verdicts)), len(blocks))
    last = next((block.index for block in reversed(blocks) if _is_kept_prose(block, verdicts)), 0)
    lines = [block for block in blocks[first:last] if verdicts[block.index].rule != "blank"]
    for is_row, run in itertools.groupby(lines, lambda block: _is_row(block.text, verdicts[block.index])):
        rows = list(run)
        for block in rows if is_row and len(rows) >= LEAST_ROWS else ():
            if not verdicts[block.index].keep:
                verdicts[block.index] = _back(verdicts[block.index], "rows")


def _is_row(text: str, verdict: Verdict) -> bool:
    """A line of a few words, some with letters and two with digits, of which no rule speaks."""
    if len(text) > LONGEST_ROW or len(_NUMBERS.findall(text)) < 2:
        return False
    if not (verdict.keep or verdict.rule in MODELS or verdict.rule == "repeat"):
        return False
    return ROW_WORDS[0] <= len(text.split()) <= ROW_WORDS[1] and any(map(str.isalpha, text))


def _is_kept_item(block: Block, verdicts: Sequence[Verdict]) -> bool:
    return verdicts[block.index].keep and block.text.startswith(_BULLETS)


def _is_kept_prose(block: Block, verdicts: Sequence[Verdict]) -> bool:
    return verdicts[block.index].keep and is_prose(block.text)


def _is_short_title(text: str) -> bool:
    line = text.strip()
    return bool(line) and line[-1] not in TERMINAL and word_count(line) <= SUBHEAD_WORDS


def _likely(verdict: Verdict, above: float) -> bool:
    """Whether a model cut the block and was not sure of it."""
    return verdict.rule in MODELS and not verdict.keep and (verdict.score or 0.0) >= above
