"""What must hold of any input, however hostile: the fuzzer's questions to the readers and to the cleaners."""

from __future__ import annotations

import io
import random
import tempfile
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks.mutations import Input
from cleaners.document import RawRecord
from cleaners.errors import RecordError
from cleaners.recipe import clean, explain_record
from flows.errors import InvariantError
from flows.lake.rebuild import rebuild
from flows.lake.rows import cleaned_record, sha256_of
from flows.lake.schema import removed_rows, row, schema
from flows.sources import Item, SourceOptions, Unreadable, fetch, open_dump, ranges, read_file, reasons

OPTIONS = SourceOptions(max_record_bytes=1_000_000, max_member_bytes=20_000_000)
ON_DISK = 0.05  # share of inputs that are written to a file, to be read in parts and by address
_UNSAFE = {"Cc", "Cs", "Zl", "Zp"}  # categories of characters that break lines, logs or columns
_TYPES = (None, None, "text/html", "text/plain")
_CHARSETS = (None, None, None, "utf-8", "utf-16", "latin-1", "shift_jis", "nonsense", "utf-7", "idna", "hex", "\0")


class Inquiry:
    """The questions to one input; `chance` decides which are asked, `share` how often something is cleaned.

    `cleaned` counts the documents that were.
    """

    def __init__(self, given: Input, chance: random.Random, share: float) -> None:
        self.given, self.chance, self.share = given, chance, share
        self.cleaned = 0

    def wrong(self) -> Iterator[str]:
        """Sentences about what does not hold; whatever else goes wrong is raised."""
        items = list(read_file(io.BytesIO(self.given.data), source="fuzz", name=self.given.name, options=OPTIONS))
        yield from _account(items)
        records = [item for item in items if isinstance(item, RawRecord)]
        if records and self.chance.random() < self.share:
            self.cleaned += 1
            yield from _cleaned(self.chance.choice(records))
        if self.chance.random() < self.share / 2:
            self.cleaned += 1
            _clean(self.given.data, self.chance)
        if self.chance.random() < ON_DISK:
            yield from _on_disk(self.given, items, self.chance)


def _account(items: list[Item]) -> Iterator[str]:
    """Each record has an address of its own, each refusal a reason that is explained."""
    if len({item.position for item in items}) != len(items):
        yield "two records have one address"
    for item in items:
        if _UNSAFE & set(map(unicodedata.category, item.position)):
            yield f"an address that cannot be printed: {item.position!r}"
        if isinstance(item, Unreadable):
            yield from _refusal(item)


def _refusal(item: Unreadable) -> Iterator[str]:
    if item.reason not in reasons():
        yield f"a reason that is not explained: {item.reason}"
    if not item.detail or len(item.head) > 256 or item.size < 0:
        yield f"a refusal that says nothing, or too much: {item}"
    _stored("quarantine", {"reason": item.reason, "detail": item.detail, "head": item.head, "size": item.size})


def _cleaned(record: RawRecord) -> Iterator[str]:
    """The record becomes rows that the lake can hold and that give the page back, or is refused with a reason."""
    try:
        cleaned = cleaned_record(record, explain_record(record))
    except RecordError as error:
        if error.reason not in reasons():
            yield f"a reason that is not explained: {error.reason}"
        return
    article, removed = row("articles", cleaned), removed_rows(cleaned)
    _stored("articles", article)
    for cut in removed:
        _stored("removed", cut)
    try:
        if sha256_of(rebuild(article, removed)) != cleaned.page_text_sha256:
            yield "kept and removed blocks do not give the page text back"
    except InvariantError as error:
        yield str(error)


def _clean(data: bytes, chance: random.Random) -> None:
    """The bytes as a document, under whatever was declared."""
    payload = data if chance.random() < 0.7 else data.decode("utf-8", chance.choice(("surrogateescape", "replace")))
    try:
        clean(payload, url="http://[::1", media_type=chance.choice(_TYPES), encoding=chance.choice(_CHARSETS))  # type: ignore[arg-type]
    except RecordError:
        return


def _on_disk(given: Input, items: list[Item], chance: random.Random) -> Iterator[str]:
    """Read in parts it gives the same, and an address finds its record again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / given.name
        path.write_bytes(given.data)
        whole = list(open_dump(path, source="fuzz", options=OPTIONS))
        parts = ranges(path, 2000, OPTIONS)
        found = [item for part in parts for item in open_dump(path, source="fuzz", options=OPTIONS, within=part)]
        if found != whole or len(whole) != len(items):
            yield f"read in {len(parts)} parts it gives something else"
        for item in chance.sample(whole, min(2, len(whole))):
            if fetch(path, "fuzz", item.position, OPTIONS) != item:
                yield f"fetch finds something else at {item.position!r}"


def _stored(table: str, values: dict[str, object]) -> None:
    """Raises where Arrow does not take the values under the table's schema."""
    import pyarrow as pa

    for name, kind in _kinds(table).items():
        if values.get(name) is not None:
            pa.array([values[name]], kind)


@cache
def _kinds(table: str) -> dict[str, object]:
    return {field.name: field.type for field in schema(table)}
