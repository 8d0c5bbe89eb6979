"""Text as a browser lays it out: white space, line breaks, preformatted lines."""

from __future__ import annotations

from typing import Final

Range = tuple[int, int]
Line = tuple[str, int]
"""A line's text, and how many of its characters stand in links."""

BREAK: Final = "\x00"
"""Stands for <br> in a buffer until the block ends; the page's own NULs are gone by then."""

UNSEEN: Final = " \t\r\n\u034f\u200b\u200c\u200e\u200f\u2060\ufeff"
"""What is nothing at the ends of a text. A joiner (U+200D) gives the letter before it another shape."""


def squeeze(text: str) -> str:
    """White space squeezed, soft hyphens and marks of byte order taken out, nothing unseen at the ends.

    >>> squeeze(" Donau\\xaddampf\\n schiff \\u200b")
    'Donaudampf schiff'
    """
    if text.isascii():
        return " ".join(text.split())
    for mark in ("\xad", "\ufeff"):
        if mark in text:
            text = text.replace(mark, "")
    return " ".join(text.split()).strip(UNSEEN)


def _pieces(buffer: list[str], links: list[Range]) -> list[tuple[str, bool]]:
    """The buffer's strings, each with whether it stands in a link."""
    linked = {index for start, end in links for index in range(start, end)}
    return [(piece, index in linked) for index, piece in enumerate(buffer)]


def squeezed_lines(buffer: list[str], links: list[Range]) -> list[Line]:
    """Lines between line breaks, white space squeezed."""
    lines: list[tuple[list[str], list[str]]] = [([], [])]
    for piece, linked in _pieces(buffer, links):
        if piece == BREAK:
            lines.append(([], []))
            continue
        lines[-1][0].append(piece)
        if linked:
            lines[-1][1].append(piece)
    return [(squeeze("".join(every)), len(squeeze("".join(some)))) for every, some in lines]


def preformatted_lines(buffer: list[str], links: list[Range]) -> list[Line]:
    """Lines as written, indentation and all."""
    lines: list[tuple[list[str], int]] = [([], 0)]
    for piece, linked in _pieces(buffer, links):
        for number, line in enumerate(piece.replace(BREAK, "\n").split("\n")):
            if number:
                lines.append(([], 0))
            every, count = lines[-1]
            every.append(line)
            lines[-1] = (every, count + len(line) * linked)
    return [("".join(every).rstrip(), count) for every, count in lines]


def paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Lines in groups, divided where a line is empty."""
    groups: list[list[Line]] = [[]]
    for line in lines:
        if line[0]:
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]
