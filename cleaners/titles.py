"""Which block is the title: the one that agrees with the metadata, else the dump's headline; never invented."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from cleaners.assemble import TERMINAL
from cleaners.comparable import LONGEST as LONGEST_LINE
from cleaners.comparable import with_numbers
from cleaners.comparable import words as word_count
from cleaners.document import Block, Page
from cleaners.matching import Hit
from cleaners.normal import core, in_word, normal

LONGEST = 300  # characters; the longest gold titles of the development corpora have about 200
SEARCHED = 60  # lines before the body in which a dump's headline is looked for
BODY_BLOCKS = 20  # of the body, whose words are compared with a line's
_CREDITS = ("byline", "date_label")
_NO_LETTERS = {code: " " for code in range(128) if not chr(code).isalpha()}
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff]")
_SITE_NAME = re.compile(r"(?<=\w)_+(?=\w)|(?<!\s)\s++(?:[|\u2013\u2014\u00b7\u2022:»-]|::)\s+")


@dataclass(frozen=True, slots=True)
class Title:
    """The title as text, the block it was taken from (None: from the metadata alone), and the blocks that repeat it."""

    text: str | None
    block: int | None = None
    repeats: tuple[int, ...] = ()


def find_title(page: Page, declared: str, body: range, hits: Sequence[Hit], keys: Sequence[str]) -> Title:
    """The title of a page.

    `declared` is the metadata's title ("" if none), `body` the blocks from the first to the last of the article, `hits`
    the phrases found on the page: a line that a rule has named is no headline. `keys` are the blocks' comparable forms.
    """
    if declared:
        return _located(keys, halved(declared), body)
    if page.media_type == "text/html":
        return Title(None)
    kinds_of = {hit.block: hit.kind for hit in hits}
    lines = _before(page, body, kinds_of)
    candidates = [block for block in lines if block.index not in kinds_of and _looks_like_headline(block)]
    if not candidates:
        return Title(None)
    context = _Context(page, body, kinds_of, candidates, keys)
    weighed = [(_weight(block, context), -block.index, block) for block in candidates]
    if max(weighed)[0] < _table()["least"]:
        return Title(None)
    best = _headline_above(weighed, kinds_of)
    return _located(keys, halved(best.text.strip()), body, best.index)


def halved(title: str) -> str:
    """A doubled headline ("T T") once.

    >>> halved("Rain stops play Rain stops play")
    'Rain stops play'
    """
    words = title.split()
    half = len(words) // 2
    if len(words) >= 4 and len(words) % 2 == 0 and words[:half] == words[half:]:
        return " ".join(words[:half])
    return title


def _before(page: Page, body: range, kinds_of: Mapping[int, str]) -> Sequence[Block]:
    """The lines in which a headline can stand: before the body, and the body's own first one where it is set apart.

    A blank line sets it apart, or a byline or date right behind it.
    """
    last = body.start + 1 if body else len(page.blocks)
    return [
        block
        for block in page.blocks[max(0, last - SEARCHED) : last]
        if block.index < body.start or _set_apart(block, page) or kinds_of.get(block.index + 1) in _CREDITS
    ]


def _set_apart(block: Block, page: Page) -> bool:
    """Whether a blank line stands behind the block and text follows."""
    return _blank_lines(block.text) and block.index + 1 < len(page.blocks)


def _looks_like_headline(block: Block) -> bool:
    """Two to forty words on one line, no full stop at the end, letters in most of it."""
    line = block.text.strip()
    if not line or len(line) > LONGEST or (line[-1] in TERMINAL and line[-1] not in "?!？！\"'”’»」』)）…"):
        return False
    if line.startswith(("-", "[", "*", "•", "·", "©", "http", "@")) or not 2 <= word_count(halved(line)) <= 40:
        return False
    if line.replace(" ", "").isalnum():
        return True
    signs = sum([line.count(sign) for sign in set(line) if not (in_word(sign) or sign.isspace())])
    return len(line) - signs >= 0.7 * len(line)


def _headline_above(weighed: Sequence[tuple[float, int, Block]], kinds_of: Mapping[int, str]) -> Block:
    """The line with the largest sum, or the shorter one right above it that comes close: then this one is the lead."""
    weight, _, best = max(weighed)
    margin = _table()["lead_margin"]
    for other, _, block in weighed:
        between = range(block.index + 1, best.index)
        near = block.index < best.index and all(index in kinds_of for index in between)
        if near and other >= weight - margin and 4 <= word_count(block.text) < word_count(best.text):
            return block
    return best


class _Context:
    """What the lines of a dump are weighed against: the words of the body, the lines before it, their kinds."""

    def __init__(
        self,
        page: Page,
        body: range,
        kinds_of: Mapping[int, str],
        candidates: Sequence[Block],
        keys: Sequence[str],
    ) -> None:
        self.keys = keys
        self.blocks = page.blocks
        self.body = body
        self.kinds_of = kinds_of
        self.said = _words_of([keys[at] for at in body[:BODY_BLOCKS]])
        self.credits = {index for index, kind in kinds_of.items() if kind in _CREDITS}
        self.lines = Counter(keys[: body.start])
        self.site_titles = {key: block.index for block in candidates for key in _without_site(block.text)}


def _weight(block: Block, context: _Context) -> float:
    """The sum of the signs that a line is the headline; what they are stands in `rules/headline.toml`."""
    line = block.text.strip()
    once = halved(line)
    key, words = context.keys[block.index], word_count(once)
    own = _words_of([key])
    again = len(own & context.said)
    before = context.blocks[block.index - 1].text if block.index else ""
    signs = {
        "said_again": again / max(1, len(own)),
        "said_again_count": min(again, 6) / 6,
        "log_words": math.log(words),
        "four_words": words >= 4,
        "six_words": words >= 6,
        "over_25_words": words > 25,
        "repeated": context.lines[key] > 1,
        "site_title": context.site_titles.get(key, block.index) != block.index,
        "distance": math.log1p(max(0, context.body.start - block.index)) / 3,
        "first_line": block.index == 0,
        "credits_follow": not context.credits.isdisjoint(range(block.index + 1, block.index + 4)),
        "blank_behind": _blank_lines(block.text),
        "blank_before": _blank_lines(before),
        "short_before": word_count(before) <= 3,
        "asks": line[-1] in "?!",
        "separator": " | " in line or " - " in line,
        "upper_case": line.isupper(),
        "doubled": once != line,
    }
    weights = _table()["weights"]
    return float(sum([weights[sign] * value for sign, value in signs.items()]))


def _words_of(keys: Sequence[str]) -> set[str]:
    """Words of four letters or more; in ASCII found at a tenth of what the expression costs."""
    words: set[str] = set()
    for key in keys:
        text = key if len(key) <= LONGEST_LINE else normal(key)  # longer blocks are their own key
        if text.isascii():
            words.update([word for word in text.translate(_NO_LETTERS).split() if len(word) >= 4])
        else:
            words.update(_WORD.findall(text))
    return words


def _blank_lines(text: str) -> bool:
    """Whether blank lines stand behind the line."""
    if not text[-2:].isspace():
        return False
    size = len(text.rstrip())
    return len(text) > size + 1 and len(text[size:].splitlines()) > 1


def _key(text: str) -> str:
    """What the keys of the page's blocks are compared with."""
    return with_numbers(core(normal(text)), text)


def _without_site(line: str) -> set[str]:
    """What may be the headline in a line that holds the site's name as well."""
    parts = _SITE_NAME.split(line.strip())
    return {_key(part) for part in (parts[0], parts[-1], " - ".join(parts[:-1]))} if len(parts) > 1 else set()


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("cleaners") / "rules" / "headline.toml").read_text(encoding="utf-8"))


def _located(keys: Sequence[str], text: str, body: range, chosen: int | None = None) -> Title:
    """Where the title stands on the page, once or doubled: up to the body's beginning first, its repeats anywhere."""
    key = _key(text)
    if not key:
        return Title(None)
    same = sorted({*_places(keys, key), *_places(keys, _key(f"{text} {text}"))})
    if chosen is None:
        chosen = next((index for index in same if not body or index <= body.start + 1), same[0] if same else None)
    return Title(text, chosen, tuple(index for index in same if index != chosen))


def _places(keys: Sequence[str], key: str) -> Iterator[int]:
    """Where the key stands."""
    at = -1
    for _ in range(keys.count(key)):
        at = keys.index(key, at + 1)
        yield at
