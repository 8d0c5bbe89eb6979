"""Which language a document and its lines are in.

    identify          the language of a text
    identify_page     the same of a page, by its prose
    identify_article  the same by what is likely content, where the page leaves it open
    foreign           whether a line is foreign navigation in an article

Scripts, languages and words of interfaces are data: `scripts.toml`, `languages.toml`, `interface.toml`.
"""

from __future__ import annotations

from cleaners.language.cascade import Language, identify
from cleaners.language.detectors import warm_up
from cleaners.language.lines import Foreign, foreign
from cleaners.language.page import identify_article, identify_page
from cleaners.language.scripts import (
    dominant_script,
    ends_sentence,
    is_unspaced,
    terminal_punctuation,
    word_count,
)

__all__ = [
    "Foreign",
    "Language",
    "dominant_script",
    "ends_sentence",
    "foreign",
    "identify",
    "identify_article",
    "identify_page",
    "is_unspaced",
    "terminal_punctuation",
    "warm_up",
    "word_count",
]
