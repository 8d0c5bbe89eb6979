"""Quality side by side: `python -m benchmarks.quality [html|text|gold] [--only NAME]... [--by country|kind] [--check]`.

html   pages to article text, against the peers
text   text dumps of the same pages (made by html_text and by resiliparse's all-text mode)
gold   gold articles given as clean dumps: which share of their words comes back

`--check` compares Winnow's figures with `benchmarks/floors.json` and fails where one lies under its floor or where the
corpora are not those that the floors were measured on. `--pin` writes the floors anew, never a lower one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.extractors import HTML, TEXT, Extractor
from benchmarks.measure import Figures, bag, figures, with_title, words
from training.corpora import CORPORA, NAMES, Sample, samples

FLOORS = Path(__file__).with_name("floors.json")
TABLES = ("html", "text", "gold")
DUMPS = ("html_text", "resiliparse")
SLACK = 0.002  # a floor lies this much under the figure that set it


def corpora_digest() -> str:
    """sha256 over the gold files: floors hold only for the pages that they were measured on."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update((CORPORA / name / "gold.jsonl.gz").read_bytes())
    return digest.hexdigest()


def html_rows(chosen: Sequence[Sample], extractor: Extractor) -> tuple[list[tuple[str, str]], float]:
    """(gold, answer) of each page and the CPU seconds that the answers took."""
    from training.dumps import decoded

    pages = [decoded(sample.payload()) for sample in chosen]
    return _answers(chosen, pages, extractor)


def text_rows(chosen: Sequence[Sample], maker: str, extractor: Extractor) -> tuple[list[tuple[str, str]], float]:
    """(gold, answer) of each dump and the CPU seconds."""
    from training.dumps import dumps

    made = dumps(maker)
    return _answers(chosen, [made[sample.key] for sample in chosen], extractor)


def _answers(
    chosen: Sequence[Sample], pages: Sequence[str], extractor: Extractor
) -> tuple[list[tuple[str, str]], float]:
    extractor(pages[0])  # imports and warm-up are not measured
    started = time.process_time()
    answers = [extractor(page) for page in pages]
    seconds = time.process_time() - started
    rows = [(s.gold, with_title(s.gold, s.title, said)) for s, said in zip(chosen, answers, strict=True)]
    return rows, seconds


def gold_recall(chosen: Iterable[Sample]) -> tuple[float, list[tuple[float, str]]]:
    """Share of the gold's words that come back when a gold article is given as a clean dump; and the worst pages."""
    from cleaners import clean

    hit = total = 0
    worst = []
    for sample in chosen:
        given = bag(words(sample.title) + words(sample.gold), 1)
        document = clean(f"{sample.title}\n\n{sample.gold}", media_type="text/plain")
        back = bag(words(document.title or "") + words(document.text), 1)
        found = (given & back).total()
        hit, total = hit + found, total + given.total()
        worst.append((found / given.total(), sample.key))
    return hit / total, sorted(worst)[:20]


def line(name: str, measured: Figures, seconds: float) -> str:
    """One line of the table."""
    return (
        f"{name:28s} n={measured.pages:4d} empty {measured.empty:3d} P {measured.precision:.4f} "
        f"R {measured.recall:.4f} F1 {measured.shingle_f1:.4f}  word {measured.word_f1:.4f}  "
        f"{measured.pages / seconds:8.1f} pages/CPU-s"
    )


def groups(chosen: Sequence[Sample], rows: Sequence[tuple[str, str]], by: str) -> Iterable[tuple[str, Figures]]:
    """Figures a country or page kind."""
    for key in sorted({getattr(sample, by) or "-" for sample in chosen}):
        yield key, figures(row for sample, row in zip(chosen, rows, strict=True) if (getattr(sample, by) or "-") == key)


def run(what: str, only: Sequence[str], by: str | None) -> dict[str, float]:
    """Print one table; Winnow's figures by name."""
    found: dict[str, float] = {}
    for corpus in NAMES:
        everything = list(samples(corpus))
        articles = [sample for sample in everything if sample.kind == "article"]
        if what == "gold":
            recall, worst = gold_recall(articles)
            found[f"gold/{corpus}"] = recall
            print(f"gold/{corpus:24s} words that come back {recall:.5f}; worst {worst[:5]}")
            continue
        makers = DUMPS if what == "text" else ("",)
        for maker in makers:
            chosen = articles if what == "text" or by != "kind" else everything
            for name, extractor in (TEXT if what == "text" else HTML).items():
                if only and name not in only:
                    continue
                rows, seconds = text_rows(chosen, maker, extractor) if what == "text" else html_rows(chosen, extractor)
                key = "/".join(filter(None, (what, corpus, maker)))
                print(line(f"{key} {name}", figures(rows), seconds), flush=True)
                if name == "winnow":
                    found[key] = figures(rows).shingle_f1
                for group, measured in groups(chosen, rows, by) if by else ():
                    print("   ", line(group, measured, seconds))
    return found


def check(found: dict[str, float]) -> int:
    """0 where every figure reaches its floor."""
    pinned = json.loads(FLOORS.read_text())
    if pinned["corpora_sha256"] != corpora_digest():
        print("The corpora are not those that the floors were measured on.")
        return 1
    low = [
        (key, value, pinned["floors"][key]) for key, value in found.items() if value < pinned["floors"].get(key, 0.0)
    ]
    for key, value, floor in low:
        print(f"{key}: {value:.4f} lies under its floor of {floor:.4f}")
    return int(bool(low))


def pin(found: dict[str, float]) -> None:
    """Raise the floors to the figures found; a floor is never lowered here."""
    pinned = json.loads(FLOORS.read_text()) if FLOORS.exists() else {"floors": {}}
    old = pinned["floors"] if pinned.get("corpora_sha256") in (None, corpora_digest()) else {}
    new = {key: round(max(value - SLACK, old.get(key, 0.0)), 4) for key, value in found.items()}
    pinned = {"corpora_sha256": corpora_digest(), "floors": dict(sorted((old | new).items()))}
    FLOORS.write_text(json.dumps(pinned, indent=2) + "\n")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="TABLE", help=f"which tables: {', '.join(TABLES)} (default: all)")
    parser.add_argument("--only", action="append", default=[], help="only this extractor (repeatable)")
    parser.add_argument("--by", choices=["country", "kind"], help="figures a group as well")
    parser.add_argument("--check", action="store_true", help="fail under the floors")
    parser.add_argument("--pin", action="store_true", help="raise the floors to what was measured")
    options = parser.parse_args()
    unknown = set(options.what) - set(TABLES)
    if unknown:
        parser.error(f"there is no table {min(unknown)!r}; there are {', '.join(TABLES)}")
    found: dict[str, float] = {}
    for what in options.what or TABLES:
        found |= run(what, options.only, options.by)
    if options.pin:
        pin(found)
    return check(found) if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
