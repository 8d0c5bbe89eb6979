"""A cleaned record as the rows of the lake are made from it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cleaners.account import Account, account
from cleaners.document import Block, CleanDocument, Explanation, RawRecord, Verdict, document_id, payload_digest
from cleaners.errors import UndecodableError
from cleaners.normal import word_count
from cleaners.signals import Signals, measure_all

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CleanedRecord:
    """A record, its clean document, and what several columns share.

    `removed` are the cut blocks with their verdicts; `date` is the publisher's day, else the day of fetching, else
    `unknown`. `signals` and `account` say nothing until the record is `measured`.
    """

    record: RawRecord
    document: CleanDocument
    removed: tuple[tuple[Block, Verdict], ...]
    id: str
    url: str | None
    payload_sha256: str
    page_text_sha256: str
    text_sha256: str
    word_count: int
    date: str
    signals: Signals = field(default_factory=Signals)
    account: Account = field(default_factory=Account)

    @property
    def month(self) -> str:
        """`YYYY-MM`, or `unknown`."""
        return self.date[:7]


def cleaned_record(record: RawRecord, explanation: Explanation) -> CleanedRecord:
    """Bring a record and its explanation together.

    Raises UndecodableError where the text holds lone surrogates: no file can hold it as it is.
    """
    document = explanation.document
    blocks = {block.index: block for block in explanation.page.blocks}
    return CleanedRecord(
        record=record,
        document=document,
        removed=tuple((blocks[verdict.block], verdict) for verdict in document.verdicts if not verdict.keep),
        id=document_id(record.url, record.payload),
        url=record.url or document.url or None,
        payload_sha256=payload_digest(record.payload).hex(),
        page_text_sha256=sha256_of(document.page_text),
        text_sha256=sha256_of(document.text),
        word_count=word_count(document.text),
        date=_day(document.published, record.fetched),
    )


def measured(records: Sequence[CleanedRecord]) -> list[CleanedRecord]:
    """Records with their signals: together they cost a third of what they do one by one."""
    found = measure_all([each.document.text for each in records])
    return [
        replace(each, signals=signals, account=account(each.document))
        for each, signals in zip(records, found, strict=True)
    ]


def sha256_of(text: str) -> str:
    """sha256 over the UTF-8 of a text, in hex. Raises UndecodableError on lone surrogates."""
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise UndecodableError(f"the text holds a lone surrogate at character {error.start}") from error


def host_of(url: str | None) -> str | None:
    """The host of a URL in lower case, None where there is none.

    >>> host_of("https://user:secret@News.Example:8080/a"), host_of("http://[broken"), host_of(None)
    ('news.example', None, None)
    """
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None


def utc(moment: datetime | None) -> datetime | None:
    """A moment in UTC; one without an offset is taken as UTC."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.utcoffset() is None else moment.astimezone(UTC)


def offset_minutes(moment: datetime | None) -> int | None:
    """Minutes east of UTC of a moment that says so, else None."""
    offset = moment.utcoffset() if moment is not None else None
    return None if offset is None else int(offset.total_seconds() // 60)


def kind_counts(removed: tuple[tuple[Block, Verdict], ...]) -> list[tuple[str, int]]:
    """Cut blocks a kind, sorted by kind."""
    return sorted(Counter(verdict.kind for _, verdict in removed).items())


def storable(text: str) -> str:
    r"""A string that UTF-8 can hold: lone surrogates, as odd file names bring them, are written as escapes.

    >>> storable("caf\udce9.txt"), storable("café")
    ('caf\\udce9.txt', 'café')
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _day(published: datetime | None, fetched: datetime | None) -> str:
    if published is not None:
        return published.date().isoformat()
    moment = utc(fetched)
    return moment.date().isoformat() if moment is not None else UNKNOWN
