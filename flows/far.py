"""What a cluster is sent: a call, packed. Imports nothing, for Dask's scheduler loads it as well as the workers."""

from __future__ import annotations

import pickle
from typing import Any


def run(versions: tuple[tuple[str, str], ...], call: bytes) -> Any:
    """On a worker: do a packed call, where it has the versions of the run. Raises ShardError where it has others."""
    from flows.errors import ShardError
    from flows.versions import versions as known

    mine = tuple(sorted(known().items()))
    if mine != versions:
        raise ShardError(f"a worker has {dict(mine)}, the run {dict(versions)}: install the same version")
    function, arguments = pickle.loads(call)  # from the run itself, never from a dump
    return function(*arguments)
