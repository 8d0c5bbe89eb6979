"""What the cleaners raise.

    WinnowError
    ├── RecordError        reject the record: it goes to quarantine under `reason`, the run goes on
    │   ├── UndecodableError   no encoding gives readable text
    │   ├── NotTextError       the payload is an image, a PDF, an archive, ...
    │   └── TooLargeError      the payload is over the limit
    └── RuleError          stop the run: a rule file is wrong; says the file, the entry and what to do

`flows/errors.py` draws the rest of the tree: fail the shard, stop the run.
"""

from __future__ import annotations


class WinnowError(Exception):
    """Everything that Winnow raises on purpose."""


class RecordError(WinnowError):
    """One record cannot be cleaned. `reason` is a code of the quarantine, `detail` a sentence for a person."""

    reason = "unreadable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __reduce__(self) -> tuple[type[RecordError], tuple[str]]:
        return type(self), (self.detail,)


class UndecodableError(RecordError):
    """No encoding gives readable text."""

    reason = "undecodable"


class NotTextError(RecordError):
    """The payload is no text at all: an image, a PDF, an archive."""

    reason = "not_text"


class TooLargeError(RecordError):
    """The payload is larger than the limit for one record."""

    reason = "too_large"


class RuleError(WinnowError):
    """A rule file is wrong; the message names the file, the entry and what to do."""
