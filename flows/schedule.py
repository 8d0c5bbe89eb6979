"""The flow on a schedule: served by this process, on the Prefect server of PREFECT_API_URL or on one of its own.

    winnow serve ─▶ runner ─(every slot)─▶ a process a run ─▶ ingest ─▶ the lake

Two runs never overlap: the deployment's limit cancels the newcomer, and the lake has its own lock. A run that was
killed holds its slot until its lease ends (a running flow asks Prefect for 300 s, whatever is set here), or until its
schedule is served again: where nobody holds the lake, runs that Prefect believes to go on are dead.
"""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flows import api, environment
from flows.config import Options
from flows.errors import ConfigError
from flows.lake import lock
from flows.lake.place import Lake
from flows.storage import location

LEASE_SECONDS = 60  # of a run that has not begun; Prefect takes 30 to 3600 and has 300
# Prefect's default keeps leases in memory: a server that ends with its runner would never give the runner's slot back.
_LEASES = {
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": str(LEASE_SECONDS),
}
SHORTEST = timedelta(seconds=10)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class When:
    """When to run: one of the two is set."""

    cron: str | None = None
    every: timedelta | None = None


def when(cron: str | None, every: str | None) -> When:
    """The schedule that was asked for. Raises ConfigError where it is none, or two.

    >>> when(None, "15m").every
    datetime.timedelta(seconds=900)
    """
    if (cron is None) == (every is None):
        raise ConfigError('say when to run, by one of --cron "0 * * * *" and --every 15m')
    if every is not None:
        return When(every=_duration(every))
    environment.prepare()
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=str(cron))
    except ValueError as error:
        raise ConfigError(f'{cron!r} is no cron line: minute hour day month weekday, as in "0 * * * *"') from error
    return When(cron=cron)


def serve(options: Options, at: When, name: str, notify: str | None = None) -> None:
    """Serve the flow until a signal ends this process. Inputs and output are taken from today's working directory."""
    safe_path = {"PYTHONSAFEPATH": "1"}  # a folder `flows` where the user stands is not ours
    for variable, value in {"PREFECT_LOGGING_LEVEL": "INFO", **_LEASES, **safe_path}.items():
        os.environ.setdefault(variable, value)
    environment.prepare()
    server = api.start(whole=True)
    if server is not None:
        server.wait()
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy

    from flows.alerts import ensure_automation
    from flows.ingest import ingest

    ensure_automation(notify)
    end_dead_runs(f"{ingest.name}/{name}", Lake(location(_path(options.output))))
    _say(options, at, name)
    ingest.serve(
        name=name,
        cron=at.cron,
        interval=at.every,
        parameters={"options": _absolute(options)},
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        description=f"Cleans what is new under {', '.join(options.inputs)} into {options.output}.",
        print_starting_message=False,
    )


def end_dead_runs(deployment: str, lake: Lake) -> int:
    """How many runs of a deployment went on for Prefect though their process is gone: they are called crashed now.

    None where somebody holds the lake. Their slots are free at once.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId, FlowRunFilterState
    from prefect.client.schemas.objects import StateType
    from prefect.exceptions import ObjectNotFound
    from prefect.states import Crashed

    if lock.holder(lake) is not None:
        return 0
    with get_client(sync_client=True) as client:
        try:
            served = client.read_deployment_by_name(deployment)
        except ObjectNotFound:
            return 0
        going_on = FlowRunFilterState.model_validate(
            {"type": {"any_": [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]}}
        )
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[served.id]),
                state=going_on,
            )
        )
        for run in runs:
            client.set_flow_run_state(run.id, Crashed(message="Its process is gone: nobody holds the lake."))
    return len(runs)


def _absolute(options: Options) -> dict[str, Any]:
    """The options as parameters; runs start wherever Prefect starts them, so paths are made absolute."""
    found = asdict(options)
    found["inputs"] = [_path(text) for text in options.inputs]
    found["output"] = _path(options.output)
    return found


def _path(text: str) -> str:
    return text if "://" in text else str(Path(text).absolute())


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)\s*([smhdw])", text.strip())
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if length < SHORTEST:
        raise ConfigError(f"--every takes a number and a unit (30s, 15m, 6h, 1d), 10s at least, not {text!r}")
    return length


def _say(options: Options, at: When, name: str) -> None:
    from rich.console import Console

    slot = f"cron {at.cron}" if at.cron else f"every {at.every}"
    page = os.environ["PREFECT_API_URL"].removesuffix("/api")
    Console(highlight=False, soft_wrap=True).print(
        f"Serving {name}: {', '.join(options.inputs)} into {options.output}, {slot}. Prefect shows it at {page}. "
        "Ctrl-C ends it.",
        markup=False,
    )
