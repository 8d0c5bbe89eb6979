"""Which phrases stand on which blocks: one pass of an Aho-Corasick automaton over all short lines of a page.

Whole lines are looked up in a dictionary; `start`, `end` and `contains` are patterns of the automaton, anchored by line
ends; rows of tiles ("Facebook Twitter E-mail") and lines that are only a date are read word by word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import ahocorasick

from cleaners.document import Block
from cleaners.normal import core, divides_words, in_word, normal, normal_lines, original, word_count
from cleaners.rulebook import Phrase, kinds, packs

LONGEST = 800  # characters: the longest line that any kind's max_words (90) can allow, with room
LONGEST_ROW = 120  # characters of a row of tiles
_TILE_BREAK = re.compile(r"[\s|/>·•,+&\[\]-]+")  # brackets: how w3m and lynx print links
_SEPARATED = re.compile(r"[|/>·•\[\]]")
_NOT_DIGITS = re.compile(r"\D+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DATE_BREAK = re.compile(r"[+\s,:;|()/#·•\"'-]+")
_FULL_STOP = frozenset(".。।۔؟!?！？")


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that speaks about a block.

    `start` and `end` are offsets in the block's text. `certain` is False where the phrase is a single word of another
    language than the article's: then it counts only outside the body. `weak` is True for single words, rows of tiles
    and shapes of numbers, which an article may hold as well: inside the body the model is heard too. `opens` is True
    where the line is the heading of a section.
    """

    block: int
    kind: str
    rule: str
    start: int
    end: int
    certain: bool = True
    opens: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A block prepared for matching: its text without outer white space, normalised, and without decoration."""

    block: int
    raw: str
    offset: int
    normalised: str
    bare: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """The blocks of a page, made comparable once for all who compare them.

    `keys` holds one string a block: equal keys are the same line to a reader, numbers included. Blocks too long
    for any rule are their own key and no line.
    """

    lines: tuple[Line, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matcher:
    """The compiled phrases of all languages."""

    lines: Mapping[str, tuple[Phrase, ...]]
    automaton: ahocorasick.Automaton


def match(prepared: Prepared, language: str = "und") -> tuple[Hit, ...]:
    """Every phrase that speaks about a block, in block order, those of the article's `language` first."""
    matcher = compiled()
    lines = prepared.lines
    hits = [hit for line in lines for hit in _whole(line, matcher, language)]
    hits += _anchored(lines, matcher, language)
    own = (f"{language}:", "any:", "en:")
    return tuple(
        sorted(hits, key=lambda hit: (hit.block, not hit.rule.startswith(own), kinds()[hit.kind].rank, hit.rule))
    )


def match_line(text: str, language: str = "und") -> tuple[Hit, ...]:
    """The hits on a single line.

    >>> [hit.kind for hit in match_line("Accept all cookies", "en")]
    ['cookie_banner']
    """
    return match(prepare((Block(0, text, 0, len(text)),)), language)


def prepare(blocks: Sequence[Block]) -> Prepared:
    """Normalise the blocks of a page all at once."""
    keys = [block.text.strip() for block in blocks]
    short = [at for at, raw in enumerate(keys) if raw and len(raw) <= LONGEST]
    forms = normal_lines([keys[at].replace("\n", " ") for at in short])
    lines = []
    for at, form in zip(short, forms, strict=True):
        raw, bare = keys[at], core(form)
        lines.append(Line(blocks[at].index, raw, blocks[at].text.find(raw[0]), form, bare))
        keys[at] = with_numbers(bare, raw)
    return Prepared(tuple(lines), tuple(keys))


def with_numbers(bare: str, raw: str) -> str:
    """A key that tells lines apart which differ in their numbers alone.

    >>> with_numbers("goal in minute #", "Goal in minute 12") == with_numbers("goal in minute #", "Goal in minute 80")
    False
    """
    return f"{bare}\0{_NOT_DIGITS.sub('', raw)}" if "#" in bare else bare


def _whole(line: Line, matcher: Matcher, language: str) -> Iterable[Hit]:
    """Hits that take the whole line: phrases, patterns, rows of tiles, dates."""
    found = matcher.lines.get(line.bare, ())
    for phrase in found:
        yield _hit(line, phrase.kind, phrase.rule, _sure(phrase, language), weak=" " not in phrase.text)
    if found or len(line.normalised) > LONGEST_ROW:
        return
    shape = _shape(line.normalised, language)
    if shape is not None:
        yield _hit(line, *shape)
        return
    row = _row(line, language)
    if row is not None:
        yield row
    elif _is_date(line.normalised, language):
        yield _hit(line, "date_label", "any:date_label:words")


