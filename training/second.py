"""Fits the second look of `cleaners/scorer/second.py`: a logistic model over what fold networks say of sites they have
not seen. It is fitted without a fold to be measured on it, and on all of them to be shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from cleaners.scorer import second
from cleaners.scorer.characters import Floats
from training.fit import Item, item
from training.tables import Studied

NEWS = 2.0  # pages of fundus weigh so much more: few, but of many countries, like what is cleaned
STRENGTH = 0.3
MOST_BLOCKS = 800
SMALLEST = 1e-2  # of deviations


@dataclass(frozen=True, slots=True)
class Heard:
    """What a network that has not seen the site says of an HTML page: chances (B,), page kinds (4,), its fold."""

    studied: Studied
    chances: Floats
    kinds: Floats
    part: int


@dataclass(frozen=True, slots=True)
class Second:
    """The model: `slope` (S,) and `start` (1,)."""

    slope: Floats
    start: Floats

    def arrays(self) -> dict[str, Floats]:
        """By the names `cleaners/scorer/network.py` reads."""
        return {"second": self.slope, "second_bias": self.start}


def seen(heard: Heard) -> Floats:
    """The features of one page, (B, S)."""
    around = heard.studied.around
    assert around is not None, "text dumps have no second look"
    return second.look(heard.studied.example.page, heard.chances, heard.studied.measures, around)


def fit_second(pages: Sequence[Heard]) -> Second:
    """Fitted on the doubtful blocks of these pages; each weighs its words, each page alike but for NEWS."""
    chosen = [page for page in pages if len(page.chances) <= MOST_BLOCKS]
    looks = np.concatenate([seen(page) for page in chosen])
    items = [_item(page) for page in chosen]
    labels = np.concatenate([one.labels for one in items]) > 0.5
    weights = np.concatenate([one.weights * _news(page) for one, page in zip(items, chosen, strict=True)])
    counted = (weights > 0) & (np.abs(looks[:, 0]) < second.SURE)
    looks, weights = looks[counted], weights[counted]
    mean, deviation = looks.mean(axis=0), looks.std(axis=0) + SMALLEST
    model = LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-3)
    model.fit((looks - mean) / deviation, labels[counted], sample_weight=weights / weights.mean())
    slope = model.coef_[0] / deviation
    return Second(slope.astype(np.float32), (model.intercept_ - slope @ mean).astype(np.float32))


def _item(page: Heard) -> Item:
    return item(page.studied, np.zeros((len(page.chances), 0), np.float32))


def _news(page: Heard) -> float:
    return NEWS if page.studied.example.sample.corpus == "fundus-dev" else 1.0


def corrected(pages: Sequence[Heard], parts: int) -> tuple[list[Floats], list[Second]]:
    """The chances of each page after a second look that was fitted without its fold, and those looks, one a fold."""
    looks = [fit_second([page for page in pages if page.part != part]) for part in range(parts)]
    found = [
        second.corrected(page.chances, seen(page), looks[page.part].slope, looks[page.part].start) for page in pages
    ]
    return found, looks
