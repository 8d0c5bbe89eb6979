"""Lines that somebody marked in a review, run against the rules.

A file of cases has a table a language and kind, with the lists of the rule files:

    [en.cookie_banner]
    cut = ["Accept all"]                                     # must be cut as this kind
    keep = ["The court said that cookies need consent."]     # no rule may cut it

`boilerplate` as a kind asks only that some rule knows the line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaners.errors import RuleError
from cleaners.matching import match_line
from cleaners.rulebook import EXAMPLES, kinds, packs


@dataclass(frozen=True, slots=True)
class Case:
    """One line: `use` is `cut` or `keep`."""

    language: str
    kind: str
    use: str
    line: str

    @property
    def holds(self) -> bool:
        """Whether today's rules do what the case asks."""
        hits = match_line(self.line, self.language)
        if self.use == "keep":
            return not any(hit.certain for hit in hits)
        return any(self.kind in (hit.kind, "boilerplate") for hit in hits)


def read_cases(path: Path) -> list[Case]:
    """The cases of a file. Raises RuleError, which says what is wrong with it."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: {error}") from error
    return list(_cases(tables, path))


def _cases(tables: dict[str, Any], path: Path) -> Iterator[Case]:
    for language, sections in tables.items():
        if language not in packs() or not isinstance(sections, dict):
            raise RuleError(f"{path}: {language!r} is no language of `winnow kinds --languages`")
        for kind, lists in sections.items():
            if kind not in kinds() or not isinstance(lists, dict):
                raise RuleError(f"{path}: [{language}.{kind}]: {kind!r} is no kind of `winnow kinds`")
            for use, lines in lists.items():
                if use not in EXAMPLES or not isinstance(lines, list) or not all(isinstance(x, str) for x in lines):
                    raise RuleError(
                        f"{path}: [{language}.{kind}] {use}: only lists of strings, `cut` and `keep`, stand here"
                    )
                yield from (Case(language, kind, use, line) for line in lines)