def _hit(line: Line, kind: str, rule: str, certain: bool = True, *, weak: bool = True) -> Hit:
    """A hit on the whole line."""
    return Hit(line.block, kind, rule, line.offset, line.offset + len(line.raw), certain, kinds()[kind].opens, weak)


def _sure(phrase: Phrase, language: str) -> bool:
    """A single word counts inside the body only in the article's language."""
    return phrase.language in (language, "any") or language == "und" or " " in phrase.text


def _anchored(lines: Sequence[Line], matcher: Matcher, language: str) -> Iterable[Hit]:
    """Hits of `start`, `end` and `contains`: one pass over all lines, joined by newlines."""
    text = "\n" + "\n".join(line.bare for line in lines) + "\n"
    starts = [1]
    for line in lines:
        starts.append(starts[-1] + len(line.bare) + 1)
    at = 0
    for stop, phrases in matcher.automaton.iter(text):
        first = phrases[0]
        start = stop + 1 - len(first.text) - (first.place != "contains")
        begin = start + (first.place == "start")
        while starts[at + 1] <= begin:
            at += 1
        end = stop + 1 - (first.place == "end")
        if not _divided(text, begin, end):
            continue
        for phrase in phrases:
            if _allowed(lines[at], phrase, language):
                yield _place(lines[at], phrase, begin - starts[at], end - starts[at])
                break


def _place(line: Line, phrase: Phrase, start: int, end: int) -> Hit:
    """The hit with its offsets in the block's own text."""
    shift = max(line.normalised.find(line.bare), 0)
    begin, stop = original(line.raw, line.normalised, start + shift, end + shift)
    return Hit(line.block, phrase.kind, phrase.rule, line.offset + begin, line.offset + stop)


