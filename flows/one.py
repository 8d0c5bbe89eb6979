"""One document, for the command line. Imports neither Prefect nor pyarrow."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields
from datetime import datetime
from typing import Any

from cleaners.document import CleanDocument, Explanation, RawRecord, document_id

# The account is told by `explain`, and in numbers by `removed_kinds`.
_LEFT_OUT = frozenset({"verdicts", "spans", "page_text"})


def clean(payload: bytes, url: str | None, as_json: bool) -> str:
    """Title, blank line and text of a document, or all of it as JSON. Raises RecordError for what is no text."""
    document = _explained(payload, url).document
    if as_json:
        return json.dumps(as_dict(document, payload, url), ensure_ascii=False, indent=2) + "\n"
    return "\n\n".join(part for part in (document.title, document.text) if part) + "\n"


def explain(payload: bytes, url: str | None, *, colour: bool) -> str:
    """A document with its cuts marked."""
    from cleaners.explain import render

    return render(_explained(payload, url), colour=colour)


def as_dict(document: CleanDocument, payload: bytes, url: str | None) -> dict[str, Any]:
    """A document as JSON holds it: dates in ISO 8601, cut blocks counted by kind."""
    shown = {
        entry.name: _plain(getattr(document, entry.name))
        for entry in fields(CleanDocument)
        if entry.name not in _LEFT_OUT
    }
    cut = Counter(verdict.kind for verdict in document.verdicts if not verdict.keep)
    return {"id": document_id(url, payload), **shown, "removed_kinds": dict(sorted(cut.items()))}


def _explained(payload: bytes, url: str | None) -> Explanation:
    from cleaners.recipe import explain_record

    return explain_record(RawRecord(payload, url=url))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value
