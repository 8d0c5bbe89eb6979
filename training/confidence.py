"""How sure the answer is: a logistic model over what the probabilities of a page look like, fitted out of fold.

The target is that the kept text has a word F1 of at least GOOD against the gold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from cleaners.scorer.characters import Floats

GOOD = 0.9
STRENGTH = 0.3


def calibrate(
    summaries: Floats, right: Sequence[bool], weights: Floats | None = None
) -> dict[str, NDArray[np.float32]]:
    """Weights of the logistic model: summaries (pages, S), whether each page came out right (pages,).

    Names are those that `cleaners/scorer/certainty.py` reads.
    """
    mean, deviation = summaries.mean(axis=0), summaries.std(axis=0) + 1e-3
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit((summaries - mean) / deviation, np.array(right), sample_weight=weights)
    slope = model.coef_[0] / deviation
    start = model.intercept_ - slope @ mean
    return {"certainty": slope.astype(np.float32), "certainty_bias": start.astype(np.float32)}
