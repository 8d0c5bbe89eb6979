"""The title of a page: the visible headline that agrees with what the metadata declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

# White space is tried from where it begins and given back never: else a line of a million spaces takes minutes.
_BETWEEN: Final = re.compile(r"(?<!\s)\s++[|\-–—·•»«:/~]+\s+|(?:(?<!\s)\s++)?[|»_]\s*|:\s+")
_UNDIVIDED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"  # scripts without spaces are compared by the character
_WORD: Final = re.compile(rf"[{_UNDIVIDED}]|[^\W_{_UNDIVIDED}]+")
_EDGES: Final = " |-–—·•»«:/~"
_LONGEST: Final = 400  # characters of a headline
_BEGINNING: Final = 1 / 2  # share of a declared title that its first part must have to be a headline,
_END: Final = 2 / 3  # and its last: sites with long names put them behind short titles
_AGREEMENT: Final = 0.6  # share of common words from which a headline and a declared title are the same


def pick_title(declared: Sequence[str], headings: Sequence[str], sites: Sequence[str], *, home: bool = False) -> str:
    """The best title.

    `declared` are titles of the metadata and of the window, the most trustworthy first; `headings` are the texts of the
    page's <h1>; `sites` are names of the site, which are cut from the ends, and alone are a title only of the `home`
    page or where nothing else is declared.

    >>> pick_title(["Rain stops play - The Daily", "Rain"], ["Cricket: Rain Stops Play"], ["The Daily"])
    'Rain Stops Play'
    """
    titles = [text for text in (without_site(title, sites) for title in declared) if text]
    candidates = titles if home else _telling(titles, sites)
    visible = [text for text in headings if 0 < len(text) <= _LONGEST]
    for candidate in candidates:
        agreeing = [(agreement(text, candidate), -index) for index, text in enumerate(visible)]
        if agreeing and max(agreeing)[0] >= _AGREEMENT:
            return _without_kicker(visible[-max(agreeing)[1]], candidate)
    if candidates:
        return candidates[0]
    return visible[0] if visible else ""


def shown_part(title: str, lines: Iterable[str], headings: Iterable[str]) -> str:
    """The part of a declared title that the page shows: without a site's name that nothing else tells.

    Its beginning, from half of it on, which one of the `lines` says, or most of it from behind a sign, which one of the
    `headings` says, alone or behind a kicker; the title where none does, or a line says it all.

    >>> shown_part("Mill Notes: Rain stops the cup final", ["Mill Notes"], ["Rain stops the cup final"])
    'Rain stops the cup final'
    """
    whole = _key(title)
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for at in _BETWEEN.finditer(title) if len(title) <= _LONGEST else ():
        for part, share, parts in ((title[: at.start()], _BEGINNING, first), (title[at.end() :], _END, last)):
            if len(key := _key(part)) >= share * len(whole):
                parts[key] = part.strip(_EDGES)
    for parts, texts in ((first, lines), (last, headings)):
        shown = [key for text in texts if (key := _key(text))] if parts else []
        if any(whole in line for line in shown):
            return title
        for key in sorted(parts, key=len, reverse=True):
            if any(line.endswith(key) and len(line) <= 2 * len(key) for line in shown):
                return parts[key]
    return title


def _telling(titles: Sequence[str], sites: Sequence[str]) -> Sequence[str]:
    """The titles that are not the site's own name, where there are any."""
    names = {_key(site) for site in sites}
    return [title for title in titles if _key(title) not in names] or titles


def without_site(title: str, sites: Sequence[str]) -> str:
    """The title without the site's name at its end or beginning."""
    parts = _BETWEEN.split(title)
    if len(parts) < 2:
        return title
    names = [_key(site) for site in sites if site]
    if len(parts[-1]) <= 60 and _names(parts[-1], names):
        return title[: title.rindex(parts[-1])].rstrip(_EDGES)
    if len(parts[0]) <= 60 and _names(parts[0], names):
        return title[len(parts[0]) :].lstrip(_EDGES)
    return title


def _without_kicker(heading: str, declared: str) -> str:
    """The heading from where the declared title begins in it: sites put a kicker into the same <h1>."""
    start = heading.casefold().find(declared.casefold())
    return heading[start:].lstrip(_EDGES) if start > 0 and len(declared) > len(heading) / 3 else heading


def agreement(one: str, other: str) -> float:
    """Share of the words of the longer text that the other has too, 0..1; 1 where one begins with the other's words."""
    left, right = _WORD.findall(one.casefold()), _WORD.findall(other.casefold())
    if not left or not right:
        return 0.0
    short, long = sorted((left, right), key=len)
    if len(short) >= 3 and long[: len(short)] == short:
        return 1.0
    return 2 * len(set(left) & set(right)) / (len(set(left)) + len(set(right)))


def is_headline_of(heading: str, title: str) -> bool:
    """Whether a heading says the title: in nearly the same words, or with a kicker that styles set apart from it.

    >>> is_headline_of("WeatherRain in May", "Rain in May"), is_headline_of("Sport", "Rain in May")
    (True, False)
    """
    said = _key(title)
    return agreement(heading, title) >= _AGREEMENT or (said != "" and said in _key(heading))


def _names(part: str, names: Sequence[str]) -> bool:
    key = _key(part)
    return any(key == name or _mostly(key, name) for name in names if key)


def same_name(one: str, other: str) -> bool:
    """Whether two names of a site or a person are the same but for spaces, case, punctuation and an ending.

    >>> same_name("The Daily News", "thedailynews.tz"), same_name("Ana Ruiz", "The Daily News")
    (True, False)
    """
    left, right = _key(one), _key(other)
    return bool(left) and (left == right or _mostly(left, right))


def _mostly(one: str, other: str) -> bool:
    """Whether one is most of the other: `dailynews` and `dailynewstz`."""
    short, long = sorted((one, other), key=len)
    return len(short) > 3 and len(short) >= 0.6 * len(long) and short in long


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))
