"""Languages: right on documents and sentences, quick, and foreign lines found without cutting the article's own.

    python -m benchmarks.languages [path of dev.jsonl.gz]

The rows (49 languages; fundus, masakhane-news, Universal Dependencies, lingua's test data, interface strings) stand
beside the checkout in ../shared/language and are not part of the project. Croatian, Serbian and Bosnian count as one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaners.document import Block, Page
from cleaners.language import dominant_script, foreign, identify, identify_page, warm_up, word_count
from cleaners.language.detectors import by_langdetect
from cleaners.language.languages import near, one, scripts_of

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "language" / "dev.jsonl.gz"
URL = "https://www.example.org/2024/05/12/story?id=4711&from=feed 2024-05-12 18:30\n"
INTERFACE = ("nav13", "nav48")
OWN, ALIEN = 25, 3  # lines of a page that the judge asks about
GENUINE = ("line", "sent", "w48", "w13")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the set: its language, level, text."""

    language: str
    level: str
    text: str


def read(path: Path) -> list[Row]:
    """All rows of the set; raises FileNotFoundError where it is not there."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Row(row["lang"], row["level"], row["text"]) for row in map(json.loads, lines)]


def accuracy(rows: Iterable[Row], answer: Callable[[str], str]) -> tuple[int, int]:
    """How many rows are answered right, and how many there are."""
    right = [one(row.language, answer(row.text)) for row in rows]
    return sum(right), len(right)


def variants(row: Row, labels: dict[str, list[str]], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Names and texts of a document as the world spoils it."""
    yield "all capitals", row.text.upper()
    yield "links and numbers around", URL * 6 + row.text + "\n" + URL * 6
    for language, name in (("ar", "Arabic"), ("fr", "French")):
        if language != row.language:
            yield f"40 % {name} navigation behind", row.text + "\n" + _navigation(labels[language], row.text, chance)


def _navigation(labels: list[str], text: str, chance: random.Random) -> str:
    rows: list[str] = []
    while sum(map(len, rows)) < 0.4 * len(text):
        rows.append(chance.choice(labels))
    return "\n".join(rows)


def documents(rows: list[Row]) -> None:
    """Accuracy by level, and whether variants of documents get the same answer."""
    for level in ("doc", "sent", "w48", "w13"):
        right, total = accuracy((row for row in rows if row.level == level), lambda text: identify(text).code)
        print(f"{level:>6}  {right:5d} of {total:5d}  {right / total:7.2%}")
    labels = {code: [r.text for r in rows if r.level in INTERFACE and r.language == code] for code in ("ar", "fr")}
    same, total_of = Counter[str](), Counter[str]()
    chance = random.Random(1)
    for row in (row for row in rows if row.level == "doc"):
        plain = identify(row.text).code
        for name, text in variants(row, labels, chance):
            total_of[name] += 1
            same[name] += one(identify(text).code, plain)
    for name, total in total_of.items():
        print(f"same answer, {name}: {same[name]} of {total} documents")


def reliability(rows: list[Row]) -> None:
    """What the confidence means: the share of right answers at each value."""
    right, total = Counter[float](), Counter[float]()
    for row in rows:
        if row.level in ("doc", "sent"):
            found = identify(row.text)
            total[found.confidence] += 1
            right[found.confidence] += one(found.code, row.language)
    for confidence in sorted(total, reverse=True):
        print(f"confidence {confidence:5.3f}: {right[confidence]:5d} of {total[confidence]:5d} right")


def recall(rows: list[Row], article: str, inside: bool) -> None:
    """Interface strings found foreign in an article, by what can be told from them; near pairs left out."""
    found, total = Counter[str](), Counter[str]()
    for row in rows:
        if row.level in INTERFACE and not near(row.language, article):
            kind = _kind(row, article)
            total[kind] += 1
            found[kind] += foreign(row.text, article, inside=inside) is not None
    place = "inside" if inside else "at the edges"
    for kind in sorted(total):
        print(f"{article} {place}, {kind}: {found[kind]} of {total[kind]}  {found[kind] / total[kind]:.1%}")


def _kind(row: Row, article: str) -> str:
    script = dominant_script(row.text)
    if script not in ("", "Latn") and script not in scripts_of(article):
        return "other script"
    return f"{row.level}, one word" if word_count(row.text) < 2 else row.level


def false_cuts(rows: list[Row]) -> None:
    """Genuine lines, sentences and spans judged foreign to their own language: should be none."""
    for inside in (False, True):
        for level in GENUINE:
            chosen = [row for row in rows if row.level == level]
            cut = sum(foreign(row.text, row.language, inside=inside) is not None for row in chosen)
            place = "inside" if inside else "at the edges"
            print(f"false cuts {place}, {level}: {cut} of {len(chosen)}  {cut / len(chosen):.2%}")


def _milliseconds(work: Callable[[str], object], texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return 1000 * (time.process_time() - start) / len(texts)


def speed(rows: list[Row]) -> None:
    """CPU time of a document of 3,000 characters, against langdetect alone, and of a page with its doubtful lines."""
    texts = [(row.text + "\n") * (1 + 3000 // len(row.text)) for row in rows if row.level == "doc"]
    texts = [text[:3000] for text in texts]
    ours = min(_milliseconds(identify, texts) for _ in range(3))
    theirs = _milliseconds(by_langdetect, texts[::5])
    print(f"document of 3,000 characters: {ours:.3f} ms, langdetect {theirs:.2f} ms: {theirs / ours:.0f} times")
    pages = [_page(row, rows, number) for number, row in enumerate(row for row in rows if row.level == "doc")]
    start = time.process_time()
    for page, language in pages:
        _judge_page(page, language)
    print(f"page of 170 blocks, {OWN} doubtful and {ALIEN} foreign: ", end="")
    print(f"{1000 * (time.process_time() - start) / len(pages):.3f} ms")


def _page(row: Row, rows: list[Row], number: int) -> tuple[Page, str]:
    """A document between navigation, with its language's own lines and some of others; none repeats soon."""
    own = [other.text for other in rows if other.language == row.language and other.level in GENUINE]
    alien = [other.text for other in rows if other.language != row.language and other.level in INTERFACE]
    chance = random.Random(number)
    doubtful = chance.sample(own, min(OWN, len(own))) + chance.sample(alien, ALIEN)
    lines = [*doubtful, *row.text.split("\n"), *(["Home"] * 140)]
    blocks = tuple(Block(i, line, 0, len(line)) for i, line in enumerate(lines))
    return Page("\n".join(lines), blocks, "text/html"), row.language


def _judge_page(page: Page, language: str) -> None:
    identify_page(page)
    for block in page.blocks[: OWN + ALIEN]:
        foreign(block.text, language, inside=False)


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=Path, default=DEFAULT)
    rows = read(parser.parse_args().rows)
    warm_up()
    documents(rows)
    reliability(rows)
    for inside in (False, True):
        recall(rows, "en", inside)
        recall(rows, "ar", inside)
    false_cuts(rows)
    speed(rows)


if __name__ == "__main__":
    main()
