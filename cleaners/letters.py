"""What kind of character each character is, for texts as arrays of code points.

The table is filled where it is read: a text has letters of a few of Unicode's blocks only.
"""

from __future__ import annotations

from functools import cache
from typing import Final
from unicodedata import category

import numpy as np
import numpy.typing as npt

from cleaners.normal import divides_words

Codes = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.uint8]

# Bits of a kind.
SPACE: Final = 1
LETTER: Final = 2
SOLID: Final = 4  # neither white space nor punctuation
UNDIVIDED: Final = 8  # of a script that does not divide words
SENTENCE_END: Final = 16
C4_END: Final = 32
STOP: Final = 64  # may stand between two sentences of a line, for C4
QUOTE: Final = 128  # may stand behind it

# Unicode's Sentence_Terminal (UAX 44) in scripts that newspapers are printed in.
_SENTENCE_ENDS = frozenset(".!?։؟۔܀܁܂।॥။၊།፧፨።៕᠃᠉‼⁇⁈⁉‽⸮。﹒﹖﹗！．？｡")
_PUNCTUATION = frozenset(("Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Cc"))
_ALSO_PUNCTUATION = frozenset("$+<=>^`|~´～")
_OTHERS: Final = ((C4_END, ".?!\"'"), (STOP, ".?!…"), (QUOTE, "\"')"))

_UNKNOWN: Final = SPACE | LETTER  # which no character is
_BLOCK: Final = 256
_CODE_POINTS: Final = 0x110000


def is_punctuation(character: str) -> bool:
    """Whether a word of such characters is no word: datatrove's list, and control characters.

    >>> is_punctuation("-"), is_punctuation("d")
    (True, False)
    """
    return character in _ALSO_PUNCTUATION or category(character) in _PUNCTUATION


def kinds_of(codes: Codes) -> Kinds:
    """The kinds of code points, bits as above."""
    table = _table()
    kinds = table.take(codes)
    if (unknown := kinds == _UNKNOWN).any():
        for block in set((codes[unknown] // _BLOCK).tolist()):
            start = block * _BLOCK
            table[start : start + _BLOCK] = [_kind(chr(code)) for code in range(start, start + _BLOCK)]
        kinds = table.take(codes)
    return kinds


@cache
def _table() -> Kinds:
    """A kind for each code point."""
    return np.full(_CODE_POINTS, _UNKNOWN, np.uint8)


def _kind(character: str) -> int:
    if character.isspace():
        return SPACE
    kind = 0 if is_punctuation(character) else SOLID
    kind |= LETTER if character.isalpha() else 0
    kind |= 0 if divides_words(character) else UNDIVIDED
    kind |= SENTENCE_END if character in _SENTENCE_ENDS else 0
    return kind | sum(bit for bit, characters in _OTHERS if character in characters)
