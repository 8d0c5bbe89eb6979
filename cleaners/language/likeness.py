"""What the shape of a line says: a quotation, a name, a hashtag, code, a sentence, or a label of an interface."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import ahocorasick

from cleaners.language.scripts import SCRIPTS, UNSPACED, ends_sentence, is_unspaced

_DATA = tomllib.loads(files("cleaners.language").joinpath("interface.toml").read_text(encoding="utf-8"))
_STEMS: dict[str, tuple[str, ...]] = {code: tuple(stems) for code, stems in _DATA["stems"].items()}
_PARTICLES = frozenset(_DATA["names"]["particles"])

_OPENING = frozenset(pair[0] for script in SCRIPTS.values() for pair in script.quotes)
_CLOSING = frozenset(pair[1] for script in SCRIPTS.values() for pair in script.quotes)
_DASHES = "-–—―"
_TAG = re.compile(r"[#@＃＠][\w.]+\s*")
_CODE = re.compile(
    r"[{}=$\\`]|;\s*$|</?\w|\w\(\)|\w\([a-z\"']\w*[,)]|::|[-=]>|[a-z]_[a-z]|\w\.\w{1,20}\(|(?<!\S)--\w|^\s*[$>]\s|/\w{1,30}/"
    r"|^\s*(?:sudo|pip|npm|git|docker|apt|cd|curl|import|def|return|SELECT|INSERT)\s"
)
_ATTRIBUTED = re.compile(r"\s[-–—―]\s?\w[^-–—―]{1,40}$|\([^()]{2,60}\)$")
# Vowel signs of Indic scripts, Hebrew points and Arabic harakat belong to words; \w does not know them.
_LETTERS = re.compile("(?:[^\\W\\d_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e])+")
_COMMA = re.compile("[,،、，/·]")
_LATIN = "A-Za-z\u00c0-\u024f"
_STRANGE = "\u0370-\u1cff\u2e80-\ud7ff\uf900-\ufdff\ufe70-\ufefc"
_GLUED = re.compile(f"[{_LATIN}]{{2}}[{_STRANGE}]|[{_STRANGE}]{{2}}[{_LATIN}]")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a line looks like, whatever its language.

    quoted         stands in quotation marks, or opens with one
    tags           nothing but hashtags and handles
    code           program text, a command, a path
    title          every word capitalised: a name, a title, a headline
    name           six words at most, every one capitalised or a small word of names (de, van der)
    sentence       ends as a sentence does
    utterance      a sentence, a line of verse or dialogue, a saying with its author
    list_of_words  words divided by commas: a motto, a row of names
    glued          letters of two scripts touch
    """

    quoted: bool = False
    tags: bool = False
    code: bool = False
    title: bool = False
    name: bool = False
    sentence: bool = False
    utterance: bool = False
    list_of_words: bool = False
    glued: bool = False


@lru_cache(maxsize=4096)
def shape_of(text: str) -> Shape:
    """The shape of one line without white space around it.

    >>> shape_of("Ludwig van Beethoven").name, shape_of("« Je pense, donc je suis »").quoted
    (True, True)
    """
    words = _LETTERS.findall(text)
    cased = [word for word in words if word[0].isupper() or word[0].islower()]
    title = len(words) >= 2 and len(cased) == len(words) and all(word[0].isupper() for word in cased)
    sentence = ends_sentence(text)
    return Shape(
        quoted=_is_quoted(text),
        tags=bool(_TAG.match(text)) and not _TAG.sub("", text).strip(),
        code=bool(_CODE.search(text)),
        title=title,
        name=_is_name(cased),
        sentence=sentence,
        utterance=sentence or text[-1:] in ",;:،、，" or text[:1] in _DASHES or bool(_ATTRIBUTED.search(text)),
        list_of_words=_is_list(text),
        glued=bool(_GLUED.search(text)),
    )


def _is_quoted(text: str) -> bool:
    """The line opens with a quotation mark, or most of it stands between two."""
    if not text or text[0] in _OPENING:
        return bool(text)
    if text[-1] not in _CLOSING - {"'", "’"}:
        return False
    begin = min((at for at in map(text.find, _OPENING) if at >= 0), default=len(text))
    return begin * 2 < len(text) - 1


def _is_list(text: str) -> bool:
    """Three items or more of one or two words each, or two single words, divided by commas."""
    items = [len(_LETTERS.findall(item)) for item in _COMMA.split(text)]
    return (len(items) >= 3 and max(items) <= 2) or items == [1, 1]


def _is_name(words: list[str]) -> bool:
    """Capitalised words at both ends, and only particles of names between them."""
    if not 2 <= len(words) <= 6 or not (words[0][0].isupper() and words[-1][0].isupper()):
        return False
    return all(word[0].isupper() or word in _PARTICLES for word in words)


def speaks_of_interface(text: str, languages: Iterable[str]) -> bool:
    """Whether a word of the line belongs to interfaces in one of the languages: page, account, subscribe, ..."""
    stems = [stem for code in languages for stem in _STEMS.get(code, ())]
    folded = text.casefold()
    if is_unspaced(text):
        return any(stem in folded for stem in stems)
    words = " " + " ".join(_LETTERS.findall(folded))
    return any(f" {stem}" in words for stem in stems)


def may_speak_of_interface(text: str) -> bool:
    """Whether it can do so in any language at all; costs 3 us for a thousand stems, and is never wrong with a no."""
    folded = text.casefold()
    starts = [end - size for end, size in _every_stem().iter(folded)]  # one before the stem
    if any(start < 0 or not _LETTERS.match(folded, start) for start in starts):
        return True
    return bool(starts) and UNSPACED.search(text) is not None


@cache
def _every_stem() -> ahocorasick.Automaton:
    """Of stems of several words the first stands for all of them."""
    automaton = ahocorasick.Automaton()
    for word in {stem.split()[0] for stems in _STEMS.values() for stem in stems}:
        automaton.add_word(word, len(word))
    automaton.make_automaton()
    return automaton