def _divided(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` stands between word boundaries, where its script has them."""
    before, first, last, after = text[start - 1], text[start], text[end - 1], text[end]
    if in_word(first) and in_word(before) and divides_words(first) and divides_words(before):
        return False
    return not (in_word(last) and in_word(after) and divides_words(last) and divides_words(after))


def _allowed(line: Line, phrase: Phrase, language: str) -> bool:
    """Whether the line is short enough for the kind, and what follows a `start` phrase is what may follow."""
    kind = kinds()[phrase.kind]
    if phrase.place == "start" and phrase.text.isalpha() and not _sure(phrase, language):
        return False  # "av" is Norwegian for "by", and Turkish for a lawyer
    if word_count(line.raw) > kind.max_words:
        return False
    if phrase.place == "end":
        return line.raw[-1] not in _FULL_STOP
    if phrase.place == "start":
        return _rest_fits(line, phrase, kind.rest, language)
    return True


def _rest_fits(line: Line, phrase: Phrase, rest: str, language: str) -> bool:
    if rest == "any":
        return True
    following = line.bare[len(phrase.text) :].strip(" :,.-|")
    if rest == "none" or not following:
        return not following
    if rest == "date":
        return _is_date(following, language, calendar=False)
    return _is_name(line, phrase, following)


def _is_name(line: Line, phrase: Phrase, following: str) -> bool:
    """At most eight words, no sentence, the first a capital one; without a colon before it all are capital."""
    count = word_count(following)
    if count > 8 or line.raw[-1] in _FULL_STOP:
        return False
    words = line.raw.split()[len(phrase.text.split()) :] or [line.raw[-len(following) :]]
    letters = [bare for word in words if (bare := word.lstrip("\"'“‘(@/|©")) and bare[0].isalpha()]
    small = [word for word in letters if word[0].islower()]
    if not letters or letters[0][0].islower():
        return False
    enough = count > 1 or " " in phrase.text or letters[0].lower() == letters[0].upper()  # "By train" is no byline
    return phrase.text.endswith(":") or (enough and all(len(word) <= 4 for word in small))


def _row(line: Line, language: str) -> Hit | None:
    """A line made of nothing but tiles: two at least, or one in square brackets."""
    tiles = _tiles(language)
    text = line.bare
    if line.raw.isascii() and " " not in line.raw.strip():
        text = normal(_CAMEL.sub(" ", line.raw))
    if _TILE_BREAK.split(text, maxsplit=1)[0] not in _tile_heads(language):
        return None
    words = [word for word in _TILE_BREAK.split(text) if word and word != "#"]
    least = 1 if text.startswith("[") and text.endswith("]") else 2
    if not least <= len(words) <= 16:
        return None
    laid = _lay(words, tiles)
    if laid is None or len(laid) < least:
        return None
    names = {phrase.kind for phrase in laid}
    if len(laid) == 2 and len(names) == 2 and not _SEPARATED.search(line.raw):
        return None  # "Save energy" is made of a share button and a section
    kind = min(names, key=lambda name: kinds()[name].rank) if len(names) == 1 else _commonest(laid)
    return _hit(line, kind, f"{laid[0].language}:{kind}:tile")


def _commonest(laid: Sequence[Phrase]) -> str:
    """The kind that most tiles of a row have, the smaller rank between equals."""
    names = [phrase.kind for phrase in laid]
    return min(set(names), key=lambda name: (-names.count(name), kinds()[name].rank))


def _lay(words: Sequence[str], tiles: Mapping[str, Phrase]) -> list[Phrase] | None:
    """Cover the words with tiles from left to right, the longest first; None where one is left over."""
    laid: list[Phrase] = []
    at = 0
    while at < len(words):
        for size in range(min(4, len(words) - at), 0, -1):
            phrase = tiles.get(" ".join(words[at : at + size]))
            if phrase is not None:
                laid.append(phrase)
                at += size
                break
        else:
            return None
    return laid


def _is_date(text: str, language: str, *, calendar: bool = True) -> bool:
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
def compiled() -> Matcher:
    """The matcher of all language files; made once a process."""
    lines: dict[str, list[Phrase]] = {}
    anchored: dict[str, list[Phrase]] = {}
    for pack in packs().values():
        for phrase in pack.phrases:
            if phrase.place == "line":
                lines.setdefault(phrase.text, []).append(phrase)
            elif phrase.place != "tile":
                key = {"start": "\n" + phrase.text, "end": phrase.text + "\n", "contains": phrase.text}[phrase.place]
                anchored.setdefault(key, []).append(phrase)
    automaton = ahocorasick.Automaton()
    for key, phrases in anchored.items():
        automaton.add_word(key, _distinct(phrases))
    automaton.make_automaton()
    return Matcher(
        {text: _distinct(phrases) for text, phrases in lines.items()},
        automaton,
    )


def _distinct(phrases: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """Of phrases that say the same in several languages, one a kind and language."""
    return tuple({(phrase.kind, phrase.language): phrase for phrase in phrases}.values())


def _shape(text: str, language: str) -> tuple[str, str] | None:
    """Kind and rule of the first pattern that the whole line fits."""
    anything, patterns = _patterns(language)
    if not anything.fullmatch(text):
        return None
    return next(((kind, rule) for pattern, kind, rule in patterns if pattern.fullmatch(text)), None)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], str, str], ...]]:
    """Patterns with kind and rule, by rank, and one that fits whatever any of them does.

    Those of the language and of none; of all, where the language is not known.
    """
    chosen = [pack for code, pack in packs().items() if language == "und" or code in ("any", language)]
    found = sorted((kinds()[kind].rank, text, kind, pack.language) for pack in chosen for text, kind in pack.patterns)
    anything = re.compile("|".join(f"(?:{text})" for _, text, _, _ in found) or "(?!)")
    return anything, tuple((re.compile(text), kind, f"{code}:{kind}:pattern") for _, text, kind, code in found)


@cache
def _tiles(language: str) -> Mapping[str, Phrase]:
    """Tiles and whole lines of a language, of English and of none: sites mix their buttons."""
    chosen = [packs()[code] for code in ("en", "any", language) if code in packs()]
    return {phrase.text: phrase for pack in chosen for phrase in pack.phrases if phrase.place in ("tile", "line")}


@cache
def _tile_heads(language: str) -> frozenset[str]:
    """First words of tiles, and a number, with which a row may begin too."""
    return frozenset(text.split()[0] for text in _tiles(language)) | {"#", ""}


@cache
def _words(language: str, lists: tuple[str, ...]) -> frozenset[str]:
    """Words of the named lists, in a language, in English and in none."""
    chosen = [packs()[code] for code in ("en", "any", language) if code in packs()]
    return frozenset(word for pack in chosen for name in lists for word in pack.words.get(name, ()))
