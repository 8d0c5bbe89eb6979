"""Quality side by side: `python -m benchmarks.quality [TABLE]... [--only NAME]... [--by country|kind] [--held-out]`.

html   pages to article text, against the peers
text   text dumps of the same pages (made by html_text and by resiliparse's all-text mode)
gold   gold articles given as clean dumps: which share of their words comes back

`--held-out` asks, for each site, weights that have not seen it (`python -m training` leaves them in `training/work`);
without it Winnow's figures flatter, since the shipped weights have seen these pages. `--by` sets Winnow and trafilatura
side by side page by page as well. `--check` compares Winnow's figures with `benchmarks/floors.json` and fails where one
lies under its floor or where the corpora are not those that the floors were measured on. `--pin` writes the floors
anew, never a lower one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import mean

from benchmarks.extractors import HTML, TEXT, Extractor, winnow, winnow_text
from benchmarks.measure import Figures, bag, figures, page_f1, with_title, words
from cleaners.document import MediaType
from training.corpora import CORPORA, NAMES, Sample, samples

FLOORS = Path(__file__).with_name("floors.json")
TABLES = ("html", "text", "gold")
DUMPS = ("html_text", "resiliparse")
Row = tuple[str, str]
HELD_OUT: dict[Extractor, MediaType] = {}  # extractors that are asked with weights that have not seen the site
SLACK = 0.002  # a floor lies this much under the figure that set it


def corpora_digest() -> str:
    """sha256 over the gold files: floors hold only for the pages that they were measured on."""
    digest = hashlib.sha256()
    for name in NAMES:
        digest.update((CORPORA / name / "gold.jsonl.gz").read_bytes())
    return digest.hexdigest()


def html_rows(chosen: Sequence[Sample], extractor: Extractor) -> tuple[list[Row], float]:
    """(gold, answer) of each page and the CPU seconds that the answers took."""
    from training.dumps import decoded

    pages = [decoded(sample.payload()) for sample in chosen]
    return _answers(chosen, pages, extractor)


def text_rows(chosen: Sequence[Sample], maker: str, extractor: Extractor) -> tuple[list[Row], float]:
    """(gold, answer) of each dump and the CPU seconds."""
    from training.dumps import dumps

    made = dumps(maker)
    return _answers(chosen, [made[sample.key] for sample in chosen], extractor)


def _answers(chosen: Sequence[Sample], pages: Sequence[str], extractor: Extractor) -> tuple[list[Row], float]:
    extractor(pages[0])  # imports and warm-up are not measured
    asked = _by_site(extractor) if extractor in HELD_OUT else lambda _, page: extractor(page)
    started = time.process_time()
    answers = [asked(sample, page) for sample, page in zip(chosen, pages, strict=True)]
    seconds = time.process_time() - started
    rows = [(s.gold, with_title(s.gold, s.title, said)) for s, said in zip(chosen, answers, strict=True)]
    return rows, seconds


def _by_site(extractor: Extractor) -> Callable[[Sample, str], str]:
    """The extractor with weights that have not seen the page's site."""
    from training.held_out import folds

    networks = folds(HELD_OUT[extractor])

    def asked(sample: Sample, page: str) -> str:
        with networks.asked_about(sample.site):
            return extractor(page)

    return asked


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


def groups(chosen: Sequence[Sample], rows: Sequence[Row], by: str) -> Iterable[tuple[str, Figures]]:
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
        for maker in DUMPS if what == "text" else ("",):
            key = "/".join(filter(None, (what, corpus, maker)))
            chosen = articles if what == "text" or by != "kind" else everything
            measured = _table(key, chosen, maker, only, by)
            if measured is not None:
                found[key] = measured
    return found


def _table(key: str, chosen: Sequence[Sample], maker: str, only: Sequence[str], by: str | None) -> float | None:
    """The lines of one corpus; Winnow's shingle F1, None where it was not asked for."""
    answers: dict[str, list[Row]] = {}
    for name, extractor in (TEXT if maker else HTML).items():
        if only and name not in only:
            continue
        rows, seconds = text_rows(chosen, maker, extractor) if maker else html_rows(chosen, extractor)
        print(line(f"{key} {name}", figures(rows), seconds), flush=True)
        for group, measured in groups(chosen, rows, by) if by else ():
            print("   ", line(group, measured, seconds))
        answers[name] = rows
    if by and "trafilatura" in answers and "winnow" in answers:
        side_by_side(chosen, answers["winnow"], answers["trafilatura"], by)
    return figures(answers["winnow"]).shingle_f1 if "winnow" in answers else None


def side_by_side(chosen: Sequence[Sample], ours: Sequence[Row], theirs: Sequence[Row], by: str) -> None:
    """Winnow against trafilatura page by page: shingle F1 of both, their mean difference, and who was the better."""
    for key in sorted({getattr(sample, by) or "-" for sample in chosen}):
        pages = [at for at, sample in enumerate(chosen) if (getattr(sample, by) or "-") == key]
        pairs = [(page_f1(*ours[at]), page_f1(*theirs[at])) for at in pages]
        own, other = (mean(scores) for scores in zip(*pairs, strict=True))
        better, worse = sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)
        print(
            f"    {key:12s} n={len(pairs):4d} winnow {own:.4f} trafilatura {other:.4f} difference {own - other:+.4f}  "
            f"better {better} worse {worse}"
        )


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
    parser.add_argument("--held-out", action="store_true", help="weights that have not seen the site")
    parser.add_argument("--check", action="store_true", help="fail under the floors")
    parser.add_argument("--pin", action="store_true", help="raise the floors to what was measured")
    options = parser.parse_args()
    unknown = set(options.what) - set(TABLES)
    if unknown:
        parser.error(f"there is no table {min(unknown)!r}; there are {', '.join(TABLES)}")
    if options.held_out:
        HELD_OUT.update({winnow: "text/html", winnow_text: "text/plain"})
    if options.held_out and "gold" in options.what:
        parser.error("gold articles are given to the shipped weights: there is no --held-out of them")
    found: dict[str, float] = {}
    for what in options.what or (TABLES[:2] if options.held_out else TABLES):
        measured = run(what, options.only, options.by)
        found |= {f"held-out/{key}": value for key, value in measured.items()} if options.held_out else measured
    if options.pin:
        pin(found)
    return check(found) if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
