"""Words and sentences as the signals count them, spelled out."""

from __future__ import annotations

from itertools import groupby

from cleaners.normal import divides_words


def split_words(text: str) -> list[str]:
    """What stands between white space; in scripts that do not divide words each two characters."""
    return [word for stretch in text.split() for word in _divided(stretch)]


def _divided(stretch: str) -> list[str]:
    words = []
    for divides, letters in groupby(stretch, divides_words):
        run = "".join(letters)
        words += [run] if divides else [run[at : at + 2] for at in range(0, len(run), 2)]
    return words


def sentences(line: str) -> int:
    """Sentences of a line that ends one, as C4 counts them: quotation marks and brackets do not come between."""
    bare = line.translate(dict.fromkeys(map(ord, "\"')")))
    return 1 + sum(bare.count(f"{stop} ") for stop in ".!?…")
