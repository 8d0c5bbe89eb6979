"""Quality signals of a text, by the definitions of the papers that filter with them. Numbers only: nothing is decided.

gopher_   Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", A1.1, table A1
c4_       Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer"
fineweb_  Penedo et al. 2024, "The FineWeb Datasets: Decanting the Web for the Finest Text Data at Scale", 3.5

Where a paper leaves a choice open, it is taken as datatrove takes it, whose filters made FineWeb. One is Winnow's own:
a word is what stands between white space, and in scripts that do not divide words each two characters are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cleaners.ngrams import repeats
from cleaners.tokens import Bools, Hashes, Ints, Lines, Tokens, Words, tokens
from cleaners.twin import mutable_twin

# The function words of the paper; they are English, as in the paper.
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
LONGEST_WORD = 1_000  # characters; a line with a longer one is no text to C4
SHORT_LINE = 30  # characters, FineWeb's

_PLACE = np.uint64(64 - 10)  # the first ten bits of a hash, in which the function words differ
_SALT = np.uint64(0x94D049BB133111EB)  # SplitMix's: lines of different texts are not compared

Columns = dict[str, Any]
"""Signals by name: an array each, with an entry a text."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the papers' filters look at. Shares and ratios of an empty text are 0.

    gopher_mean_word_length        characters a word, of words that hold more than punctuation
    gopher_hash_ratio              `#` a word
    gopher_ellipsis_ratio          `...` and `…` a word
    gopher_bullet_lines            share of lines that begin with `•` or `-`
    gopher_ellipsis_lines          share of lines that end in an ellipsis
    gopher_alpha_words             share of words with a letter
    gopher_stop_words              how many of the, be, to, of, and, that, have, with occur
    gopher_dup_lines               share of lines that repeat an earlier one; `_chars`: of characters in them
    gopher_dup_paragraphs          the same of paragraphs
    gopher_top_Ngram               share of characters in the most frequent run of N words
    gopher_dup_Ngram               share of characters in runs of N words that repeat an earlier run
    c4_lines                       share of lines that C4 keeps: three words or more, ending like a sentence, no word of
                                   a thousand characters, no `javascript`, no talk of policies and cookies
    c4_sentences                   sentences in those lines
    c4_lorem_ipsum, c4_curly_bracket  whether the text holds `lorem ipsum`, a curly bracket
    fineweb_line_punct             share of lines that end with the end of a sentence
    fineweb_short_lines            share of lines of at most 30 characters
    fineweb_char_dup               share of characters in lines that repeat an earlier one, line ends left out
    fineweb_newline_ratio          line ends a word
    """

    gopher_mean_word_length: float = 0.0
    gopher_hash_ratio: float = 0.0
    gopher_ellipsis_ratio: float = 0.0
    gopher_bullet_lines: float = 0.0
    gopher_ellipsis_lines: float = 0.0
    gopher_alpha_words: float = 0.0
    gopher_stop_words: int = 0
    gopher_dup_lines: float = 0.0
    gopher_dup_line_chars: float = 0.0
    gopher_dup_paragraphs: float = 0.0
    gopher_dup_paragraph_chars: float = 0.0
    gopher_top_2gram: float = 0.0
    gopher_top_3gram: float = 0.0
    gopher_top_4gram: float = 0.0
    gopher_dup_5gram: float = 0.0
    gopher_dup_6gram: float = 0.0
    gopher_dup_7gram: float = 0.0
    gopher_dup_8gram: float = 0.0
    gopher_dup_9gram: float = 0.0
    gopher_dup_10gram: float = 0.0
    c4_lines: float = 0.0
    c4_sentences: int = 0
    c4_lorem_ipsum: bool = False
    c4_curly_bracket: bool = False
    fineweb_line_punct: float = 0.0
    fineweb_short_lines: float = 0.0
    fineweb_char_dup: float = 0.0
    fineweb_newline_ratio: float = 0.0


_Signals = mutable_twin(Signals)  # made in a third of the time


def measure(text: str) -> Signals:
    """The signals of a text. Blank lines are no lines: the papers' thresholds were set on texts without them.

    >>> found = measure("The rain came back.\\n\\nThe rain came back.")
    >>> found.gopher_dup_lines, found.fineweb_line_punct, found.c4_sentences
    (0.5, 1.0, 2)
    """
    return measure_all([text])[0]


def measure_all(texts: Sequence[str]) -> list[Signals]:
    """The signals of each of many texts; for short ones a tenth of what it costs to measure one after the other."""
    if not texts:
        return []
    held = tokens(texts)
    each = _Each(texts, held)
    repeated = _again(held.lines)
    columns = {
        **_words(texts, held, each),
        **_ngrams(held.words, each),
        **_lines(held.lines, repeated, each),
        **_paragraphs(texts, held, repeated, each),
        **_c4(texts, held, each),
        **_fineweb(held.lines, repeated, each),
    }
    rows = zip(*(columns[name].tolist() for name in Signals.__slots__), strict=True)
    return [_made(row) if count else Signals() for row, count in zip(rows, each.words.tolist(), strict=True)]


def _made(row: tuple[Any, ...]) -> Signals:
    found: Signals = _Signals(*row)
    found.__class__ = Signals
    return found


class _Each:
    """Sums for each of some texts, and what most signals are shares of; sums that nothing is in are 1.

    words       words, which may be none
    lines       lines that are not blank
    characters  of these lines, with a line end between two
    starts      where each text begins when all are joined by newlines
    """

    def __init__(self, texts: Sequence[str], held: Tokens) -> None:
        self.texts = len(texts)
        self._word_doc, self._line_doc = held.words.doc, held.lines.doc
        self.words = np.diff(held.words.doc.searchsorted(np.arange(len(texts) + 1)))
        self.total = np.maximum(self.words, 1)
        self.lines = np.maximum(np.bincount(held.lines.doc, minlength=len(texts)), 1)
        self.characters = np.maximum(self.of_lines(held.lines.size) + self.lines - 1, 1)
        self.starts = np.cumsum([0, *(len(text) + 1 for text in texts)])

    def of_lines(self, values: Ints | Bools) -> Ints:
        """The sum over the lines of each text."""
        return self._sum(self._line_doc, values)

    def of_words(self, chosen: Ints, values: Ints | None = None) -> Ints:
        """How many of some words each text has, or the sum over them."""
        docs = self._word_doc.take(chosen)
        return self._sum(docs, np.ones(len(docs), bool) if values is None else values.take(chosen))

    def _sum(self, docs: Ints, values: Ints | Bools) -> Ints:
        sums: Ints = np.bincount(docs, values, minlength=self.texts).astype(np.int64)  # exact up to 2**53
        return sums


def _words(texts: Sequence[str], held: Tokens, each: _Each) -> Columns:
    """What is counted in words."""
    words = held.words
    bare, letterless = words.bare.nonzero()[0], words.letterless.nonzero()[0]
    spoken = np.maximum(each.words - each.of_words(bare), 1)
    before = np.concatenate(([0], words.size.cumsum()))
    characters = np.diff(before[words.doc.searchsorted(np.arange(each.texts + 1))])
    hashes, ellipses = ([text.count(mark) if mark in text else 0 for text in texts] for mark in "#…")
    for number in set(held.dotted.tolist()):
        ellipses[number] += texts[number].count("...")
    return {
        "gopher_mean_word_length": (characters - each.of_words(bare, words.size)) / spoken,
        "gopher_hash_ratio": np.array(hashes) / each.total,
        "gopher_ellipsis_ratio": np.array(ellipses) / each.total,
        "gopher_alpha_words": 1 - each.of_words(letterless) / each.total,
        "gopher_stop_words": _stop_words(words, each.texts),
    }


def _stop_words(words: Words, texts: int) -> Ints:
    """How many of the function words occur in each text."""
    known, places = _stop_names()
    place = words.name >> _PLACE
    said = (known[place] == words.name).nonzero()[0]
    occur = np.zeros((texts, len(STOP_WORDS)), bool)
    occur[words.doc[said], places[place[said]]] = True
    counts: Ints = occur.sum(axis=1)
    return counts


@cache
def _stop_names() -> tuple[Hashes, Ints]:
    """By the first bits of a hash: the hash that begins with them of a function word, and the number of that word."""
    names = tokens([" ".join(STOP_WORDS)]).words.name
    known, places = np.zeros(1 << 10, np.uint64), np.zeros(1 << 10, np.int64)
    known[names >> _PLACE], places[names >> _PLACE] = names, np.arange(len(names))
    return known, places


def _ngrams(words: Words, each: _Each) -> Columns:
    """What is counted in runs of words."""
    found = repeats(words, each.texts)
    top = {f"gopher_top_{size}gram": counted / each.characters for size, counted in found.top.items()}
    return top | {f"gopher_dup_{size}gram": counted / each.characters for size, counted in found.duplicated.items()}


def _again(lines: Lines) -> Bools:
    """Which lines repeat an earlier one of their text."""
    names = lines.name + lines.doc.view(np.uint64) * _SALT
    order = names.argsort(kind="stable")
    ordered = names[order]
    repeated = np.zeros(len(names), bool)
    repeated[order[1:]] = ordered[1:] == ordered[:-1]
    return repeated


def _lines(lines: Lines, repeated: Bools, each: _Each) -> Columns:
    """Gopher's signals of lines."""
    return {
        "gopher_bullet_lines": each.of_lines(lines.bullet) / each.lines,
        "gopher_ellipsis_lines": each.of_lines(lines.ellipsis) / each.lines,
        "gopher_dup_lines": each.of_lines(repeated) / each.lines,
        "gopher_dup_line_chars": each.of_lines(lines.size * repeated) / each.characters,
    }


