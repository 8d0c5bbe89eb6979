"""What the page of one run says beside those before it: hosts whose pages suddenly clean differently.

A site that changes its template shows as a jump in kept share, or in how often a kind is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from flows.errors import LakeError
from flows.report.gather import Figures, HostFigures

FEWEST = 5  # articles of a host in both runs
SHARE_JUMP = 0.15
RATE_FACTOR, RATE_STEP = 3.0, 1.0  # a kind is cut three times as often, and once more an article at least
MOST_RUNS = 50  # that are looked back
MOST_KINDS = 12
FILE = "hosts.json"


@dataclass(frozen=True, slots=True)
class Change:
    """A host that changed, and how, in a sentence."""

    host: str
    articles: int
    how: str


def hosts_of(figures: Figures) -> dict[str, Any]:
    """What is kept of a run's hosts."""
    return {host: _plain(seen) for host, seen in sorted(figures.hosts.items())}


def read_hosts(folder: Path) -> dict[str, Any]:
    """What an earlier run kept of its hosts; nothing where it kept none. Raises LakeError for a broken file."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
    except ValueError as error:
        raise LakeError(f"{path} is broken ({error}); delete it") from error
    return found


def changes(now: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The hosts that changed against the newest of the earlier runs (given newest first) that saw them.

    One run is in memory at a time, and MOST_RUNS are looked at.
    """
    before: dict[str, Any] = {}
    for run in islice(earlier, MOST_RUNS):
        before |= {host: run[host] for host in run.keys() & now.keys() - before if run[host]["articles"] >= FEWEST}
    found = []
    for host, seen in now.items():
        how = _jump(before[host], seen) if host in before and seen["articles"] >= FEWEST else ""
        if how:
            found.append(Change(host, seen["articles"], how))
    return sorted(found, key=lambda change: (-change.articles, change.host))


def _plain(seen: HostFigures) -> dict[str, Any]:
    kinds = dict(sorted(seen.kinds.most_common(MOST_KINDS)))
    return {"articles": seen.articles, "kept": seen.kept_chars, "cut": seen.cut_chars, "kinds": kinds}


def _jump(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What jumped, or nothing."""
    was, is_ = _share(before), _share(now)
    told = [f"kept share {was:.0%} → {is_:.0%}"] if abs(is_ - was) >= SHARE_JUMP else []
    for kind in sorted(before["kinds"].keys() | now["kinds"].keys()):
        old, new = _rate(before, kind), _rate(now, kind)
        if abs(new - old) >= RATE_STEP and max(new, old) >= RATE_FACTOR * min(new, old):
            told.append(f"{kind} {old:.1f} → {new:.1f} an article")
    return "; ".join(told)


def _share(seen: Mapping[str, Any]) -> float:
    return float(seen["kept"] / max(1, seen["kept"] + seen["cut"]))


def _rate(seen: Mapping[str, Any], kind: str) -> float:
    return float(seen["kinds"].get(kind, 0) / seen["articles"])
