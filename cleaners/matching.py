"""Which phrases stand on which blocks.

Whole lines are looked up in a dictionary; `anchors` finds the phrases that begin, end or stand in a line; `shapes`
reads rows of tiles, dates and patterns. What is found on a short line is remembered: sites repeat themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cleaners.anchors import anchored, distinct, is_one_word, is_sure
from cleaners.comparable import LONGEST_LABEL, Line, Prepared, prepare, remember, with_numbers
from cleaners.document import Block
from cleaners.lasting import lasting
from cleaners.rulebook import Phrase, kinds, packs
from cleaners.shapes import shape
from cleaners.twin import mutable_twin

__all__ = ["Hit", "Line", "Prepared", "match", "match_line", "prepare", "with_numbers"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that speaks about a block.

    `start` and `end` are offsets in the block's text. `certain` is False where the phrase is a single word of another
    language than the article's: then it counts only outside the body. `weak` is True for single words ("Comments: 12"
    and "Advertising: ..." among them), rows of tiles and shapes of numbers, which an article may hold as well: inside
    the body the model is heard too. `opens` is True where the line is the heading of a section.
    """

    block: int
    kind: str
    rule: str
    start: int
    end: int
    certain: bool = True
    opens: bool = False
    weak: bool = False


_Hit = mutable_twin(Hit)


class _Said(NamedTuple):
    """A hit as it is remembered: offsets count from the beginning of the line."""

    kind: str
    rule: str
    start: int
    end: int
    certain: bool
    opens: bool
    weak: bool


_Account = tuple[_Said, ...]


def match(prepared: Prepared, language: str = "und") -> tuple[Hit, ...]:
    """Every phrase that speaks about a block, in block order, those of the article's `language` first."""
    known = _memory(language)
    lines = {line.raw: line for line in prepared.lines if line is not None}
    accounts = {raw: known.get(raw) for raw in lines}
    new = _read({raw: lines[raw] for raw, account in accounts.items() if account is None}, language)
    remember(known, new)
    accounts.update(new)
    hits: list[Hit] = []
    for block, line in zip(prepared.blocks, prepared.lines, strict=True):
        account = accounts[line.raw] if line is not None else None
        if account:
            hits += _hits(block, account)
    return tuple(hits)


def _hits(block: Block, account: _Account) -> list[Hit]:
    """What its line says, as hits on a block."""
    offset = len(block.text) - len(block.text.lstrip())
    hits: list[Hit] = []
    for kind, rule, start, end, certain, opens, weak in account:
        hit = _Hit(block.index, kind, rule, offset + start, offset + end, certain, opens, weak)
        hit.__class__ = Hit
        hits.append(hit)
    return hits


@lru_cache(maxsize=8)
def _memory(language: str) -> dict[str, _Account]:
    """What lines were found to say in articles of a language; those of the last eight languages are kept."""
    return {}


def match_line(text: str, language: str = "und") -> tuple[Hit, ...]:
    """The hits on a single line.

    >>> [hit.kind for hit in match_line("Accept all cookies", "en")]
    ['cookie_banner']
    """
    return match(prepare((Block(0, text, 0, len(text)),)), language)


def _read(lines: Mapping[str, Line], language: str) -> dict[str, _Account]:
    """What the lines say, under the same keys: those of the article's language, of English and of none first."""
    phrases = _lines()
    said = {
        raw: found
        for raw, line in lines.items()
        if (line.bare in phrases or len(line.normalised) <= LONGEST_LABEL) and (found := _whole(line, language))
    }
    for raw, phrase, start, end in anchored(list(lines.values()), language):
        sure = is_sure(phrase, language)
        weak = phrase.place == "start" and is_one_word(phrase.text) and kinds()[phrase.kind].rest == "any"
        said.setdefault(raw, []).append(_Said(phrase.kind, phrase.rule, start, end, sure, False, weak))
    own = (f"{language}:", "any:", "en:")
    for account in said.values():
        if len(account) > 1:
            account.sort(key=lambda one: (not one.rule.startswith(own), kinds()[one.kind].rank, one.rule))
    return dict.fromkeys(lines, ()) | {raw: tuple(account) for raw, account in said.items()}


def _whole(line: Line, language: str) -> list[_Said] | None:
    """What takes the whole line: phrases, else a pattern, a row of tiles or a date; the line is a label or a phrase."""
    phrases = _lines().get(line.bare)
    end = len(line.raw)
    if phrases is not None:
        weak = " " not in line.bare.strip(" #:")
        return [
            _Said(kind, phrase.rule, 0, end, is_sure(phrase, language), kinds()[kind].opens, weak)
            for phrase in phrases
            for kind in (phrase.kind,)
        ]
    found = shape(line, language)
    return None if found is None else [_Said(*found, 0, end, True, kinds()[found[0]].opens, True)]


@lasting
def _lines() -> Mapping[str, tuple[Phrase, ...]]:
    """The phrases of all languages that are whole lines, by their text."""
    lines: dict[str, list[Phrase]] = {}
    for pack in packs().values():
        for phrase in pack.phrases:
            if phrase.place == "line":
                lines.setdefault(phrase.text, []).append(phrase)
    return {text: distinct(phrases) for text, phrases in lines.items()}