def _paragraphs(texts: Sequence[str], held: Tokens, repeated: Bools, each: _Each) -> Columns:
    """Gopher's signals of what blank lines set apart.

    A paragraph that is said twice says its lines twice, unless they are white space: few texts need be looked at.
    """
    shares, characters = np.zeros(each.texts), np.zeros(each.texts)
    for number in {*held.lines.doc[repeated].tolist(), *held.blank.tolist()}:
        paragraphs = [stripped for piece in texts[number].split("\n\n") if (stripped := piece.strip("\n"))]
        times, size = duplicates(paragraphs)
        shares[number] = times / len(paragraphs)
        characters[number] = size / len(texts[number])
    return {"gopher_dup_paragraphs": shares, "gopher_dup_paragraph_chars": characters}


def duplicates(pieces: list[str]) -> tuple[int, int]:
    """How many pieces repeat an earlier one, and the characters in them.

    >>> duplicates(["a", "bc", "bc", "bc"])
    (2, 4)
    """
    if len(set(pieces)) == len(pieces):
        return 0, 0
    seen: set[str] = set()
    repeated = [piece for piece in pieces if piece in seen or seen.add(piece)]  # type: ignore[func-returns-value]
    return len(repeated), sum(map(len, repeated))


def _c4(texts: Sequence[str], held: Tokens, each: _Each) -> Columns:
    """C4's rules."""
    lines = held.lines
    kept = lines.c4.copy()
    suspect = kept & (lines.stripped > LONGEST_WORD)
    suspect[lines.start.searchsorted(held.clues, "right") - 1] = True
    for line in (kept & suspect).nonzero()[0].tolist():
        doc = int(lines.doc[line])
        start = int(lines.start[line] - each.starts[doc])
        kept[line] = _c4_keeps(texts[doc][start : start + int(lines.size[line])].strip())
    return {
        "c4_lines": each.of_lines(kept) / each.lines,
        "c4_sentences": each.of_lines((lines.breaks + 1) * kept),
        "c4_lorem_ipsum": _lorem_ipsum(texts, held.clues, each),
        "c4_curly_bracket": np.array(["{" in text for text in texts]),
    }


