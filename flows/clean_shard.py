"""What a worker does with a shard: read ▸ clean ▸ rows. Runs in a child process."""

from __future__ import annotations

import gc
import importlib
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from cleaners.document import Explanation, Payload, RawRecord
from cleaners.errors import RecordError
from cleaners.pii import redact
from flows.blame import BUGS, reason
from flows.child import Beat
from flows.config import Options
from flows.cut import NO_DIGEST, source_options
from flows.errors import DumpChangedError, InvariantError, ShardError
from flows.filters import parse
from flows.growth import digest_of, edges
from flows.lake.rebuild import rebuild
from flows.lake.rows import CleanedRecord, cleaned_record, host_of, sha256_of, storable
from flows.lake.schema import removed_rows, row
from flows.lake.staging import SKETCH, Chunks, PartWriter, drop_parts
from flows.near_sketch import pack
from flows.recognise import recognise
from flows.shard import Member, Shard
from flows.sites_store import load_snapshot
from flows.sources import Unreadable, open_dump
from flows.storage import location
from flows.together import Together

HEAD_BYTES = 256
# trafilatura keeps about 1 MB of caches a page.
RESET_CACHES_EVERY = 200
WARM = 20  # records after which a child has loaded what it ever will

Cleaner = Callable[[RawRecord], Explanation]


@dataclass(frozen=True, slots=True)
class Condemned:
    """Why a record is not tried again. Where its reader broke, `member` is the number of the dump that goes with it."""

    reason: str
    detail: str
    member: int | None = None


@dataclass(frozen=True, slots=True)
class StageJob:
    """Records from number `resume` of a shard, up to number `pause` (None: all), into `folder`.

    `versions` go into the rows: the supervisor's, so that all rows of a run agree. `sites` is the path of the snapshot
    of the site memory, empty where there is none. `one_by_one`: no record is measured with others, so that one that
    harms its worker is found.
    """

    shard: Shard
    options: Options
    folder: str
    versions: Mapping[str, str]
    resume: int = 0
    pause: int | None = None
    condemned: Mapping[int, Condemned] = field(default_factory=dict)
    sites: str = ""
    one_by_one: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole shard is done; it held so many records a format. `broken` are accounts that do not add up.

    `opened` is how many of its dumps were looked into: a trial run stops before the last.
    """

    records: Mapping[str, int]
    opened: int
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paused:
    """Everything before record number `ordinal` is saved."""

    ordinal: int
    broken: tuple[str, ...] = ()


def stage_records(job: StageJob, beat: Beat) -> Finished | Paused:
    """Read the shard, clean its records, write their rows aside.

    Raises DumpChangedError where a dump is not what the plan saw, ShardError where the cleaner cannot be loaded.
    """
    drop_parts(Path(job.folder), job.resume)
    work = _Work(job, beat)
    reader = ShardReader(job.shard, job.options, beat)
    ordinal = 0
    while ordinal != job.pause and ordinal != job.shard.limit:
        condemned = job.condemned.get(ordinal)
        beat.read(ordinal)
        item = reader.abandon(condemned) if condemned and condemned.member is not None else next(reader, None)
        if item is None:
            break
        work.take(item, ordinal, reader.format, condemned)
        ordinal += 1
        if beat.done == WARM:
            settle()
    work.save(ordinal)
    if ordinal == job.pause:
        return Paused(ordinal, work.broken)
    return Finished(dict(work.records), reader.opened, work.broken)


class ShardReader:
    """Every record of a shard, dump after dump. `format` is the one of the dump at hand."""

    def __init__(self, shard: Shard, options: Options, beat: Beat) -> None:
        self._members = enumerate(shard.members)
        self._options = source_options(options)
        self._beat = beat
        self._number = -1
        self._member: Member | None = None
        self._items: Iterator[RawRecord | Unreadable] = iter(())
        self.format = ""

    @property
    def opened(self) -> int:
        """How many of the shard's dumps were begun."""
        return self._number + 1

    def __iter__(self) -> ShardReader:
        return self

    def __next__(self) -> RawRecord | Unreadable:
        while (item := next(self._items, None)) is None:
            self._verify()
            self._open()
        return item

    def abandon(self, condemned: Condemned) -> Unreadable:
        """Leave the rest of a dump whose reader broke its process; says so as a record."""
        while self._member is None or self._number != condemned.member:
            self._number, self._member = next(self._members)
        source = self._member.source
        self._items, self._member = iter(()), None
        detail = f"{condemned.detail}, while it was read; the rest of this dump was left out"
        return Unreadable(source, "", condemned.reason, detail)  # type: ignore[arg-type]

    def _open(self) -> None:
        self._number, self._member = next(self._members)
        self._beat.open(self._number)
        self._verify()
        path = location(self._member.path)
        file: BinaryIO | None = None
        with suppress(OSError):  # its one record says why
            file = path.open("rb", buffering=0)
        self.format = recognise(file, path.name, self._options)
        source, within = self._member.source, self._member.within
        self._items = iter(open_dump(path, source=source, options=self._options, within=within, file=file))

    def _verify(self) -> None:
        """Raises DumpChangedError where the dump at hand is not, or no longer, what the plan saw."""
        member = self._member
        if member is not None and member.digest != NO_DIGEST and not is_as_planned(member):
            raise DumpChangedError(f"{member.source} changed or vanished while it was read; the next run takes it anew")


