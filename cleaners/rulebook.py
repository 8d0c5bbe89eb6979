"""Finds, checks and compiles the rules; knows no phrase.

`rules/kinds.toml` names the kinds, `rules/lang/<code>.toml` hold the phrases of a language; the format stands in
`rules/README.md`. What is wrong in a file raises RuleError, which names the file, the entry and what to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import tomli  # tomllib's own parser, compiled: a third of the time for fifty rule files

from cleaners.errors import RuleError
from cleaners.lasting import lasting
from cleaners.normal import cores, divides_words, normal_lines

PLACES = ("line", "start", "end", "contains", "tile")
EXAMPLES = ("cut", "keep")
ZONES = ("anywhere", "edges", "head", "tail")
RESTS = ("any", "prose", "name", "date", "none")
WORD_LISTS = ("months", "weekdays", "time", "told")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of boilerplate; the fields are described at the head of `rules/kinds.toml`."""

    name: str
    label: str
    about: str
    zone: str
    max_words: int
    rest: str
    opens: bool
    rank: int
    inserted: bool = False


class Phrase(NamedTuple):
    """A phrase in normal form and what it says: `place` is one of PLACES. Tens of thousands: plain tuples."""

    text: str
    kind: str
    place: str
    language: str

    @property
    def rule(self) -> str:
        """The name under which a verdict cites it."""
        return f"{self.language}:{self.kind}:{self.place}"


@dataclass(frozen=True, slots=True)
class Pack:
    """One language file, checked. `examples` maps (kind, `cut` or `keep`) to its lines as written."""

    language: str
    name: str
    words: Mapping[str, tuple[str, ...]]
    phrases: tuple[Phrase, ...]
    patterns: tuple[tuple[str, str], ...]
    examples: Mapping[tuple[str, str], tuple[str, ...]]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that the language has phrases or patterns for."""
        return frozenset(phrase.kind for phrase in self.phrases) | frozenset(kind for _, kind in self.patterns)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by name, in the order of the file."""
    table = _read(_rules() / "kinds.toml")
    return {name: _kind(name, entry) for name, entry in table.items()}


@lasting
def packs() -> Mapping[str, Pack]:
    """Every language file by its code, sorted; `any` holds what needs no language."""
    found = sorted(
        (file for file in (_rules() / "lang").iterdir() if file.name.endswith(".toml")), key=lambda f: f.name
    )
    return {pack.language: pack for pack in map(_pack, found)}


@cache
def rules_version() -> str:
    """First 12 hex digits of the sha256 over every rule file: it moves when a rule does."""
    digest = hashlib.sha256()
    for folder in (_rules(), _rules() / "lang"):
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".toml"):
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def load_pack(file: Traversable) -> Pack:
    """Read one language file; RuleError says what is wrong with it, its patterns among it."""
    pack = _pack(file)
    for pattern, _ in pack.patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise RuleError(f"{file.name}: pattern {pattern!r}: {error}") from error
    return pack


def _pack(file: Traversable) -> Pack:
    """The same with its patterns as they are: compiling those of fifty files takes longer than parsing the files."""
    table = _read(file)
    language = _text(table.pop("language", None), file, "language")
    if language != file.name.removesuffix(".toml"):
        raise RuleError(f"{file.name}: language = {language!r} does not fit the file's name")
    name = _text(table.pop("name", None), file, "name")
    words = {key: tuple(normal_lines(_strings(value, file, key))) for key, value in table.pop("words", {}).items()}
    for key in words:
        _known(key, WORD_LISTS, file, "[words]")
    written: list[tuple[str, str, str]] = []
    patterns: list[tuple[str, str]] = []
    examples: dict[tuple[str, str], tuple[str, ...]] = {}
    for kind, section in table.items():
        _known(kind, kinds(), file, "kind")
        for key, value in section.items():
            _known(key, (*PLACES, *EXAMPLES, "pattern"), file, f"[{kind}]")
            entries = _strings(value, file, f"[{kind}] {key}")
            if key in EXAMPLES:
                examples[kind, key] = entries
            elif key == "pattern":
                patterns += [(entry, kind) for entry in entries]
            else:
                written += [(entry, kind, key) for entry in entries]
    return Pack(language, name, words, _phrases(written, language, file), tuple(patterns), examples)


def _phrases(written: Sequence[tuple[str, str, str]], language: str, file: Traversable) -> tuple[Phrase, ...]:
    """Phrases in normal form; all of a file at once, since there are hundreds."""
    forms = normal_lines([entry for entry, _, _ in written])
    phrases = []
    for (entry, kind, place), form, bare in zip(written, forms, cores(forms), strict=True):
        text = bare if place in ("line", "tile") else form
        if not text:
            raise RuleError(f"{file.name}: [{kind}] {place}: {entry!r} is nothing after normalisation; remove it")
        if place == "contains" and not _specific(text):
            raise RuleError(f"{file.name}: [{kind}] contains: {entry!r} is too short to be safe in a line; use `line`")
        phrases.append(tuple.__new__(Phrase, (text, kind, place, language)))
    return tuple(phrases)


def _specific(text: str) -> bool:
    """Two words, or five characters of a script that does not divide words."""
    return " " in text or sum(not divides_words(character) for character in text) >= 5


def _kind(name: str, entry: Mapping[str, Any]) -> Kind:
    try:
        kind = Kind(name=name, **entry)
    except TypeError as error:
        raise RuleError(f"kinds.toml: [{name}]: {error}") from error
    if kind.zone not in ZONES or kind.rest not in RESTS:
        raise RuleError(f"kinds.toml: [{name}]: zone is one of {ZONES}, rest one of {RESTS}")
    return kind


def _rules() -> Traversable:
    return files("cleaners") / "rules"


def _read(file: Traversable) -> dict[str, Any]:
    try:
        return tomli.loads(file.read_text(encoding="utf-8"))
    except tomli.TOMLDecodeError as error:
        raise RuleError(f"{file.name}: {error}") from error


def _text(value: object, file: Traversable, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise RuleError(f'{file.name}: {key} = "..." is missing')
    return value


def _strings(value: object, file: Traversable, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise RuleError(f"{file.name}: {key} must be a list of non-empty strings")
    return tuple(value)


def _known(key: str, known: Iterable[str], file: Traversable, where: str) -> None:
    if key not in known:
        import difflib  # asked only about what is wrong

        near = difflib.get_close_matches(key, list(known), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
        raise RuleError(f"{file.name}: {where} does not know {key!r}{hint}")
