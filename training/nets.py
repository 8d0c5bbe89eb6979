"""The network of `cleaners/scorer/network.py` as torch trains it, and its way back into arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cleaners.scorer.characters import Floats
from cleaners.scorer.network import KINDS, POOLED


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network is like. `pools` is the number of elements around a block that it sees the means of."""

    hidden: int
    dilations: tuple[int, ...]
    pools: int
    drop: float


TEXT = Shape(hidden=64, dilations=(1, 2, 4, 8), pools=0, drop=0.2)
HTML = Shape(hidden=64, dilations=(1, 2, 4), pools=len(POOLED), drop=0.2)


@dataclass(frozen=True, slots=True)
class Batch:
    """N pages padded to T blocks of F features.

    inputs (N, T, F), mask, labels and weights (N, T), first and last (N, T, P) runs of blocks, kinds (N,)
    """

    inputs: Tensor
    mask: Tensor
    labels: Tensor
    weights: Tensor
    first: Tensor
    last: Tensor
    kinds: Tensor


class Net(nn.Module):
    """Dilated convolutions over the blocks, with the page's mean and maximum and the means of the elements around."""

    def __init__(self, features: int, shape: Shape) -> None:
        super().__init__()
        hidden = shape.hidden
        self.shape = shape
        self.inlet = nn.Linear(features, hidden)
        self.kernels = nn.ModuleList(nn.Conv1d(hidden, hidden, 3, padding=d, dilation=d) for d in shape.dilations)
        self.contexts = nn.ModuleList(nn.Linear((2 + shape.pools) * hidden, hidden) for _ in shape.dilations)
        self.outlet = nn.Linear(hidden, 1)
        self.kind = nn.Linear(2 * hidden, len(KINDS))
        self.drop = nn.Dropout(shape.drop)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Logits of content (N, T) and of page kinds (N, 4)."""
        mask = batch.mask[..., None]
        state = torch.relu(self.inlet(batch.inputs)) * mask
        for kernel, context in zip(self.kernels, self.contexts, strict=True):
            seen = kernel(self.drop(state).transpose(1, 2)).transpose(1, 2)
            state = (state + torch.relu(seen + context(self._around(state, batch)))) * mask
        summary = self._summary(state, batch)
        return self.outlet(self.drop(state))[..., 0], self.kind(self.drop(summary))

    def _around(self, state: Tensor, batch: Batch) -> Tensor:
        pages, blocks, _ = state.shape
        summary = self._summary(state, batch)[:, None].expand(-1, blocks, -1)
        if not self.shape.pools:
            return summary
        total = nn.functional.pad(torch.cumsum(state, 1), (0, 0, 1, 0))
        page = torch.arange(pages)[:, None, None]
        held = (total[page, batch.last] - total[page, batch.first]) / (batch.last - batch.first)[..., None]
        return torch.cat([summary, held.flatten(2)], -1)

    @staticmethod
    def _summary(state: Tensor, batch: Batch) -> Tensor:
        return torch.cat([state.sum(1) / batch.mask.sum(1, keepdim=True), state.max(1).values], -1)


@dataclass(frozen=True, slots=True)
class Trained:
    """A network and how its input is standardised: (x - mean) / deviation."""

    net: Net
    mean: Floats
    deviation: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The weights by the names `cleaners/scorer/network.py` reads; float16 but for the standardisation."""
        net, hidden = self.net, self.net.shape.hidden
        found: dict[str, NDArray[Any]] = {"dilations": np.array(net.shape.dilations, np.int32)}
        for name in ("inlet", "outlet", "kind"):
            layer: nn.Linear = getattr(net, name)
            found[name], found[f"{name}_bias"] = _half(layer.weight.T), _half(layer.bias)
        state = net.state_dict()
        for at in range(len(net.shape.dilations)):
            taps = state[f"kernels.{at}.weight"]  # (H out, H in, 3)
            context = state[f"contexts.{at}.weight"].T
            found[f"kernel{at}"] = _half(torch.cat([taps[:, :, tap].T for tap in range(3)]))
            found[f"context{at}"] = _half(context[: 2 * hidden])
            found[f"pools{at}"] = _half(context[2 * hidden :])
            found[f"bias{at}"] = _half(state[f"kernels.{at}.bias"] + state[f"contexts.{at}.bias"])
        return found | {"mean": self.mean, "scale": 1 / self.deviation}


def _half(weights: Tensor) -> NDArray[np.float16]:
    return np.ascontiguousarray(weights.detach().numpy()).astype(np.float16)
