"""Phrases that begin a line, end it or stand in it: an Aho-Corasick automaton passes over all lines of a page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import ahocorasick

from cleaners.comparable import Line
from cleaners.lasting import lasting
from cleaners.narration import FULL_STOP, goes_on
from cleaners.normal import divides_words, in_word, original, word_count
from cleaners.rulebook import Phrase, kinds, packs
from cleaners.shapes import is_date

_BETWEEN = "\n "  # lines: a newline anchors the phrases that begin one, the space is where a word may begin
# Bounded by the other mark, or by where the line's next word begins, so that no mark is looked at twice.
_QUOTED = re.compile(r'"[^"]*+"|[“„][^“”„]*+[“”]|[«»][^«»]*+[«»]|‘[^‘’]*+(?:’\w[^‘’]*+)*+’|״[^״]*+״|「[^「」]*+」')
_WORDS_AROUND = 4  # words outside the quotation marks from which a line is about what stands in them
_LONGEST_WORD = 1  # as words are counted where they are not divided: two characters
_SIGNS = {code: " " for code in range(128) if chr(code) != "\n" and not chr(code).isalnum()}


class Found(NamedTuple):
    """A phrase that stands on a line: the line's `raw` text, and where in it."""

    raw: str
    phrase: Phrase
    start: int
    end: int


def anchored(lines: Sequence[Line], language: str) -> Iterable[Found]:
    """Every `start`, `end` and `contains` phrase that the lines may be cut for.

    Most lines are ASCII once they are normalised, and only ASCII phrases can stand there. Their words begin behind
    signs that can all be made spaces (1 ns a character), so that their automaton rests in all but the words that
    phrases begin with: 15 ns a character, against 50 to 70 of the one for all scripts.
    """
    plain = [line for line in lines if line.bare.isascii()]
    if plain:
        yield from _search(plain, language, plain=True)
    if len(plain) < len(lines):
        yield from _search([line for line in lines if not line.bare.isascii()], language, plain=False)


def _search(lines: Sequence[Line], language: str, *, plain: bool) -> Iterator[Found]:
    text = _BETWEEN + _BETWEEN.join([line.bare for line in lines]) + "\n"
    starts = list(accumulate([len(line.bare) + len(_BETWEEN) for line in lines], initial=len(_BETWEEN)))
    for stop, groups in _automaton(plain).iter(text.translate(_SIGNS) if plain else text):
        for phrases in groups:
            end = stop + 1 - (phrases[0].place == "end")
            begin = end - len(phrases[0].text)
            if text.startswith(phrases[0].text, begin) and _divided(text, begin, end):
                at = bisect_right(starts, begin) - 1
                phrase = next((phrase for phrase in phrases if _allowed(lines[at], phrase, language)), None)
                if phrase is not None:
                    found = _place(lines[at], phrase, begin - starts[at])
                    if not _is_cited(found) and not _is_told(found, language):
                        yield found


def _place(line: Line, phrase: Phrase, start: int) -> Found:
    """Where in the line's own text the phrase is that was found in its bare form."""
    start += max(line.normalised.find(line.bare), 0)
    return Found(line.raw, phrase, *original(line.raw, line.normalised, start, start + len(phrase.text)))


def _is_cited(found: Found) -> bool:
    """Whether the phrase stands in quotation marks and a sentence goes on outside them: somebody writes about it."""
    raw = found.raw
    if raw[-1] not in FULL_STOP:
        return False
    cited = next((quote for quote in _QUOTED.finditer(raw) if quote.end() > found.start), None)
    if cited is None or cited.start() >= found.start or cited.end() <= found.end:
        return False
    return word_count(raw) - word_count(cited[0]) >= _WORDS_AROUND


def _is_told(found: Found, language: str) -> bool:
    """Whether the line goes on as a sentence that no site says of itself, where the kind's lines are not prose."""
    raw, phrase, start, end = found
    return kinds()[phrase.kind].rest != "prose" and goes_on(raw, phrase, start, end, language)


