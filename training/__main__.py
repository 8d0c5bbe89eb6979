"""Makes the scorer's weights: `python -m training [html] [text] [--folds N]` (`make train`).

For each medium the pages are cut into folds by site; networks trained without a fold say how good the scorer is on
sites it has not seen, and their guesses calibrate the confidence. The weights that are shipped come from a last network
that has seen everything. One thread, fixed seeds: the same corpora give the same bytes on one machine.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cleaners.scorer import certainty
from training.confidence import GOOD, calibrate
from training.corpora import ROOT
from training.evaluate import Guess, report
from training.examples import MOST_BLOCKS, html_examples, text_examples
from training.fit import Item, Plan, fit, item, predict
from training.nets import HTML, TEXT, Shape, Trained
from training.tables import Studied, features, fold, folded, learn, study

WEIGHTS = ROOT / "cleaners" / "scorer" / "weights"
SEED = 0
SHAPES: Mapping[str, Shape] = {"html": HTML, "text": TEXT}
PLANS: Mapping[str, Plan] = {
    "html": Plan(epochs=14, size=5000, share=0.5),
    "text": Plan(epochs=9, size=6000, share=0.33),
}
MARGINS: Mapping[str, float] = {"html": 0.0, "text": 0.3}
"""Taken off the confidence, in log-odds: measured so that of what is 0.9 or surer at least 95 % is right."""
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
    guesses = [guess for part in range(folds) for guess in _guesses(medium, studied, part, folds)]
    figures = report(guesses)
    print(json.dumps(figures, indent=1))
    whole = [guess for guess in guesses if guess.example.variant in ("html", "html_text", "resiliparse")]
    right = [guess.word_f1() >= GOOD for guess in whole]
    sure = calibrate(np.stack([guess.summary for guess in whole]), right)
    sure["certainty_bias"] -= np.float32(MARGINS[medium])
    trained, tables = _network(medium, studied), learn(studied)
    learnt = {"vocabulary": tables.vocabulary}
    if medium == "html":
        learnt |= {"near": tables.near, "far": tables.far}
    halves = {name: table.astype(np.float16) for name, table in learnt.items()}
    _save(WEIGHTS / f"{medium}.npz", trained.arrays() | halves | sure)
    _note(medium, len(examples), figures)


def _network(medium: str, studied: Sequence[Studied]) -> Trained:
    items = _items(studied, folded(studied))
    return fit([one for one in items if len(one.labels) <= MOST_BLOCKS], SHAPES[medium], PLANS[medium], SEED)


def _items(studied: Sequence[Studied], inputs: Sequence[NDArray[np.float32]]) -> list[Item]:
    return [item(one, own) for one, own in zip(studied, inputs, strict=True)]


def _guesses(medium: str, studied: Sequence[Studied], part: int, folds: int) -> list[Guess]:
    """What a network that has not seen the sites of this fold says of them."""
    seen = [one for one in studied if fold(one.example.sample.site, folds) != part]
    unseen = [one for one in studied if fold(one.example.sample.site, folds) == part]
    trained, tables = _network(medium, seen), learn(seen)
    items = _items(unseen, [features(one, tables) for one in unseen])
    found = zip(unseen, predict(trained, items), strict=True)
    return [_guess(one, content, kinds) for one, (content, kinds) in found]


def _guess(studied: Studied, content: NDArray[np.float32], kinds: NDArray[np.float32]) -> Guess:
    mass = studied.measures.counts.size
    evened = certainty.evened(content, mass)
    return Guess(studied.example, evened, kinds, certainty.summary(evened, mass, kinds))


def _save(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """An .npz without times in it: the same arrays give the same bytes."""
    path.parent.mkdir(exist_ok=True)
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
        "validation": "by site; `clean` are gold texts given as dumps",
        "scores": figures,
    }
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
