"""Does site memory harm real pages? `python -m benchmarks.sites [--least N] [--form html|text]`.

The articles of ../shared/corpora by publisher, of those with two at least (`--least`): 56 publishers, most with two or
three. Each page is cleaned with a memory learnt on the publisher's other pages of any kind. Those are shown to it as
often as it takes to make as many pages as the memory asks for, so that the shipped thresholds hold: a line that one
page of two shares with the other counts as if every page of the site had it, the hardest that the memory can be put.

Prints a line for each publisher of which anything was cut: articles, other pages a memory was learnt on, blocks that
the memory cut and that the gold text holds or not, F1 over shingles without and with it. Fails where any loses more
than 0.2 points.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.measure import figures, with_title
from cleaners import explain
from cleaners.comparable import prepare
from cleaners.html import walk
from cleaners.sites import (
    LEAST_PAGES,
    RULE,
    SeenPage,
    Site,
    learnt,
    line_hash,
    merge,
    page_address,
    seen_page,
    site_host,
)
from cleaners.text import split
from training.corpora import NAMES, Sample, samples
from training.dumps import decoded, dumps

MOST_LOST = 0.002
FORMS = ("html", "text")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a publisher's pages. `wrongly` of the blocks cut stand in the gold text."""

    pages: int
    companions: int
    cut: int
    wrongly: int
    without: float
    learned: float


def publishers(least: int) -> dict[str, list[Sample]]:
    """Pages by publisher, of those with so many articles."""
    found: defaultdict[str, list[Sample]] = defaultdict(list)
    for corpus in NAMES:
        for sample in samples(corpus):
            if site_host(sample.url):
                found[sample.site].append(sample)
    return {
        name: pages for name, pages in sorted(found.items()) if sum(page.kind == "article" for page in pages) >= least
    }


def texts(chosen: Sequence[Sample], form: str) -> list[str]:
    """The pages as HTML, or as text dumps."""
    if form == "html":
        return [decoded(sample.payload()) for sample in chosen]
    made = dumps("html_text")
    return [made[sample.key] for sample in chosen]


def remembered(sample: Sample, page: str, form: str) -> SeenPage:
    """A page as the memory holds it."""
    cut = walk if form == "html" else split
    return seen_page(prepare(cut(page).blocks), 0, page_address(sample.url))


def learn(companions: Sequence[SeenPage]) -> Site:
    """What pages repeat, each shown under as many addresses as make enough pages of them."""
    times = -(-LEAST_PAGES // len(companions))
    shown = [replace(page, address=line_hash(f"{page.address} {time}")) for page in companions for time in range(times)]
    return learnt(merge(shown))


def outcome(chosen: Sequence[Sample], form: str) -> Outcome:
    """Clean the articles of a publisher without memory, and with one of its other pages."""
    pages = texts(chosen, form)
    seen = [remembered(sample, page, form) for sample, page in zip(chosen, pages, strict=True)]
    without: list[tuple[str, str]] = []
    learned: list[tuple[str, str]] = []
    cut = wrongly = 0
    for at, (sample, page) in enumerate(zip(chosen, pages, strict=True)):
        if sample.kind != "article":
            continue
        others = [each for each in seen if each.address != seen[at].address]
        sites = {site_host(sample.url) or "": learn(others)} if others else None
        media = "text/html" if form == "html" else "text/plain"
        for rows, memory in ((without, None), (learned, sites)):
            found = explain(page, url=sample.url, media_type=media, sites=memory)  # type: ignore[arg-type]
            rows.append((sample.gold, with_title(sample.gold, sample.title, found.document.text)))
        gone = [
            found.page.blocks[each.block].text
            for each in found.document.verdicts
            if not each.keep and each.rule == RULE
        ]
        cut += len(gone)
        wrongly += sum(" ".join(text.split()) in " ".join(sample.gold.split()) for text in gone)
    scores = figures(without).shingle_f1, figures(learned).shingle_f1
    return Outcome(len(learned), len(chosen) - 1, cut, wrongly, *scores)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--least", type=int, default=2, help="articles of a publisher (default 2)")
    parser.add_argument("--form", choices=FORMS, help="one of the two")
    options = parser.parse_args()
    losses = []
    for form in [options.form] if options.form else FORMS:
        found = {name: outcome(pages, form) for name, pages in publishers(options.least).items()}
        for name, each in found.items():
            losses.append((each.without - each.learned, f"{form} {name}"))
            if each.cut:
                print(
                    f"{form} {name:24s} {each.pages:2d} articles, {each.companions:2d} others: "
                    f"{each.cut:3d} blocks cut, {each.wrongly:2d} of the article; "
                    f"{each.without:.4f} -> {each.learned:.4f}",
                    flush=True,
                )
        articles = sum(each.pages for each in found.values())
        gain = sum((each.learned - each.without) * each.pages for each in found.values()) / articles
        cut, wrongly = (sum(getattr(each, name) for each in found.values()) for name in ("cut", "wrongly"))
        print(
            f"{form}: {len(found)} publishers, {articles} articles, {cut} blocks cut, {wrongly} wrongly; F1 {gain:+.4f}"
        )
    worst, where = max(losses)
    print(f"the largest loss is {worst:.4f} ({where})")
    return int(worst > MOST_LOST)


if __name__ == "__main__":
    sys.exit(main())