def _lorem_ipsum(texts: Sequence[str], clues: Ints, each: _Each) -> Bools:
    """Which texts hold the words that a page is filled with before there is one; asked only where a clue is."""
    found = np.zeros(each.texts, bool)
    for doc in set((each.starts.searchsorted(clues, "right") - 1).tolist()):
        found[doc] = b"lorem ipsum" in texts[doc].encode("utf-8", "surrogatepass").lower()
    return found


def _c4_keeps(line: str) -> bool:
    """Whether C4 keeps a line of three words or more that ends like a sentence."""
    lowered = line.lower()
    if "javascript" in lowered or any(phrase in lowered for phrase in POLICY):
        return False
    return len(line) <= LONGEST_WORD or all(len(word) <= LONGEST_WORD for word in line.split())


def _fineweb(lines: Lines, repeated: Bools, each: _Each) -> Columns:
    newlines = each.lines - 1
    return {
        "fineweb_line_punct": each.of_lines(lines.terminal) / each.lines,
        "fineweb_short_lines": each.of_lines(lines.size <= SHORT_LINE) / each.lines,
        "fineweb_char_dup": each.of_lines(lines.size * repeated) / np.maximum(each.characters - newlines, 1),
        "fineweb_newline_ratio": newlines / each.total,
    }
