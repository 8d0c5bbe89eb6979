"""What the flows raise. Errors are named by what they cost.

    WinnowError                  (cleaners.errors)
    ├── RecordError              reject the record: it goes to quarantine under `reason` (cleaners.errors)
    ├── ShardError               fail the shard: its rows stay out, the run goes on and ends with exit code 1
    │   ├── DumpChangedError     a dump changed or vanished while it was read
    │   └── WorkerError          the worker could not do its work, again and again
    └── RunError                 stop the run, with `exit_code`
        ├── ConfigError          2: an option or the configuration file is wrong
        ├── IncompleteError      1, 4: the run is over, and something of it failed; its report says what
        ├── DiskError            1: the disk does not take what is written: full, read-only, gone
        ├── LakeError            2: the output is no lake, or its books cannot be read
        ├── LockHeldError        3: another run holds the lake
        ├── LockLostError        3: the store could not be reached, another run may hold the lake by now
        ├── InvariantError       4: records do not add up, or a file is not what the ledger says
        ├── ClusterError         1: the scheduler of the cluster is gone
        └── StoppedError         130, 143: a signal asked the run to stop

Each message says what to do. All of them pickle, so that a worker can send them home.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cleaners.errors import WinnowError


class ShardError(WinnowError):
    """One shard cannot be done; none of its rows becomes visible."""


class DumpChangedError(ShardError):
    """A dump changed or vanished between the plan and the end of its reading; the next run plans it anew."""


class WorkerError(ShardError):
    """The child process that does the work died where no single record is to blame."""


class RunError(WinnowError):
    """The run cannot go on."""

    exit_code = 1


class ConfigError(RunError, ValueError):  # a ValueError, so that pydantic reports it with the parameter
    """An option or the configuration file is wrong; the message names the key and the nearest right one."""

    exit_code = 2


class IncompleteError(RunError):
    """A run that is over and of which something failed: what it could commit is in the lake, `report` says the rest."""

    def __init__(self, message: str, report: Any) -> None:
        super().__init__(message)
        self.report = report
        self.exit_code = report.exit_code

    def __reduce__(self) -> tuple[type[IncompleteError], tuple[str, Any]]:
        return type(self), (str(self), self.report)


class DiskError(RunError):
    """The disk does not take what is written; nothing half-written is visible, and the next run goes on."""


class LakeError(RunError):
    """The output directory is no lake, or its books cannot be read."""

    exit_code = 2


class LockHeldError(RunError):
    """Another run holds the lake; the message says who."""

    exit_code = 3


class LockLostError(RunError):
    """The lake's lock could not be kept up; nothing more is written, and the next run goes on."""

    exit_code = 3


class InvariantError(RunError):
    """What must always hold does not. `examples` are the first findings, a sentence each."""

    exit_code = 4

    def __init__(self, examples: Sequence[str]) -> None:
        self.examples = tuple(examples)
        more = f" (and {len(self.examples) - 5} more)" if len(self.examples) > 5 else ""
        super().__init__("; ".join(self.examples[:5]) + more)

    def __reduce__(self) -> tuple[type[InvariantError], tuple[tuple[str, ...]]]:
        return type(self), (self.examples,)


class ClusterError(RunError):
    """The scheduler of the cluster is gone; what is not in the lake is done by the next run."""


class StoppedError(RunError):
    """A signal asked the run to stop; what was not finished is done by the next run."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by signal {signal_number}; run the same command again to go on")
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number

    def __reduce__(self) -> tuple[type[StoppedError], tuple[int]]:
        return type(self), (self.signal_number,)
