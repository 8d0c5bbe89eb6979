"""What a run tells Prefect's automations: events, and whether its figures leave their usual band.

    winnow.run.completed        a run did all of its work
    winnow.run.failed           shards failed, an invariant broke, --fail-if held, or the run could not go on
    winnow.run.quarantine-rate  the share of records in quarantine left its usual band
    winnow.run.kept-share       the share of characters kept left its usual band

The usual band is told by the lake's own earlier runs: their median, plus and minus four times their median deviation,
two percentage points at least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from statistics import median
from typing import Any

from flows.errors import ConfigError
from flows.filters import condition
from flows.runs import RunReport

FEWEST_RUNS = 5
FEWEST_RECORDS = 50  # of a run, so that one bad file of three is no alarm
MOST_RUNS = 30
MOST_LOOKED_AT = 500  # reports: runs over a few records tell nothing
WIDTH, LEAST = 4.0, 0.02
AUTOMATION = "winnow: a run was unusual"
EVENTS = ("winnow.run.failed", "winnow.run.quarantine-rate", "winnow.run.kept-share")


def events(report: RunReport, earlier: Sequence[RunReport]) -> list[tuple[str, dict[str, Any]]]:
    """The events of a run, each with its payload. `earlier` are the lake's runs before it, the oldest first."""
    payload = {"run": report.run, "output": report.output, **figures(report)}
    kind = "winnow.run.completed" if report.exit_code == 0 else "winnow.run.failed"
    found: list[tuple[str, dict[str, Any]]] = [(kind, payload)]
    for name, value in (("quarantine-rate", quarantine_rate), ("kept-share", kept_share)):
        band = usual([value(run) for run in earlier if _tells(run)])
        if band and _tells(report) and not band[0] <= value(report) <= band[1]:
            found.append((f"winnow.run.{name}", {**payload, "usual_from": band[0], "usual_to": band[1]}))
    return found


def recent(reports: Iterable[RunReport]) -> list[RunReport]:
    """The runs that the usual band is told by, the oldest first, of reports that come newest first."""
    return list(islice(filter(_tells, islice(reports, MOST_LOOKED_AT)), MOST_RUNS))[::-1]


def usual(values: Sequence[float]) -> tuple[float, float] | None:
    """The usual band of a figure, or None while there are too few runs to tell.

    >>> usual([0.01, 0.02, 0.01, 0.02, 0.01])
    (-0.01, 0.03)
    """
    last = values[-MOST_RUNS:]
    if len(last) < FEWEST_RUNS:
        return None
    middle = median(last)
    reach = max(LEAST, WIDTH * median(abs(value - middle) for value in last))
    return round(middle - reach, 6), round(middle + reach, 6)


def figures(report: RunReport) -> dict[str, float]:
    """The figures of a run by name: what --fail-if may speak of, and what events carry."""
    total = report.total
    return {
        "records": total.records,
        "articles": total.articles,
        "duplicates": total.duplicates,
        "filtered": total.filtered,
        "quarantined": total.quarantined,
        "quarantine_rate": round(quarantine_rate(report), 6),
        "kept_share": round(kept_share(report), 6),
        "failed_shards": len(report.failures),
    }


def refusal(report: RunReport, fail_if: str | None) -> str:
    """The expression of --fail-if where it holds for a run, else nothing. Raises ConfigError for a wrong one."""
    if not fail_if:
        return ""
    found = figures(report)
    return fail_if if condition(fail_if, dict.fromkeys(found, "number"))(found) else ""


def check(fail_if: str) -> None:
    """Raises ConfigError where an expression cannot be used, before there is a run to use it on."""
    refusal(RunReport("", "", "", "done", {}, {}), fail_if)


def quarantine_rate(report: RunReport) -> float:
    """Quarantined records of all, 0..1."""
    return report.total.quarantined / max(1, report.total.records)


def kept_share(report: RunReport) -> float:
    """Characters kept of all of its articles, 0..1; 1 where there are none."""
    total = report.total
    return total.kept_chars / (total.kept_chars + total.cut_chars) if total.kept_chars + total.cut_chars else 1.0


def emit(report: RunReport, earlier: Sequence[RunReport], send: Callable[..., Any]) -> None:
    """Send the events of a run, by Prefect's `emit_event`."""
    for name, payload in events(report, earlier):
        send(event=name, resource=_resource(report.output), payload=payload)


def emit_failure(report: RunReport, why: str, send: Callable[..., Any]) -> None:
    """Send the event of a run that could not go on, with the reason in place of figures."""
    payload = {"output": report.output, "error": why}
    send(event="winnow.run.failed", resource=_resource(report.output), payload=payload)


def ensure_automation(notify: str | None) -> None:
    """Have Prefect tell of unusual runs: by the notification block `notify`, as TYPE/NAME, where one is given.

    An automation that is there stays as it is, but for the block that it is to tell. Raises ConfigError where there is
    no such block.
    """
    from prefect.client.orchestration import get_client
    from prefect.events.actions import DoNothing, SendNotification
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
    from prefect.exceptions import ObjectNotFound

    with get_client(sync_client=True) as client:
        action: DoNothing | SendNotification = DoNothing()
        if notify:
            kind, _, name = notify.partition("/")
            try:
                block = client.read_block_document_by_name(name, kind)
            except ObjectNotFound as error:
                raise ConfigError(f"Prefect has no block {notify!r}; `prefect block ls` lists TYPE/NAME") from error
            action = SendNotification(block_document_id=block.id, subject=AUTOMATION, body=_BODY)
        trigger = EventTrigger(
            expect=set(EVENTS), match={"prefect.resource.id": "winnow.lake"}, posture=Posture.Reactive, threshold=1
        )
        wanted = AutomationCore(name=AUTOMATION, description=_ABOUT, trigger=trigger, actions=[action])
        there = client.read_automations_by_name(AUTOMATION)
        if not there:
            client.create_automation(wanted)
        elif notify and there[0].actions != [action]:
            client.update_automation(there[0].id, wanted)


_ABOUT = "A run of Winnow failed, or its quarantine rate or kept share left the usual band of the lake's runs."
_BODY = "{{ event.event }}: {{ event.payload }}"


def _resource(output: str) -> dict[str, str]:
    return {"prefect.resource.id": "winnow.lake", "prefect.resource.name": output}


def _tells(report: RunReport) -> bool:
    return report.total.records >= FEWEST_RECORDS
