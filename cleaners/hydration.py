"""The body of an article from JSON-LD, or, where the page is empty, from the state that its scripts start with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Final

import orjson

from cleaners.evidence import Attributes
from cleaners.jsonld import Json, Node
from cleaners.lines import squeeze
from cleaners.tables import metadata_table

_LONGEST: Final = 4_000_000  # characters of one script
_MOST_VALUES: Final = 50_000
_SHORTEST: Final = 400  # characters of a body; below it is a teaser
_ASSIGNED: Final = re.compile(r"^\s*(?:window\.|self\.|var\s+|const\s+|let\s+)[\w$.\"'\[\]]{2,60}\s*=\s*(?=[{\[])")
_CODE: Final = re.compile(r"<(script|style)\b", re.IGNORECASE)
_CODE_END: Final = {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in ("script", "style")}
_DIVIDES: Final = re.compile(r"</?(?:p|div|h[1-6]|li|ul|ol|blockquote|br|section|figure)\b[^<>]*>|\n", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-zA-Z/!][^<>]*>")


def find_body(about: Node, payloads: Sequence[tuple[Attributes, str]], *, page_is_empty: bool) -> tuple[str, str]:
    """The article's text, paragraphs separated by blank lines, and where it stood; both empty where neither holds it.

    `about` is the JSON-LD of the article. The scripts are read only where `page_is_empty`: it takes milliseconds.

    >>> find_body({"articleBody": "<p>Rain.</p><p>Sun &amp; wind.</p>"}, [], page_is_empty=False)
    ('Rain.\\n\\nSun & wind.', 'json-ld')
    """
    body = about.get("articleBody") or about.get("text")
    if isinstance(body, str) and body.strip():
        return as_paragraphs(body), "json-ld"
    if not page_is_empty:
        return "", ""
    bodies = [body for attributes, script in payloads for body in _bodies(_state(attributes, script))]
    text = as_paragraphs(max(bodies, key=len, default=""))
    return text, "hydration" if text else ""


def as_paragraphs(markup: str) -> str:
    """Text of a fragment of markup (or of plain text), paragraphs separated by blank lines."""
    if "&lt;" in markup and "<" not in markup:
        markup = unescape(markup)
    lines = _DIVIDES.split("".join(_without_code(markup)))
    shown = [squeeze(unescape(_TAG.sub("", line))) for line in lines]
    return "\n\n".join([line for line in shown if line])


def _without_code(markup: str) -> Iterator[str]:
    """The pieces between scripts and style sheets. Where one kind has no end any more, no other of it is looked for."""
    at = 0
    ends: dict[str, re.Match[str] | None] = {}
    for begin in _CODE.finditer(markup):
        name = begin[1].lower()
        if begin.start() < at or ends.get(name, begin) is None:
            continue
        end = ends[name] = _CODE_END[name].search(markup, begin.end())
        if end is not None:
            yield markup[at : begin.start()] + " "
            at = end.end()
    yield markup[at:]


def _state(attributes: Attributes, script: str) -> Json:
    """The value that a script of JSON, or one that assigns it to a variable, holds; None for any other script."""
    if len(script) > _LONGEST:
        return None
    if "json" in attributes.get("type", ""):
        try:
            value: Json = orjson.loads(script)
        except ValueError:
            return None
        return value
    match = _ASSIGNED.match(script)
    if match is None:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(script, match.end())
    except (ValueError, RecursionError):
        return None
    return value


def _bodies(state: Json) -> Iterator[str]:
    """Long strings under the names that systems give to an article's text."""
    names = metadata_table()["state"]["body"]
    waiting: list[tuple[str, Json]] = [("", state)]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((name, each) for each in value)
        elif isinstance(value, str) and len(value) >= _SHORTEST and name.lower() in names:
            yield value
