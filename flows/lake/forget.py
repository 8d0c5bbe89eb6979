"""Takedowns: documents leave every table, and the books say how many did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flows.lake.compact import mend
from flows.lake.files import remove_tree
from flows.lake.forgotten import COLUMNS, Forgotten, read_forgotten, record
from flows.lake.ledger import Entry, LakeFile, Tally, enter_together
from flows.lake.pieces import Shared, batches, shared_files, table_of
from flows.lake.place import Lake
from flows.lake.replaced import retire_files
from flows.lake.rewrite import Kept, rewrite, with_files
from flows.runs import read_reports

_COUNTED = {"articles": "articles", "duplicates": "duplicates", "filtered": "filtered", "quarantine": "quarantined"}
_DETAILS = ("source", "language", "char_count", "removed_chars", "removed_kinds", "reason")


@dataclass(frozen=True, slots=True)
class Gone:
    """Rows of a file that go: by their numbers in it what the books count of each."""

    shared: Shared
    rows: Mapping[int, Mapping[str, Any]]

    @property
    def shards(self) -> set[str]:
        """The shards that have rows in the file."""
        return {shard for shard, _ in self.shared.pieces}

    @property
    def table(self) -> str:
        """The table they are of."""
        return table_of(self.shared.path)

    def of(self, piece: LakeFile) -> frozenset[int]:
        """The rows of a piece that go."""
        return frozenset(row for row in self.rows if piece.first <= row < piece.first + piece.rows)


def find(lake: Lake, entries: dict[str, Entry], asked: Forgotten) -> list[Gone]:
    """Write a request down, and look for what is to go: this, and what was asked for before and is still there.

    For who holds the lake's lock; keeps `entries` up to date. Written down first, a request is carried out by the next
    call where a crash comes between.
    """
    mend(lake, entries)
    if asked:
        record(lake, asked, Forgotten())
    found, gone = _find(lake, entries, read_forgotten(lake))
    if asked:
        record(lake, asked, found)
    return gone


def drop_pages(lake: Lake, shards: Iterable[str]) -> int:
    """Remove the pages of runs that brought these shards: they show documents. How many; `winnow report` makes them."""
    shards = set(shards)
    folders = [lake.root / "report" / report.run for report in read_reports(lake) if shards & set(report.brought)]
    pages = sum((folder / "index.html").is_file() for folder in folders)
    for folder in folders:
        remove_tree(folder)
    return pages


def _find(lake: Lake, entries: Mapping[str, Entry], known: Forgotten) -> tuple[Forgotten, list[Gone]]:
    """What is in the lake of what is to be forgotten, and of what is the same as that."""
    files = list(shared_files(entries.values()).values())
    while True:
        grown = known
        gone = [found for shared in files if (found := _in_file(lake, shared, known)) is not None]
        for found in gone:
            if found.table in ("articles", "duplicates", "filtered"):
                grown = grown.with_rows(list(found.rows.values()))
        if grown == known:
            return known, gone
        known = grown


def _in_file(lake: Lake, shared: Shared, known: Forgotten) -> Gone | None:
    at = 0
    rows: dict[int, Mapping[str, Any]] = {}
    for batch in batches(lake, shared.file, (*COLUMNS, "word_count", "by", *_DETAILS), rows=65_536):
        mask = known.among(batch)
        if mask.true_count:
            numbers = [at + number for number, goes in enumerate(mask.to_pylist()) if goes]
            rows.update(zip(numbers, batch.filter(mask).to_pylist(), strict=True))
        at += batch.num_rows
    return Gone(shared, rows) if rows else None


def take_out(lake: Lake, entries: dict[str, Entry], gone: Sequence[Gone]) -> None:
    """Write the files anew without the rows, and change all entries in one step. Keeps `entries` up to date.

    The old files are noted as replaced: the caller has them removed.
    """
    if not gone:
        return
    new: defaultdict[str, list[LakeFile]] = defaultdict(list)
    lost: defaultdict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for found in gone:
        for shard, piece in found.shared.pieces:
            lost[shard] += [(found.table, found.rows[row]) for row in sorted(found.of(piece))]
        kept = [Kept(shard, piece, found.of(piece)) for shard, piece in found.shared.pieces]
        for shard, file in rewrite(lake, kept):
            new[shard].append(file)
    old = {found.shared.path for found in gone}
    changed = [_without(with_files(entries[shard], old, new[shard]), lost[shard]) for shard in sorted(lost)]
    retire_files(lake, f"forgotten-{min(old).rpartition('/')[2].removesuffix('.parquet')}", old)
    enter_together(lake, changed)
    entries.update((entry.shard, entry) for entry in changed)


def _without(entry: Entry, lost: Iterable[tuple[str, Mapping[str, Any]]]) -> Entry:
    """An entry that no longer counts some rows, but as forgotten."""
    formats = dict(entry.formats)
    kinds, reasons, languages = Counter(entry.kinds), Counter(entry.reasons), Counter(entry.languages)
    for table, row in lost:
        if table not in _COUNTED:
            continue
        form = _format_of(formats, _COUNTED[table], row["source"])
        formats[form] = _moved(formats[form], table, row)
        if table == "articles":
            kinds.subtract(dict(row["removed_kinds"] or ()))
            languages.subtract([row["language"]])
        elif table == "quarantine":
            reasons.subtract([row["reason"]])
    return replace(entry, formats=formats, kinds=_sorted(kinds), reasons=_sorted(reasons), languages=_sorted(languages))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted((+counts).items()))


def _moved(tally: Tally, table: str, row: Mapping[str, Any]) -> Tally:
    """A tally in which one record is forgotten instead."""
    name = _COUNTED[table]
    kept, cut = (row["char_count"], row["removed_chars"] or 0) if table == "articles" else (0, 0)
    return replace(
        tally,
        **{name: getattr(tally, name) - 1},
        forgotten=tally.forgotten + 1,
        kept_chars=tally.kept_chars - kept,
        cut_chars=tally.cut_chars - cut,
    )


def _format_of(formats: Mapping[str, Tally], counted: str, source: str) -> str:
    """The format a row is counted under. Rows do not say; where several may be it is the one that the name shows."""
    having = [form for form, tally in formats.items() if getattr(tally, counted)]
    named = [form for form in having if form in source.rpartition("/")[2].lower().split(".")]
    return (named or having)[0]


def names(gone: Iterable[Gone]) -> frozenset[str]:
    """The ids and addresses of rows that go."""
    columns = ("id", "url", "canonical_url", "repeats")
    rows = (row for found in gone for row in found.rows.values())
    return frozenset(str(row[column]) for row in rows for column in columns if row.get(column))


def rows_a_table(gone: Iterable[Gone]) -> dict[str, int]:
    """How many rows go, a table."""
    rows: Counter[str] = Counter()
    for found in gone:
        rows[found.table] += len(found.rows)
    return dict(sorted(rows.items()))
