"""What zip and tar share: the names of members as addresses, and which of them are no dumps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.sources.address import step
from flows.sources.records import Item, Place
from flows.sources.stream import Raw, Stream


@dataclass(slots=True)
class Names:
    """Addresses of members, in order; the second of a name is `name#2`."""

    seen: Counter[str] = field(default_factory=Counter)

    def step(self, name: str) -> str:
        """The next member's step."""
        self.seen[name] += 1
        count = self.seen[name]
        return step("member", name) + (f"#{count}" if count > 1 else "")


def is_hidden(name: str) -> bool:
    """True for what file managers put beside the files, as hidden files are no dumps in a folder.

    >>> is_hidden("__MACOSX/._a.html"), is_hidden("a/.DS_Store"), is_hidden("../a.html")
    (True, True, False)
    """
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def read_member(raw: Raw, place: Place, here: str, name: str) -> Iterator[Item]:
    """The records of one member. The name is an address and a hint at the format, never a path."""
    from flows.sources.unpack import read_stream

    yield from read_stream(Stream(raw), place.inside(here, name.rpartition("/")[2]))
