"""Is this line of an article in another language than the article's, the way foreign navigation is?

Four rules, by what a line can tell (measured on interface strings of 49 languages, and on genuine lines of articles):

    script        most letters in a script that the article's language does not use
    run_together  a Latin label glued to labels in such a script: a row of links that lost its gaps
    words         four words or more, by what two detectors make of them
    label         two or three words, the same with more agreement; a single word is never judged by its language

An article may hold foreign lines of its own: quotations, names, titles of songs, hashtags, code. What is quoted, named
or code is never foreign here; inside the body a sentence stays too, and words count only where they speak of an
interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cleaners.language.detectors import NOTHING, by_cld2, langid_shares
from cleaners.language.languages import LANGUAGES, ONLY, near, scripts_of
from cleaners.language.likeness import may_speak_of_interface, shape_of, speaks_of_interface
from cleaners.language.sample import clean
from cleaners.language.scripts import heaviest, letters_by_script, script_of, word_count

_LONGEST = 400  # characters of a line that are looked at; navigation is shorter
_PROSE = 20  # words from which a sentence is an article's own, in whatever language
_INSIDE = 0.8  # confidence demanded inside the body
_FEW = 4  # words from which a line is judged as words, not as a label
_WORDS, _LABEL = 0.5, 0.3  # py3langid's share of a language and those near it, where pycld2 says the same
_WORDS_ALONE, _LABEL_ALONE = 0.6, 0.8  # and where it does not
_MOSTLY, _GLUED = 0.8, 0.3  # share of letters in a foreign script: of a line, of a run-together one


_BY_WORDS = frozenset({"words", "label"})
_FEWEST = 2  # letters in a foreign script
_EAST_ASIAN = frozenset({"Hani", "Kana"})


@dataclass(frozen=True, slots=True)
class Foreign:
    """A line that is not the article's: its language ("" where only the script tells), 0..1, and the rule."""

    language: str
    confidence: float
    rule: str


def foreign(line: str, language: str, *, inside: bool) -> Foreign | None:
    """Why a line is foreign navigation in an article of `language`, None where it may be the article's own.

    `inside` asks for an isolated line in the body, where a quotation may stand: more is demanded there. At the edges of
    an article, and in a run of two foreign lines or more, less is enough. Costs 4 to 80 us; repeated lines are
    remembered.

    >>> foreign("Сообщить об ошибке", "en", inside=True).rule
    'script'
    >>> foreign("«Сообщить об ошибке»", "en", inside=True)
    >>> foreign("Melden Sie sich für unseren Newsletter an", "en", inside=False).language
    'de'
    """
    known = scripts_of(language)
    if not known:
        return None
    text = line[:_LONGEST].strip()
    return _inside(text, language) if inside else _outside(text, language)


def _inside(text: str, language: str) -> Foreign | None:
    found = _judged(text, language, may_speak_of_interface(text))
    if found is None or found.confidence < _INSIDE:
        return None
    shape = shape_of(text)
    if shape.title and found.rule == "script":
        return None
    doubtful = shape.utterance or shape.list_of_words or found.rule in _BY_WORDS
    return None if doubtful and not speaks_of_interface(text, _suspects(text, found)) else found


def _outside(text: str, language: str) -> Foreign | None:
    found = _judged(text, language, may_speak_of_interface(text) or not shape_of(text).utterance)
    said = found is not None and found.rule in _BY_WORDS and shape_of(text).utterance
    return None if found is None or (said and not speaks_of_interface(text, _suspects(text, found))) else found


def _suspects(text: str, found: Foreign) -> list[str]:
    """The languages that the words of a foreign line may belong to."""
    if found.language:
        return [code for code in LANGUAGES if near(code, found.language)]
    script = heaviest(letters_by_script(text))
    return [code for code in LANGUAGES if script in scripts_of(code)]


@lru_cache(maxsize=16_384)
def _judged(text: str, language: str, words_count: bool) -> Foreign | None:
    """What speaks against the line wherever it stands, its words only where they count.

    The cheap questions first: detectors cost 20 us, and three lines of four need none.
    """
    if not words_count and (text.isascii() or _own_scripts(language).issuperset(map(script_of, set(text)))):
        return None
    prepared = clean(text)
    words = word_count(prepared)
    found = _by_script(text, prepared, language)
    if found is None and words > 1 and words_count:
        found = _by_words(prepared, words, language)
    if found is None:
        return None
    shape = shape_of(text)
    if shape.quoted or shape.tags or (words >= _PROSE and shape.sentence):
        return None
    return None if found.rule in _BY_WORDS and (shape.code or shape.name) else found


def _by_script(text: str, prepared: str, language: str) -> Foreign | None:
    own = _own_scripts(language)
    if prepared.isascii() or own.issuperset(map(script_of, set(prepared))):
        return None
    letters = letters_by_script(prepared)
    strange = {script: number for script, number in letters.items() if script not in own}
    number, total = sum(strange.values()), sum(letters.values())
    if number < _FEWEST or number < _GLUED * total:
        return None
    code = ONLY.get(heaviest(strange), "")
    if number >= _MOSTLY * total:
        return Foreign(code, 0.98, "script")
    return Foreign(code, 0.95, "run_together") if shape_of(text).glued else None


@lru_cache(maxsize=256)
def _own_scripts(language: str) -> frozenset[str]:
    """Scripts that say nothing against a line: the language's, Latin, and what is no letter."""
    used = scripts_of(language)
    return used | {"", "Latn"} | (_EAST_ASIAN if used & _EAST_ASIAN else frozenset())


def _by_words(text: str, words: int, language: str) -> Foreign | None:
    said = next(iter(by_cld2(text)), NOTHING)
    if said.code and near(said.code, language):
        return None
    shares = langid_shares(text)
    code = max(shares, key=lambda label: shares[label])
    group = sum(share for label, share in shares.items() if near(label, code))
    own = sum(share for label, share in shares.items() if near(label, language))
    if near(code, language) or own > group / 2:
        return None
    agreed = bool(said.code) and near(said.code, code)
    long = words >= _FEW
    if group < ((_WORDS if agreed else _WORDS_ALONE) if long else (_LABEL if agreed else _LABEL_ALONE)):
        return None
    return Foreign(code, min(group, 0.99), "words" if long else "label")
