"""Cleaned records that wait until there are some dozens: measured together their texts cost a third."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.blame import BUGS
from flows.lake.rows import CleanedRecord, measured

MOST_RECORDS = 64
MOST_BYTES = 8_000_000  # of payloads: what waits takes a tenth of a worker's memory


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cleaned record, its number in the shard and its format."""

    cleaned: CleanedRecord
    ordinal: int
    form: str


class Together:
    """Records that wait, in the order they came in, `most` of them."""

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self._most = most
        self._waiting: list[Waiting] = []
        self._bytes = 0

    def add(self, cleaned: CleanedRecord, ordinal: int, form: str) -> bool:
        """Have a record wait; True where it is time to measure."""
        self._waiting.append(Waiting(cleaned, ordinal, form))
        self._bytes += len(cleaned.record.payload)
        return len(self._waiting) >= self._most or self._bytes >= MOST_BYTES

    @property
    def first(self) -> int | None:
        """The number of the first record that waits."""
        return self._waiting[0].ordinal if self._waiting else None

    def measured(self) -> Iterator[tuple[Waiting, CleanedRecord | Exception]]:
        """Everything that waits, with its signals, or with what was raised over it. Then nothing waits any more."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        found: Sequence[CleanedRecord | Exception]
        try:
            found = measured([each.cleaned for each in waiting])
        except (MemoryError, *BUGS):  # one by one tells whose fault it is
            found = [_measured(each.cleaned) for each in waiting]
        yield from zip(waiting, found, strict=True)


def _measured(cleaned: CleanedRecord) -> CleanedRecord | Exception:
    try:
        return measured([cleaned])[0]
    except (MemoryError, *BUGS) as error:
        return error
