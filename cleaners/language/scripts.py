"""Writing systems: which one a text is in, how many words it has, how its sentences end.

The data stands in `scripts.toml`. Scripts are named by ISO 15924; `Hani` is every Han character, `Kana` both Japanese
syllabaries.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any
from unicodedata import category

_LONGEST = 6000  # characters looked at for the dominant script: 0.2 ms; more changes no answer


@dataclass(frozen=True, slots=True)
class Script:
    """One writing system: see the head of `scripts.toml` for what the fields mean."""

    code: str
    name: str
    ranges: tuple[tuple[int, int], ...]
    weight: float
    spaced: bool
    rtl: bool
    digits: str
    quotes: tuple[str, ...]
    terminal: str


def _script(row: dict[str, Any]) -> Script:
    return Script(
        code=row["code"],
        name=row["name"],
        ranges=tuple((int(first, 16), int(last, 16)) for first, last in row["ranges"]),
        weight=row["weight"],
        spaced=row["spaced"],
        rtl=row["rtl"],
        digits="".join(chr(ord(row["zero"]) + i) for i in range(10)) if row["zero"] not in ("", "〇") else "",
        quotes=tuple(row["quotes"]),
        terminal=row["terminal"],
    )


_DATA = tomllib.loads(files("cleaners.language").joinpath("scripts.toml").read_text(encoding="utf-8"))
SCRIPTS: dict[str, Script] = {row["code"]: _script(row) for row in _DATA["script"]}
DIRECTION_MARKS: str = _DATA["marks"]["direction"]
_CLOSING: str = _DATA["marks"]["closing"]
_TERMINAL = frozenset("".join(script.terminal for script in SCRIPTS.values()))
_SPANS = sorted((first, last, code) for code, script in SCRIPTS.items() for first, last in script.ranges)
_FIRSTS = [first for first, _, _ in _SPANS]


def _pattern(spaced: bool) -> re.Pattern[str]:
    ranges = [span for script in SCRIPTS.values() if script.spaced is spaced for span in script.ranges]
    return re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]+")


UNSPACED = _pattern(spaced=False)
_WORD_START = re.compile(r"(?<!\S)[^\w\s]*\w")  # one match a word, linear also on unbroken text


@lru_cache(maxsize=20_000)
def script_of(char: str) -> str:
    """The script of one letter or vowel sign, "" for what is no letter or of no script in `scripts.toml`.

    >>> script_of("ж"), script_of("a"), script_of("7")
    ('Cyrl', 'Latn', '')
    """
    if not (char.isalpha() or category(char) in ("Mn", "Mc")):
        return ""
    code = ord(char)
    at = bisect_right(_FIRSTS, code) - 1
    return _SPANS[at][2] if at >= 0 and code <= _SPANS[at][1] else ""


def letters_by_script(text: str) -> dict[str, int]:
    """How many letters of `text` are in each script; costs about 40 ns a character.

    >>> letters_by_script("Владимир 1990 (Vladimir)")
    {'Cyrl': 8, 'Latn': 8}
    """
    if text.isascii():
        letters = sum(map(str.isalpha, text))
        return {"Latn": letters} if letters else {}
    counts: dict[str, int] = {}
    for char, number in Counter(text).items():
        script = script_of(char)
        if script:
            counts[script] = counts.get(script, 0) + number
    return counts


def dominant_script(text: str) -> str:
    """The script that most of the text is in, letters weighted; "" where there are no letters.

    Text with kana is Japanese however many Han characters it has, and then the answer is `Kana`. Only the first
    6,000 characters count.

    >>> dominant_script("Reuters 報道によると"), dominant_script("北京"), dominant_script("12:30")
    ('Kana', 'Hani', '')
    """
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text[:_LONGEST])) else ""
    return heaviest(letters_by_script(text[:_LONGEST]))


def heaviest(letters: dict[str, int]) -> str:
    """The script with the greatest weight among letter counts, Latin last of equals; Han and kana count together."""
    weights = {script: number * SCRIPTS[script].weight for script, number in letters.items()}
    kana, han = weights.pop("Kana", 0.0), weights.get("Hani", 0.0)
    if kana:
        weights.pop("Hani", None)
        # A few kana in a Chinese text are a name; Japanese prose has one in three at least.
        weights["Kana" if kana * 10 >= kana + han else "Hani"] = kana + han
    return max(weights, key=lambda script: (weights[script], script != "Latn", script), default="")


def is_unspaced(text: str) -> bool:
    """Whether the text is mainly in a script that does not divide words by spaces.

    >>> is_unspaced("東京で会議"), is_unspaced("서울에서 회의"), is_unspaced("in Tokyo 東京")
    (True, False, False)
    """
    if text.isascii():
        return False
    script = dominant_script(text)
    return bool(script) and not SCRIPTS[script].spaced


def word_count(text: str) -> int:
    """Words of a text; in scripts that do not divide words two characters count as one.

    >>> word_count("Don’t stop - 3,000 left"), word_count("東京で会議"), word_count("हिन्दी में समाचार")
    (4, 3, 3)
    """
    if text.isascii():
        return len(_WORD_START.findall(text))
    spaced = UNSPACED.sub(" ", text)
    if len(spaced) == len(text) and not UNSPACED.search(text):
        return len(_WORD_START.findall(text))
    unspaced = sum(map(len, UNSPACED.findall(text)))
    return len(_WORD_START.findall(spaced)) + (unspaced + 1) // 2


def terminal_punctuation() -> frozenset[str]:
    """Every character that ends a sentence in one of the scripts."""
    return _TERMINAL


def ends_sentence(text: str) -> bool:
    """Whether the last thing of the line, closing quotes and brackets left aside, is a sentence's end.

    >>> ends_sentence("He said so.”"), ends_sentence("समाप्त।"), ends_sentence("Read more")
    (True, True, False)
    """
    return text.rstrip().rstrip(_CLOSING).rstrip()[-1:] in _TERMINAL if text else False
