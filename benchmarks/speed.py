"""Cost of a document: `python -m benchmarks.speed [--pages N] [--text | --every | --memory N]`, one process, one run.

Pages of ../shared/corpora per CPU-second, Winnow beside trafilatura and resiliparse, and where Winnow's time goes, with
the floor under it; with `--text` dumps of the same pages. `--every` gives Winnow alone each page of the corpora, of all
kinds, and names the slowest; `--memory N` gives it N pages and shows what the process holds. Ratios are what to trust:
machines are noisy.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import mean, median

from benchmarks.extractors import resiliparse, trafilatura, winnow, winnow_text
from training.corpora import NAMES, Sample, everything, samples

STATUS = Path("/proc/self/statm")
SLOWEST = 5
SHOWN = 10  # times that the memory is shown


def costs(
    extractors: Mapping[str, Callable[[str], object]], pages: Sequence[str], warm_up: Sequence[str]
) -> dict[str, list[float]]:
    """CPU seconds of each page by each extractor, which take turns: a machine that slows down slows all of them.

    What is paid once a process (imports, the rules of a language) is paid by the warm-up.
    """
    found: dict[str, list[float]] = {name: [] for name in extractors}
    for page in warm_up:
        for work in extractors.values():
            work(page)
    for page in pages:
        for name, work in extractors.items():
            started = time.process_time()
            work(page)
            found[name].append(time.process_time() - started)
    return found


def choose(pages: int) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """Articles spread over the corpora; their neighbours, in the same languages, for the warm-up and for the stages.

    A page that was seen before costs half: its words and the classes of its elements are remembered.
    """
    every = [sample for name in NAMES for sample in samples(name) if sample.kind == "article"]
    step = max(3, len(every) // max(1, pages))
    return every[::step], every[1::step], every[2::step]


def line(name: str, spent: Sequence[float]) -> str:
    """One line of the table."""
    return (
        f"{name:16s} mean {mean(spent) * 1000:7.2f} ms  median {median(spent) * 1000:7.2f}  "
        f"worst {max(spent) * 1000:8.1f}  {1 / max(mean(spent), 1e-9):8.1f} a CPU-second"
    )


def compare(pages: int, text: bool) -> None:
    """Print the table of the extractors, and of Winnow's stages."""
    from benchmarks.stages import FLOOR, stages  # not before numpy's threads are bounded
    from training.dumps import decoded, dumps

    made = dumps("html_text") if text else {}
    chosen, others, unseen = (
        [made[sample.key] if text else decoded(sample.payload()) for sample in part] for part in choose(pages)
    )
    peers = {} if text else {"trafilatura": trafilatura, "resiliparse": resiliparse}
    spent = costs({"winnow": winnow_text if text else winnow, **peers}, chosen, others)
    print(f"{len(chosen)} pages of {mean(map(len, chosen)) / 1000:.1f} thousand characters")
    print(line("winnow", spent["winnow"]))
    by_stage = stages(unseen, text)
    by_stage["the rest"] = max(0.0, mean(spent["winnow"]) + by_stage.get(FLOOR, 0.0) - sum(by_stage.values()))
    for name, cost in by_stage.items():
        print(f"  {name:14s} mean {cost * 1000:7.2f} ms")
    for name in peers:
        ratio = mean(spent[name]) / mean(spent["winnow"])
        print(f"{line(name, spent[name])}; winnow is {ratio:.2f} times as fast")


def slowest() -> None:
    """Print Winnow's cost over every page of the corpora, and the slowest pages, each at its better of two times."""
    from training.dumps import decoded

    every = [(sample, decoded(sample.payload())) for sample in everything()]
    spent = costs({"winnow": winnow}, [page for _, page in every], [page for _, page in every[::10]])["winnow"]
    print(line("winnow", spent))
    order = sorted(range(len(every)), key=lambda at: -spent[at])[:SLOWEST]
    for at in order:
        sample, page = every[at]
        again = costs({"winnow": winnow}, [page], ())["winnow"][0]
        print(f"  {sample.key:40s} {min(spent[at], again) * 1000:8.1f} ms  {len(page) / 1000:.0f} thousand characters")


def held() -> float:
    """Megabytes of memory that the process holds now; Linux only."""
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def memory(pages: int) -> None:
    """Clean `pages` pages in this process, the corpora over and over, and print what it holds as it goes."""
    from training.dumps import decoded

    for number, sample in enumerate(islice(cycle(everything()), pages), start=1):
        winnow(decoded(sample.payload()))
        if number % max(1, pages // SHOWN) == 0:
            print(f"{number:8d} pages  {held():8.1f} MB", flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=150, help="pages, at most a third of the articles (default 150)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--text", action="store_true", help="text dumps instead of HTML")
    what.add_argument("--every", action="store_true", help="every page, by Winnow alone: the slowest")
    what.add_argument("--memory", type=int, metavar="N", help="what the process holds over N pages")
    options = parser.parse_args()
    # Matrices as small as a page's are not worth a thread, and threads that wait count as CPU time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if options.every:
        slowest()
    elif options.memory:
        memory(options.memory)
    else:
        compare(options.pages, options.text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
