"""Ready-made settings: what a lake is for decides what goes into it. What is given by hand goes before a profile.

archive   everything that was found, with every cut: near duplicates are only marked
search    what somebody may look for: no empty texts, no lists of links; cuts are only counted
training  what a language model should read: the thresholds of Gopher, C4 and FineWeb, near duplicates dropped
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What is the same for every text whose language has another grammar than English is left out: function words.
_GOPHER = (
    "50 <= word_count <= 100000",
    "3 <= gopher_mean_word_length <= 10",
    "gopher_hash_ratio <= 0.1",
    "gopher_ellipsis_ratio <= 0.1",
    "gopher_bullet_lines <= 0.9",
    "gopher_ellipsis_lines <= 0.3",
    "gopher_alpha_words >= 0.8",
    "gopher_dup_lines <= 0.3",
    "gopher_dup_paragraphs <= 0.3",
    "gopher_dup_line_chars <= 0.2",
    "gopher_dup_paragraph_chars <= 0.2",
    "gopher_top_2gram <= 0.2",
    "gopher_top_3gram <= 0.18",
    "gopher_top_4gram <= 0.16",
    "gopher_dup_5gram <= 0.15",
    "gopher_dup_6gram <= 0.14",
    "gopher_dup_7gram <= 0.13",
    "gopher_dup_8gram <= 0.12",
    "gopher_dup_9gram <= 0.11",
    "gopher_dup_10gram <= 0.1",
)
_C4 = ("not c4_lorem_ipsum", "not c4_curly_bracket")
_FINEWEB = (
    "fineweb_line_punct >= 0.12",
    "fineweb_short_lines <= 0.67",
    "fineweb_char_dup <= 0.01",
    "fineweb_newline_ratio <= 0.3",
)

PROFILES: Mapping[str, Mapping[str, Any]] = {
    "archive": {"removed": "full", "dedup": "mark"},
    "search": {
        "removed": "counts",
        "filter": "word_count >= 20 and 'listing' not in flags and 'product' not in flags",
    },
    "training": {
        "removed": "counts",
        "dedup": "drop",
        "filter": " and ".join(("confidence >= 0.5", *_GOPHER, *_C4, *_FINEWEB)),
    },
}
