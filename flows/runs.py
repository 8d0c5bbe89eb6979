"""What a run did: counted while it goes on, kept in `_runs/`, shown at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from flows.errors import LakeError
from flows.lake.files import AT_ONCE, each, write_whole
from flows.lake.ledger import Entry, Tally
from flows.lake.place import Lake
from flows.logs import redacted

_STAMP = "%Y%m%dT%H%M%S"
MOST_POINTS = 240
MOST_SLOW = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """A shard that was not done, and why."""

    shard: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run. Counts are those of the shards that it brought in; `seconds` a stage are of the supervisor's clock.

    `outcome`: `done`, `failed` (some shards), `stopped`, `broken` (an invariant). `brought` are the keys of the shards;
    `refused` is the --fail-if that held; `slowest` are dumps with their seconds;
    `pace` says how many records reached the lake up to which second, MOST_POINTS points at most.
    """

    run: str
    started: str
    output: str
    outcome: str
    versions: Mapping[str, str]
    options: Mapping[str, Any]
    dumps: int = 0
    known: int = 0
    shards: int = 0
    formats: Mapping[str, Tally] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    broken: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    brought: tuple[str, ...] = ()
    refused: str = ""
    slowest: tuple[tuple[str, float], ...] = ()
    pace: tuple[tuple[float, int], ...] = ()

    @property
    def total(self) -> Tally:
        """All formats together."""
        return sum(self.formats.values(), Tally())

    @property
    def exit_code(self) -> int:
        """0 all done, 1 some shards failed or --fail-if held, 4 an invariant is broken."""
        return {"done": 1 if self.refused else 0, "failed": 1, "broken": 4}.get(self.outcome, 1)


class Count:
    """Adds up the entries of a run, and the seconds of its stages. A shard that is done twice in it counts once."""

    def __init__(self) -> None:
        self.dumps = self.known = 0
        self.seconds: Counter[str] = Counter()
        self.shard_seconds: list[tuple[str, float]] = []
        self.pace: list[tuple[float, int]] = []
        self._brought: dict[str, Entry] = {}
        self._began = time.monotonic()
        self.failures: list[Failure] = []
        self.broken: list[str] = []

    def add(self, entry: Entry) -> None:
        """Take in what a shard brought."""
        self._brought[entry.shard] = entry
        self.pace.append((round(time.monotonic() - self._began, 1), entry.total.records))

    @property
    def formats(self) -> dict[str, Tally]:
        """What became of the records, by format."""
        found: dict[str, Tally] = {}
        for entry in self._brought.values():
            for form, tally in entry.formats.items():
                found[form] = found.get(form, Tally()) + tally
        return dict(sorted(found.items()))

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds of the block to a stage."""
        begin = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] += time.monotonic() - begin  # type: ignore[assignment]

    @property
    def outcome(self) -> str:
        """How the run ended, unless it was stopped."""
        unbalanced = [form for form, tally in self.formats.items() if not tally.balanced]
        return "broken" if self.broken or unbalanced else "failed" if self.failures else "done"

    def counts(self) -> dict[str, Any]:
        """The counts under the names of RunReport, largest first."""
        return {
            "dumps": self.dumps,
            "known": self.known,
            "shards": len(self._brought),
            "formats": self.formats,
            **{name: self._most_common(name) for name in ("kinds", "reasons", "languages")},
            "failures": tuple(self.failures),
            "broken": tuple(self.broken),
            "brought": tuple(self._brought),
            "slowest": tuple(sorted(self.shard_seconds, key=lambda one: -one[1])[:MOST_SLOW]),
            "pace": thinned(self.pace),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }

    def _most_common(self, name: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for entry in self._brought.values():
            found.update(getattr(entry, name))
        return dict(found.most_common())


def thinned(pace: Sequence[tuple[float, int]], most: int = MOST_POINTS) -> tuple[tuple[float, int], ...]:
    """The same records at fewer moments: neighbours are added up.

    >>> thinned([(1.0, 5), (2.0, 1), (3.0, 2)], most=2)
    ((2.0, 6), (3.0, 2))
    """
    step = -(-len(pace) // most) or 1
    groups = [pace[at : at + step] for at in range(0, len(pace), step)]
    return tuple((group[-1][0], sum(records for _, records in group)) for group in groups)


def new_run(lake: Lake) -> str:
    """A name for a run. It sorts behind those that the lake has reports of, also where the clock was set back."""
    name = _named(datetime.now(UTC))
    last = max((path.stem for path in lake.runs.glob("*.json")), default="")
    if name > last:
        return name
    with suppress(ValueError):
        name = _named(datetime.strptime(last[:15], _STAMP).replace(tzinfo=UTC) + timedelta(seconds=1))
    return name


def write_report(report: RunReport, lake: Lake) -> None:
    """Keep a report in the lake, without secrets that its addresses may hold.

    A run that found nothing to do takes the place of the last one, if that found nothing either: a schedule that looks
    every minute would leave half a million files a year.
    """
    before = next(latest_reports(lake), None) if _is_idle(report) else None
    path = lake.runs / f"{report.run}.json"
    write_whole(path, orjson.dumps(redacted(asdict(report)), option=orjson.OPT_INDENT_2))
    if before is not None and before.run < report.run and _is_idle(before):
        (lake.runs / f"{before.run}.json").unlink(missing_ok=True)


def read_reports(lake: Lake) -> list[RunReport]:
    """Every kept report, the oldest first. Raises LakeError for a file that is none."""
    return list(latest_reports(lake))[::-1]


def latest_reports(lake: Lake) -> Iterator[RunReport]:
    """Every kept report, the newest first, read as they are asked for. Raises LakeError for a file that is none."""
    paths = sorted(lake.runs.glob("*.json"), reverse=True)
    for at in range(0, len(paths), AT_ONCE):
        some = paths[at : at + AT_ONCE]
        for path, data in zip(some, each(lake.root, _bytes, some), strict=True):
            if data is not None:
                yield _read(data, str(path))


def read_report(lake: Lake, run: str) -> RunReport | None:
    """The report of a run, None where none is kept. Raises LakeError for a file that is none."""
    path = lake.runs / f"{run}.json"
    data = _bytes(path) if Path(run).name == run else None
    return None if data is None else _read(data, str(path))


def _named(moment: datetime) -> str:
    """To the microsecond, and a digit by chance."""
    return f"{moment.strftime(_STAMP)}-{moment.microsecond:05x}{uuid4().hex[0]}"


def _is_idle(report: RunReport) -> bool:
    return report.exit_code == 0 and not report.brought


def _bytes(path: Path) -> bytes | None:
    """What a file holds, None where it is not there (any more)."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _read(data: bytes, path: str) -> RunReport:
    try:
        found = orjson.loads(data)
        found["formats"] = {form: Tally(**tally) for form, tally in found["formats"].items()}
        found["failures"] = tuple(Failure(**failure) for failure in found["failures"])
        found["pace"] = tuple((seconds, records) for seconds, records in found.get("pace", ()))
        found["brought"] = tuple(found.get("brought", ()))
        found["slowest"] = tuple((label, seconds) for label, seconds in found.get("slowest", ()))
        return RunReport(**{entry.name: found[entry.name] for entry in fields(RunReport) if entry.name in found})
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(f"{path} is no report of a run ({error}); delete it") from error
