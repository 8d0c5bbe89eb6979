"""What a dump must become, and where a document differs from it. Shared by the tests of both sets of seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cleaners import Explanation


@dataclass(frozen=True)
class Expected:
    """`keep` lines must stay, in order, no others but `either`; `drop` maps lines that must go to the right kinds.

    `known_failure` says what the engine does not get right yet: such a document must differ, so that the note goes
    when it is mended.
    """

    language: str
    title: str | None = None
    keep: Sequence[str] = ()
    either: Sequence[str] = ()
    drop: Mapping[str, Sequence[str]] = field(default_factory=dict)
    position: str = ""
    known_failure: str = ""


def differences(explanation: Explanation, expected: Expected) -> Iterator[str]:
    """Each way in which a document is not what was expected, in words."""
    document = explanation.document
    if document.language != expected.language:
        yield f"language {document.language}, not {expected.language}"
    if document.title != (expected.title or None):
        yield f"title {document.title!r}, not {expected.title!r}"
    kept, removed = _lines(explanation)
    either = {squeezed(line) for line in expected.either}
    keep = [squeezed(line) for line in expected.keep]
    if [line for line in kept if line not in either or line in keep] != keep:
        yield from (f"lost: {line}" for line in keep if line not in kept)
        yield from (f"not cut: {line}" for line in kept if line not in keep and line not in either)
        yield "kept lines differ from `keep` in number or order"
    for line, kinds in expected.drop.items():
        found = _kinds_of(squeezed(line), removed)
        if not found & set(kinds):
            yield f"cut as {sorted(found)}, not {sorted(kinds)}: {line}" if found else f"not cut: {line}"


def _kinds_of(line: str, removed: Mapping[str, set[str]]) -> set[str]:
    """The kinds under which a line went, alone or inside a block that holds more."""
    if line in removed:
        return removed[line]
    return set().union(*(kinds for text, kinds in removed.items() if line in text))


def squeezed(line: str) -> str:
    """White space as single spaces."""
    return " ".join(line.split())


def _lines(explanation: Explanation) -> tuple[list[str], dict[str, set[str]]]:
    """Kept lines in order (as they stand in the text), and the kinds under which each cut line went."""
    kept = [squeezed(line) for line in explanation.document.text.split("\n") if line.strip()]
    removed: dict[str, set[str]] = {}
    for block, verdict in zip(explanation.page.blocks, explanation.document.verdicts, strict=True):
        if not verdict.keep:
            removed.setdefault(squeezed(block.text), set()).add(verdict.kind)
    return kept, removed
