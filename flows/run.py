"""The commands that run the flow: options together, the lake free, the flow run, the result shown."""

from __future__ import annotations

import glob
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from flows import api, environment, logs
from flows.config import Options, file_settings, load
from flows.errors import ConfigError, LockHeldError, StoppedError
from flows.lake.ledger import read_ledger
from flows.lake.lock import holder
from flows.lake.place import Lake, open_lake
from flows.runs import latest_reports
from flows.storage import configure, is_remote


def options(config: Path | None, given: Mapping[str, Any]) -> Options:
    """The options of a run. Raises ConfigError where there is nothing to read."""
    found = load(config, given)
    if not found.inputs:
        raise ConfigError("name the files, folders or globs to read, as in: winnow ingest dumps/ --output lake")
    configure(found.storage)
    _check_inputs(found.inputs, "check the path (globs need quotes)")
    if found.format is not None:
        _check_format(found.format)
    return found


def ingest(found: Options) -> int:
    """Run the flow, with its events on stderr, and show what it did. The exit code.

    Where Prefect's API was lost on the way, the process ends here: Prefect would try to tell it each event of the run,
    for a quarter of an hour and more.
    """
    with logs.written(found.log_format):
        code = _ingest(found)
    from flows.ingest import api_lost

    if api_lost():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _ingest(found: Options) -> int:
    configure(found.storage)
    lake = open_lake(found.output)
    held = None if found.wait else holder(lake)
    if held is not None:  # the flow takes the lock; this only saves the seconds until it would find out
        raise LockHeldError(f"{found.output} is held by {held}; wait for it to end, or use --wait")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    environment.prepare()
    server = api.start()
    from flows.ingest import run_ingest  # takes as long as the server to start
    from flows.summary import show_report

    if server is not None:
        server.wait()
    report = run_ingest(found)
    show_report(report, read_ledger(lake))
    return report.exit_code


def retry(config: Path | None, given: Mapping[str, Any]) -> int:
    """Take the quarantine again, with the options of the last run; those of a configuration file go before them."""
    found = load(config, {})
    configure(found.storage)
    output = given["output"] or found.output
    lake = open_lake(output)
    report = next(latest_reports(lake), None)
    if report is None:
        raise ConfigError(f"no run has written to {output}: use winnow ingest first")
    _check_reasons(given.get("reasons") or (), lake)
    last = {name: value for name, value in report.options.items() if name in Options.__slots__}
    last = {name: tuple(value) if isinstance(value, list) else value for name, value in last.items()}
    overruled = {name: value for name, value in given.items() if value is not None}
    settings = {**last, **file_settings(config), **overruled, "output": output}
    if any(logs.HIDDEN in text for text in settings.get("inputs", ())):
        raise ConfigError("the address of the inputs holds a secret, which is not written down: name the inputs again")
    if not given.get("inputs"):
        where = f"the last run took its dumps from there; name them: winnow retry INPUT -o {output}"
        _check_inputs(settings.get("inputs", ()), where)
    return ingest(replace(Options(), **{**settings, "retry": True, "limit": None, "reprocess": False}))


def show_plan(found: Options) -> None:
    """Show what a run would do. Writes nothing."""
    from flows.plan import make_plan
    from flows.summary import show_plan as show

    lake = open_lake(found.output)
    show(make_plan(found, lake, read_ledger(lake), remember=False), found)


def _stop(number: int, frame: FrameType | None) -> None:
    """A signal before or after the flow's own work."""
    raise StoppedError(number)


def _check_inputs(inputs: Sequence[str], advice: str) -> None:
    """Raises ConfigError for an input that is not there."""
    for text in inputs:
        if is_remote(text):
            continue  # the plan finds out, in one request
        if not os.path.lexists(text) and not glob.glob(text, recursive=True):  # noqa: PTH207 - absolute patterns too
            raise ConfigError(f"there is nothing at {text!r}: {advice}")


def _check_reasons(codes: Sequence[str], lake: Lake) -> None:
    """Raises ConfigError for a reason that no record can be in quarantine for; cleaners of one's own have others."""
    from flows.config import nearest
    from flows.sources import reasons

    known = {*reasons(), *(code for entry in read_ledger(lake).values() for code in entry.reasons)} if codes else set()
    for code in codes:
        if code not in known:
            raise ConfigError(f"there is no reason {code!r}{nearest(code, known)}")


def _check_format(name: str) -> None:
    from flows.config import nearest
    from flows.sources import formats

    if name not in formats():
        raise ConfigError(f"there is no format {name!r}{nearest(name, formats())}")
