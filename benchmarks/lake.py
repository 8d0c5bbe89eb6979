"""A whole lake: `python -m benchmarks.lake [--documents N]... [--workers N]`.

Invented news of invented sites, short, a tenth of it copied with small edits, cleaned into a lake with signals, near
duplicates and site memory. Prints for each size seconds, peak memory of the run and of its workers, and what each stage
took; per document, so that what is not linear shows.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flows.lake.place import Lake
from flows.runs import read_reports

SITES = 100
FILES = 20
_FUNCTION = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "that",
    "is",
    "was",
    "for",
    "on",
    "with",
    "as",
    "by",
    "at",
    "from",
    "it",
    "said",
]
_CHANCE = random.Random(5)
_SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en", "ol")]
_CONTENT = ["".join(_CHANCE.choices(_SYLLABLES, k=_CHANCE.randint(1, 3))) for _ in range(6_000)]


def article(number: int) -> list[str]:
    """Headline and paragraphs of an invented article; every tenth is an edited copy of the one nine before it."""
    copied = number % 10 == 9
    chance = random.Random(number - 9 if copied else number)
    lines = [_sentence(chance, 7).rstrip("."), *(" ".join(_sentence(chance, 16) for _ in range(2)) for _ in range(4))]
    if copied:
        lines[1] = f"{_sentence(random.Random(number), 8)} {lines[1]}"
    return lines


def _sentence(chance: random.Random, words: int) -> str:
    said = [chance.choice(_FUNCTION if chance.random() < 0.45 else _CONTENT) for _ in range(words)]
    return f"{' '.join(said).capitalize()}."


def write_dumps(folder: Path, documents: int) -> None:
    """The articles as JSON Lines, each with the lines that its site repeats."""
    for part in range(FILES):
        with (folder / f"{part:02d}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(part, documents, FILES):
                name = f"site{number % SITES}"
                head = [f"{name.title()} rooms to let", f"The {name} table"]
                foot = [
                    f"The {name} courier, printed where the river bends",
                    f"Entry {number % SITES} of the press register",
                ]
                text = "\n\n".join([*head, *article(number), *foot])
                file.write(json.dumps({"url": f"https://{name}.example/{number}", "text": text}) + "\n")


def measured(documents: int, workers: int) -> str:
    """One lake of so many documents, as a line of the table."""
    with tempfile.TemporaryDirectory() as place:
        dumps, output = Path(place) / "dumps", Path(place) / "lake"
        dumps.mkdir()
        write_dumps(dumps, documents)
        began = time.monotonic()
        supervisor, worker, cpu = _run(dumps, output, workers)
        seconds = time.monotonic() - began
        (report,) = read_reports(Lake(output))
    stages = ", ".join(f"{stage} {spent:.1f}" for stage, spent in report.seconds.items())
    return (
        f"{documents:>8,} documents: {seconds:7.1f} s, {cpu:7.1f} s CPU ({cpu / documents * 1e3:.2f} ms each), "
        f"peak memory {supervisor:.0f} MB and {worker:.0f} MB a worker; {report.total.articles:,} articles; "
        f"s waited for: {stages}"
    )


def _run(dumps: Path, output: Path, workers: int) -> tuple[float, float, float]:
    """Peak memory (MB) of the command and of its largest child, and CPU seconds of all."""
    code = (
        "import resource, sys; from flows import run; from flows.config import Options;"
        f"options = Options(inputs=({str(dumps)!r},), output={str(output)!r}, workers={workers}, report=False);"
        "code = run.ingest(options);"
        "own, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN));"
        "print('MEASURED', own.ru_maxrss / 1e3, theirs.ru_maxrss / 1e3,"
        " sum((use.ru_utime + use.ru_stime for use in (own, theirs))));"
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("MEASURED"))
    supervisor, worker, cpu = map(float, line.split()[1:])
    return supervisor, worker, cpu


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, action="append", metavar="N")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    for documents in chosen.documents or [25_000, 50_000, 100_000]:
        print(measured(documents, chosen.workers), flush=True)


if __name__ == "__main__":
    main()
