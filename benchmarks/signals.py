"""What the quality signals cost of a run's CPU time: `python -m benchmarks.signals [--pages N] [--documents N]`.

Three runs in one process, from dumps to the lake: pages of ../shared/corpora as HTML, the same as dumps of html_text,
and the short invented articles of benchmarks.lake. Signals and cleaning have a clock of their own, document by
document, so that a busy machine changes the figures little; the shares are what to trust. The aim is 3 % of the run.

Every page is new to the process, as in a run: what it has seen before would be cleaned in half the time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.lake import write_dumps
from benchmarks.overhead import Clock, InProcess, run
from training.corpora import NAMES, Sample, samples

AIM = 0.03
FORMS = ("html", "text", "lake")
WARM_UP = 60  # documents: imports, rules and tables that a process reads once


def write_html(folder: Path, pages: Sequence[Sample]) -> None:
    """Pages as they were served, a file each."""
    for number, sample in enumerate(pages):
        (folder / f"{number:05d}.html").write_bytes(sample.payload())


def write_text(folder: Path, pages: Sequence[Sample]) -> None:
    """Pages as text dumps, in one file of JSON Lines."""
    from training.dumps import dumps

    made = dumps("html_text")
    rows = [json.dumps({"url": sample.url, "text": made[sample.key]}) for sample in pages]
    (folder / "pages.jsonl").write_text("\n".join(rows))


def write_lake(folder: Path, documents: int) -> None:
    """Invented articles."""
    write_dumps(folder, documents)


def shares(fill: Callable[[Path, Any], None], warm: Any, measured: Any) -> tuple[float, float, float]:
    """CPU seconds of the signals, of cleaning, and of a whole run over what `fill` writes, after a warm-up."""
    from cleaners import recipe
    from flows import session
    from flows.lake import rows

    clock = Clock()
    watched = [("signals", rows, "measure_all"), ("signals", rows, "account"), ("clean", recipe, "explain_record")]
    with tempfile.TemporaryDirectory(prefix="winnow-signals-") as name, ExitStack() as stack:
        for part, documents in (("warm", warm), ("measured", measured)):
            (Path(name) / part).mkdir()
            fill(Path(name) / part, documents)
        stack.enter_context(mock.patch.object(session, "WorkerPool", InProcess))
        run(Path(name) / "warm", Path(name) / "first")
        for kind, owner, function in watched:
            stack.enter_context(mock.patch.object(owner, function, clock.on(kind, getattr(owner, function))))
        began = time.process_time()
        run(Path(name) / "measured", Path(name) / "second")
        return clock.seconds["signals"], clock.seconds["clean"], time.process_time() - began


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300, help="pages, spread over the corpora (default 300)")
    parser.add_argument("--documents", type=int, default=2_000, help="invented articles (default 2,000)")
    parser.add_argument("--only", choices=FORMS, help="one of the three")
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads that wait count as CPU time
    every = [sample for name in NAMES for sample in samples(name) if sample.kind == "article"]
    step = max(2, len(every) // max(1, options.pages))
    pages = (every[1::step][:WARM_UP], every[::step][: options.pages])
    filled: dict[str, tuple[Callable[[Path, Any], None], Any, Any]] = {
        "html": (write_html, *pages),
        "text": (write_text, *pages),
        "lake": (write_lake, WARM_UP, options.documents),
    }
    worst = 0.0
    for form in [options.only] if options.only else FORMS:
        signals, clean, whole = shares(*filled[form])
        worst = max(worst, signals / whole)
        number = options.documents if form == "lake" else len(pages[1])
        print(
            f"{form}: {signals / whole:6.2%} of the run, {signals / (signals + clean):6.2%} of signals and cleaning; "
            f"{signals / number * 1e3:.3f} of {whole / number * 1e3:.2f} ms CPU a document",
            flush=True,
        )
    return 0 if worst <= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
