"""The shares of the languages of a text that mixes them, paragraph by paragraph.

Only prose counts: a bilingual article has paragraphs in both languages, foreign navigation has short lines.
"""

from __future__ import annotations

from cleaners.language.detectors import NOTHING, by_cld2, by_langid
from cleaners.language.languages import ONLY, SCRIPTS_OF, near
from cleaners.language.scripts import SCRIPTS, ends_sentence, heaviest, letters_by_script

_FEWEST = 40  # weighted letters of a paragraph that is asked for its language
_SURE = 0.9  # of either detector
_PARAGRAPHS = 40  # looked at
_LEAST = 0.05  # share that is worth naming


def shares(text: str, main: str) -> tuple[tuple[str, float], ...]:
    """Languages of a prepared text and their shares of its prose (they sum to 1), largest first.

    Paragraphs in a language near the main one, and those that no detector is sure of, count for the main one.
    """
    weights: dict[str, float] = {}
    for paragraph in _spread([line for line in text.split("\n") if ends_sentence(line)] or text.split("\n")):
        letters = letters_by_script(paragraph)
        weight = sum(number * SCRIPTS[script].weight for script, number in letters.items())
        if weight >= _FEWEST:
            code = _language(paragraph, heaviest(letters), main)
            weights[code] = weights.get(code, 0.0) + weight
    total = sum(weights.values())
    named = {code: weight for code, weight in weights.items() if weight >= _LEAST * total}
    rest = sum(named.values())
    ranked = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    return tuple((code, round(weight / rest, 3)) for code, weight in ranked) or ((main, 1.0),)


def _spread(lines: list[str]) -> list[str]:
    """At most 40 lines, evenly from the whole text."""
    step = -(-len(lines) // _PARAGRAPHS) or 1
    return lines[::step]


def _language(paragraph: str, script: str, main: str) -> str:
    if script in ONLY:
        return ONLY[script]
    first = next(iter(by_cld2(paragraph)), NOTHING)
    if not first.reliable or first.share < _SURE or near(first.code, main) or first.code not in SCRIPTS_OF:
        return main
    second = by_langid(paragraph)
    return first.code if near(first.code, second.code) and second.share >= _SURE else main
