"""An article and its removed blocks → the page text they were made from, character for character."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flows.errors import InvariantError

Piece = tuple[int, int, str]


def rebuild(article: Mapping[str, Any], removed: Iterable[Mapping[str, Any]]) -> str:
    """The page text of an article.

    `article` is a row of articles (needs `id`, `text`, `layout`), `removed` its rows of removed, in any order. Blocks
    of an HTML page are divided by one newline, those of a text dump by nothing. Raises InvariantError where blocks
    overlap or leave a hole. The result's sha256 is the article's `page_text_sha256`.

    >>> piece = {"start": 5, "end": 9, "text_start": 0, "lead": "", "trail": " "}
    >>> rebuild({"id": "1", "text": "Two", "layout": [piece]}, [{"start": 0, "end": 4, "text": "One."}])
    'One.\\nTwo '
    """
    pieces = [_kept(article["text"], piece) for piece in article["layout"]]
    pieces += [(row["start"], row["end"], row["text"]) for row in removed]
    parts: list[str] = []
    at = 0
    for start, end, text in sorted(pieces):
        if start - at not in (0, 1) or len(text) != end - start:
            raise InvariantError([f"article {article['id']}: no block for characters {at} to {start} of the page text"])
        parts += ["\n"] * (start - at) + [text]
        at = end
    return "".join(parts)


def _kept(text: str, piece: Mapping[str, Any]) -> Piece:
    lead, trail = piece["lead"], piece["trail"]
    start, end, at = piece["start"], piece["end"], piece["text_start"]
    return start, end, lead + text[at : at + end - start - len(lead) - len(trail)] + trail
