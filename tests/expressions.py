"""Every regular expression of the project, and the worst texts that can be made for one: tests/test_expressions.py.

Run as a program it imports everything, reads and cleans the samples with the compiler of `re` watched, and pickles what
was compiled: module, pattern, flags, and how the module uses it.
"""

from __future__ import annotations

import importlib
import io
import pickle
import pkgutil
import random
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("cleaners", "flows")
MOVING = {"search", "sub", "subn", "split", "findall", "finditer"}
# Compiled where no name of a module holds them, and used in one way only.
UNNAMED = {"cleaners.shapes": "fullmatch", "cleaners.rulebook": "fullmatch", "cleaners.dates": "fullmatch"}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_CATEGORIES = {op.CATEGORY_DIGIT: "0", op.CATEGORY_SPACE: " ", op.CATEGORY_NOT_WORD: " "}
_EVERYWHERE = (" ", "\n", "a", "0", "<", "a ", '"', ".", "- ", ":", "A", "é", "1 ", "\t ", "&", "|", "/")


@dataclass(frozen=True)
class Expression:
    """A compiled pattern of a module; `way` is `search` where some use of it moves through a text."""

    module: str
    pattern: str | bytes
    flags: int
    way: str

    @property
    def compiled(self) -> re.Pattern[Any]:
        return re.compile(self.pattern, self.flags)


@dataclass(frozen=True)
class Attack:
    """A text of any length: a beginning, something again and again, an end that does not fit."""

    begin: str
    again: str
    end: str

    def text(self, size: int, *, binary: bool) -> Any:
        times = max(1, (size - len(self.begin) - len(self.end)) // len(self.again))
        text = self.begin + self.again * times + self.end
        return text.encode("latin-1", "replace") if binary else text


def attacks(expression: Expression, most: int) -> list[Attack]:
    """Up to so many attacks on an expression: its own repeats and parts, repeated."""
    chance = random.Random(1)
    flags = expression.flags & ~re.UNICODE if isinstance(expression.pattern, bytes) else expression.flags
    tree = parser.parse(expression.pattern, flags)
    found = {*_on_repeats(tree, chance), *_on_parts(tree, chance), *(Attack("", again, "\0") for again in _EVERYWHERE)}
    usable = sorted((a for a in found if a.again), key=lambda a: (a.begin, a.again, a.end))
    return chance.sample(usable, min(most, len(usable)))


def _on_repeats(tree: Any, chance: random.Random) -> Iterator[Attack]:
    for before, body, behind in islice(_repeats(tree), 40):
        for _ in range(2):
            first, again, last = _sample(before, chance), _sample(body, chance) or "a", _sample(behind, chance)
            yield from (Attack(first, again, end) for end in ("", "\0", "!", "\n"))
            yield Attack(first, again, last[:-1] + "\0")
            yield from (Attack("", text, "\0") for text in (first + again, again + last, again + last[:1], first))
            yield Attack("", first + again + last[:-1], "\0")


def _on_parts(tree: Any, chance: random.Random) -> Iterator[Attack]:
    for _ in range(6):
        whole = _sample(tree, chance)
        parts = (whole, whole[:-1], whole[:1], whole[-1:], whole[: len(whole) // 2])
        yield from (Attack("", part, end) for part in parts for end in ("", "\0"))


def _repeats(tree: Any) -> Iterator[tuple[Sequence[Any], Any, Sequence[Any]]]:
    """What may be repeated often: (what stands before it, itself, what stands behind it)."""
    items = list(tree)
    for at, (kind, value) in enumerate(items):
        before, behind = items[:at], items[at + 1 :]
        if kind in _REPEATS and value[1] >= 20:
            yield before, value[2], behind
        for inside in _inside(kind, value):
            for first, body, last in _repeats(inside):
                yield [*before, *first], body, [*last, *behind]


def _inside(kind: Any, value: Any) -> list[Any]:
    if kind in _REPEATS:
        return [value[2]]
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.BRANCH:
        return list(value[1])
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    return [value] if kind is op.ATOMIC_GROUP else []


def _sample(tree: Any, chance: random.Random) -> str:
    """A text that the pattern may match."""
    return "".join(_piece(kind, value, chance) for kind, value in tree)


def _piece(kind: Any, value: Any, chance: random.Random) -> str:
    if kind is op.LITERAL:
        return chr(value)
    if kind is op.NOT_LITERAL:
        return "b" if value == ord("a") else "a"
    if kind is op.ANY:
        return "a"
    if kind is op.IN:
        return _member(value, chance)
    if kind in _REPEATS:
        least, most, body = value
        times = min(chance.choice((least, least + 1, least + 2)), int(most), 50)
        return "".join(_sample(body, chance) for _ in range(times))
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return ""
    inside = _inside(kind, value)
    return _sample(chance.choice(inside), chance) if inside else ""


def _member(items: Any, chance: random.Random) -> str:
    """A character of a class."""
    named = [chr(value) for kind, value in items if kind is op.LITERAL]
    named += [chr(end) for kind, value in items if kind is op.RANGE for end in value]
    named += [_CATEGORIES.get(value, "a") for kind, value in items if kind is op.CATEGORY]
    if any(kind is op.NEGATE for kind, _ in items):
        return next((char for char in "a 0-x\n.," if char not in named), "q")
    return chance.choice(named) if named else "a"


def collect() -> list[Expression]:
    """Every expression that the project compiles, on import and while it reads and cleans the samples."""
    found: dict[tuple[str, str | bytes, int], None] = {}
    compile_ = re._compile  # type: ignore[attr-defined]

    def watched(pattern: Any, flags: int) -> Any:
        made = compile_(pattern, flags)
        frame: Any = sys._getframe(1)
        while frame.f_globals.get("__name__") == "re":
            frame = frame.f_back
        module = str(frame.f_globals.get("__name__"))
        if module.partition(".")[0] in PACKAGES:
            found[module, made.pattern, made.flags] = None
        return made

    re._compile = watched  # type: ignore[attr-defined]
    try:
        _use_everything()
    finally:
        re._compile = compile_  # type: ignore[attr-defined]
    sources = {path: path.read_text(encoding="utf-8") for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    return [Expression(*key, way=_way(*key, list(sources.values()))) for key in found]


def _use_everything() -> None:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    from cleaners.document import RawRecord
    from cleaners.errors import RecordError
    from cleaners.recipe import explain_record
    from flows.sources import read_file

    paths = [path for path in sorted((ROOT / "seeds").rglob("*")) if path.is_file() and path.stat().st_size < 60_000]
    for path in paths:
        for item in read_file(io.BytesIO(path.read_bytes()), source=path.name, name=path.name):
            if isinstance(item, RawRecord):
                try:
                    explain_record(item)
                except RecordError:
                    continue


def _way(module: str, pattern: str | bytes, flags: int, sources: Sequence[str]) -> str:
    """How the expression is used, as far as the name that holds it tells: the dearest of its ways."""
    held = vars(importlib.import_module(module)).items()
    names = [name for name, value in held if getattr(value, "pattern", None) == pattern and value.flags == flags]
    own = Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8")
    used = {
        way
        for name in names
        for source in ([own] if name.startswith("_") else sources)
        for way in re.findall(rf"\b{name}\.(search|match|fullmatch|subn?|split|findall|finditer)\b", source)
    }
    if not names:
        return UNNAMED.get(module, "search")
    return "search" if used & MOVING or not used else "match" if "match" in used else "fullmatch"


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pickle.dumps([(e.module, e.pattern, e.flags, e.way) for e in collect()]))
