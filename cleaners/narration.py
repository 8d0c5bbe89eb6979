"""Tells a sentence of an article from a line of the site that begins alike, by the words that go on behind a phrase.

"All rights reserved, the back of each print said, but nobody knew by whom." What a site says of itself is made of few
words, and the rules of its language hold them; what a reporter tells is not, and has verbs that tell. Of 258
invented sentences of articles in eleven languages phrases cut 33; without this they cut 179.
"""

from __future__ import annotations

import re
from functools import cache

from cleaners.normal import divides_words, normal
from cleaners.rulebook import Phrase, kinds, packs

FULL_STOP = frozenset(".。।۔؟!?！？")
_CLOSING = "\"'”’»)]"
_WORD = re.compile(r"[^\W\d_#]+")
_STEM = 6  # characters by which words are the same: "comment", "comments", "commenting"
_LEAST = 4  # strange words, a word that tells counted as three
_SHARE = 0.3  # of the words in small letters: names are known to no rule
_FEW = 780  # stems; rules that know fewer words (Danish 423, Czech 769; English 1,408) do not know those of a banner,
_LONG = 50  # nor of another kind whose lines may have so many: there one word must tell


def goes_on(raw: str, phrase: Phrase, start: int, end: int, language: str) -> bool:
    """Whether a line is a sentence of an article, in which the phrase `raw[start:end]` only happens to stand.

    Lines without a full stop and those of scripts that do not divide words are never called so. Nor is any where no
    words that tell are known of the article's `language` (or of the phrase's, where the article's has no rules): that
    few words of a line are known says nothing there. Linear in the line.
    """
    code = language if phrase.language == "any" else phrase.language
    if not _telling(language if language in packs() else code):
        return False
    if raw.rstrip(_CLOSING)[-1:] not in FULL_STOP or not divides_words(raw[start]) or _is_label(raw, end):
        return False
    small = [word for word in f"{raw[:start]} {raw[end:]}".split() if not word.lstrip("\"'“‘«„(¿¡")[:1].isupper()]
    words = _WORD.findall(normal(" ".join(small)))
    known, telling = _stems(code), _telling(code) | _telling(language)
    told = sum(word in telling for word in words)
    if not told and len(known) < _FEW and kinds()[phrase.kind].max_words >= _LONG:
        return False
    strange = 2 * told + sum(word in telling or word[:_STEM] not in known for word in words)
    return strange >= _LEAST and strange >= _SHARE * len(words)


def _is_label(raw: str, end: int) -> bool:
    """Whether the phrase is set off by a colon or a bar from a headline: "Read more: The port is open again"."""
    before, after = raw[end - 1 : end], raw[end:].lstrip()
    if before not in (":", "|") and after[:1] not in (":", "|"):
        return False
    following = after.lstrip(" :|\"'“‘«„(¿¡")[:1]
    return not following.islower()


@cache
def _stems(code: str) -> frozenset[str]:
    """How the words of all phrases of a language begin."""
    return frozenset(word[:_STEM] for phrase in packs()[code].phrases for word in _WORD.findall(phrase.text))


@cache
def _telling(code: str) -> frozenset[str]:
    pack = packs().get(code)
    return frozenset(pack.words.get("told", ())) if pack else frozenset()
