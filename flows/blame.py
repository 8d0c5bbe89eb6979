"""What is raised over a record that cannot be cleaned, and what its row in the quarantine says of it."""

from __future__ import annotations

from cleaners.errors import RecordError

# What a cleaner that meets the unexpected raises; anything else ends the process and is found out from outside.
BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def reason(error: Exception) -> tuple[str, str]:
    """Why a record goes to quarantine over which this was raised: a code, and a sentence."""
    match error:
        case RecordError():
            return error.reason, error.detail
        case MemoryError():
            return "memory", "more memory at once than a worker may have"
    return "unreadable", f"{type(error).__name__}: {error}"
