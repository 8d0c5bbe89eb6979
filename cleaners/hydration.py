"""The body of an article from JSON-LD, or, where the page is empty, from the state that its scripts start with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

import orjson

from cleaners.evidence import Attributes
from cleaners.jsonld import Json, Node
from cleaners.lines import squeeze
from cleaners.markup import unescape
from cleaners.tables import metadata_table

_LONGEST: Final = 4_000_000  # characters of one script
_MOST_VALUES: Final = 50_000
_PROSE: Final = 60  # characters of a paragraph
_DECODER: Final = json.JSONDecoder(strict=False)
_SHORTEST: Final = 400  # characters of a body; below it is a teaser
_ASSIGNED: Final = re.compile(  # a value, or a string that holds one; JavaScript's own objects are no JSON
    r"(?:^|[;\n])[ \t]*+(?:(?:var|const|let)[ \t]++)?[\w$.\"'\[\]]{1,60}[ \t]*+=\s{0,9}"
    r'(?:JSON\.parse\(\s{0,9})?(?=[{\["])'
)
_MOST_ASSIGNED: Final = 20  # of one script
_LEAST_PARTS: Final = 3  # paragraphs in a list of them
_DEEPEST: Final = 6  # levels from a paragraph to its text; editors nest it in marks, links and lists
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
    states = [state for attributes, script in payloads for state in _states(attributes, script)]
    bodies = [body for state in states for body in _bodies(state)]
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


def _states(attributes: Attributes, script: str) -> Iterator[Json]:
    """The values that a script of JSON, or one that assigns them to variables, holds; none of any other script."""
    if len(script) > _LONGEST:
        return
    if "json" in attributes.get("type", ""):
        value = _loaded(script)
        # Nuxt's state is one list, in which objects refer to their strings by number: it has no names.
        yield {"body": value} if attributes.get("id") == "__NUXT_DATA__" else value
        return
    at = 0
    for _ in range(_MOST_ASSIGNED):
        match = _ASSIGNED.search(script, at)
        if match is None:
            return
        try:
            value, at = _DECODER.raw_decode(script, match.end())
        except (ValueError, RecursionError):
            at = match.end()
            continue
        yield _loaded(value) if isinstance(value, str) else value


def _loaded(script: str) -> Json:
    try:
        value: Json = orjson.loads(script)
    except ValueError:  # another kind of script, or a string that is only that
        return None
    return value


def _bodies(state: Json) -> Iterator[str]:
    """Long texts under the names that systems give to an article's: one string, or a list of paragraphs."""
    names = metadata_table()["state"]["body"]
    waiting: list[tuple[str, Json]] = [("", state)]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            if name.lower() in names and len(text := "\n\n".join(_paragraphs(value))) >= _SHORTEST:
                yield text
            waiting.extend((name, each) for each in value)
        elif isinstance(value, str) and len(value) >= _SHORTEST and name.lower() in names:
            yield value


def _paragraphs(parts: list[Json]) -> list[str]:
    """The texts of the elements of a list; none where they are no paragraphs, or only one or two."""
    if len(parts) < _LEAST_PARTS or not all(isinstance(part, (dict, str)) for part in parts):
        return []
    said = [part if isinstance(part, str) else "".join(_texts(part, _DEEPEST)) for part in parts]
    return said if sum(len(text) >= _PROSE for text in said) >= _LEAST_PARTS else []


def _texts(value: Json, levels: int) -> Iterator[str]:
    """The strings in an element that hold its text: its own, or those of what it is made of."""
    if isinstance(value, list) and levels:
        for each in value:
            yield from _texts(each, levels - 1)
    elif isinstance(value, dict) and levels:
        for name in metadata_table()["state"]["text"]:
            held = value.get(name)
            if isinstance(held, str):
                yield held
                return
            if isinstance(held, (dict, list)):
                yield from _texts(held, levels - 1)
                return
