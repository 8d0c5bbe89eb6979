"""Whether pages are flagged for what they are: `python -m benchmarks.flags [html] [text]`, each site asked of unseeing
weights.

Of each kind of page of the corpora: how many are told apart from articles (or, of articles, taken for nothing else),
and which flags they have. Wants the networks that `python -m training` leaves in `training/work`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping

from benchmarks.confidence import MEDIA, documents

ARTICLE = "article"
OTHERS = ("forum", "listing", "not_article", "product")


def seen(medium: str) -> Mapping[str, Counter[str]]:
    """By the kind that the corpora name: how many pages have which flag, `article` where they have none of OTHERS."""
    found: dict[str, Counter[str]] = {}
    for sample, document in documents(medium):
        flag = next((flag for flag in OTHERS if flag in document.flags), ARTICLE)
        found.setdefault(sample.kind, Counter())[flag] += 1
    return found


def main() -> None:
    """Print a table a medium, and its share of pages flagged right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", nargs="*", choices=[*MEDIA, []], help="html, text; both by default")
    for medium in parser.parse_args().media or MEDIA:
        found = seen(medium)
        right = {
            kind: sum(n for flag, n in flags.items() if (flag == kind) or ARTICLE not in (flag, kind))
            for kind, flags in found.items()
        }
        for kind, flags in sorted(found.items()):
            said = ", ".join(f"{number} {flag}" for flag, number in flags.most_common())
            print(f"{medium}  {kind:10}  {right[kind] / flags.total():6.1%} of {flags.total()} right  ({said})")
        whole = sum(flags.total() for flags in found.values())
        print(f"{medium}  article or not: {sum(right.values()) / whole:.1%} of {whole} pages right")


if __name__ == "__main__":
    main()
