"""Quality signals that are Winnow's own: what its account of a document says."""

from __future__ import annotations

from dataclasses import dataclass

from cleaners.document import CleanDocument
from cleaners.verdicts import is_prose


@dataclass(frozen=True, slots=True)
class Account:
    """What Winnow's own account says of a document.

    kept_share           share of the page's characters that stand in the text
    boilerplate_density  share of blocks that were cut between the first and the last kept one
    mean_confidence      mean probability that a kept block is content, by characters; None where no model was asked
    lead_present         whether the text begins with a paragraph of prose, behind headings at most
    language_mix         share of the text in other languages than the article's
    """

    kept_share: float = 0.0
    boilerplate_density: float = 0.0
    mean_confidence: float | None = None
    lead_present: bool = False
    language_mix: float = 0.0


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
