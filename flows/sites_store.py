"""The site memory in the lake.

    _sites/pages.parquet    the pages that are remembered: host, month, address, lines as hashes
    _sites/<digest>.json    a frozen snapshot: what runs clean with; ledger entries name it
    _sites/overrides.json   what the user said: lines to keep and to cut, by host

Snapshots stay as long as a ledger entry or the plan names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.comparable import prepare
from cleaners.document import Block
from cleaners.sites import SeenPage, Site, Sites, line_hash, lines_of
from flows.errors import LakeError
from flows.lake.files import write_whole
from flows.lake.place import Lake
from flows.storage import location
from flows.versions import fingerprint

MOST_HOSTS = 5_000  # hosts that are remembered; those not seen for longest go first
_SCHEMA = pa.schema(
    [("host", pa.string()), ("month", pa.int32()), ("address", pa.uint64()), ("lines", pa.list_(pa.uint64()))]
)

Memory = dict[str, tuple[SeenPage, ...]]


@dataclass(frozen=True, slots=True)
class Override:
    """Lines of a host, as the user wrote them, that are kept, or cut, whatever its pages repeat."""

    keep: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen memory, and its lines as a person can read them (by host and hash, where known)."""

    sites: Sites = field(default_factory=dict)
    texts: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """16 hex digits that stand for everything that can change a verdict; empty where nothing can."""
        if not self.sites:
            return ""
        return fingerprint(
            {
                host: [site.pages, sorted(site.lines.items()), sorted(site.keep), sorted(site.cut)]
                for host, site in self.sites.items()
            }
        )


def read_memory(lake: Lake) -> Memory:
    """The pages that are remembered, by host."""
    path = lake.sites / "pages.parquet"
    if not path.is_file():
        return {}
    found: dict[str, list[SeenPage]] = {}
    for row in pq.read_table(BytesIO(path.read_bytes())).to_pylist():
        found.setdefault(row["host"], []).append(SeenPage(row["month"], row["address"], tuple(row["lines"])))
    return {host: tuple(pages) for host, pages in found.items()}


def write_memory(lake: Lake, memory: Memory) -> None:
    """Keep the pages of at most MOST_HOSTS hosts."""
    order = sorted(memory, key=lambda host: (-max(page.month for page in memory[host]), -len(memory[host]), host))
    rows = [
        {"host": host, "month": page.month, "address": page.address, "lines": page.lines}
        for host in sorted(order[:MOST_HOSTS])
        for page in memory[host]
    ]
    data = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), data, compression="zstd")
    write_whole(lake.sites / "pages.parquet", data.getvalue())


def write_snapshot(lake: Lake, snapshot: Snapshot) -> str:
    """Put a snapshot into the lake; its digest."""
    if snapshot.digest:
        hosts = {host: _as_json(host, site, snapshot.texts) for host, site in sorted(snapshot.sites.items())}
        write_whole(snapshot_path(lake, snapshot.digest), orjson.dumps(hosts, option=orjson.OPT_INDENT_2))
    return snapshot.digest


def snapshot_path(lake: Lake, digest: str) -> Path:
    """Where a snapshot lies."""
    return lake.sites / f"{digest}.json"


def drop_snapshots(lake: Lake, named: Collection[str]) -> None:
    """Remove snapshots that nothing names."""
    for path in lake.sites.glob("*.json"):
        if len(path.stem) == 16 and path.stem not in named:
            path.unlink(missing_ok=True)


@lru_cache(maxsize=2)
def load_snapshot(path: str) -> Snapshot:
    """A snapshot. Raises LakeError where it cannot be read."""
    try:
        found = orjson.loads(location(path).read_bytes())
        sites = {host: _site(entry) for host, entry in found.items()}
        texts = {
            (host, int(key, 16)): text
            for host, entry in found.items()
            for key, (_, text) in entry["lines"].items()
            if text
        }
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LakeError(f"{path} is no snapshot of the site memory ({error}); delete _staging and run again") from error
    return Snapshot(sites, texts)


def read_overrides(lake: Lake) -> dict[str, Override]:
    """What the user said, by host. Raises LakeError where that cannot be read."""
    path = lake.sites / "overrides.json"
    try:
        found = orjson.loads(path.read_bytes()) if path.is_file() else {}
        return {host: Override(tuple(said["keep"]), tuple(said["cut"])) for host, said in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LakeError(f"{path} cannot be read ({error}); delete it, and say again what to keep and cut") from error


def write_overrides(lake: Lake, overrides: Mapping[str, Override]) -> None:
    """Keep what the user said."""
    said = {
        host: {"keep": said.keep, "cut": said.cut} for host, said in sorted(overrides.items()) if said != Override()
    }
    write_whole(lake.sites / "overrides.json", orjson.dumps(said, option=orjson.OPT_INDENT_2))


def hashes(lines: Iterable[str]) -> frozenset[int]:
    """The hashes of lines as written."""
    blocks = [Block(at, line, 0, len(line)) for at, line in enumerate(lines)]
    return frozenset(line_hash(line) for line in lines_of(prepare(blocks)) if line)


def _as_json(host: str, site: Site, texts: Mapping[tuple[str, int], str]) -> dict[str, object]:
    lines = {f"{line:016x}": [count, texts.get((host, line), "")] for line, count in sorted(site.lines.items())}
    said = {"keep": sorted(f"{line:016x}" for line in site.keep), "cut": sorted(f"{line:016x}" for line in site.cut)}
    return {"pages": site.pages, "lines": lines, **said}


def _site(entry: Mapping[str, object]) -> Site:
    lines: Mapping[str, tuple[int, str]] = entry["lines"]  # type: ignore[assignment]
    keep, cut = (frozenset(int(key, 16) for key in entry[name]) for name in ("keep", "cut"))  # type: ignore[attr-defined]
    return Site(int(str(entry["pages"])), {int(key, 16): count for key, (count, _) in lines.items()}, keep, cut)
