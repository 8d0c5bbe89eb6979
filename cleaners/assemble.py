"""Kept blocks → text: paragraphs separated by one blank line, list items and short lines that stood together as lines.

A dump that was wrapped at a fixed width, or broken at every inline tag, gets its paragraphs back. Whatever is put
between two blocks is white space only, and each block remembers where it went, so that the page text can be rebuilt.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cleaners.comparable import fewer_words
from cleaners.comparable import words as word_count
from cleaners.document import Block, Page, Span, Verdict
from cleaners.normal import divides_words
from cleaners.twin import mutable_twin

TERMINAL = frozenset(".!?…。！？｡።؟۔।॥:;\"'”’»」』)）")
CLOSING = frozenset(",;.:!?)")  # a line that begins so was torn off the one before it
_ITEM = re.compile(r"\s*(?:[-*•·‣▪◦–—]\s|\(?\d{1,3}[.)]\s)")
_Span = mutable_twin(Span)
_TIGHT_TAGS = frozenset(("li", "td", "th", "dt", "dd", "option", "tr"))
PROSE_WORDS = 12  # from here on a line with a full stop is a paragraph of its own


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text dump breaks its lines.

    `blank_lines`: paragraphs are set apart by blank lines. `wrapped`: lines end at a fixed width, not at paragraphs.
    """

    blank_lines: bool
    wrapped: bool


def assemble(page: Page, verdicts: Sequence[Verdict]) -> tuple[str, tuple[Span, ...]]:
    """The text of the kept blocks and where each went; blocks that show nothing take no place in the text."""
    kept = [page.blocks[verdict.block] for verdict in verdicts if verdict.keep]
    layout = find_layout(page, kept)
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    before: Block | None = None
    for block in kept:
        shown = block.text.strip()
        if shown and before is not None:
            between = _between(before, block, page, layout)
            parts.append(between)
            length += len(between)
        outside = len(block.text) - len(shown)
        lead = outside and (len(block.text) - len(block.text.lstrip()))
        span = _Span(block.index, block.start, block.end, lead, outside - lead, length)
        span.__class__ = Span
        spans.append(span)
        if shown:
            parts.append(shown)
            length += len(shown)
            before = block
    return "".join(parts), tuple(spans)


def find_layout(page: Page, kept: Sequence[Block]) -> Layout:
    """How the dump breaks its lines, judged on the lines that are kept."""
    if page.media_type == "text/html":
        return Layout(True, False)
    blank_lines = any(_blank_behind(block) for block in page.blocks[:-1] if block.text[-2:].isspace())
    inner = [
        block.text.strip()
        for block, following in itertools.pairwise(kept)
        if following.index == block.index + 1 and not _blank_behind(block)
    ]
    return Layout(blank_lines, _is_wrapped(inner))


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines that another one follows at once end at a width, in the middle of sentences."""
    if len(lines) < 4:
        return False
    width = median(len(line) for line in lines)
    open_ends = sum(line[-1] not in TERMINAL for line in lines)
    near = sum(abs(len(line) - width) <= 0.25 * width for line in lines)
    return 30 <= width <= 140 and open_ends >= 0.6 * len(lines) and near >= 0.6 * len(lines)


def _between(before: Block, block: Block, page: Page, layout: Layout) -> str:
    """What stands between two kept blocks in the text."""
    if page.media_type == "text/html":
        return "\n" if _tight_tags(before, block) and not _both_prose(before.text, block.text) else "\n\n"
    adjacent = block.index == before.index + 1 and not _blank_behind(before)
    if not adjacent:
        return "\n\n"
    first, second = before.text.strip(), block.text.strip()
    if _runs_on(first, second, layout):
        if second[0] in CLOSING:
            return ""
        return " " if divides_words(first[-1]) and divides_words(second[0]) else ""
    return "\n" if layout.blank_lines and not _both_prose(first, second) else "\n\n"


def _tight_tags(before: Block, block: Block) -> bool:
    return before.tag in _TIGHT_TAGS and block.tag in _TIGHT_TAGS and block.index == before.index + 1


def _both_prose(first: str, second: str) -> bool:
    return _is_prose(first) and _is_prose(second)


def _is_prose(line: str) -> bool:
    if fewer_words(line, PROSE_WORDS) or line.isspace():
        return False
    return line.rstrip()[-1] in TERMINAL and word_count(line) >= PROSE_WORDS


def _runs_on(first: str, second: str, layout: Layout) -> bool:
    """Whether the second line goes on with the first one's sentence."""
    if _ITEM.match(second):
        return False
    if layout.wrapped:
        return not (first[-1] in ".!?。！？" and len(first) < 40)
    return not layout.blank_lines and first[-1] not in TERMINAL and (second[0].islower() or second[0] in CLOSING)


def _blank_behind(block: Block) -> bool:
    """Whether a blank line stands behind the block's line."""
    if not block.text[-2:].isspace():  # most lines, at a third of the cost
        return False
    size = len(block.text.rstrip())
    return len(block.text) > size + 1 and len(block.text[size:].splitlines()) > 1
