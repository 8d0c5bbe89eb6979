"""Quality signals of a text, by the definitions of the papers that filter with them. Numbers only: nothing is decided.

gopher_   Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", A1.1, table A1
c4_       Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer"
fineweb_  Penedo et al. 2024, "The FineWeb Datasets: Decanting the Web for the Finest Text Data at Scale", 3.5

Where a paper leaves a choice open, it is taken as datatrove takes it, whose filters made FineWeb. One is Winnow's own:
a word is what stands between white space, and in scripts that do not divide words each two characters are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import filterfalse
from typing import Any
from unicodedata import category

from cleaners.document import CleanDocument
from cleaners.judge import is_prose
from cleaners.ngrams import GREEDY, TOP, Repeats, repeats
from cleaners.twin import mutable_twin

# The function words of the paper; they are English, as in the paper.
STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
# Unicode's Sentence_Terminal (UAX 44) in scripts that newspapers are printed in.
SENTENCE_ENDS = frozenset(".!?։؟۔܀܁܂।॥။၊።፧፨។៕᠃᠉‼⁇⁈⁉‽⸮。﹒﹖﹗！．？｡")
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_POLICY = (b"terms of use", b"privacy policy")  # the others hold the word cookie
C4_ENDS = frozenset(".?!\"'")
LONGEST_WORD = 1_000  # characters; a line with a longer one is no text to C4
SHORT_LINE = 30  # characters, FineWeb's

_UNDIVIDED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{1,2}"
)
_PUNCTUATION = frozenset(("Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Cc"))
_ALSO_PUNCTUATION = frozenset("$+<=>^`|~´～")
# Bytes that begin no letter of such a script in UTF-8; what is left of a text without them tells.
_OTHER_BYTES = bytes(code for code in range(256) if code not in (0xE0, 0xE1, *range(0xE3, 0xEA), 0xEF, 0xF0))
# Between two sentences of a line, once quotation marks are gone; C4 splits with a tokenizer for English.
_BETWEEN = (b". ", b"! ", b"? ", "… ".encode())
_TOP_NAMES = tuple((f"gopher_top_{size}gram", size) for size in TOP)
_DUP_NAMES = tuple((f"gopher_dup_{size}gram", size) for size in GREEDY)


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
    written = list(filter(None, text.split("\n")))
    lines = [line for line in written if not line.isspace()]
    words = split_words(text)
    if not words:
        return Signals()
    characters = sum(map(len, lines)) + len(lines) - 1
    repeated = duplicates(lines)
    # A paragraph that is said twice says its lines twice, unless they are white space.
    paragraphs = _paragraphs(text) if repeated[0] or len(written) > len(lines) else {}
    found: Signals = _Signals(
        **_words(text, words, characters),
        **_lines(lines, repeated, characters),
        **paragraphs,
        **_c4(text, lines),
        **_fineweb(lines, repeated, characters, len(words)),
    )
    found.__class__ = Signals
    return found


@dataclass(frozen=True, slots=True)
class Account:
    """What Winnow's own account says of a document.

    kept_share           share of the page's characters that stand in the text
    boilerplate_density  share of blocks that were cut between the first and the last kept one
    mean_confidence      mean probability that a kept block is content, by characters; None where no model was asked
    lead_present         whether the text begins with a paragraph of prose, behind headings at most
    language_mix         share of the text in other languages than the article's
    """

    kept_share: float
    boilerplate_density: float
    mean_confidence: float | None
    lead_present: bool
    language_mix: float


def account(document: CleanDocument) -> Account:
    """The signals of what was kept and cut."""
    kept = [(span.block, span.end - span.start) for span in document.spans if span.end > span.start]
    chars = sum(size for _, size in kept)
    sizes = [(size, score) for block, size in kept if (score := document.verdicts[block].score) is not None]
    weight = sum(size for size, _ in sizes)
    shares = document.language_all
    return Account(
        kept_share=chars / len(document.page_text) if document.page_text else 0.0,
        boilerplate_density=_density(document, kept[0][0], kept[-1][0]) if kept else 0.0,
        mean_confidence=sum(size * score for size, score in sizes) / weight if weight else None,
        lead_present=_has_lead(document.text),
        language_mix=max(0.0, sum(share for code, share in shares if code != document.language)),
    )


def _density(document: CleanDocument, first: int, last: int) -> float:
    """Share of what was cut between two kept blocks; blank blocks and the title's line do not count."""
    between = [
        verdict.keep for verdict in document.verdicts[first : last + 1] if verdict.rule not in ("blank", "title")
    ]
    return between.count(False) / len(between) if between else 0.0


def _has_lead(text: str) -> bool:
    """Whether one of the first two paragraphs is prose: the other may be a heading or a dateline."""
    return any(is_prose(paragraph) for paragraph in text.split("\n\n", 2)[:2] if paragraph)


def split_words(text: str) -> list[str]:
    """Words as all signals count them.

    >>> split_words("Two words."), split_words("四个字符 ok")
    (['Two', 'words.'], ['四个', '字符', 'ok'])
    """
    if not text.isascii() and may_be_undivided(text):
        text = _UNDIVIDED.sub(r" \g<0> ", text)
    return text.split()