def is_as_planned(member: Member) -> bool:
    """Whether a dump still is what the plan saw; one that grew is, for what it holds behind that is not looked at."""
    path = location(member.path)
    try:
        state = path.stat()
        if (state.st_size, state.st_mtime_ns) == (member.size, member.modified):
            return True
        if member.edges:
            return state.st_size >= member.size and edges(path, member.size) == member.edges
        return state.st_size == member.size and digest_of(path, member.size) == member.digest
    except OSError:
        return False


class _Work:
    """From items to parts. `records` counts items a format; `broken` collects accounts that do not add up."""

    def __init__(self, job: StageJob, beat: Beat) -> None:
        self._job = job
        self._beat = beat
        self._cleaner = load_cleaner(job.options.cleaner)
        if job.sites:
            with_memory: Any = self._cleaner
            self._cleaner = partial(with_memory, sites=load_snapshot(job.sites).sites)
        self._filter = parse(job.options.filter) if job.options.filter is not None else None
        self._chunks = Chunks()
        self._parts = PartWriter(Path(job.folder), job.resume)
        self._together = Together(1) if job.one_by_one else Together()
        self._made_by = {f"{name}_version": version for name, version in job.versions.items()}
        self.records: Counter[str] = Counter()
        self.broken: tuple[str, ...] = ()

    def take(self, item: RawRecord | Unreadable, ordinal: int, form: str, condemned: Condemned | None) -> None:
        """Count an item and, unless an earlier try has saved it, make its rows."""
        begins = self._chunks.take(item.size if isinstance(item, Unreadable) else len(item.payload))
        self.records[form] += 1
        if ordinal < self._job.resume:
            self._parts.chunk = self._chunks.number
            return
        if begins or self._parts.full:
            self.save(ordinal)
        self._parts.chunk = self._chunks.number
        self._take(item, ordinal, form, condemned)
        if self._beat.done % RESET_CACHES_EVERY == 0:
            reset_caches()

    def save(self, following: int) -> None:
        """Measure what waits, and write what was collected; tell the supervisor."""
        self._measure()
        self._beat.rest()
        if following >= self._job.resume:
            self._parts.flush(following)
            self._beat.save(following)

    def _take(self, item: RawRecord | Unreadable, ordinal: int, form: str, condemned: Condemned | None) -> None:
        """Clean a record, for whose row others are waited for; what cannot be cleaned has its row at once."""
        if isinstance(item, Unreadable):
            self._parts.add("quarantine", unreadable_row(item), ordinal, form)
            return
        if condemned is not None:
            self._parts.add("quarantine", quarantine_row(item, condemned.reason, condemned.detail), ordinal, form)
            return
        self._beat.clean(ordinal)
        try:
            cleaned = cleaned_record(item, self._cleaner(item))
        except (RecordError, MemoryError, *BUGS) as error:
            self._parts.add("quarantine", quarantine_row(item, *reason(error)), ordinal, form)
            return
        if self._together.add(cleaned, ordinal, form):
            self._measure()

    def _measure(self) -> None:
        """Measure what waits, and make its rows, each under the record's own number.

        All are measured under the number of the first; a worker that is lost over it sees the next one go one by one.
        """
        if self._together.first is not None:
            self._beat.measure(self._together.first)
        for waiting, found in self._together.measured():
            self._beat.measure(waiting.ordinal)
            if isinstance(found, Exception):
                quarantined = quarantine_row(waiting.cleaned.record, *reason(found))
                self._parts.add("quarantine", quarantined, waiting.ordinal, waiting.form)
                continue
            for table, values in self._cleaned_rows(found):
                self._parts.add(table, values, waiting.ordinal, waiting.form)

    def _cleaned_rows(self, cleaned: CleanedRecord) -> Iterator[tuple[str, dict[str, Any]]]:
        languages = self._job.options.languages
        if languages and cleaned.document.language not in languages:
            yield "filtered", {**self._left_out(cleaned), "reason": "language"}
            return
        article = {**row("articles", cleaned), **self._made_by}
        failed = self._filter.fails(article) if self._filter is not None else None
        if failed is not None:
            yield "filtered", {**self._left_out(cleaned), "reason": failed}
            return
        if self._job.options.dedup != "off":
            article[SKETCH] = pack(cleaned.document.text)
        removed = removed_rows(cleaned)
        self._check(article, removed)
        if self._job.options.redact:
            article |= redacted(article, self._job.options.redact)
        match self._job.options.cuts:
            case "full":
                yield from (("removed", cut) for cut in removed)
            case "counts":
                article["layout"] = None
            case "none":
                article |= dict.fromkeys(("layout", "removed_blocks", "removed_chars", "removed_kinds"))
        yield "articles", article

    def _left_out(self, cleaned: CleanedRecord) -> dict[str, Any]:
        """The row of a record that is not asked for."""
        found = row("filtered", cleaned)
        if self._job.options.redact and found["title"]:
            found["title"], _ = redact(found["title"], self._job.options.redact, host_of(cleaned.url))
        return found

    def _check(self, article: Mapping[str, Any], removed: list[dict[str, Any]]) -> None:
        try:
            whole = sha256_of(rebuild(article, removed)) == article["page_text_sha256"]
            if not whole:
                self.broken += (f"article {article['id']}: kept and removed blocks do not give the page text back",)
        except InvariantError as error:
            self.broken += error.examples


