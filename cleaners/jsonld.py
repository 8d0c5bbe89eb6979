"""JSON-LD of a page: parsed with patience, and the one node that is about its article.

Sites write JSON by string templates: commas too many, raw newlines, comments, quotation marks inside strings, values
left out, several values in a row. What cannot be repaired in one pass gives the string fields that a search finds,
never an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import orjson

from cleaners.markup import unescape

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Node = dict[str, Json]

_MOST_NODES: Final = 2000  # a shop's catalogue reaches 500; beyond is an attack or not about the page
_LONGEST: Final = 4_000_000  # characters of one script
_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)|(?:-->|//\s*\]\]>|\]\]>|;)\s*$", re.DOTALL
)
# A string, which only a mark that punctuation follows ends; else a comment, or what stands between values. Each
# alternative takes what it begins with, so that no text is looked at twice.
_STRING: Final = r'"(?:[^"\\]++|\\.|"(?!\s*(?:[,:}\]]|//|/\*|$)))*+"?'
_TOKEN: Final = re.compile(
    rf"(?P<string>{_STRING})|(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)|(?P<signs>[,:{{\[][\s,]*+)|undefined\b",
    re.DOTALL,
)
_TO_ESCAPE: Final = re.compile(r'"|\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})|\\.', re.DOTALL)
_MARK: Final = '"'
_DECODER: Final = json.JSONDecoder(strict=False)
_BETWEEN_VALUES: Final = re.compile(r"[\s,;]*+")
_FIELD: Final = re.compile(
    r'"(@type|headline|datePublished|dateModified|description|articleSection|articleBody|inLanguage|name)"\s*:\s*'
    r'"((?:[^"\\]|\\.)*+)"(?=\s*+(?:[,}\]]|$))'
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
    if '"' not in text and "&quot;" in text:
        text = unescape(text)
    values, whole = _values(text)
    if not whole:
        values = max(values, _values(_TOKEN.sub(_mended, text))[0], key=len)
    return values[0] if len(values) == 1 else values or None


def _values(text: str) -> tuple[list[Json], bool]:
    """The values that stand in a row, up to what is none, and whether that is the end."""
    values: list[Json] = []
    at = 0
    while at < len(text) and len(values) < _MOST_NODES:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values, False
        values.append(value)
        between = _BETWEEN_VALUES.match(text, end)
        at = between.end() if between else end
    return values, True


def _mended(token: re.Match[str]) -> str:
    """A string with the marks in it escaped, no comment, no surplus comma, `null` for a value left out."""
    said = token[0]
    if said[0] == '"':
        return f'"{_TO_ESCAPE.sub(_escaped, said[1:].removesuffix(_MARK))}"'
    if token["comment"]:
        return " "
    if not token["signs"]:
        return "null"
    closes = token.string[token.end() : token.end() + 1] in ("}", "]", "")
    if said[0] == ",":
        return "" if closes else ","
    if said[0] == ":" and (closes or "," in said):
        return ":null" if closes else ":null,"
    return said[0]


def _escaped(found: re.Match[str]) -> str:
    """A quotation mark escaped, a backslash that escapes nothing gone; what is escaped stays."""
    return '\\"' if found[0] == _MARK else found[0] if len(found[0]) > 1 else ""


def _by_search(script: str) -> Json:
    """The string fields of a script that is no JSON, as one node: the first of each name."""
    found: Node = {}
    for name, raw in _FIELD.findall(script):
        try:
            found.setdefault(name, json.loads(f'"{raw}"', strict=False))
        except ValueError:
            continue
    return found or None
