"""How sure the scorer is of a page as a whole: what the probabilities of its blocks look like, and a logistic model."""

from __future__ import annotations

import numpy as np

from cleaners.scorer.characters import Floats

KEEP = 0.5
CLEAN = (0.85, 0.95)
CLEAN_KEEP = 0.2
DOUBT = (0.15, 0.85)


def evened(probabilities: Floats, mass: Floats) -> Floats:
    """Where nearly all of a page is content, what is doubtful stays: a clean article must come out whole.

    Probabilities are raised so that KEEP remains the bound: from the share CLEAN[0] of content on, up to CLEAN[1].
    """
    share = float((probabilities * mass).sum()) / max(float(mass.sum()), 1.0)
    reached = min(max((share - CLEAN[0]) / (CLEAN[1] - CLEAN[0]), 0.0), 1.0)
    bound = KEEP - (KEEP - CLEAN_KEEP) * reached
    return np.asarray(probabilities ** (np.log(KEEP) / np.log(bound)), np.float32)


def expected_f1(probabilities: Floats, mass: Floats) -> float:
    """F1 of the kept blocks that the probabilities themselves promise, 0..1."""
    kept = probabilities >= KEEP
    hit = float((probabilities * mass)[kept].sum())
    return 2 * hit / max(float(mass[kept].sum()) + float((probabilities * mass).sum()), 1e-6)


def summary(probabilities: Floats, mass: Floats, kinds: Floats) -> Floats:
    """What a page's probabilities look like, (S,). `mass` is each block's size, `kinds` the page kind's chances."""
    kept = probabilities >= KEEP
    held = max(float(mass[kept].sum()), 1.0)
    content = mass * probabilities
    expected = max(float(content.sum()), 1.0)
    doubtful = (probabilities > DOUBT[0]) & (probabilities < DOUBT[1])
    precision = float(content[kept].sum()) / held
    recall = float(content[kept].sum()) / expected
    edges = float(np.abs(np.diff(kept.astype(np.float32))).sum())
    promised = expected_f1(probabilities, mass)
    size = np.log1p(held)
    values = [
        precision,
        recall,
        promised,
        promised**4,
        min(float(mass[doubtful].sum()) / held, 2.0),
        size,
        size * size / 10,
        np.log1p(float(kept.sum())),
        np.log1p(edges),
        held / max(float(mass.sum()), 1.0),
        float(probabilities[kept].min()) if kept.any() else 0.0,
        float(mass[kept].max()) / held if kept.any() else 1.0,
        float(kinds[0]),
        float(kinds.max()),
    ]
    return np.array(values, np.float32)


def confidence(summarised: Floats, slope: Floats, start: Floats) -> float:
    """The chance that the text is right."""
    return float(1 / (1 + np.exp(-(summarised @ slope + start[0]))))
