"""The model: a small convolutional network over the sequence of a page's blocks, in numpy.

Each layer lets a block see its neighbours at a doubling distance (dilated convolutions: van den Oord et al., WaveNet,
2016) and the page's mean and maximum. T blocks, F features, H hidden units. All in float32; a page of 170 blocks is
some thirty matrix products of 170 x 64.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from cleaners.document import MediaType
from cleaners.scorer.characters import Floats

CLIP = 6.0
FILES: Mapping[MediaType, str] = {"text/plain": "text.npz", "text/html": "html.npz"}


@dataclass(frozen=True, slots=True)
class Layer:
    """`kernel` (3H, H): before, here, behind at `dilation`; `context` (2H, H): the page's mean and maximum."""

    dilation: int
    kernel: Floats
    context: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of one medium. `vocabulary` is (2, buckets), the log-odds of words in short and in long blocks."""

    mean: Floats
    scale: Floats
    inlet: Floats
    inlet_bias: Floats
    layers: tuple[Layer, ...]
    outlet: Floats
    outlet_bias: Floats
    vocabulary: Floats

    def hidden(self, features: Floats) -> Floats:
        """What the last layer knows of each block, (T, F) → (T, H)."""
        standard = np.clip((features - self.mean) * self.scale, -CLIP, CLIP)
        state = np.maximum(standard @ self.inlet + self.inlet_bias, 0)
        for layer in self.layers:
            state = state + _relu(_seen(state, layer.dilation) @ layer.kernel + _context(state, layer))
        return np.asarray(state, np.float32)

    def probabilities(self, hidden: Floats) -> Floats:
        """(T, H) → (T,), 0..1."""
        logits = hidden @ self.outlet + self.outlet_bias
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)[:, 0]


def _relu(values: Floats) -> Floats:
    return np.maximum(values, 0, out=values)


def _seen(state: Floats, dilation: int) -> Floats:
    """Rows beside the rows `dilation` before and behind them, zeros beyond the ends: (T, H) → (T, 3H)."""
    total, width = state.shape
    seen = np.zeros((total, 3 * width), np.float32)
    seen[dilation:, :width] = state[:-dilation]
    seen[:, width : 2 * width] = state
    seen[:-dilation, 2 * width :] = state[dilation:]
    return seen


def _context(state: Floats, layer: Layer) -> Floats:
    return np.concatenate([state.mean(axis=0), state.max(axis=0)]) @ layer.context + layer.bias


@cache
def load(medium: MediaType) -> Network:
    """The weights of `text/plain` or `text/html`, read once."""
    data = (files("cleaners.scorer") / "weights" / FILES[medium]).read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    layers = tuple(
        Layer(int(dilation), arrays[f"kernel{at}"], arrays[f"context{at}"], arrays[f"bias{at}"])
        for at, dilation in enumerate(arrays["dilations"])
    )
    return Network(
        mean=arrays["mean"],
        scale=arrays["scale"],
        inlet=arrays["inlet"],
        inlet_bias=arrays["inlet_bias"],
        layers=layers,
        outlet=arrays["outlet"],
        outlet_bias=arrays["outlet_bias"],
        vocabulary=arrays["vocabulary"],
    )
