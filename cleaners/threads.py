"""Where readers take over: the heading of a comment thread behind which nothing is the article's.

What readers write reads like an article, so the scorer alone keeps much of it; in a text dump nothing else tells it
apart. A thread gives itself away by its lines: a heading said once, behind it buttons and fields in short order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from cleaners.comparable import words as word_count
from cleaners.document import Block, Verdict
from cleaners.matching import Hit

ARTICLE_WORDS = 100  # kept before the heading; less may be a lead, and the heading a link to the thread
SIGNS = 2  # further lines of a thread behind its heading
FIRST_SIGN = 100  # kept words from the heading to the first of them: what is longer is the article
APART = 500  # kept words a sign; the longest threads of the development corpora have 400
_SAID = frozenset(("comments", "comment_form"))


def find_thread(
    blocks: Sequence[Block], verdicts: Sequence[Verdict], hits: Sequence[Hit], keys: Sequence[str]
) -> int | None:
    """The block that is the heading of the comment thread which ends the page; None where there is none to be sure of.

    `keys` are the blocks' comparable forms. A heading that is said again behind it ("3 comments" under each of several
    posts) is none. On text dumps of the development corpora, each site held out, lines of an article stand behind such
    a heading on one of 909 pages, a list of programs with readers' remarks on each; it raises the shingle F1 of WCXB's
    articles by 0.1 points. Of forums, which are made of threads, it must not be asked.
    """
    headings = sorted({hit.block for hit in hits if hit.kind == "comments"})
    if not headings:
        return None
    signs = sorted({hit.block for hit in hits if hit.kind in _SAID})
    kept = [word_count(block.text) if verdict.keep else 0 for block, verdict in zip(blocks, verdicts, strict=True)]
    read = list(accumulate(kept))
    said = [key.partition("\0")[0] for key in keys]
    last = {key: at for at, key in enumerate(said)}
    return next((at for at in headings if last[said[at]] == at and _follows(at, signs, read)), None)


def _follows(heading: int, signs: Sequence[int], read: Sequence[int]) -> bool:
    """Whether an article stands before the heading and a thread behind it.

    `signs` are blocks in order; `read` are kept words up to each block.
    """
    first = bisect_right(signs, heading)
    count = len(signs) - first
    if read[heading] < ARTICLE_WORDS or count < SIGNS:
        return False
    return read[signs[first]] - read[heading] <= FIRST_SIGN and read[-1] - read[heading] <= APART * count
