"""Cost of a document: `python -m benchmarks.speed [--pages N] [--text]`, all in one process and one run.

Pages of ../shared/corpora per CPU-second, Winnow beside trafilatura and resiliparse, and where Winnow's time goes; with
`--text` dumps of the same pages. Ratios are what to trust: machines are noisy.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks.extractors import resiliparse, trafilatura, winnow, winnow_text
from cleaners.assemble import assemble
from cleaners.document import Page
from cleaners.html import walk
from cleaners.language import identify_page
from cleaners.matching import match, prepare
from cleaners.scorer import score
from cleaners.text import split
from training.corpora import NAMES, Sample, samples
from training.dumps import decoded, dumps

WARM_UP = 12


def seconds(work: Callable[[str], object], pages: Sequence[str]) -> float:
    """CPU seconds a page, after a few pages of warm-up: imports and what is read once are paid once a process."""
    for page in pages[:WARM_UP]:
        work(page)
    started = time.process_time()
    for page in pages[WARM_UP:]:
        work(page)
    return (time.process_time() - started) / len(pages[WARM_UP:])


def stages(cut: Callable[[str], Page], pages: Sequence[str]) -> dict[str, float]:
    """CPU seconds a page of each stage that can be run alone."""
    cuts = [cut(page) for page in pages]
    languages = [identify_page(page).code for page in cuts]
    ready = [prepare(page.blocks) for page in cuts]
    hits = [match(prepared, language) for prepared, language in zip(ready, languages, strict=True)]
    work: dict[str, Callable[[int], object]] = {
        "blocks": lambda at: cut(pages[at]),
        "language": lambda at: identify_page(cuts[at]),
        "prepare": lambda at: prepare(cuts[at].blocks),
        "match": lambda at: match(ready[at], languages[at]),
        "score": lambda at: score(cuts[at], hits[at], languages[at]),
        "assemble": lambda at: assemble(cuts[at], ()),
    }
    found = {}
    for name, step in work.items():
        started = time.process_time()
        for at in range(len(pages)):
            step(at)
        found[name] = (time.process_time() - started) / len(pages)
    return found


def report(name: str, cost: float, size: float) -> None:
    """One line."""
    print(
        f"{name:14s} {cost * 1000:8.2f} ms  {1 / cost if cost else 0:8.1f} a CPU-second  {size / 1000:.0f} kB each",
        flush=True,
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=150, help="pages, spread over the corpora (default 150)")
    parser.add_argument("--text", action="store_true", help="text dumps instead of HTML")
    options = parser.parse_args()
    every: list[Sample] = [sample for name in NAMES for sample in samples(name) if sample.kind == "article"]
    chosen = every[:: max(1, len(every) // options.pages)]
    made = dumps("html_text") if options.text else {}
    pages = [made[sample.key] if options.text else decoded(sample.payload()) for sample in chosen]
    size = sum(map(len, pages)) / len(pages)
    whole = seconds(winnow_text if options.text else winnow, pages)
    report("winnow", whole, size)
    for name, cost in stages(split if options.text else walk, pages).items():
        report(f"  {name}", cost, size)
    for name, extractor in () if options.text else (("trafilatura", trafilatura), ("resiliparse", resiliparse)):
        cost = seconds(extractor, pages)
        report(name, cost, size)
        print(f"               winnow is {cost / whole:.1f} times as fast")
    return 0


if __name__ == "__main__":
    sys.exit(main())
