"""The flow, on one screen: plan ▸ stage ▸ resolve ▸ publish ▸ report.

    options ─ plan ─▶ Shards ─ clean_shard, a Prefect task each ─▶ Staged ─ committer, in the plan's order ─▶ the lake

Prefect shows and schedules; the lake's ledger is the record. Whatever is interrupted, by whatever, is done by the next
run and lands on the same names.
"""

# No `from __future__ import annotations`: a served flow is pickled, and Prefect then reads its annotations elsewhere.

import logging
from typing import Any, cast

from flows import environment

environment.prepare()

import httpx  # noqa: E402
from prefect import flow, get_run_logger, task  # noqa: E402 - Prefect reads its environment when it is imported
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.exceptions import PrefectException  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402

from flows import artifacts  # noqa: E402
from flows.config import Options  # noqa: E402
from flows.errors import IncompleteError, RunError  # noqa: E402
from flows.lake.place import open_lake  # noqa: E402
from flows.logs import redact  # noqa: E402
from flows.runs import RunReport  # noqa: E402
from flows.session import Session, open_session, session_of  # noqa: E402
from flows.stage import Staged  # noqa: E402
from flows.telling import tell, tell_failure  # noqa: E402

_LOG = logging.getLogger(__name__)
# Prefect's threads that tell its API the last news have loggers beside its own, and warn while the process ends: behind
# the last event of a log in JSON, of what is no trouble.
for _name_of_thread in ("EventsWorker", "APILogWorker"):
    logging.getLogger(_name_of_thread).setLevel(logging.ERROR)
MOST_SHARDS = 512
"""Shards that a cluster has at hand at a time."""
_ENDED: list[RunReport] = []
"""The report of the run of this process, once its work is done: Prefect may be gone before it is told."""
_UNTOLD: list[Exception] = []
"""Why Prefect's API was not told of the end of this process's run."""


@flow(name="ingest", flow_run_name="ingest into {options.output}", persist_result=False, validate_parameters=True)
def ingest(options: Options) -> RunReport:
    """Clean every dump of the inputs that the lake does not hold yet, into the lake.

    Raises RunError (see flows.errors) where the run cannot go on, IncompleteError at its end where shards failed, which
    the next run does, or where --fail-if holds: so Prefect counts the run as failed, and what was good is committed.
    """
    try:
        return _run(options)
    except RunError as error:
        tell_failure(error, options)
        raise


def _run(options: Options) -> RunReport:
    shown = artifacts.Shown()
    with open_session(options) as session:
        for plan in session.plans():
            shown.begin(plan)
            for shard, cleaned in session.ahead(plan, lambda number: clean_shard.submit(session.run, number)):
                session.commit(shard, cleaned)
                shown.update(session)
        shown.update(session)  # the last shards are published when the plan's loop has ended
        report = session.report()
    _ENDED.append(report)
    shown.end(report)
    get_run_logger().info(artifacts.summary(report))
    tell(report, open_lake(options.output), options.metrics)
    if report.exit_code:
        raise IncompleteError(artifacts.verdict(report), report)
    return report


def _name(parameters: dict[str, Any]) -> str:
    """What Prefect calls the task of a shard: by the dump, which is what a person looks for when it failed."""
    return redact(session_of(parameters["run"]).name(parameters["number"]))


@task(name="clean shard", task_run_name=cast(Any, _name), cache_policy=NO_CACHE, persist_result=False)
def clean_shard(run: str, number: int) -> Staged:
    """Have one shard of the plan cleaned by a worker and staged. Paths in, a small manifest out."""
    return session_of(run).stage(number)


def run_ingest(options: Options) -> RunReport:
    """Run the flow here and now, with a thread for each shard that is being cleaned; of a cluster's they only wait.

    Where Prefect's API is lost on the way, the run ends all the same. Raises RunError where it could not.
    """
    _ENDED.clear()
    _UNTOLD.clear()
    threads = options.processes + 1 if options.runner == "local" else MOST_SHARDS
    runner: Any = ThreadPoolTaskRunner(max_workers=threads)
    try:
        report: RunReport = ingest.with_options(task_runner=runner)(options)
    except IncompleteError as error:
        return cast(RunReport, error.report)
    except (httpx.HTTPError, PrefectException) as error:
        if not _ENDED:
            raise RunError(f"Prefect's API does not answer ({error}); run the same command again to go on") from error
        _LOG.warning("Prefect's pages do not show how the run ended, its API does not answer: %s", error)
        _UNTOLD.append(error)
        return _ENDED[0]
    return report


def api_lost() -> bool:
    """Whether Prefect's API was lost before it knew how this process's run ended."""
    return bool(_UNTOLD)


__all__ = ["Session", "api_lost", "clean_shard", "ingest", "run_ingest"]
