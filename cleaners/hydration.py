"""The body of an article from JSON-LD or from the state that a page's scripts start with."""

from __future__ import annotations

from collections.abc import Sequence

from cleaners.evidence import Attributes
from cleaners.jsonld import Node


def find_body(about: Node, payloads: Sequence[tuple[Attributes, str]]) -> str:
    """The article's text, paragraphs separated by blank lines; empty where neither holds it."""
    body = about.get("articleBody")
    return body.strip() if isinstance(body, str) else ""
