"""What a reader of a document should know about it; sorted names in the column `flags`."""

from __future__ import annotations

from cleaners.language import Language
from cleaners.normal import word_count
from cleaners.rulebook import packs

FLAGS = {
    "empty": "no article text was found on the page",
    "short": "the text has fewer than 25 words",
    "guarded": "the cut went too far and was partly taken back",
    "mojibake_repaired": "text that had been decoded wrongly before it came here was repaired",
    "mixed": "the document mixes languages",
    "no_rule_pack": "no rules exist for the document's language; only those that need no language were used",
    "title_guessed": "the title is the line that looked most like a headline; no metadata named it",
    "listing": "a page that lists articles",
    "forum": "a discussion",
    "product": "a page that sells something",
    "not_article": "no article, listing, forum or product page",
}
SHORT_WORDS = 25
_LOOKED_AT = 1_000  # characters that tell, of most texts, that they are not short
MIXED_SHARE = 0.2
_PAGE_KINDS = {"listing": "listing", "forum": "forum", "product": "product", "other": "not_article"}


def find_flags(
    text: str, language: Language, page_kind: str, guarded: bool, repaired: bool, guessed: bool
) -> tuple[str, ...]:
    """The flags of a document, sorted."""
    raised = {
        "empty": not text,
        "short": 0 < word_count(text[:_LOOKED_AT]) < SHORT_WORDS and 0 < word_count(text) < SHORT_WORDS,
        "guarded": guarded,
        "mojibake_repaired": repaired,
        "mixed": sum(share >= MIXED_SHARE for _, share in language.shares) > 1,
        "no_rule_pack": language.code not in packs() and language.code != "und",
        "title_guessed": guessed,
        _PAGE_KINDS.get(page_kind, "article"): page_kind in _PAGE_KINDS,
    }
    return tuple(sorted(name for name, holds in raised.items() if holds))
