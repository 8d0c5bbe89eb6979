"""Runs of a schedule that Prefect believes to go on though their process is gone: they are called crashed.

A run that is killed tells nobody. Prefect gives its slot back when its lease ends, five minutes later, and shows it as
running for ever. The lake knows better: a run holds it from its first seconds to nearly its last. So who is about to
serve a schedule, and has started no run yet, looks at those that go on: where a run's lake is free at every look for
20 s in a row, and the run has told no end meanwhile, it is dead. A run that is PENDING is not looked at: it may take a
minute to begin, and its slot is given back soon.

A lake of this machine is free the moment its holder is gone, one in an object store that another machine held after a
minute (flows.lake.lease): until then, and while a run that lost its schedule goes on by itself, the look is repeated.
A lake on a disk tells of a death only where its lock can be opened and was found to hold the word of who was killed:
one that is not there, is another user's, or was given back tells nothing, for the run may go on at another machine's
disk. Such a run is left alone; its lease ends by itself.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterState
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.states import Crashed

from cleaners.errors import WinnowError
from flows.lake import lock
from flows.lake.place import Lake
from flows.storage import location, remote

LOOK_SECONDS = 5.0
# A run tells its last news when it has let go of the lake, and takes it seconds after Prefect says that it runs.
PATIENCE_SECONDS = 20.0
_GOING_ON = (StateType.RUNNING, StateType.CANCELLING)
_MESSAGE = "Its process is gone: nobody held the lake when the schedule was served again."
_LOG = logging.getLogger(__name__)


def going_on(deployment: str) -> dict[UUID, Lake]:
    """The runs of a deployment, named FLOW/NAME, that go on for Prefect, each with its lake."""
    with get_client(sync_client=True) as client:
        try:
            served = client.read_deployment_by_name(deployment)
        except ObjectNotFound:
            return {}
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[served.id]),
                state=FlowRunFilterState.model_validate({"type": {"any_": _GOING_ON}}),
            )
        )
    return {run.id: lake for run in runs if (lake := _lake(run)) is not None}


def watch(deployment: str) -> None:
    """Find the runs that go on now, and end those that are dead, beside what this process does next."""
    runs = going_on(deployment)
    if runs:
        threading.Thread(target=end_dead, args=(runs,), name="winnow-dead-runs", daemon=True).start()


def end_dead(runs: Mapping[UUID, Lake], *, look: float = LOOK_SECONDS, patience: float = PATIENCE_SECONDS) -> int:
    """Wait until each of the runs has ended, or is dead and called crashed; how many were. Seconds: a look, patience.

    `patience` counts from the first of the looks that found the lake free without a break. Where Prefect does not
    answer it is asked again.
    """
    left, killed, free_since, ended = dict(runs), set[UUID](), dict[UUID, float](), 0
    while left:
        for run, lake in list(left.items()):
            with (
                suppress(httpx.HTTPError, PrefectException, WinnowError, OSError),
                get_client(sync_client=True) as client,
            ):
                now = time.monotonic()
                if _has_ended(client, run):
                    del left[run]
                    continue
                word = _was_killed(lake)
                if word:  # the next run takes the word out
                    killed.add(run)
                if word is None or run not in killed:
                    free_since.pop(run, None)
                elif now - free_since.setdefault(run, now) >= patience:
                    ended += _crash(client, run)
                    del left[run]
        if left:
            time.sleep(look)
    return ended


def _was_killed(lake: Lake) -> bool | None:
    """Of a lake that is free, whether its last holder was killed; None where it is held, or that cannot be told."""
    try:
        word = remote(lake.root) is not None or _has_word(lake)
        return word if lock.holder(lake) is None else None
    except (OSError, WinnowError):
        return None


def _has_word(lake: Lake) -> bool:
    """Whether a lake's lock still holds its last owner's word, gone where it was given back. Raises OSError."""
    descriptor = os.open(lake.lock, os.O_RDWR)
    try:
        return os.fstat(descriptor).st_size > 0
    finally:
        os.close(descriptor)


def _crash(client: SyncPrefectClient, run: UUID) -> bool:
    """Call a run crashed; False where Prefect did not take it, for the run has told its end meanwhile."""
    found: OrchestrationResult[Any] = client.set_flow_run_state(run, Crashed(message=_MESSAGE))
    if found.status is not SetStateStatus.ACCEPT or found.state is None or found.state.type is not StateType.CRASHED:
        return False
    _LOG.warning("run %s was dead and is called crashed", run)
    return True


def _has_ended(client: SyncPrefectClient, run: UUID) -> bool:
    try:
        state = client.read_flow_run(run).state
    except ObjectNotFound:
        return True
    return state is None or state.type not in _GOING_ON


def _lake(run: FlowRun) -> Lake | None:
    """The lake that a run was asked to write to; None where its output is no place."""
    options = run.parameters.get("options")
    output = options.get("output") if isinstance(options, dict) else None
    try:
        return Lake(location(output).absolute()) if isinstance(output, str) else None
    except ValueError:
        return None
