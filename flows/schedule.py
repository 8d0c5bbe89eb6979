"""The flow on a schedule: served by this process, on the Prefect server of PREFECT_API_URL or on one of its own.

    winnow serve ─▶ runner ─(every slot)─▶ a process a run ─▶ ingest ─▶ the lake

Two runs never overlap: the deployment's limit cancels the newcomer, and the lake has its own lock. A run that was
killed holds its slot until its lease ends (a running flow asks Prefect for 300 s, whatever is set here), or until its
schedule is served again (flows.dead_runs).
"""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flows import api, environment
from flows.config import Options
from flows.errors import ConfigError, RunError

LEASE_SECONDS = 180  # of a run that has not begun: a busy machine took 50 s, and Prefect cancels who comes late
_SETTINGS = {
    "PREFECT_LOGGING_LEVEL": "INFO",
    # The default is memory: a server that ends with its runner would never give the slot of its run back.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PYTHONSAFEPATH": "1",  # a folder `flows` where the user stands is not ours
}
_NO_NAME = frozenset("/%&><")
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
    """Serve the flow until a signal ends this process. Inputs and output are taken from today's working directory.

    Raises ConfigError where the name is none, or served by another process already, and RunError where Prefect's API
    does not answer, or refuses what it is asked.
    """
    check_name(name)
    for variable, value in _SETTINGS.items():
        os.environ.setdefault(variable, value)
    environment.prepare()
    server = api.start(whole=True)
    if server is not None:
        server.wait()
    import httpx
    from prefect.exceptions import PrefectException

    # Prefect's runner forgets to wait for itself when it is asked to end.
    warnings.filterwarnings("ignore", r"coroutine 'Runner\.a?stop' was never awaited", RuntimeWarning)
    try:
        _serve(options, at, name, notify)
    except httpx.TransportError as error:
        raise RunError(f"Prefect's API at {os.environ['PREFECT_API_URL']} does not answer: {error}") from error
    except (httpx.HTTPError, PrefectException) as error:
        raise RunError(f"Prefect's API at {os.environ['PREFECT_API_URL']} refused: {error}") from error


def check_name(name: str) -> None:
    """Raises ConfigError for what Prefect takes for no name.

    >>> check_name("nightly")
    """
    if not name.strip() or _NO_NAME & set(name):
        raise ConfigError(f"--name takes a word without {' '.join(sorted(_NO_NAME))}, as in nightly, not {name!r}")


def _serve(options: Options, at: When, name: str, notify: str | None) -> None:
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy

    from flows import dead_runs, served
    from flows.alerts import ensure_automation
    from flows.ingest import ingest

    served.check_free(ingest.name, name)
    ensure_automation(notify)
    _say(options, at, name)
    parameters = _absolute(options)
    dead_runs.watch(f"{ingest.name}/{name}")
    ingest.serve(
        name=name,
        cron=at.cron,
        interval=at.every,
        parameters={"options": parameters},
        global_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW, grace_period_seconds=LEASE_SECONDS
        ),
        description=f"Cleans what is new under {', '.join(parameters['inputs'])} into {parameters['output']}. "
        + served.mark(),
        print_starting_message=False,
    )


def _absolute(options: Options) -> dict[str, Any]:
    """The options as parameters; runs start wherever Prefect starts them, so paths are made absolute."""
    found = asdict(options)
    found["inputs"] = [_path(text) for text in options.inputs]
    found["output"] = _path(options.output)
    found["metrics"] = None if options.metrics is None else _path(options.metrics)
    return found


def _path(text: str) -> str:
    return text if "://" in text else str(Path(text).absolute())


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)\s*([smhdw])", text.strip())
    try:
        length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    except OverflowError as error:
        raise ConfigError(f"--every takes less than three million years, not {text!r}") from error
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
