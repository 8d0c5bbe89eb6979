"""Ledger entries → the figures of a page, in memory that does not grow with the run.

Data files are read one after the other, a few thousand rows at a time, and only the columns asked for. Of hosts, of
which a crawl has millions, the largest are counted first and looked at then. Entries are taken in the order of their
keys, not in that in which their shards were done, so that equal lakes give equal figures.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.lake.ledger import Entry, LakeFile
from flows.lake.pieces import batches, table_of
from flows.lake.place import Lake

LEAST_CONFIDENT = 20
SPREAD = 20  # documents of the review that were not chosen for anything
EXAMPLES_A_REASON = 3
BINS = 20
MOST_HOSTS = 2_000
MOST_COUNTED = 200_000  # hosts; beyond, the half with fewest articles so far is forgotten while they are counted
UNKNOWN = "unknown"  # in place of a host
_COLUMNS = [
    "id", "host", "language", "date", "title", "url", "char_count", "removed_chars", "removed_kinds", "confidence",
    "flags", "method",
]  # fmt: skip


@dataclass(slots=True)
class HostFigures:
    """What a run saw of one host. Characters are those of its articles; `kinds` counts cut blocks."""

    articles: int = 0
    kept_chars: int = 0
    cut_chars: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def kept_share(self) -> float:
        """Characters kept of all, 0..1."""
        return self.kept_chars / max(1, self.kept_chars + self.cut_chars)


@dataclass(frozen=True, slots=True, order=True)
class Chosen:
    """A document to look at, and the shard that holds it. Ordered by confidence, then id."""

    confidence: float
    id: str
    shard: str
    path: str


@dataclass(frozen=True, slots=True)
class Unread:
    """An example of what went to quarantine."""

    source: str
    position: str
    detail: str


@dataclass(slots=True)
class Figures:
    """What a page shows, added up over articles. Histograms have BINS bins over 0..1.

    `hosts` are those of `largest_hosts`, each with all of its articles.
    """

    articles: int = 0
    hosts: dict[str, HostFigures] = field(default_factory=dict)
    languages: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    kinds_by_language: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept_shares: list[int] = field(default_factory=lambda: [0] * BINS)
    confidences: list[int] = field(default_factory=lambda: [0] * BINS)
    unread: dict[str, list[Unread]] = field(default_factory=dict)
    least: list[Chosen] = field(default_factory=list)
    spread: list[Chosen] = field(default_factory=list)


def gather(lake: Lake, entries: Iterable[Entry]) -> Figures:
    """Read what the entries' files say of their documents."""
    entries = _in_order(entries)
    figures = Figures(hosts={host: HostFigures() for host in largest_hosts(lake, entries)})
    for shard, file in _files(entries, "articles"):
        for batch in batches(lake, file, _COLUMNS):
            _add_articles(figures, shard, file.path, batch.to_pylist())
    for _, file in _files(entries, "quarantine"):
        for batch in batches(lake, file, ["source", "position", "reason", "detail"]):
            _add_unread(figures, batch.to_pylist())
    return figures


def largest_hosts(lake: Lake, entries: Iterable[Entry]) -> list[str]:
    """The MOST_HOSTS hosts with most articles, the largest first, by name where they have as many.

    Of up to MOST_COUNTED hosts that is exact. Where there are more, the half with fewest articles so far is forgotten
    each time there are: a host whose articles lie far apart may then be counted too low, and be missing.
    """
    seen: Counter[str] = Counter()
    for _, file in _files(_in_order(entries), "articles"):
        for batch in batches(lake, file, ["host"]):
            seen.update(host or UNKNOWN for host in batch.column(0).to_pylist())
            if len(seen) > MOST_COUNTED:
                seen = Counter(dict(_largest(seen, MOST_COUNTED // 2)))
    return [host for host, _ in _largest(seen, MOST_HOSTS)]


def _largest(seen: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    return heapq.nsmallest(most, seen.items(), key=lambda item: (-item[1], item[0]))


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By the key of the shard: what is forgotten, and which examples come first, depends on the order."""
    return sorted(entries, key=lambda entry: entry.shard)


def _files(entries: Iterable[Entry], table: str) -> Iterator[tuple[str, LakeFile]]:
    """The files of a table, each with the key of its shard."""
    return ((entry.shard, file) for entry in entries for file in entry.files if table_of(file.path) == table)


def _add_articles(figures: Figures, shard: str, path: str, rows: Sequence[Mapping[str, Any]]) -> None:
    least, spread = figures.least, figures.spread
    for row in rows:
        _add_article(figures, row)
        chosen = Chosen(round(row["confidence"], 6), row["id"], shard, path)
        least.append(chosen)
        spread.append(chosen)
    # Ids are digests: the smallest are a sample that does not depend on the order of the shards.
    figures.least = heapq.nsmallest(LEAST_CONFIDENT, least)
    figures.spread = heapq.nsmallest(LEAST_CONFIDENT + SPREAD, spread, key=lambda one: one.id)


def _add_article(figures: Figures, row: Mapping[str, Any]) -> None:
    kinds = Counter(dict(row["removed_kinds"] or ()))
    host = figures.hosts.get(row["host"] or UNKNOWN)
    if host is not None:
        host.articles += 1
        host.kept_chars += row["char_count"]
        host.cut_chars += row["removed_chars"] or 0
        host.kinds.update(kinds)
    figures.articles += 1
    figures.languages[row["language"]] += 1
    figures.dates[row["date"]] += 1
    figures.flags.update(row["flags"])
    figures.methods[row["method"]] += 1
    for kind, blocks in kinds.items():
        figures.kinds_by_language[kind, row["language"]] += blocks
    if row["removed_chars"] is not None:  # null where cuts are not even counted
        figures.kept_shares[_bin(row["char_count"] / max(1, row["char_count"] + row["removed_chars"]))] += 1
    figures.confidences[_bin(row["confidence"])] += 1


def _add_unread(figures: Figures, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        examples = figures.unread.setdefault(row["reason"], [])
        if len(examples) < EXAMPLES_A_REASON:
            examples.append(Unread(row["source"], row["position"] or "", row["detail"] or ""))


def _bin(share: float) -> int:
    """
    >>> _bin(0.0), _bin(0.999), _bin(1.0)
    (0, 19, 19)
    """
    return min(BINS - 1, max(0, int(share * BINS)))
