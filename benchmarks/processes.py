"""CPU seconds of processes: who takes part in a measurement, and what the machine did beside it (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `own` CPU seconds, and those of `ended` children that it waited for."""

    pid: int
    parent: int
    command: str
    own: float
    ended: float


def processes() -> Iterator[Process]:
    """Every process that can be seen now."""
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_bytes().rpartition(b")")[2].split()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            user, system, ended_user, ended_system = (int(field) / _TICKS for field in stat[11:15])
            yield Process(int(folder.name), int(stat[1]), command, user + system, ended_user + ended_system)


def descendants(pid: int) -> list[Process]:
    """The living children of a process, theirs, and so on."""
    every = list(processes())
    found, parents = [], {pid}
    while parents:
        below = [process for process in every if process.parent in parents]
        found += below
        parents = {process.pid for process in below}
    return found


def machine() -> float:
    """CPU seconds that the processors of this machine have spent on anything since it started."""
    user, nice, system, _, _, interrupts, soft, *_ = (
        int(field) / _TICKS for field in (PROC / "stat").read_text().partition("\n")[0].split()[1:]
    )
    return user + nice + system + interrupts + soft
