"""Lines that their shape betrays, whatever they say: patterns, rows of tiles ("Facebook Twitter E-mail"), dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]  # nothing public tells what an expression needs
from typing import Any

from cleaners.comparable import Line
from cleaners.errors import RuleError
from cleaners.normal import normal
from cleaners.rulebook import Phrase, kinds, packs

_TILE_BREAK = re.compile(r"[\s|/>·•,+&\[\]-]+")  # brackets: how w3m and lynx print links
_SEPARATED = re.compile(r"[|/>·•\[\]]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE_BREAK = re.compile(r"[+\s,:;|()/#·•\"'-]+")
_LONGEST_TILE, _LONGEST_ROW = 4, 16  # words
_COMMON_SIGNS = "#-:/."  # the last that are asked for: many lines have them


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns, each question cheaper than the one behind it.

    `worded` fits what any pattern does that can fit a line of letters and spaces, as half of all lines are. `groups`
    pairs a character that a line must hold with an expression for all patterns that need it. `ranked` has every
    pattern with its kind and rule.
    """

    worded: re.Pattern[str]
    groups: tuple[tuple[str, re.Pattern[str]], ...]
    ranked: tuple[tuple[str, str, str], ...]

    def first(self, text: str) -> tuple[str, str]:
        """Kind and rule of the first pattern that the whole line fits; one of them does."""
        return next((kind, rule) for pattern, kind, rule in self.ranked if _compiled(pattern).fullmatch(text))


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles by their text; the words that one may begin and end with, and how many words it has at most."""

    by_text: Mapping[str, Phrase]
    heads: Mapping[str, int]
    tails: Set[str]


def shape(line: Line, language: str) -> tuple[str, str] | None:
    """Kind and rule of a line that is a pattern, a row or a date; None where it is none of them."""
    text = line.normalised
    patterns = _patterns(language)
    if text.replace(" ", "").isalpha():
        return patterns.first(text) if patterns.worded.fullmatch(text) else _row(line, language)
    for sign, anything in patterns.groups:
        if sign in text and anything.fullmatch(text):
            return patterns.first(text)
    found = _row(line, language)
    if found is None and "#" in text and is_date(text, language):
        return "date_label", "any:date_label:words"
    return found


@cache
def _patterns(language: str) -> Patterns:
    """Those of the language and of none, by rank; of all, where the language is not known."""
    codes = tuple(packs()) if language == "und" else ("any", language)
    chosen = [pack for code, pack in packs().items() if code in codes]
    found = sorted((kinds()[kind].rank, text, kind, pack.language) for pack in chosen for text, kind in pack.patterns)
    worded = [_alternative(text) for pack in chosen for text, _ in pack.patterns if not _signs(text)]
    return Patterns(
        re.compile("|".join(worded) or "(?!)"),
        tuple(group for pack in chosen for group in _grouped(pack.language)),
        tuple((text, kind, f"{code}:{kind}:pattern") for _, text, kind, code in found),
    )


@cache
def _grouped(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The patterns of one file by the character that they need, "" for none.

    Made once for `any`, which has most of them: compiling them takes 30 ms.
    """
    groups: dict[str, list[str]] = {}
    for text, _ in packs()[code].patterns:
        groups.setdefault(_rarest(_signs(text)), []).append(_alternative(text))
    return tuple((sign, re.compile("|".join(texts))) for sign, texts in groups.items())


def _alternative(pattern: str) -> str:
    """A pattern as one of several: fullmatch needs no ^, and without it a first letter that does not fit ends it."""
    return f"(?:{pattern.removeprefix('^')})"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _signs(pattern: str) -> tuple[str, ...]:
    """Sets of characters, neither letters nor spaces, of which every match of a pattern holds one.

    >>> _signs("^# comments?$"), _signs("^[^#]{2,60}( > [^#]{2,40}){1,6}$"), _signs("^photo ?[:/] ?[a-z]+$")
    (('#',), ('>',), (':/',))
    >>> _signs("^(one|#)$"), _signs("^#?$")
    ((), ())
    """
    try:
        held = list(_held(_parser.parse(pattern)))
    except re.error as error:
        raise RuleError(f"pattern {pattern!r}: {error}") from error
    return tuple(signs for signs in held if not any(sign.isalpha() or sign.isspace() for sign in signs))


def _held(tree: Any) -> Iterator[str]:
    """Sets of characters of which one stands in every match of a parsed expression; alternatives are left out."""
    for kind, value in tree:
        if kind is _constants.LITERAL:
            yield chr(value)
        elif kind is _constants.IN and all(each is _constants.LITERAL for each, _ in value):
            yield "".join(chr(code) for _, code in value)
        elif kind is _constants.SUBPATTERN or (kind is _constants.MAX_REPEAT and value[0] > 0):
            yield from _held(value[-1])


