"""What the ledger holds already of the dumps that are here: which bytes, and which shards a new one takes the place of.

A dump is known by its source and the digest of its content. One that grew is known as well: where its first bytes have
the digest of a version that the ledger holds, what was taken of that version counts, and the plan goes on behind it.
Two kinds of shards give way to a new one that holds their records: trial runs (`--limit`), and the beginning of a
record that the end of a dump once cut off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.growth import digests_at, growing
from flows.lake.ledger import Covered, Entry
from flows.shard import Member
from flows.sources import SourceOptions
from flows.storage import location

Gap = tuple[int, int]
"""Bytes from the first number up to the second that no shard holds."""


class Version(NamedTuple):
    """One content of a dump: the digest of so many bytes."""

    digest: str
    size: int


class Coverage:
    """The ledger, looked at from the dumps that are here. Reads a dump only where it may have grown."""

    def __init__(self, entries: Mapping[str, Entry], here: Sequence[Member], options: SourceOptions) -> None:
        self._entries = entries
        self._held = _by_source(entries)
        self._options = options
        self._valid = {_content(member): self._versions(member) for member in here}
        self._here = {(member.source, at): member for member in here for at in self._valid[_content(member)]}
        self._trials = {key for key, entry in entries.items() if self._is_trial_here(entry)}

    def gaps(self, member: Member) -> list[Gap]:
        """What no shard holds of a dump, in order; the whole of it where the ledger does not know it."""
        return self._gaps(member, self._valid[_content(member)])

    def after(self, member: Member) -> str:
        """Digest of the longest older version of a dump that the ledger holds and that it goes on from, or nothing."""
        older = [version for version in self._valid[_content(member)] if version != _version(member)]
        return max(older, key=lambda version: version.size).digest if older else ""

    def here(self, part: Covered) -> Member | None:
        """The dump in which a part of the ledger can be read again, None where it is not here any more."""
        return self._here.get((part.source, Version(part.digest, part.size)))

    def given_up(self, piece: Member) -> Iterator[str]:
        """Shards that give way to one that holds this part of a dump: trial runs and cut off records."""
        held = self._held.get(piece.source, {})
        for version in self._valid[_content(piece)]:
            for part, key in held.get(version, ()):
                begun = part.partial and version != _version(piece)
                if key in self._trials or (begun and piece.start <= part.start < piece.start + piece.length):
                    yield key

    def _versions(self, member: Member) -> frozenset[Version]:
        """Those that count: its own, those that the ledger says it went on from, and others that it begins with."""
        held = self._held.get(member.source, {})
        known = self._went_on_from(_version(member), held)
        older = {version for version in held if 0 < version.size < member.size} - known
        if not older or (known and not self._gaps(member, known)):
            return frozenset(known or {_version(member)})
        return frozenset(known | {_version(member)} | self._begins_with(member, older))

    def _went_on_from(self, version: Version, held: Mapping[Version, Sequence[tuple[Covered, str]]]) -> set[Version]:
        known: set[Version] = set()
        due = {version} & set(held)
        while due:
            known |= due
            before = {part.after for at in due for part, _ in held[at]}
            due = {at for at in held if at.digest in before} - known
        return known

    def _begins_with(self, member: Member, older: set[Version]) -> set[Version]:
        """The older versions that the dump begins with, if they were read as what it is."""
        kind = growing(location(member.path), self._options)
        held = self._held[member.source]
        older = {version for version in older if all(part.growing == kind for part, _ in held[version])}
        if kind is None or not older:
            return set()
        try:
            digests = digests_at(location(member.path), {version.size for version in older})
        except OSError:
            return set()
        return {version for version in older if digests[version.size] == version.digest}

    def _gaps(self, member: Member, versions: frozenset[Version] | set[Version]) -> list[Gap]:
        taken = [
            (part.start, part.size if part.stop is None else part.stop)
            for version in versions
            for part, key in self._held.get(member.source, {}).get(version, ())
            if self._entries[key].limit is None and (version == _version(member) or not part.partial)
        ]
        gaps: list[Gap] = []
        at = 0
        for start, stop in sorted(taken):
            if start > at:
                gaps.append((at, start))
            at = max(at, stop)
        return [*gaps, (at, member.size)] if at < member.size or not taken else gaps

    def _is_trial_here(self, entry: Entry) -> bool:
        return entry.limit is not None and all(self.here(part) for part in entry.members)


def _version(member: Member) -> Version:
    return Version(member.digest, member.size)


def _content(member: Member) -> tuple[str, Version]:
    return member.source, _version(member)


def _by_source(entries: Mapping[str, Entry]) -> dict[str, dict[Version, list[tuple[Covered, str]]]]:
    held: defaultdict[str, dict[Version, list[tuple[Covered, str]]]] = defaultdict(dict)
    for key, entry in entries.items():
        for part in entry.members:
            held[part.source].setdefault(Version(part.digest, part.size), []).append((part, key))
    return dict(held)
