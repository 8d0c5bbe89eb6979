"""Which languages there are, what they are written in, and which are near each other. The data: `languages.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

_DATA = tomllib.loads(files("cleaners.language").joinpath("languages.toml").read_text(encoding="utf-8"))

SCRIPTS_OF: dict[str, frozenset[str]] = {code: frozenset(scripts) for code, scripts in _DATA["scripts"].items()}
BESIDE: dict[str, frozenset[str]] = {code: frozenset(scripts) for code, scripts in _DATA["beside"].items()}
# Scripts that one language alone of the 49 is written in, and that language.
ONLY: dict[str, str] = {
    script: code
    for code, scripts in SCRIPTS_OF.items()
    for script in scripts
    if sum(script in other for other in SCRIPTS_OF.values()) == 1
}
LANGUAGES: tuple[str, ...] = tuple(sorted(SCRIPTS_OF))
_LABELS: dict[str, str] = _DATA["labels"]
_NEAR: dict[str, frozenset[str]] = {}
for _group in _DATA["near"]["groups"]:
    for _code in _group:
        _NEAR[_code] = _NEAR.get(_code, frozenset()) | frozenset(_group)
_ONE = {code: frozenset(group) for group in _DATA["one"]["groups"] for code in group}


@lru_cache(maxsize=4096)
def iso639_1(label: str) -> str:
    """A detector's label, a locale or a BCP 47 tag as ISO 639-1; "" where it is none.

    >>> iso639_1("pt_BR.UTF-8"), iso639_1("nb-NO"), iso639_1("zh-Hant"), iso639_1("en, fr"), iso639_1("english")
    ('pt', 'no', 'zh', 'en', '')
    """
    label = label.split(",")[0].split(".")[0].strip().lower().replace("_", "-")
    if label in _LABELS:
        return _LABELS[label]
    code = label.split("-")[0]
    code = _LABELS.get(code, code)
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def near(first: str, second: str) -> bool:
    """Whether two languages are the same or so alike that a line of one may stand in an article of the other.

    >>> near("no", "da"), near("en", "nl"), near("en", "en")
    (True, False, True)
    """
    return first == second or second in _NEAR.get(first, ())


def one(first: str, second: str) -> bool:
    """Whether detectors take the two for one language (Croatian, Serbian, Bosnian)."""
    return first == second or second in _ONE.get(first, ())


def scripts_of(language: str) -> frozenset[str]:
    """The scripts a language, or one that is taken for it, is written in; empty where it is not in the tables."""
    return _WRITTEN.get(language, _NO_SCRIPT)


_NO_SCRIPT: frozenset[str] = frozenset()
_WRITTEN = BESIDE | {
    code: _NO_SCRIPT.union(*(SCRIPTS_OF[other] for other in _ONE.get(code, [code]))) for code in SCRIPTS_OF
}
