"""JSON-LD of a page: parsed with patience, and the one node that is about its article.

Sites write JSON by string templates: trailing commas, raw newlines, comments, several values in a row. What cannot be
repaired in one pass gives the plain string fields that a search finds, never an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import orjson

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Node = dict[str, Json]

_MOST_NODES: Final = 2000  # a shop's catalogue reaches 500; beyond is an attack or not about the page
_LONGEST: Final = 4_000_000  # characters of one script
_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$", re.DOTALL
)
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")
_FIELD: Final = re.compile(
    r'"(@type|headline|datePublished|dateModified|description|articleSection|articleBody|inLanguage|name)"\s*:\s*'
    r'"((?:[^"\\]|\\.)*)"'
)
_CHILDREN: Final = ("@graph", "mainEntity", "mainEntityOfPage")


def parse(script: str) -> Json:
    """The value of one JSON-LD script; None where nothing can be made of it.

    >>> parse('{"headline": "Rain", }')
    {'headline': 'Rain'}
    """
    if not script or len(script) > _LONGEST:
        return None
    for attempt in (_strictly, _leniently, _by_search):
        value = attempt(script)
        if value is not None:
            return value
    return None


def nodes(values: list[Json]) -> Iterator[Node]:
    """The objects at the top, in lists, in @graph and in mainEntity, in page order; at most some thousands."""
    waiting = list(reversed(values))
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[name] for name in reversed(_CHILDREN) if isinstance(value.get(name), (dict, list)))


def types(node: Node) -> list[str]:
    """The names in @type, without the address of schema.org."""
    kind = node.get("@type")
    names = kind if isinstance(kind, list) else [kind]
    return [name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in names if isinstance(name, str)]


def _strictly(script: str) -> Json:
    try:
        value: Json = orjson.loads(script)
    except ValueError:  # a lone surrogate is one too
        return None
    return value


def _leniently(script: str) -> Json:
    text = script.strip()
    for _ in range(3):
        text = _WRAPPING.sub("", text).strip()
    try:
        value: Json
        value, _ = json.JSONDecoder(strict=False).raw_decode(_TRAILING_COMMA.sub(r"\1", text))
    except (ValueError, RecursionError):
        return None
    return value


def _by_search(script: str) -> Json:
    """The string fields of a script that is no JSON, as one node: the first of each name."""
    found: Node = {}
    for name, raw in _FIELD.findall(script):
        try:
            found.setdefault(name, json.loads(f'"{raw}"', strict=False))
        except ValueError:
            continue
    return found or None
