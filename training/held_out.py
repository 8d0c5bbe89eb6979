"""The networks of cross-validation, each asked about the sites that it has not seen: `training/work/folds`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from cleaners.document import MediaType
from cleaners.scorer import network
from cleaners.scorer.network import Network
from training.corpora import WORK
from training.tables import fold

FOLDER = WORK / "folds"
MEDIA: dict[MediaType, str] = {"text/html": "html", "text/plain": "text"}


def path(medium: str, part: int) -> Path:
    """Where the network is kept that has not seen this part of the sites."""
    return FOLDER / f"{medium}-{part}.npz"


def arrays(medium: str, part: int) -> dict[str, NDArray[Any]]:
    """Its weights by name."""
    with np.load(path(medium, part), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


@dataclass(frozen=True, slots=True)
class Folds:
    """The networks of one medium, one a part of the sites."""

    medium: MediaType
    networks: tuple[Network, ...]

    @contextmanager
    def asked_about(self, site: str) -> Iterator[None]:
        """Inside, the engine judges with the network that has not seen this site."""
        unseen = self.networks[fold(site, len(self.networks))]
        with patch.object(network, "load", lambda medium: unseen):
            yield


@cache
def folds(medium: MediaType) -> Folds:
    """What `python -m training` left; FileNotFoundError where it has not been run."""
    found = sorted(FOLDER.glob(f"{MEDIA[medium]}-*.npz"))
    if not found:
        raise FileNotFoundError(f"{FOLDER} holds no networks for {medium}: run `python -m training` first")
    return Folds(medium, tuple(network.read(file.read_bytes()) for file in found))
