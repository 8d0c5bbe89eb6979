"""Raw record in, clean document and its account out. Pure: no files but its own data, no clock, no network.

>>> from cleaners import clean
>>> clean("Accept all cookies\\n\\nThe river rose by two metres overnight, the mayor said on Friday.").text
'The river rose by two metres overnight, the mayor said on Friday.'
"""

from __future__ import annotations

import cleaners.explain  # noqa: F401 - first: a module loaded later would take the place of the function of its name
from cleaners.document import Block, CleanDocument, Explanation, RawRecord, Span, Verdict
from cleaners.errors import NotTextError, RecordError, RuleError, TooLargeError, UndecodableError, WinnowError
from cleaners.recipe import clean, explain, explain_record

__all__ = [
    "Block",
    "CleanDocument",
    "Explanation",
    "NotTextError",
    "RawRecord",
    "RecordError",
    "RuleError",
    "Span",
    "TooLargeError",
    "UndecodableError",
    "Verdict",
    "WinnowError",
    "clean",
    "explain",
    "explain_record",
]