def may_be_undivided(text: str) -> bool:
    """Whether a text holds letters that may belong to a script that does not divide words: asked of all at once."""
    return bool(text.encode("utf-8", "surrogatepass").translate(None, _OTHER_BYTES))


@lru_cache(maxsize=4_096)
def is_punctuation(word: str) -> bool:
    """Whether a word is nothing but punctuation.

    >>> is_punctuation("--"), is_punctuation("don't")
    (True, False)
    """
    return all(character in _ALSO_PUNCTUATION or category(character) in _PUNCTUATION for character in word)


def sentences(lines: str) -> int:
    """Sentences of lines that each end one.

    >>> sentences('He said "no." Then he left.'), sentences("One. Two!\\nThree?")
    (2, 3)
    """
    data = lines.encode("utf-8", "surrogatepass").translate(None, b"\"')")
    return data.count(b"\n") + 1 + sum(map(data.count, _BETWEEN))


def _words(text: str, words: list[str], characters: int) -> dict[str, Any]:
    """What is counted in words, and in runs of them."""
    odd = [word for word in filterfalse(str.isalpha, words) if not word[0].isalpha()]
    letterless = [word for word in odd if not any(map(str.isalpha, word))]
    bare = [word for word in letterless if is_punctuation(word)]
    spoken = len(words) - len(bare)
    distinct = set(words)
    return {
        "gopher_mean_word_length": (len("".join(words)) - len("".join(bare))) / spoken if spoken else 0.0,
        "gopher_hash_ratio": text.count("#") / len(words),
        "gopher_ellipsis_ratio": (text.count("...") + text.count("…")) / len(words),
        "gopher_alpha_words": 1 - len(letterless) / len(words),
        "gopher_stop_words": len(STOP_WORDS & distinct),
        **_ngrams(repeats(words), characters),
    }


def _ngrams(found: Repeats, characters: int) -> dict[str, Any]:
    shares = {name: found.top[size] / characters for name, size in _TOP_NAMES}
    return shares | {name: found.duplicated[size] / characters for name, size in _DUP_NAMES}


def _lines(lines: list[str], repeated: tuple[int, int], characters: int) -> dict[str, Any]:
    """Gopher's signals of lines."""
    bullets = [line for line in lines if not line[0].isalnum() and line.lstrip().startswith(("•", "-"))]
    ellipses = [line for line in lines if not line[-1].isalnum() and line.rstrip().endswith(("...", "…"))]
    return {
        "gopher_bullet_lines": len(bullets) / len(lines),
        "gopher_ellipsis_lines": len(ellipses) / len(lines),
        "gopher_dup_lines": repeated[0] / len(lines),
        "gopher_dup_line_chars": repeated[1] / characters,
    }


def _paragraphs(text: str) -> dict[str, Any]:
    """Gopher's signals of what blank lines set apart."""
    paragraphs = [stripped for piece in text.split("\n\n") if (stripped := piece.strip("\n"))]
    repeated, characters = duplicates(paragraphs)
    return {
        "gopher_dup_paragraphs": repeated / len(paragraphs),
        "gopher_dup_paragraph_chars": characters / len(text),
    }


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


def _c4(text: str, lines: list[str]) -> dict[str, Any]:
    """C4's rules."""
    lowered = text.encode("utf-8", "surrogatepass").lower()  # a tenth of what it costs to fold all letters
    suspect = b"javascript" in lowered or b"cookie" in lowered or any(phrase in lowered for phrase in _POLICY)
    kept = [
        line
        for line in map(str.strip, lines)
        if line[-1] in C4_ENDS and line[-3:] != "..." and len(line.split(None, 2)) > 2
    ]
    if suspect or max(map(len, kept), default=0) > LONGEST_WORD:
        kept = [line for line in kept if _c4_keeps(line)]
    return {
        "c4_lines": len(kept) / len(lines),
        "c4_sentences": sentences("\n".join(kept)) if kept else 0,
        "c4_lorem_ipsum": b"lorem ipsum" in lowered,
        "c4_curly_bracket": "{" in text,
    }


def _c4_keeps(line: str) -> bool:
    """Whether C4 keeps a line of three words or more that ends like a sentence."""
    lowered = line.lower()
    if "javascript" in lowered or any(phrase in lowered for phrase in POLICY):
        return False
    return len(line) <= LONGEST_WORD or all(len(word) <= LONGEST_WORD for word in line.split())


def _fineweb(lines: list[str], repeated: tuple[int, int], characters: int, words: int) -> dict[str, Any]:
    newlines = len(lines) - 1
    return {
        "fineweb_line_punct": sum([line[-1] in SENTENCE_ENDS for line in lines]) / len(lines),
        "fineweb_short_lines": sum([len(line) <= SHORT_LINE for line in lines]) / len(lines),
        "fineweb_char_dup": repeated[1] / (characters - newlines),
        "fineweb_newline_ratio": newlines / words,
    }
