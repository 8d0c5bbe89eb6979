"""The training loop: pages of like length in a batch, AdamW under one cycle, averaged weights."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from cleaners.scorer.characters import Floats, Integers
from cleaners.scorer.network import CLIP, KINDS, POOLED, Runs
from training.nets import Batch, Net, Shape, Trained
from training.tables import Studied

PAGE_KINDS = {"article": "article", "listing": "listing", "forum": "forum", "collection": "product"}
"""Kinds of WCXB's pages; its collections are shops' pages of many products."""
CORE = ("html", "html_text", "resiliparse")
WORD_WEIGHT = 0.7  # a block weighs its words to this power: shingles count words, account and reader count lines
SMALLEST = 1e-2  # of deviations: constant features must not explode on other pages


@dataclass(frozen=True, slots=True)
class Item:
    """An example as the network takes it: inputs (B, F), runs (B, P) each, labels and weights (B,)."""

    inputs: Floats
    runs: Runs
    labels: Floats
    weights: Floats
    kind: int
    core: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard. `size` is blocks a batch; `share` is how much of the examples an epoch takes, those of the
    core variants twice as much; `blank` is how much of the input is blanked a page, by feature; `silent` is on how many
    pages a witness says nothing, so that the others must do: new sites have words and classes that nobody has met."""

    epochs: int
    size: int
    share: float
    rate: float = 3e-3
    decay: float = 1e-2
    blank: float = 0.05
    silent: float = 0.0
    average: float = 0.995
    kind_weight: float = 0.05


def item(studied: Studied, inputs: Floats) -> Item:
    """The example with its features."""
    example = studied.example
    weights = np.where(example.words > 0, (example.words + 2) ** WORD_WEIGHT, 0)
    weights = example.weight * weights / max(float(weights.sum()), 1.0)
    nothing = np.zeros((len(inputs), 0), np.int64)
    runs = studied.around.runs(POOLED) if studied.around is not None else Runs(nothing, nothing)
    kind = KINDS.index(PAGE_KINDS[example.sample.kind])
    labels = example.content.astype(np.float32)
    return Item(inputs, runs, labels, weights.astype(np.float32), kind, example.variant in CORE)


def fit(items: Sequence[Item], shape: Shape, plan: Plan, seed: int, witnesses: Sequence[slice] = ()) -> Trained:
    """Train one network; the same items, plan and seed give the same weights on one machine with one thread.

    `witnesses` are the columns of those that may fall silent.
    """
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    chance = random.Random(seed)
    sample = np.concatenate([one.inputs for one in items[:: max(len(items) // 1200, 1)]])
    mean, deviation = sample.mean(axis=0), sample.std(axis=0) + SMALLEST
    net = Net(sample.shape[1], shape)
    average = copy.deepcopy(net)
    epochs = [list(_batches(_chosen(items, plan.share, chance), plan.size, chance)) for _ in range(plan.epochs)]
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=plan.decay)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.rate, total_steps=sum(map(len, epochs)) + 1)
    step = 0
    for epoch in epochs:
        for chosen in epoch:
            net.train()
            loss = _loss(net, _padded(chosen, mean, deviation), plan, witnesses)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            cycle.step()
            step += 1
            _follow(average, net, min(plan.average, 1 - 1 / (10 + step)))
    return Trained(average.eval(), mean.astype(np.float32), deviation.astype(np.float32))


def _loss(net: Net, batch: Batch, plan: Plan, witnesses: Sequence[slice]) -> torch.Tensor:
    inputs = batch.inputs * _heard(batch.inputs, plan, witnesses)
    content, kinds = net(replace(batch, inputs=inputs))
    missed = nn.functional.binary_cross_entropy_with_logits(content, batch.labels, reduction="none")
    kind_loss = nn.functional.cross_entropy(kinds, batch.kinds)
    return (missed * batch.weights).sum() / len(batch.inputs) + plan.kind_weight * kind_loss


def _heard(inputs: torch.Tensor, plan: Plan, witnesses: Sequence[slice]) -> torch.Tensor:
    """Which features the network sees of each page, (N, 1, F)."""
    heard = torch.rand(len(inputs), 1, inputs.shape[2]) > plan.blank
    for columns in witnesses if plan.silent else ():
        heard[:, :, columns] &= (torch.rand(len(inputs)) >= plan.silent)[:, None, None]
    return heard


def _follow(average: Net, net: Net, keep: float) -> None:
    with torch.no_grad():
        for mean, weight in zip(average.parameters(), net.parameters(), strict=True):
            mean.mul_(keep).add_(weight, alpha=1 - keep)


def predict(trained: Trained, items: Sequence[Item]) -> Iterator[tuple[Floats, Floats]]:
    """Probabilities of content (B,) and of page kinds (4,), one an item."""
    for one in items:
        with torch.no_grad():
            content, kinds = trained.net(_padded([one], trained.mean, trained.deviation))
        yield torch.sigmoid(content)[0].numpy(), torch.softmax(kinds, -1)[0].numpy()


def _chosen(items: Sequence[Item], share: float, chance: random.Random) -> list[Item]:
    return [one for one in items if chance.random() < share * (2 if one.core else 1)]


def _batches(items: Sequence[Item], size: int, chance: random.Random) -> Iterator[list[Item]]:
    """Batches of pages of nearly the same length, in random order."""
    ordered = sorted(items, key=lambda one: len(one.labels) + 30 * chance.random())
    batches: list[list[Item]] = [[]]
    for one in ordered:
        batches[-1].append(one)
        if len(batches[-1]) * len(one.labels) > size:
            batches.append([])
    chance.shuffle(batches)
    yield from filter(None, batches)


def _padded(items: Sequence[Item], mean: Floats, deviation: Floats) -> Batch:
    length = max(len(one.labels) for one in items)
    inputs = np.zeros((len(items), length, len(mean)), np.float32)
    mask, labels, weights = (np.zeros((len(items), length), np.float32) for _ in range(3))
    pools = items[0].runs.first.shape[1]
    first: Integers = np.zeros((len(items), length, pools), np.int64)
    last = first + 1
    for at, one in enumerate(items):
        size = len(one.labels)
        inputs[at, :size] = np.clip((one.inputs - mean) / deviation, -CLIP, CLIP)
        mask[at, :size], labels[at, :size], weights[at, :size] = 1, one.labels, one.weights
        first[at, :size], last[at, :size] = one.runs.first, one.runs.last
    kinds = torch.tensor([one.kind for one in items])
    return Batch(
        inputs=torch.from_numpy(inputs),
        mask=torch.from_numpy(mask),
        labels=torch.from_numpy(labels),
        weights=torch.from_numpy(weights),
        first=torch.from_numpy(first),
        last=torch.from_numpy(last),
        kinds=kinds,
    )
