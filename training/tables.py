"""Log-odds learnt for words and for class words, counted a page (no page outweighs another) and shrunk towards nothing.

Features that come out of these tables must be made out of fold: a word that only one site has would otherwise tell the
network that site's labels. `folded` does so, by site.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaners.scorer import attributes, lines, markup, tree, vocabulary
from cleaners.scorer.characters import Floats
from cleaners.scorer.lines import Measures, Witnesses
from cleaners.scorer.markup import Tables
from cleaners.scorer.tree import Tree
from training.examples import Example

FOLDS = 5
WORD_PRIOR, WORD_LEAST = 6.0, 2.5
CLASS_PRIOR, CLASS_LEAST = 3.0, 1.5
NEAR = 3


@dataclass(frozen=True, slots=True)
class Studied:
    """An example with what its features are made of."""

    example: Example
    measures: Measures
    around: Tree | None


def study(example: Example) -> Studied:
    """Read the characters, words and containers of an example's page once."""
    page = example.page
    if page.media_type == "text/plain":
        return Studied(example, lines.measure(page), None)
    return Studied(example, lines.measure(page), tree.tree(page))


def fold(site: str, folds: int, salt: str = "") -> int:
    """Which of `folds` parts a site belongs to; the same on every machine."""
    return int(hashlib.md5((salt + site).encode()).hexdigest(), 16) % folds


def features(studied: Studied, tables: Tables) -> Floats:
    """The network's input for one example."""
    return lines.joined(witnesses(studied, tables))


def witnesses(studied: Studied, tables: Tables) -> Witnesses:
    """The same by what it comes from."""
    page, measures, hits, around = studied.example.page, studied.measures, studied.example.hits, studied.around
    if around is None:
        return lines.witnesses(page, measures, lines.prosaic(measures.counts), hits, tables.vocabulary)
    return markup.witnesses(page, measures, hits, tables, around)


def spans(said: Witnesses) -> dict[str, slice]:
    """The columns of each witness."""
    widths = [sum(part.shape[1] if part.ndim > 1 else 1 for part in parts) for parts in said.values()]
    ends = np.cumsum(widths).tolist()
    return {name: slice(end - width, end) for name, width, end in zip(said, widths, ends, strict=True)}


def folded(studied: Sequence[Studied]) -> list[Floats]:
    """Features of each example, with tables that have not seen its site."""
    parts = [fold(one.example.sample.site, FOLDS, "tables") for one in studied]
    made: list[Floats] = [np.empty(0, np.float32)] * len(studied)
    for part in range(FOLDS):
        tables = learn([one for one, own in zip(studied, parts, strict=True) if own != part])
        for at, own in enumerate(parts):
            if own == part:
                made[at] = features(studied[at], tables)
    return made


def learn(studied: Sequence[Studied]) -> Tables:
    """The tables of these examples; of text dumps one maker's, so that each page counts once."""
    counted = [one for one in studied if one.example.variant in ("html", "html_text")]
    near, far = (_classes(counted, low, high) for low, high in ((0, NEAR), (NEAR, tree.LEVELS)))
    return Tables(_words(counted), near, far)


def _words(studied: Sequence[Studied]) -> Floats:
    counts = np.zeros((2, 2, vocabulary.BUCKETS), np.float32)
    for one in studied:
        words, short = one.measures.words, one.measures.counts.size < lines.LONG
        for content in (False, True):
            for long in (False, True):
                chosen = ((short != long) & (one.example.content == content))[words.owner]
                heard = [words.single[chosen]] if long else [words.single[chosen], words.pair[chosen]]
                counts[int(long), int(content), np.unique(np.concatenate(heard))] += 1
    return np.stack([_odds(counts[length], WORD_PRIOR, WORD_LEAST) for length in (0, 1)])


def _classes(studied: Sequence[Studied], low: int, high: int) -> Floats:
    """Of the words on the containers `low` to `high` levels up; a page says what share of its text is content."""
    counts = np.zeros((2, attributes.BUCKETS), np.float32)
    for one in studied:
        if one.around is not None:
            for bucket, (content, whole) in _page_shares(one, one.around, low, high).items():
                counts[1, bucket] += content / whole
                counts[0, bucket] += 1 - content / whole
    return _odds(counts, CLASS_PRIOR, CLASS_LEAST)


def _page_shares(one: Studied, around: Tree, low: int, high: int) -> dict[int, tuple[float, float]]:
    """Bucket → content and all text of the page that stands under its word, in roots of characters."""
    said = around.words
    mass = np.sqrt(one.measures.counts.size + 1)
    values = len(said.heads)
    sums = np.zeros((2, values))
    for level in range(low, min(high, around.path.shape[1])):
        there = around.path[:, level] >= 0
        which = said.which[around.path[there, level]]
        sums[0] += np.bincount(which, weights=(mass * one.example.content)[there], minlength=values)
        sums[1] += np.bincount(which, weights=mass[there], minlength=values)
    shares: dict[int, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    ends = np.append(said.heads[1:], len(said.buckets))
    for value in np.flatnonzero(sums[1]):
        for bucket in said.buckets[said.heads[value] : ends[value]].tolist():
            content, whole = shares[bucket]
            shares[bucket] = (content + float(sums[0, value]), whole + float(sums[1, value]))
    return shares


def _odds(counts: Floats, prior: float, least: float) -> Floats:
    """(2, buckets) counts of rubbish and content → log-odds against the average, 0 where there are too few."""
    total = counts.sum()
    share = float(counts[1].sum() / total) if total else 0.5
    share = min(max(share, 1e-3), 1 - 1e-3)
    odds = np.log((counts[1] + prior * share) / (counts[0] + prior * (1 - share))) - np.log(share / (1 - share))
    return np.where(counts.sum(axis=0) >= least, odds, 0).astype(np.float32)