def redacted(article: Mapping[str, Any], kinds: Collection[str]) -> dict[str, Any]:
    """The columns of an article that change where personal data is replaced in it."""
    found: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    for name in ("text", "title", "description"):
        if article[name]:
            found[name], replaced = redact(article[name], kinds, article["host"])
            counts.update(replaced)
    text = found.get("text", "")
    return {**found, "redacted": sorted(counts.items()), "char_count": len(text), "text_sha256": sha256_of(text)}


def unreadable_row(item: Unreadable) -> dict[str, Any]:
    """The quarantine's row of what a reader could not read."""
    return {
        "source": storable(item.source),
        "position": item.position,
        "reason": item.reason,
        "detail": storable(item.detail),
        "size": item.size,
        "head": item.head,
    }


def quarantine_row(record: RawRecord, reason: str, detail: str) -> dict[str, Any]:
    """The quarantine's row of a record that could not be cleaned."""
    payload = _bytes(record.payload[: HEAD_BYTES * 4])
    return {
        "source": storable(record.source),
        "position": record.position,
        "reason": reason,
        "detail": storable(detail[:1_000]),
        "url": storable(record.url) if record.url else None,
        "size": len(_bytes(record.payload)),
        "head": payload[:HEAD_BYTES],
    }


def load_cleaner(name: str) -> Cleaner:
    """The function that `module:name` stands for. Raises ShardError where there is none."""
    module, _, function = name.partition(":")
    try:
        found: Cleaner = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ShardError(f"the option cleaner names {name!r}, which cannot be loaded: {error}") from error
    return found


def settle() -> None:
    """Spare the garbage collector what stays for the life of the child: 200,000 objects, of rules above all.

    Going through them takes a tenth of the time of a page.
    """
    gc.collect()
    gc.freeze()


def reset_caches() -> None:
    """Empty the caches of trafilatura, where it is in use: they grow by about 1 MB a page."""
    if "trafilatura" in sys.modules:
        importlib.import_module("trafilatura.meta").reset_caches()


def _bytes(payload: Payload) -> bytes:
    return payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
