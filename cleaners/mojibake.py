"""UTF-8 that was once read as something else ("cafÃ©") is put right, where ftfy is certain.

A clean text pays for one search among its characters beyond ASCII; ftfy sees only lines that hold suspicious pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# What the second and later bytes of UTF-8's characters become as windows-1252 or Latin-1.
_TAIL: Final = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
# Two bytes (accents, Cyrillic, Greek, Hebrew, Arabic), three (quotation marks, CJK); in windows-1251 the commonest.
_PAIR: Final = re.compile(f"[Â-Û]{_TAIL}|â[€\x80]{_TAIL}|[ã-ê]{_TAIL}{{2}}|ðŸ{_TAIL}|вЂ[™œќ“”њ]|Р[°ѕµ]|С‚")
# The same in UTF-8. A pattern that begins with one literal byte is searched ten times as fast as one with a choice.
_RAW_TAIL: Final = rb"(?:\xc2[\x80-\xbf]|[\xc5\xc6\xcb]|\xe2[\x80\x82\x84])"
_RAW_PAIRS: Final = (
    re.compile(
        rb"\xc3(?:\xb0\xc5\xb8|[\x82-\x9b]%b|\xa2(?:\xe2\x82\xac|\xc2\x80)|[\xa3-\xaa]%b[\x80-\xbf]*%b)"
        % (_RAW_TAIL, _RAW_TAIL, _RAW_TAIL)
    ),
    re.compile(rb"\xd0(?:\xa0[\xc2\xd1]|\xb2\xd0\x82|\xa1\xe2)"),
)
_LONGEST: Final = 20_000  # characters of one line that ftfy is shown


def repair(text: str, utf8: bytes | None = None) -> str:
    """The text with its mojibake undone; the same object where there is none.

    `utf8` is exactly the text in UTF-8 where the caller has it.

    >>> repair("A cafÃ© on the QuÃ©bec border; Â© nobody"), repair("Ein Café")
    ('A café on the Québec border; © nobody', 'Ein Café')
    """
    if text.isascii():
        return text
    if utf8 is None:
        utf8 = text.encode("utf-8", "surrogatepass")
    if not _suspicious(utf8):
        return text
    pieces = []
    done = 0
    for start, end in _suspicious_lines(text, utf8):
        line = text[start:end]
        fixed = _fixed(line)
        if fixed != line:
            pieces += [text[done:start], fixed]
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _suspicious(utf8: bytes) -> bool:
    # A byte alone is found ten times as fast as the pattern that begins with it; pages in English have neither.
    return any(first in utf8 and pair.search(utf8) for first, pair in zip(b"\xc3\xd0", _RAW_PAIRS, strict=True))


def _suspicious_lines(text: str, utf8: bytes) -> Iterator[tuple[int, int]]:
    """Where the lines (between line ends and tags) begin and end that hold a suspicious pair."""
    end = 0
    for at in _suspects(utf8):
        match = _PAIR.match(text, at) if at >= end else None
        if match:
            start = max(text.rfind(edge, end, at) for edge in "\n<>") + 1 or end
            ends = [at for edge in "\n<>" if (at := text.find(edge, match.end(), match.end() + _LONGEST)) >= 0]
            end = min(ends, default=min(len(text), match.end() + _LONGEST))
            yield start, end


def _suspects(utf8: bytes) -> Iterator[int]:
    """Characters before each place the raw patterns find: searching the text for `_PAIR` costs ten times as much."""
    characters = done = 0
    for at in sorted(match.start() for pair in _RAW_PAIRS for match in pair.finditer(utf8)):
        characters += len(utf8[done:at].decode("utf-8", "surrogatepass"))
        done = at
        yield characters


def _fixed(line: str) -> str:
    """The line as ftfy mends it, but one that has the right letters too: it writes about mojibake."""
    import ftfy  # 0.15 s to import, for the rare text that needs it
    from ftfy.badness import is_bad

    if len(line) > 2 * _LONGEST or not is_bad(line):
        return line
    fixed = ftfy.fix_encoding(line)
    letters = {character for character in fixed if character > "\x7f" and character.isalpha()}
    return line if letters.intersection(line) else fixed
