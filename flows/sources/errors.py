"""What goes wrong between a dump and its records.

    WinnowError
    └── Fault   the bytes end, break or are too many; carries the reason code of the quarantine

A fault never leaves this package: the reader that meets it yields what was whole before it and one `Unreadable`.
"""

from __future__ import annotations

from typing import Literal

from cleaners.errors import WinnowError

Reason = Literal[
    "bad_http",
    "bad_json",
    "bad_record",
    "bomb",
    "corrupt",
    "empty",
    "encrypted",
    "http_status",
    "missing_file",
    "nesting",
    "no_text_field",
    "not_a_file",
    "not_found",
    "not_text",
    "read_error",
    "redirect",
    "revisit",
    "segmented",
    "too_large",
    "truncated",
    "unreadable_file",
    "unsupported",
]
"""The reason codes of this package; `reasons.toml` says what each means and what to do about it."""


class Fault(WinnowError):
    """A stream of bytes cannot be read on. `start` is the stored offset of the compressed member that broke."""

    def __init__(self, reason: Reason, detail: str, start: int | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.start = start

    def __reduce__(self) -> tuple[type[Fault], tuple[Reason, str, int | None]]:
        return type(self), (self.reason, self.detail, self.start)
