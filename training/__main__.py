"""Makes the scorer's weights: `python -m training [html] [text] [--folds N]` (`make train`).

For each medium the pages are cut into folds by site; networks trained without a fold say how good the scorer is on
sites it has not seen, and their guesses fit the second look and calibrate the confidence. They stay in `training/work`
for `benchmarks.quality --held-out`. The weights that are shipped come from a last network that has seen everything. One
thread, fixed seeds: the same corpora give the same bytes on one machine.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cleaners.scorer import certainty
from cleaners.scorer.characters import Floats
from cleaners.scorer.markup import Tables
from training import held_out
from training.confidence import GOOD, calibrate
from training.corpora import ROOT
from training.evaluate import Guess, report
from training.examples import MOST_BLOCKS, html_examples, text_examples
from training.fit import Plan, fit, item, predict
from training.nets import HTML, TEXT, Shape, Trained
from training.second import Heard, corrected, fit_second
from training.tables import Studied, features, fold, folded, learn, spans, study, witnesses

WEIGHTS = ROOT / "cleaners" / "scorer" / "weights"
SEED = 0
SHAPES: Mapping[str, Shape] = {"html": HTML, "text": TEXT}
PLANS: Mapping[str, Plan] = {
    "html": Plan(epochs=28, size=5000, share=0.5, silent=0.1),
    "text": Plan(epochs=24, size=6000, share=0.33),
}
SILENCED = ("words", "phrases", "classes", "siblings", "headline", "declared")
"""Witnesses that a page may lack, so that the others must do.

Shingle F1 of unseen sites, HTML: news 0.4 points more, WCXB's articles 0.1 less. Text dumps gain nothing over four
folds."""
MARGINS: Mapping[str, float] = {"html": 0.0, "text": 0.3}
"""Taken off the confidence, in log-odds: measured so that of what is 0.9 or surer at least 95 % is right."""
Arrays = dict[str, NDArray[Any]]
SOURCES = [
    {"name": "WCXB, Web Content eXtraction Benchmark (2026), development split", "licence": "CC-BY-4.0"},
    {"name": "fundus (flairNLP), pages and bodies of its parser tests", "licence": "MIT for the annotations"},
]


def main() -> None:
    """Train what is asked for, both by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("media", nargs="*", choices=["html", "text", []], help="which weights to make; both by default")
    parser.add_argument("--folds", type=int, default=4, help="parts for cross-validation by site")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for medium in asked.media or ["html", "text"]:
        train(medium, asked.folds)


def train(medium: str, folds: int) -> None:
    """Make the weights of one medium and note where they come from."""
    examples = html_examples() if medium == "html" else text_examples(SEED)
    studied = [study(example) for example in examples]
    heard: list[Heard] = []
    for part in range(folds):
        trained, tables = _network(medium, [one for one in studied if _part(one, folds) != part])
        heard += _heard(trained, tables, [one for one in studied if _part(one, folds) == part], part)
        _save(held_out.path(medium, part), _arrays(trained, tables, medium))
    seconds, guesses = _second_look(medium, heard, folds)
    figures = report(guesses)
    print(json.dumps(figures, indent=1))
    sure = _sure(medium, guesses)
    for part in range(folds):
        kept = held_out.arrays(medium, part)
        _save(held_out.path(medium, part), kept | seconds[part] | sure)
    _save(WEIGHTS / f"{medium}.npz", _arrays(*_network(medium, studied), medium) | seconds[folds] | sure)
    _note(medium, len(examples), figures)


def _part(studied: Studied, folds: int) -> int:
    return fold(studied.example.sample.site, folds)


def _network(medium: str, studied: Sequence[Studied]) -> tuple[Trained, Tables]:
    items = [item(one, own) for one, own in zip(studied, folded(studied), strict=True)]
    short = [one for one in items if len(one.labels) <= MOST_BLOCKS]
    tables = learn(studied)
    columns = spans(witnesses(studied[0], tables))
    silenced = [columns[name] for name in SILENCED if name in columns]
    return fit(short, SHAPES[medium], PLANS[medium], SEED, silenced), tables


def _arrays(trained: Trained, tables: Tables, medium: str) -> Arrays:
    learnt = {"vocabulary": tables.vocabulary}
    if medium == "html":
        learnt |= {"near": tables.near, "far": tables.far}
    return trained.arrays() | {name: table.astype(np.float16) for name, table in learnt.items()}


def _heard(trained: Trained, tables: Tables, unseen: Sequence[Studied], part: int) -> list[Heard]:
    """What a network that has not seen these sites says of them."""
    items = [item(one, features(one, tables)) for one in unseen]
    found = zip(unseen, predict(trained, items), strict=True)
    return [Heard(one, chances, kinds, part) for one, (chances, kinds) in found]


def _second_look(medium: str, heard: Sequence[Heard], folds: int) -> tuple[list[Arrays], list[Guess]]:
    """The weights of the second look, one a fold and then those of all, and what is said of each page after it."""
    if medium == "text":
        return [{} for _ in range(folds + 1)], [_guess(page, page.chances) for page in heard]
    found, looks = corrected(heard, folds)
    weights: list[Arrays] = [dict(one.arrays()) for one in (*looks, fit_second(heard))]
    return weights, [_guess(page, chances) for page, chances in zip(heard, found, strict=True)]


def _guess(page: Heard, chances: Floats) -> Guess:
    mass = page.studied.measures.counts.size
    evened = certainty.evened(chances, mass)
    return Guess(page.studied.example, evened, page.kinds, certainty.summary(evened, mass, page.kinds))


def _sure(medium: str, guesses: Sequence[Guess]) -> Arrays:
    """The weights of the confidence."""
    whole = [guess for guess in guesses if guess.example.variant in ("html", "html_text", "resiliparse")]
    right = [guess.word_f1() >= GOOD for guess in whole]
    sure: Arrays = calibrate(np.stack([guess.summary for guess in whole]), right)
    return sure | {"certainty_bias": sure["certainty_bias"] - np.float32(MARGINS[medium])}


def _save(path: Path, arrays: Arrays) -> None:
    """An .npz without times in it: the same arrays give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.save(buffer, arrays[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def _note(medium: str, pages: int, figures: Mapping[str, Mapping[str, float]]) -> None:
    path = WEIGHTS / "provenance.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known[f"{medium}.npz"] = {
        "corpora": SOURCES,
        "examples": pages,
        "seed": SEED,
        "date": date.today().isoformat(),
        "torch": version("torch"),
        "plan": asdict(PLANS[medium]),
        "validation": "by site; `clean` are gold texts given as dumps" if medium == "text" else "by site",
        "scores": figures,
    }
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