def _divided(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` stands between word boundaries, where its script has them."""
    before, first, last, after = text[start - 1], text[start], text[end - 1], text[end]
    if in_word(first) and in_word(before) and divides_words(first) and divides_words(before):
        return False
    return not (in_word(last) and in_word(after) and divides_words(last) and divides_words(after))


def is_sure(phrase: Phrase, language: str) -> bool:
    """A single word counts inside the body only in the article's language."""
    return phrase.language in (language, "any") or language == "und" or _has_words(phrase)


def _has_words(phrase: Phrase) -> bool:
    return " " in phrase.text if phrase.place == "line" else not is_one_word(phrase.text)


def is_one_word(text: str) -> bool:
    """Whether a phrase is a single word, whatever number or colon stands with it: "comments: #", "photo :"."""
    bare = text.strip(" #:/|-")
    return " " not in bare and (divides_words(bare[:1] or " ") or word_count(bare) <= _LONGEST_WORD)


def _allowed(line: Line, phrase: Phrase, language: str) -> bool:
    """Whether the line is short enough for the kind, and what follows a `start` phrase is what may follow."""
    kind = kinds()[phrase.kind]
    if phrase.place == "start" and phrase.text.isalpha() and not is_sure(phrase, language):
        return False  # "av" is Norwegian for "by", and Turkish for a lawyer
    if word_count(line.raw) > kind.max_words:
        return False
    if phrase.place == "end":
        return line.raw[-1] not in FULL_STOP
    if phrase.place == "start":
        return _rest_fits(line, phrase, kind.rest, language)
    return True


def _rest_fits(line: Line, phrase: Phrase, rest: str, language: str) -> bool:
    if rest in ("any", "prose"):
        return True
    following = line.bare[len(phrase.text) :].strip(" :,.-|")
    if rest == "none" or not following:
        return not following
    if rest == "date":
        return is_date(following, language, calendar=False)
    return _is_name(line, phrase, following)


def _is_name(line: Line, phrase: Phrase, following: str) -> bool:
    """At most eight words, no sentence, the first a capital one; without a colon before it all are capital."""
    count = word_count(following)
    if count > 8 or line.raw[-1] in FULL_STOP:
        return False
    words = line.raw.split()[len(phrase.text.split()) :] or [line.raw[-len(following) :]]
    letters = [bare for word in words if (bare := word.lstrip("\"'“‘(@/|©")) and bare[0].isalpha()]
    small = [word for word in letters if word[0].islower()]
    if not letters or letters[0][0].islower():
        return False
    enough = count > 1 or " " in phrase.text or letters[0].lower() == letters[0].upper()  # "By train" is no byline
    return phrase.text.endswith(":") or (enough and all(len(word) <= 4 for word in small))


@lasting
def _automaton(plain: bool) -> ahocorasick.Automaton:
    """Phrases of all languages by what is searched for them; those in ASCII alone where `plain`.

    The value of a key is groups of phrases that say the same, the longest text first.
    """
    keys: dict[str, dict[str, list[Phrase]]] = {}
    for pack in packs().values():
        for phrase in pack.phrases:
            if phrase.place not in ("line", "tile") and (phrase.text.isascii() or not plain):
                keys.setdefault(_key(phrase, plain), {}).setdefault(phrase.text, []).append(phrase)
    automaton = ahocorasick.Automaton()
    for key, texts in keys.items():
        automaton.add_word(key, tuple(distinct(texts[text]) for text in sorted(texts, key=len, reverse=True)))
    automaton.make_automaton()
    return automaton


def _key(phrase: Phrase, plain: bool) -> str:
    """What an automaton searches for a phrase: its words as the searched text shows them, with their anchors."""
    text = phrase.text.translate(_SIGNS) if plain else phrase.text
    if phrase.place == "start":
        return _BETWEEN + text
    begin = " " if plain and phrase.text[0].isalnum() else ""
    return begin + text + ("\n" if phrase.place == "end" else "")


def distinct(phrases: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """Of phrases that say the same in several languages, one a kind and language."""
    if len(phrases) == 1:
        return (phrases[0],)
    return tuple({(phrase.kind, phrase.language): phrase for phrase in phrases}.values())
