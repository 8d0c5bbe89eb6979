"""Tells a sentence of an article from a line of the site that begins alike, by the words that go on behind a phrase.

"All rights reserved, the back of each print said, but nobody knew by whom." What a site says of itself is made of few
words, and the rules of its language hold them; what a reporter tells is not, and has verbs that tell.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache

from cleaners.normal import SIGNS, divides_words, normal
from cleaners.rulebook import Phrase, kinds, packs

FULL_STOP = frozenset(".。।۔؟!?！？።")
_CLOSING = "\"'”’»)]」』"
_WORD = re.compile(rf"(?:[^\W\d_#]|[{SIGNS}])+")
_STOPLESS = re.compile("[\u0e00-\u0eff]")  # Thai and Lao
_STEM = 6  # characters by which words are the same: "comment", "comments", "commenting"
_LEAST = 4  # strange words, a word that tells counted as three
_SHARE = 0.3  # of the words in small letters: names are known to no rule
_TELLS = 3
_LONG = 50  # words: lines of kinds that may have so many are prose, of which rules know a part only
_WELL, _WELL_LONG = 500, 1400  # stems from which on rules know the words of their kinds, and of such prose


def goes_on(raw: str, phrase: Phrase, start: int, end: int, language: str) -> bool:
    """Whether a line is a sentence of an article, in which the phrase `raw[start:end]` only happens to stand.

    Lines without a full stop are never called so, where their script has one. Nor is any where no words that tell are
    known of the article's `language` (or of the phrase's, where the article's has no rules): that few words of a line
    are known says nothing there. Linear in the line.
    """
    code = language if phrase.language == "any" else phrase.language
    if not _telling(language if language in packs() else code):
        return False
    divided = divides_words(raw[start]) and divides_words(raw[-1])
    last = raw.rstrip(_CLOSING)[-1:]
    if not (last in FULL_STOP or _STOPLESS.match(last)) or _is_label(raw, end):
        return False
    rest = f"{raw[:start]} {raw[end:]}"
    return _is_strange(rest, phrase, code, language) if divided else _is_told(normal(rest), code, language)


def _is_strange(rest: str, phrase: Phrase, code: str, language: str) -> bool:
    """Whether enough of the words around a phrase tell, or are such as no phrase of the language has.

    Rules that know few words do not know those of a site either: without a word that tells more must be strange there,
    by the square of what they lack.
    """
    words = _WORD.findall(normal(" ".join([word for word in rest.split() if not _is_capital(word)])))
    told, others = _tell(words, (code, language))
    strange = _TELLS * told + sum(word[:_STEM] not in _stems(code) for word in others)
    well = _WELL_LONG if kinds()[phrase.kind].max_words >= _LONG else _WELL
    care = 1.0 if told else max(1.0, well / max(1, len(_stems(code)))) ** 2
    return strange >= _LEAST * care and strange >= _SHARE * care * len(words)


def _is_told(rest: str, code: str, language: str) -> bool:
    """The same for scripts that do not divide words: something tells, and pairs of characters are strange."""
    told = sum(rest.count(word) for word in _telling(code) | _telling(language))
    pairs = _pairs(rest)
    strange = _TELLS * told + sum(pair not in _known_pairs(code) for pair in pairs) / 2
    return told > 0 and strange >= 2 * _LEAST and strange >= _SHARE * len(pairs) / 2


def _is_capital(word: str) -> bool:
    return word.lstrip("\"'“‘«„(¿¡")[:1].isupper()


def _is_label(raw: str, end: int) -> bool:
    """Whether the phrase is set off by a colon or a bar from a headline: "Read more: The port is open again"."""
    before, after = raw[end - 1 : end], raw[end:].lstrip()
    if before not in (":", "|", "：") and after[:1] not in (":", "|", "："):
        return False
    following = after.lstrip(" :|：\"'“‘«„(¿¡")[:1]
    return not following.islower()


def _tell(words: Sequence[str], codes: Iterable[str]) -> tuple[int, list[str]]:
    """How many of the words tell, alone, by their endings or two together, and those that do not."""
    telling = frozenset[str]().union(*map(_telling, codes))
    endings = tuple(word[1:] for word in telling if word.startswith("-"))
    others = [word for word in words if word not in telling and not word.endswith(endings)]
    pairs = sum(f"{one} {two}" in telling for one, two in itertools.pairwise(words))
    return len(words) - len(others) + pairs, others


def _pairs(text: str) -> list[str]:
    return [run[at : at + 2] for run in _WORD.findall(text) for at in range(len(run) - 1)]


@cache
def _stems(code: str) -> frozenset[str]:
    """How the words of all phrases of a language begin."""
    return frozenset(word[:_STEM] for phrase in packs()[code].phrases for word in _WORD.findall(phrase.text))


@cache
def _known_pairs(code: str) -> frozenset[str]:
    return frozenset(pair for phrase in packs()[code].phrases for pair in _pairs(phrase.text))


@cache
def _telling(code: str) -> frozenset[str]:
    """The words that tell; "-했다" is how such a word ends."""
    pack = packs().get(code)
    return frozenset(pack.words.get("told", ())) if pack else frozenset()
