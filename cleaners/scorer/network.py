"""The model: a small convolutional network over the sequence of a page's blocks, in numpy.

Each layer lets a block see its neighbours at a doubling distance (dilated convolutions: van den Oord et al., WaveNet,
2016) and the page's mean and maximum. T blocks, F features, H hidden units. All in float32; a page of 170 blocks is
some thirty matrix products of 170 x 64, each done in slices so small that BLAS wakes no second thread for them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from cleaners.document import MediaType
from cleaners.scorer.characters import Floats, Integers, Numbers

CLIP = 6.0
ALONE = 1 << 18  # multiplications up to which OpenBLAS (GEMM_MULTITHREAD_THRESHOLD) asks no second thread to help
FILES: Mapping[MediaType, str] = {"text/plain": "text.npz", "text/html": "html.npz"}


POOLED = (1, 2, 4)
"""The levels above a block whose elements' means it sees in HTML."""
KINDS = ("article", "listing", "forum", "product")
PARTS = (
    "mean", "scale", "inlet", "inlet_bias", "outlet", "outlet_bias", "kind", "kind_bias", "certainty", "certainty_bias",
    "second", "second_bias",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Runs:
    """For each block the runs of blocks [first, last) that it is compared with, (T, P) each; P is 0 in a text dump."""

    first: Integers
    last: Integers


@dataclass(frozen=True, slots=True)
class Pools:
    """The distinct ones among the runs, those of a level behind each other.

    first, last  (U,) where each begins and ends, `size` (U, 1) its blocks
    which   (P, T) each block's run of each level
    levels  (P + 1,) where the runs of each level begin among the U, and U
    """

    first: Integers
    last: Integers
    size: Floats
    which: Integers
    levels: tuple[int, ...]


def pools(runs: Runs) -> Pools | None:
    """The distinct runs of each level: many blocks share one, and what is computed for it is computed once."""
    total, count = runs.first.shape
    if not count:
        return None
    keys = (np.arange(count) * (total + 1) + runs.first) * (total + 1) + runs.last
    found, which = np.unique(keys.T.ravel(), return_inverse=True)
    levels, last = np.divmod(found, total + 1)
    level, first = np.divmod(levels, total + 1)
    bounds = tuple(level.searchsorted(np.arange(count + 1)).tolist())
    return Pools(first, last, (last - first).astype(np.float32)[:, None], which.reshape(count, total), bounds)


@dataclass(frozen=True, slots=True)
class Layer:
    """`kernel` (3H, H): before, here, behind at `dilation`; `context` (2H, H): the page's mean and maximum; `pools`
    (P * H, H): the means of the elements around the block."""

    dilation: int
    kernel: Floats
    context: Floats
    pools: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of one medium; those of the second look are empty for text dumps.

    `tables` are learnt log-odds: `vocabulary` of words, `near` and `far` of class words.
    """

    mean: Floats
    scale: Floats
    inlet: Floats
    inlet_bias: Floats
    layers: tuple[Layer, ...]
    outlet: Floats
    outlet_bias: Floats
    kind: Floats
    kind_bias: Floats
    certainty: Floats
    certainty_bias: Floats
    second: Floats
    second_bias: Floats
    tables: Mapping[str, Floats]

    def hidden(self, features: Floats, runs: Runs | None = None) -> Floats:
        """What the last layer knows of each block, (T, F) → (T, H)."""
        standard = features - self.mean
        standard *= self.scale
        np.clip(standard, -CLIP, CLIP, out=standard)
        state = _relu(product(standard, self.inlet) + self.inlet_bias)
        shared = pools(runs) if runs is not None else None
        for layer in self.layers:
            change = product(_seen(state, layer.dilation), layer.kernel)
            change += _summary(state) @ layer.context + layer.bias
            if shared is not None:
                _pool(state, shared, layer.pools, change)
            state += _relu(change)
        return state

    def probabilities(self, hidden: Floats) -> Floats:
        """(T, H) → (T,), 0..1."""
        logits = hidden @ self.outlet + self.outlet_bias
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)[:, 0]

    def kinds(self, hidden: Floats) -> Floats:
        """Probabilities of KINDS, (T, H) → (4,)."""
        logits = _summary(hidden) @ self.kind + self.kind_bias
        powers = np.exp(logits - logits.max())
        return np.asarray(powers / powers.sum(), np.float32)


def product(rows: Floats, weights: Floats) -> Floats:
    """`rows @ weights`, (T, K) @ (K, H), in slices of rows that a single thread multiplies.

    The threads of BLAS gain nothing on matrices so small, and cost a busy machine ten times the product: they spin
    while they wait for each other.
    """
    total, inner = rows.shape
    step = max(4, ALONE // weights.size & ~3)
    whole = total - total % step
    made = np.empty((total, weights.shape[1]), np.float32)
    if whole:
        sliced = made[:whole].reshape(-1, step, weights.shape[1])
        np.matmul(rows[:whole].reshape(-1, step, inner), weights, out=sliced)
    if whole < total:
        np.matmul(rows[whole:], weights, out=made[whole:])
    return made


def _relu(values: Numbers) -> Floats:
    return np.maximum(values, 0, out=values)


def _seen(state: Floats, dilation: int) -> Floats:
    """Rows beside the rows `dilation` before and behind them, zeros beyond the ends: (T, H) → (T, 3H)."""
    total, width = state.shape
    seen = np.zeros((total, 3 * width), np.float32)
    seen[dilation:, :width] = state[:-dilation]
    seen[:, width : 2 * width] = state
    seen[:-dilation, 2 * width :] = state[dilation:]
    return seen


def _pool(state: Floats, shared: Pools, weights: Floats, change: Floats) -> None:
    """Add what the means over each run say, (P * H, H) weights, to `change` (T, H)."""
    length, width = state.shape
    total = np.zeros((length + 1, width), np.float32)
    np.cumsum(state, axis=0, out=total[1:])
    means = total[shared.last]
    means -= total[shared.first]
    means /= shared.size
    for level, which in enumerate(shared.which):
        begin, end = shared.levels[level : level + 2]
        said = product(means[begin:end], weights[level * width : (level + 1) * width])
        change += said[which - begin]


def _summary(state: Floats) -> Floats:
    return np.concatenate([np.add.reduce(state, axis=0) / np.float32(len(state)), np.maximum.reduce(state, axis=0)])


@cache
def load(medium: MediaType) -> Network:
    """The weights of `text/plain` or `text/html`, read once."""
    return read((files("cleaners.scorer") / "weights" / FILES[medium]).read_bytes())


def read(data: bytes) -> Network:
    """The network of an .npz file's bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    layers = tuple(
        Layer(int(dilation), *(arrays[f"{part}{at}"] for part in ("kernel", "context", "pools", "bias")))
        for at, dilation in enumerate(arrays["dilations"])
    )
    tables = {name: arrays[name] for name in ("vocabulary", "near", "far") if name in arrays}
    nothing = np.zeros(0, np.float32)
    return Network(layers=layers, tables=tables, **{part: arrays.get(part, nothing) for part in PARTS})
