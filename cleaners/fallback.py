"""trafilatura's answer, laid over our blocks: asked where the engine is unsure of a page.

The failures of the two do not coincide, but trafilatura costs some thirty times the engine, so it is asked about few
pages. What it gives as text is found again in the page's blocks, so that the account stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from threading import Lock

from cleaners.document import Page

LARGEST = 3_000_000  # characters of HTML; beyond, trafilatura takes seconds
MOST_BLOCKS = 3_000  # the alignment is quadratic in the worst case
WHOLE = 40  # characters, letters and digits only, from which a block is looked for inside longer lines
SPOKEN = 0.6  # share of a block that must be in the answer's lines where the answer divides it

_LOCK = Lock()  # extract() in two threads at once ends in SIGSEGV (trafilatura's issues 840 and 925)
_SILENT = re.compile(r"[\W_]+")


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
    """trafilatura with its default settings, without comments; its caches grow by 1 MB a page unless they are cleared."""
    from trafilatura import extract  # 0.3 s to import, and most pages need it never
    from trafilatura.meta import reset_caches

    with _LOCK:
        try:
            return str(extract(html, include_comments=False) or "")
        finally:
            reset_caches()


def overlay(blocks: Sequence[str], answer: str) -> tuple[int, ...]:
    r"""Which blocks an extracted text is made of.

    >>> overlay(["Menu", "First one.", "Share", "Second one."], "First one.\nSecond one.")
    (1, 3)
    """
    spoken = [_key(block) for block in blocks]
    lines = [key for key in map(_key, answer.split("\n")) if key]
    kept = set()
    for run in SequenceMatcher(None, spoken, lines, autojunk=False).get_matching_blocks():
        kept.update(index for index in range(run.a, run.a + run.size) if spoken[index])
    joined, known = "\n".join(lines), frozenset(lines)
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