def _rarest(signs: Sequence[str]) -> str:
    """A single character that few lines have, which a pattern with such sets needs; "" where none is sure."""
    return min((sign for sign in signs if len(sign) == 1), key=_COMMON_SIGNS.find, default="")


def _row(line: Line, language: str) -> tuple[str, str] | None:
    """A line made of nothing but tiles: two at least, or one in square brackets."""
    tiles = _tiles(language)
    text = line.bare if " " in line.raw or not line.raw.isascii() else _parted(line)
    if not _may_be_row(text, tiles):
        return None
    parts = text.split(" ") if text.replace(" ", "").isalpha() else _TILE_BREAK.split(text)
    words = [word for word in parts if word and word != "#"]
    least = 1 if text.startswith("[") and text.endswith("]") else 2
    if not least <= len(words) <= _LONGEST_ROW:
        return None
    laid = _lay(words, tiles)
    if laid is None or len(laid) < least:
        return None
    names = {phrase.kind for phrase in laid}
    if len(laid) == 2 and len(names) == 2 and not _SEPARATED.search(line.bare):
        return None  # "Save energy" is made of a share button and a section
    kind = _commonest(laid)
    return kind, f"{laid[0].language}:{kind}:tile"


def _parted(line: Line) -> str:
    """A single word, which may be several that lost their gaps: "ShareTweet"."""
    raw = line.raw
    if raw.istitle() or raw.islower() or raw.isupper():
        return line.normalised
    parted = _CAMEL.sub(" ", raw)
    return line.normalised if parted == raw else normal(parted)


def _may_be_row(text: str, tiles: Tiles) -> bool:
    """Whether the first and the last word are those of tiles: splitting a line at all signs costs ten times more."""
    head, tail = text.partition(" ")[0], text.rpartition(" ")[2]
    if head.isalnum() and head not in tiles.heads:
        return False
    return not tail.isalnum() or tail in tiles.tails


def _lay(words: Sequence[str], tiles: Tiles) -> list[Phrase] | None:
    """Cover the words with tiles from left to right, the longest first; None where one is left over."""
    laid: list[Phrase] = []
    at = 0
    while at < len(words):
        for size in range(min(tiles.heads.get(words[at], 0), len(words) - at), 0, -1):
            phrase = tiles.by_text.get(" ".join(words[at : at + size]))
            if phrase is not None:
                laid.append(phrase)
                at += size
                break
        else:
            return None
    return laid


def _commonest(laid: Sequence[Phrase]) -> str:
    """The kind that most tiles of a row have, the smaller rank between equals."""
    names = [phrase.kind for phrase in laid]
    return min(set(names), key=lambda name: (-names.count(name), kinds()[name].rank))


@cache
def _tiles(language: str) -> Tiles:
    """Tiles and whole lines of a language, of English and of none: sites mix their buttons."""
    chosen = [_tiles_of(code) for code in ("en", "any", language) if code in packs()]
    heads: dict[str, int] = {}
    for tiles in chosen:
        heads.update({word: max(size, heads.get(word, 0)) for word, size in tiles.heads.items()})
    by_text = {text: phrase for tiles in chosen for text, phrase in tiles.by_text.items()}
    return Tiles(by_text, heads, frozenset().union(*(tiles.tails for tiles in chosen)))


@cache
def _tiles_of(code: str) -> Tiles:
    """Those of one file."""
    by_text = {phrase.text: phrase for phrase in packs()[code].phrases if phrase.place in ("tile", "line")}
    heads: dict[str, int] = {}
    tails = set()
    for text in by_text:
        words = text.split()
        if len(words) <= _LONGEST_TILE:
            heads[words[0]] = max(len(words), heads.get(words[0], 0))
            tails.add(words[-1])
    return Tiles(by_text, heads, tails)


def is_date(text: str, language: str, *, calendar: bool = True) -> bool:
    """Only date words and numbers, a number among them; with `calendar` a month, a weekday or two other words too."""
    if "#" not in text:
        return False
    known = _words(language, ("months", "weekdays", "time"))
    words = [word for part in _DATE_BREAK.split(text) if (word := part.strip("."))]
    if not words or len(words) > 12 or not all(word in known or word + "." in known for word in words):
        return not words and not calendar
    named = _words(language, ("months", "weekdays"))
    return not calendar or len(words) >= 2 or words[0] in named


@cache
def _words(language: str, lists: tuple[str, ...]) -> frozenset[str]:
    """Words of the named lists, in a language, in English and in none."""
    chosen = [packs()[code] for code in ("en", "any", language) if code in packs()]
    return frozenset(word for pack in chosen for name in lists for word in pack.words.get(name, ()))
