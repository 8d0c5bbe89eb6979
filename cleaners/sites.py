"""Site memory: lines that many pages of one host repeat. Judged here; gathered and kept by `flows/sites.py`.

A page is remembered as the hashes of its lines. Of a host the newest pages are kept, by month, and within the last of
these months those with the smallest hash of their address: a sample that does not depend on the order pages come in,
that is merged exactly (bottom-k sketches, Cohen & Kaplan 2007), and in which old pages give way to new ones.

A line that most pages of a host repeat is evidence. Short lines are cut for it; long prose only where another witness
agrees: it stands outside the page's own prose, or the model doubts it too.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from cleaners.comparable import Prepared
from cleaners.document import Block, Page, Verdict
from cleaners.guard import FLOOR_WORDS
from cleaners.judge import BELIEVED
from cleaners.normal import word_count
from cleaners.verdicts import is_prose

RULE = "sites"
MOST_PAGES = 48  # pages of a host that are remembered
MOST_LINES = 256  # lines of a page that are: of more, those with the smallest hashes
LEAST_PAGES = 6  # pages of a host before its memory says anything
LEAST_COUNT = 4  # pages that a line must stand on
OFTEN = 0.3  # share of the pages on which a line is suspect: a column that runs every few days stays under it
MOSTLY = 0.6  # share from which a short line is cut without the model's consent
LONG_WORDS = 25  # prose of so many words is never cut on the site's word alone
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "dt"))


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page: the month it was fetched (year * 12 + month, 0 where unknown), its address and its lines as hashes."""

    month: int
    address: int
    lines: tuple[int, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """What goes first is kept."""
        return -self.month, self.address


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a host: on how many of its `pages` each line stands, and what the user said of some lines.

    Lines are hashes (`line_hash`). `keep` lines are never cut for being repeated, `cut` lines always are.
    """

    pages: int
    lines: Mapping[int, int] = field(default_factory=dict)
    keep: frozenset[int] = frozenset()
    cut: frozenset[int] = frozenset()

    def share(self, line: int) -> float:
        """Share of the pages that hold the line; 0 where that is too few to say anything."""
        count = self.lines.get(line, 0)
        return count / self.pages if count >= LEAST_COUNT and self.pages >= LEAST_PAGES else 0.0


Sites = Mapping[str, Site]
"""A frozen memory: sites by host."""


@lru_cache(maxsize=8_192)
def line_hash(comparable: str) -> int:
    """64 bits that stand for a line in its comparable form (`cleaners.comparable`), numbers written `#`."""
    return int.from_bytes(blake2b(comparable.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def lines_of(prepared: Prepared) -> list[str]:
    """The comparable form of each block of a page; empty where it shows nothing."""
    return [
        line.bare if line is not None else " ".join(block.text.split())
        for block, line in zip(prepared.blocks, prepared.lines, strict=True)
    ]


def seen_page(prepared: Prepared, month: int, address: int) -> SeenPage:
    """A page as it is remembered."""
    hashes = {line_hash(line) for line in lines_of(prepared) if line}
    return SeenPage(month, address, tuple(heapq.nsmallest(MOST_LINES, hashes)))


def site_host(url: str | None) -> str | None:
    """The host that a page's memory is kept under, None for pages without an address.

    >>> site_host("https://www.News.example/a?b=1"), site_host(None)
    ('news.example', None)
    """
    try:
        host = urlsplit(url).hostname if url else None
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def page_address(url: str) -> int:
    """64 bits that stand for a page: its address without scheme and fragment."""
    return line_hash(url.partition("#")[0].partition("://")[2].removeprefix("www."))


def merge(pages: Iterable[SeenPage]) -> tuple[SeenPage, ...]:
    """The pages of a host that are kept, in order of rank; of several showings of a page the newest.

    `merge` of merges, in any order and grouping, is `merge` of all.
    """
    newest: dict[int, SeenPage] = {}
    for page in pages:
        held = newest.get(page.address)
        if held is None or (page.month, page.lines) > (held.month, held.lines):
            newest[page.address] = page
    return tuple(heapq.nsmallest(MOST_PAGES, newest.values(), key=lambda page: page.rank))


def learnt(pages: Sequence[SeenPage]) -> Site:
    """What a host's pages repeat: lines that stand on enough of them to be suspect."""
    counts = Counter(line for page in pages for line in page.lines)
    least = max(LEAST_COUNT, OFTEN * len(pages))
    return Site(len(pages), {line: count for line, count in sorted(counts.items()) if count >= least})


def apply_site(page: Page, prepared: Prepared, verdicts: Sequence[Verdict], site: Site) -> tuple[Verdict, ...]:
    """The verdicts of a page, with what its site repeats cut as boilerplate.

    Between the page's own paragraphs headings stay, what the page itself repeats ("Pros", "Cons", "3."), and lines of
    its lists. A page that would have next to nothing left keeps what it had: it is one of the repeated pages itself.
    """
    hashes = [line_hash(line) if line else 0 for line in lines_of(prepared)]
    shares = [0.0 if hashed in site.keep else site.share(hashed) for hashed in hashes]
    own = _own_prose(page, verdicts, shares)
    often = {hashed for hashed, count in Counter(hashes).items() if count > 1}
    listed = _in_lists(page, verdicts, shares)
    judged = []
    for verdict in verdicts:
        block, hashed = page.blocks[verdict.block], hashes[verdict.block]
        stays = verdict.block in own and (hashed in often or _is_heading(block) or verdict.block in listed)
        share = 0.0 if stays else shares[verdict.block]
        judged.append(_judged(block.text, verdict, hashed, share, site, own))
    kept = sum(word_count(page.blocks[verdict.block].text) for verdict in judged if verdict.keep)
    return tuple(judged) if kept >= FLOOR_WORDS else tuple(verdicts)


def _own_prose(page: Page, verdicts: Sequence[Verdict], shares: Sequence[float]) -> range:
    """From the first to the last kept paragraph that no other page has; empty where there is none."""
    own = [
        verdict.block
        for verdict in verdicts
        if verdict.keep and not shares[verdict.block] and is_prose(page.blocks[verdict.block].text)
    ]
    return range(own[0], own[-1] + 1) if own else range(0)


def _is_heading(block: Block) -> bool:
    """A heading, or a bare word or number: between paragraphs these divide the article, on however many pages."""
    return block.tag in _HEADINGS or word_count(block.text) < 2


def _in_lists(page: Page, verdicts: Sequence[Verdict], shares: Sequence[float]) -> set[int]:
    """Repeated lines that the model believes in, with a short line of the page's own right before or behind them.

    Several sites repeat what their lists are made of: "Climate neutral", "Hard to clean". A line that stands alone
    between paragraphs is no part of a list.
    """
    found: set[int] = set()
    for order in (verdicts, verdicts[::-1]):
        beside = False  # whether the last kept block that other pages do not have is a short line
        for verdict in order:
            block = verdict.block
            if not shares[block]:
                beside = _is_short(page.blocks[block]) if verdict.keep else beside
            elif beside and (verdict.score or 0.0) >= BELIEVED:
                found.add(block)
    return found


def _is_short(block: Block) -> bool:
    return not _is_heading(block) and not is_prose(block.text)


def _judged(text: str, verdict: Verdict, hashed: int, share: float, site: Site, own: range) -> Verdict:
    if verdict.rule in ("blank", "title"):
        return verdict
    if hashed in site.keep and not verdict.keep:
        return replace(verdict, keep=True, kind="", rule=RULE, matched="")
    if verdict.keep and (hashed in site.cut or (own and _is_template(text, verdict, share, own))):
        return replace(verdict, keep=False, kind="boilerplate", rule=RULE, matched="")
    return verdict


def _is_template(text: str, verdict: Verdict, share: float, own: range) -> bool:
    """Whether a kept line that many pages repeat is no part of the article."""
    if share < OFTEN:
        return False
    doubted = verdict.block not in own or (verdict.score is not None and verdict.score < BELIEVED)
    if is_prose(text) and word_count(text) >= LONG_WORDS:
        return share >= MOSTLY and doubted
    return share >= MOSTLY or doubted
