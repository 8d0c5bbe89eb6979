"""A small cleaner for tests of the flows: long lines are the article, and some lines do harm."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cleaners.assemble import assemble
from cleaners.document import CleanDocument, Explanation, RawRecord, Verdict
from cleaners.errors import NotTextError
from cleaners.text import split
from flows import together
from flows.lake.rows import CleanedRecord, measured

LONG = 40


def explain_record(record: RawRecord) -> Explanation:
    """Keep lines of at least 40 characters; the first shorter one is the title."""
    payload = record.payload
    text = payload if isinstance(payload, str) else payload.decode("utf-8", "replace")
    if "\0" in text:
        raise NotTextError("it holds NULs")
    page = split(text)
    verdicts = tuple(
        Verdict(block.index, True)
        if len(block.text.strip()) >= LONG
        else Verdict(block.index, False, "title" if block.index == 0 else "navigation", "test")
        for block in page.blocks
    )
    kept, spans = assemble(page, verdicts)
    document = CleanDocument(
        text=kept,
        title=page.blocks[0].text.strip() if page.blocks else None,
        published=datetime(2024, 1 + len(kept) % 3, 5, tzinfo=UTC),
        language="fr" if " le " in text else "en",
        url=record.url or "",
        media_type="text/plain",
        verdicts=verdicts,
        spans=spans,
        page_text=page.text,
    )
    return Explanation(document, page)


def hostile(record: RawRecord) -> Explanation:
    """As above, but some words make it hang, sleep, eat memory, crash, or fail as no cleaner should."""
    _harm(record.payload if isinstance(record.payload, str) else record.payload.decode("utf-8", "replace"))
    return explain_record(record)


def _harm(text: str) -> None:
    if "HANG" in text:
        while True:
            pass
    if "SLEEP" in text:
        time.sleep(600)
    if "EAT" in text:
        hoard = []
        while True:
            hoard.append(bytearray(b"x") * (8 << 20))
    if "SEGFAULT" in text:
        ctypes.string_at(0)
    if "KILLED" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "GRAB" in text:
        bytearray(1 << 40)
    if "EXIT" in text:
        os._exit(3)
    if "BUG" in text:
        raise ValueError("nothing should do this")


def hostile_when_measured(record: RawRecord) -> Explanation:
    """As `explain_record`, but some words harm the worker only when the signals of their text are measured."""
    together.measured = _harmed  # this process is a worker: nobody else has it
    return explain_record(record)


def _harmed(cleaned: Sequence[CleanedRecord]) -> list[CleanedRecord]:
    _harm(" ".join(each.document.page_text for each in cleaned))
    return list(measured(cleaned))


def slow(record: RawRecord) -> Explanation:
    """As `explain_record`, taking its time."""
    time.sleep(0.02)
    return explain_record(record)


def held(record: RawRecord) -> Explanation:
    """As `explain_record`, but waits while the file is there that a line `HOLD path` names.

    Says that it waits by a file beside it, `path.reached`.
    """
    text = record.payload if isinstance(record.payload, str) else record.payload.decode("utf-8", "replace")
    if named := re.search(r"^HOLD (.+)$", text, re.MULTILINE):
        hold = Path(named[1])
        while hold.exists():
            hold.with_name(f"{hold.name}.reached").touch()
            time.sleep(0.1)
    return explain_record(record)


def forgetful(record: RawRecord) -> Explanation:
    """As `explain_record`, but the account leaves a block out."""
    explanation = explain_record(record)
    document = explanation.document
    return Explanation(replace(document, verdicts=document.verdicts[1:]), explanation.page)
