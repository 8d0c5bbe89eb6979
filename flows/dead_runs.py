"""Runs of a schedule that Prefect believes to go on though their process is gone: they are called crashed.

A run that is killed tells nobody. Prefect gives its slot back when its lease ends, five minutes later, and shows it as
running for ever. The lake knows better: a run holds it from its first second to nearly its last. So who is about to
serve a schedule, and has started no run yet, looks at those that go on: where a run's lake is free, and still or again
free a while later, the run neither began nor ended meanwhile, and is dead.

A lake of this machine is free the moment its holder is gone, one in an object store that another machine held after a
minute (flows.lake.lease): until then, and while a run that lost its schedule goes on by itself, the look is repeated.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterState
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.states import Crashed

from flows.lake import lock
from flows.lake.place import Lake
from flows.storage import location

LOOK_SECONDS = 5.0
# A run tells its last news when it has let go of the lake, and takes it seconds after Prefect says that it runs.
PATIENCE_SECONDS = 20.0
_GOING_ON = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
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

    Where Prefect or a store does not answer it is asked again.
    """
    left, free_since, ended = dict(runs), dict[UUID, float](), 0
    while left:
        for run, lake in list(left.items()):
            with suppress(httpx.HTTPError, PrefectException, OSError), get_client(sync_client=True) as client:
                if _has_ended(client, run):
                    del left[run]
                elif lock.holder(lake) is None:
                    since = free_since.setdefault(run, time.monotonic())
                    if time.monotonic() - since >= patience:
                        client.set_flow_run_state(run, Crashed(message=_MESSAGE))
                        _LOG.warning("run %s was dead and is called crashed", run)
                        del left[run]
                        ended += 1
        if left:
            time.sleep(look)
    return ended


def _has_ended(client: SyncPrefectClient, run: UUID) -> bool:
    try:
        state = client.read_flow_run(run).state
    except ObjectNotFound:
        return True
    return state is None or state.type not in _GOING_ON


def _lake(run: FlowRun) -> Lake | None:
    """The lake that a run was asked to write to."""
    options = run.parameters.get("options")
    output = options.get("output") if isinstance(options, dict) else None
    return Lake(location(output).absolute()) if isinstance(output, str) else None
