"""BCP 47 tags where a text tells more than its language: zh-Hans or zh-Hant, sr-Latn or sr-Cyrl, pt-BR or pt-PT."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

from cleaners.language.scripts import dominant_script

_DATA = tomllib.loads(files("cleaners.language").joinpath("variants.toml").read_text(encoding="utf-8"))
_HANS = frozenset(_DATA["zh"]["hans"]) - frozenset(_DATA["zh"]["hant"])
_HANT = frozenset(_DATA["zh"]["hant"]) - frozenset(_DATA["zh"]["hans"])
_BRAZIL = frozenset(_DATA["pt"]["br"])
_PORTUGAL = frozenset(_DATA["pt"]["pt"])
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 2  # signs of one form that tell it
_TIMES = 3  # times the signs of the other form


def tag_of(code: str, text: str, declared: str = "") -> str:
    """The BCP 47 tag of a text in language `code`; `declared` counts where the text itself does not tell.

    >>> tag_of("zh", "這個國家的經濟"), tag_of("sr", "Novi Sad je grad"), tag_of("de", "Der Fluss")
    ('zh-Hant', 'sr-Latn', 'de')
    """
    if code == "zh":
        return _chosen(text, _HANS, _HANT) or _declared(declared, _CHINESE) or "zh-Hans"
    if code == "sr":
        return "sr-Latn" if dominant_script(text) == "Latn" else "sr-Cyrl"
    if code == "pt":
        return _portuguese(text) or _declared(declared, _PORTUGUESE) or "pt"
    return code


_CHINESE = {
    "zh-hans": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-hant": "zh-Hant",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
}
_PORTUGUESE = {"pt-br": "pt-BR", "pt-pt": "pt-PT"}


def _chosen(text: str, simplified: frozenset[str], traditional: frozenset[str]) -> str:
    first = sum(char in simplified for char in text)
    second = sum(char in traditional for char in text)
    if first == second:
        return ""
    return "zh-Hans" if first > second else "zh-Hant"


def _portuguese(text: str) -> str:
    words = _WORD.findall(text.lower())
    brazil, portugal = sum(word in _BRAZIL for word in words), sum(word in _PORTUGAL for word in words)
    if brazil >= _FEWEST and brazil >= _TIMES * portugal:
        return "pt-BR"
    return "pt-PT" if portugal >= _FEWEST and portugal >= _TIMES * brazil else ""


def _declared(label: str, tags: dict[str, str]) -> str:
    return tags.get(label.split(",")[0].split(".")[0].strip().lower().replace("_", "-"), "")
