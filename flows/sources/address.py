"""The address of a record inside a dump: steps joined by `!`, from the outside in.

>>> join("member:a/b.jsonl", step("line", 12))
'member:a/b.jsonl!line:12'
>>> split("member:a/b.jsonl!line:12")
[('member', 'a/b.jsonl'), ('line', '12')]
>>> step("member", "odd!name%.txt")
'member:odd%21name%25.txt'
"""

from __future__ import annotations

import os
import re
from typing import Literal

Unit = Literal["offset", "line", "row", "member"]

# "!" joins steps, "#" numbers members of the same name, "%" escapes; control characters and bytes that are no UTF-8
# would break logs and columns.
_UNSAFE = re.compile("[!#%\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def escape(name: str) -> str:
    """A file's or member's name as printable text without `!`, `#` and `%`; reversible by percent-decoding.

    >>> escape("caf\\udce9\\n.txt")
    'caf%E9%0A.txt'
    """
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in _bytes(match[0])), name)


def _bytes(char: str) -> bytes:
    """The bytes behind one character; a lone surrogate from `os.listdir` stands for the byte that it hides."""
    try:
        return os.fsencode(char)
    except UnicodeEncodeError:
        return char.encode("utf-8", "surrogatepass")


def step(unit: Unit, value: int | str) -> str:
    """One step of an address."""
    return f"{unit}:{escape(value) if isinstance(value, str) else value}"


def join(outer: str, inner: str) -> str:
    """The address `inner` inside of `outer`; either may be empty."""
    return f"{outer}!{inner}" if outer and inner else outer or inner


def split(position: str) -> list[tuple[str, str]]:
    """The steps of an address as pairs of unit and value, still escaped. The whole file has none."""
    pairs = (part.partition(":") for part in position.split("!") if part)
    return [(unit, value) for unit, _, value in pairs]
