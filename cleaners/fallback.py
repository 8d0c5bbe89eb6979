"""trafilatura's answer, laid over our blocks: asked where the engine is unsure of a page.

The failures of the two do not coincide, but trafilatura costs some ten times the engine, so it is asked about few
pages. What it gives as text is found again in the page's blocks, so that the account stays whole.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import count
from threading import Lock

from cleaners.document import Page
from cleaners.scorer import Scores

ASK_BELOW = 0.75  # promised F1; between it and 0.8 the engine is better by 7 points
KEEP = 0.5
SURE = 0.7  # how sure trafilatura's word is taken to be, either way
LARGEST = 1_000_000  # characters of HTML; there trafilatura takes 0.7 s, and a page should take less than one
MOST_BLOCKS = 3_000  # the alignment is quadratic in the worst case
WHOLE = 40  # characters, letters and digits only, from which a block is looked for inside longer lines
SPOKEN = 0.6  # share of a block that must be in the answer's lines where the answer divides it

_ANSWERS = count(1)
_EMPTIED_EVERY = 100  # answers
_LOCK = Lock()  # extract() in two threads at once ends in SIGSEGV (trafilatura's issues 840 and 925)
_SILENT_LOG = logging.NullHandler()  # else what it cannot read is told on stderr, page after page
_SILENT = re.compile(r"[\W_]+")


def asked(html: str, page: Page, scores: Scores) -> tuple[Scores, str]:
    """The scores of the better answer, and who gave it: `engine` or `trafilatura`.

    trafilatura is asked where the page looks like an article and the engine's own probabilities promise little of its
    answer, and is believed where it keeps less: a doubtful answer of the engine keeps too much. On the development
    corpora, each site held out, 2 % of the articles are asked about; believed it was right by 17 points a page, and
    where it keeps more it was wrong by 16. Of lists and shops' pages its answer cost 5 to 9 points of word F1.
    """
    if page.media_type != "text/html" or scores.page_kind != "article":
        return scores, "engine"
    if _promised(page, scores.probabilities) >= ASK_BELOW:
        return scores, "engine"
    kept = ask(html, page)
    if kept is None or _keeps_more(page, kept, scores.probabilities):
        return scores, "engine"
    chosen = frozenset(kept)
    overruled = tuple(
        max(score, SURE) if index in chosen else min(score, 1 - SURE)
        for index, score in enumerate(scores.probabilities)
    )
    return replace(scores, probabilities=overruled), "trafilatura"


def _keeps_more(page: Page, kept: Sequence[int], probabilities: Sequence[float]) -> bool:
    """Whether these blocks have as many characters as those that the engine keeps."""
    own = sum(len(block.text) for block, score in zip(page.blocks, probabilities, strict=True) if score >= KEEP)
    return sum(len(page.blocks[index].text) for index in kept) >= own


def _promised(page: Page, probabilities: Sequence[float]) -> float:
    """F1 of the blocks that the engine keeps, as its probabilities promise it, 0..1; 1 where there is no text."""
    sizes = [len(block.text) for block in page.blocks]
    content = sum(size * score for size, score in zip(sizes, probabilities, strict=True))
    kept = [(size, score) for size, score in zip(sizes, probabilities, strict=True) if score >= KEEP]
    hit = sum(size * score for size, score in kept)
    whole = sum(size for size, _ in kept) + content
    return 2 * hit / whole if whole else 1.0


def ask(html: str, page: Page) -> tuple[int, ...] | None:
    """Indexes of the blocks that trafilatura keeps, in order; None where it has no answer or the page is too large.

    >>> from cleaners.html import walk
    >>> prose = "The storm came in from the west and tore the roofs off forty houses in the harbour. " * 4
    >>> html = f"<body><nav><a href=/>Home</a></nav><article><p>{prose}</p><p>{prose[:84]}</p></article></body>"
    >>> ask(html, walk(html))
    (1, 2)
    """
    if len(html) > LARGEST or len(page.blocks) > MOST_BLOCKS:
        return None
    answer = _extract(html)
    if not answer:
        return None
    kept = overlay([block.text for block in page.blocks], answer)
    return kept or None


def _extract(html: str) -> str:
    """trafilatura's fast mode, without comments.

    Emptying its caches collects garbage, for 0.1 s in a process that holds the rules, so it is done now and then: what
    the fast mode fills is bounded, some 30 MB.
    """
    from trafilatura import extract  # 0.3 s to import, and most pages need it never
    from trafilatura.meta import reset_caches

    logging.getLogger("trafilatura").addHandler(_SILENT_LOG)

    with _LOCK:
        try:
            return str(extract(html, include_comments=False, fast=True) or "")
        finally:
            if next(_ANSWERS) % _EMPTIED_EVERY == 0:
                reset_caches()


def overlay(blocks: Sequence[str], answer: str) -> tuple[int, ...]:
    r"""Which blocks an extracted text is made of.

    >>> overlay(["Menu", "First one.", "Share", "Second one."], "First one.\nSecond one.")
    (1, 3)
    """
    spoken = [_key(block) for block in blocks]
    lines = [key for key in map(_key, answer.split("\n")) if key]
    kept: set[int] = set()
    for run in SequenceMatcher(None, spoken, lines, autojunk=False).get_matching_blocks():
        kept.update(index for index in range(run.a, run.a + run.size) if spoken[index])
    joined, known = "".join(lines), frozenset(lines)  # trafilatura breaks a line at ruby and at some inline elements
    for index, key in enumerate(spoken):
        if index not in kept and len(key) >= WHOLE and (key in joined or _divided(blocks[index], key, known)):
            kept.add(index)
    return tuple(sorted(kept))


def _divided(block: str, key: str, lines: frozenset[str]) -> bool:
    """Whether the answer holds a block of several lines line by line."""
    parts = [part for part in map(_key, block.split("\n")) if part in lines]
    return sum(map(len, parts)) >= SPOKEN * len(key)


def _key(text: str) -> str:
    """Letters and digits, case folded: spacing, bullets and punctuation differ between the two."""
    return _SILENT.sub("", text).casefold()
