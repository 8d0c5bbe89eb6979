"""Who serves a schedule: on one Prefect server a name is one schedule, and who serves it last decides what its runs do.

The deployment's description names the process and its machine. So a second `winnow serve` of a name on the same machine
is refused while the first one lives, and one on another machine is told of when it asked Prefect for work lately.
"""

from __future__ import annotations

import os
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from prefect.client.orchestration import get_client
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from flows.errors import ConfigError

_SERVED = re.compile(r"Served by process (\d+) of (\S+)\.$")
LATELY = timedelta(seconds=90)  # a runner asks for work every ten seconds


def mark() -> str:
    """What the description of a schedule ends with that this process serves."""
    return f"Served by process {os.getpid()} of {socket.gethostname()}."


def check_free(flow: str, name: str) -> None:
    """Raises ConfigError where another process of this machine serves the schedule; warns of one of another machine."""
    with get_client(sync_client=True) as client:
        try:
            found = client.read_deployment_by_name(f"{flow}/{name}")
        except ObjectNotFound:
            return
    served = _SERVED.search(found.description or "")
    if served is None or int(served[1]) == os.getpid():
        return
    if served[2] != socket.gethostname():
        _warn_of(found, name, served[2])
    elif serves(int(served[1])):
        raise ConfigError(
            f"process {served[1]} serves the schedule {name} already: end it, or give this one a name of its own, "
            "as in --name nightly"
        )


def serves(pid: int) -> bool:
    """Whether a process of this machine lives, and is `winnow serve` as far as can be told."""
    try:
        os.kill(pid, 0)
        return b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except PermissionError:  # another user's
        return True
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # gone meanwhile, or a system without /proc
        return not Path("/proc/self").exists()


def _warn_of(found: DeploymentResponse, name: str, host: str) -> None:
    if found.paused or found.last_polled is None or datetime.now(UTC) - found.last_polled > LATELY:
        return
    click.echo(
        f"winnow: warning: {host} serves the schedule {name} on the same Prefect server, or did a minute ago: from now "
        "on both start runs with what is given here; a --name of its own tells it apart",
        err=True,
    )
