"""Does site memory harm real pages? `python -m benchmarks.sites [--least N]`.

The pages of ../shared/corpora by publisher, where there are several; the memory is learnt on the very pages that are
then cleaned, as HTML and as text dumps. There are three to a dozen pages a publisher, fewer than the memory asks for
before it speaks, so `--least` lowers that, to 3 as it stands. Prints the F1 over shingles of each publisher with and
without memory, the largest loss last.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from unittest import mock

import cleaners.sites as memory
from benchmarks.measure import figures, with_title
from cleaners import explain
from cleaners.comparable import prepare
from cleaners.html import walk
from cleaners.sites import Site, Sites, learnt, merge, page_address, seen_page, site_host
from cleaners.text import split
from training.corpora import NAMES, Sample, samples
from training.dumps import decoded, dumps

MOST_LOST = 0.002


def publishers(least: int) -> dict[str, list[Sample]]:
    """Articles by publisher, of those with so many."""
    found: defaultdict[str, list[Sample]] = defaultdict(list)
    for corpus in NAMES:
        for sample in samples(corpus):
            if site_host(sample.url) and sample.kind == "article":
                found[sample.site].append(sample)
    return {name: pages for name, pages in sorted(found.items()) if len(pages) >= least}


def texts(chosen: Sequence[Sample], form: str) -> list[str]:
    """The pages as HTML, or as text dumps."""
    if form == "html":
        return [decoded(sample.payload()) for sample in chosen]
    made = dumps("html_text")
    return [made[sample.key] for sample in chosen]


def learn(chosen: Sequence[Sample], pages: Sequence[str], form: str) -> Site:
    """What the pages of a publisher repeat."""
    cut = walk if form == "html" else split
    seen = [
        seen_page(prepare(cut(page).blocks), 0, page_address(sample.url))
        for sample, page in zip(chosen, pages, strict=True)
    ]
    return learnt(merge(seen))


def f1(chosen: Sequence[Sample], pages: Sequence[str], form: str, sites: Sites | None) -> tuple[float, int]:
    """Shingle F1 of a publisher's pages, and how many blocks the memory cut."""
    media = "text/html" if form == "html" else "text/plain"
    rows = []
    cut = 0
    for sample, page in zip(chosen, pages, strict=True):
        document = explain(page, url=sample.url, media_type=media, sites=sites).document  # type: ignore[arg-type]
        cut += sum(not verdict.keep and verdict.rule == memory.RULE for verdict in document.verdicts)
        rows.append((sample.gold, with_title(sample.gold, sample.title, document.text)))
    return figures(rows).shingle_f1, cut


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--least", type=int, default=3, help="pages, and showings of a line, before memory speaks")
    chosen = parser.parse_args()
    losses = []
    with mock.patch.multiple(memory, LEAST_PAGES=chosen.least, LEAST_COUNT=chosen.least):
        for form in ("html", "text"):
            for name, found in publishers(chosen.least).items():
                pages = texts(found, form)
                without, _ = f1(found, pages, form, None)
                site = learn(found, pages, form)
                learned, cut = f1(found, pages, form, {site_host(sample.url) or "": site for sample in found})
                losses.append((without - learned, f"{form} {name}"))
                if cut:
                    print(
                        f"{form} {name:32s} n={len(found):2d} {without:.4f} -> {learned:.4f}, {cut} blocks cut",
                        flush=True,
                    )
    worst, where = max(losses)
    print(f"{len(losses)} groups; the largest loss is {worst:.4f} ({where})")
    return int(worst > MOST_LOST)


if __name__ == "__main__":
    sys.exit(main())
