"""What /proc says about processes."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from pathlib import Path


def alive(process: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    with suppress(OSError):
        return _fields(process)[0] != "Z"
    return False


def command_of(process: int) -> str:
    """The command line of a process, nothing where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def descendants(process: int) -> list[int]:
    """The children of a process, their children, and so on."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            children[int(_fields(int(path.name))[1])].append(int(path.name))
    found = list(children[process])
    for child in found:
        found += children[child]
    return found


def resident(process: int) -> int:
    """Resident bytes of a process, 0 where it has ended."""
    with suppress(OSError):
        return int(_fields(process)[21]) * 4096
    return 0


def _fields(process: int) -> list[str]:
    """Fields of /proc/PID/stat, behind the name."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
