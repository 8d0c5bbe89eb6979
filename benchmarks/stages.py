"""Where the time of a page goes: each stage of the recipe alone, and the floor under it: the parse without a walk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from lxml import etree

from cleaners.decode import decode
from cleaners.document import Page
from cleaners.html import walk
from cleaners.language import identify_page
from cleaners.matching import match, prepare
from cleaners.scorer import score
from cleaners.text import split


def stages(pages: Sequence[str], text: bool) -> dict[str, float]:
    """CPU seconds a page of each stage that can be run alone; of HTML first the floor, which no sum should hold."""
    cut: Callable[[str], Page] = split if text else walk
    payloads = [page.encode() for page in pages]
    cuts = [cut(page) for page in pages]
    languages = [identify_page(page).code for page in cuts]
    ready = [prepare(page.blocks) for page in cuts]
    hits = [match(prepared, language) for prepared, language in zip(ready, languages, strict=True)]
    work: dict[str, Callable[[int], object]] = {} if text else {FLOOR: lambda at: parse(payloads[at])}
    work |= {
        "decode": lambda at: decode(payloads[at], html=not text),
        "blocks": lambda at: cut(pages[at]),
        "language": lambda at: identify_page(cuts[at]),
        "prepare": lambda at: prepare(cuts[at].blocks),
        "match": lambda at: match(ready[at], languages[at]),
        "score": lambda at: score(cuts[at], hits[at]),
    }
    found = {}
    for name, step in work.items():
        started = time.process_time()
        for at in range(len(pages)):
            step(at)
        found[name] = (time.process_time() - started) / len(pages)
    return found


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
