"""Where the time of a page goes: each stage of the recipe alone, and the floor under it: the parse without a walk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ParamSpec, TypeVar

from lxml import etree

from cleaners.decode import decode
from cleaners.document import Page
from cleaners.html import walk
from cleaners.language import identify_page
from cleaners.matching import match, prepare
from cleaners.scorer import score
from cleaners.text import split

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def stages(pages: Sequence[str], text: bool) -> dict[str, float]:
    """CPU seconds a page of each stage that can be run alone; of HTML first the floor, which no sum should hold.

    The stages follow each other page by page, as in the recipe: a stage that runs over all pages at once is faster by a
    third, for its code and data stay in the processor's caches.
    """
    spent: dict[str, float] = {}
    for page in pages:
        for name, cost in _page(page, text):
            spent[name] = spent.get(name, 0.0) + cost / len(pages)
    return spent


def _page(page: str, text: bool) -> Iterator[tuple[str, float]]:
    """The stages of one page, each with its CPU seconds."""
    payload = page.encode()
    if not text:
        yield FLOOR, _timed(parse, payload)[1]
    yield "decode", _timed(decode, payload, html=not text)[1]
    cut, cost = _timed(_cutter(text), page)
    yield "blocks", cost
    language, cost = _timed(identify_page, cut)
    yield "language", cost
    prepared, cost = _timed(prepare, cut.blocks)
    yield "prepare", cost
    hits, cost = _timed(match, prepared, language.code)
    yield "match", cost
    yield "score", _timed(score, cut, hits)[1]


def _cutter(text: bool) -> Callable[[str], Page]:
    return split if text else walk


def _timed(work: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> tuple[Answer, float]:
    started = time.process_time()
    answer = work(*given, **named)
    return answer, time.process_time() - started


FLOOR = "(parse alone)"


class _Nothing:
    """A target that takes the parser's events and does nothing with them."""

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        """An element opens."""

    def end(self, tag: str) -> None:
        """An element closes."""

    def data(self, text: str) -> None:
        """Text."""

    def close(self) -> None:
        """The page ends."""


def parse(payload: bytes) -> None:
    """What every walk pays: the parser, and its events told to Python."""
    parser = etree.HTMLParser(
        target=_Nothing(), encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    etree.fromstring(payload, parser)
