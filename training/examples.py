"""Pages with labels: what the networks are trained on.

HTML pages as they are; text dumps of five makers, and of some of them a nearer and a thinner one (much of the rubbish
taken out, so that a dump which is nearly clean is nothing new); and the gold texts themselves, which must stay whole.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cleaners.document import Page
from cleaners.html import walk
from cleaners.language import identify_page
from cleaners.matching import Hit, match, prepare
from cleaners.scorer.characters import Floats
from cleaners.text import split
from training.align import shares, without_title, words
from training.corpora import Sample, everything
from training.dumps import MAKERS, decoded, dumps

MOST_BLOCKS = 1500  # longer pages are scored, but not learnt from: a few of them would fill memory
CLEAN_WEIGHT = 0.7
THINNED = ("html_text", "resiliparse")


@dataclass(frozen=True, slots=True)
class Example:
    """A page and its labels. B blocks.

    variant  `html`, the maker of a dump, `near-…` and `thin-…` of one, or `clean`
    share    (B,) share of the block's words that stand in the gold at its place
    words    (B,) words of the block; 0 where the label is of no matter
    weight   of the page against others
    """

    sample: Sample
    variant: str
    titled: bool
    page: Page
    hits: tuple[Hit, ...]
    share: Floats
    words: Floats
    weight: float = 1.0

    @property
    def content(self) -> NDArray[np.bool_]:
        """(B,) the labels: most of the block is in the gold."""
        return self.share > 0.5


def html_examples() -> list[Example]:
    """Every page of the corpora that has blocks."""
    made = (_labelled(sample, "html", walk(decoded(sample.payload()), url=sample.url)) for sample in everything())
    return [example for example in made if example is not None]


def text_examples(seed: int = 0) -> list[Example]:
    """Dumps of every page, thinned dumps, and clean articles."""
    chance = random.Random(seed)
    examples: list[Example] = []
    for maker in MAKERS:
        texts = dumps(maker)
        for sample in everything():
            example = _labelled(sample, maker, split(texts[sample.key]))
            if example is not None and len(example.page.blocks) <= MOST_BLOCKS:
                examples += [example, *_thinned(example, chance)]
    examples += [_clean(sample, chance) for sample in everything()]
    return examples


def _labelled(sample: Sample, variant: str, page: Page) -> Example | None:
    texts = [block.text for block in page.blocks]
    if not any(text.strip() for text in texts):
        return None
    gold, titled = without_title(sample.gold, sample.title)
    share = np.array(shares(texts, gold), np.float32)
    size = np.array([len(words(text)) for text in texts], np.float32)
    return Example(sample, variant, titled, page, _hits(page), share, size)


def _hits(page: Page) -> tuple[Hit, ...]:
    return match(prepare(page.blocks), identify_page(page).code)


def _thinned(example: Example, chance: random.Random) -> Iterator[Example]:
    """A dump of which only what is near the body is left, and one of which little rubbish is left at all."""
    inside = np.flatnonzero(example.content)
    if not len(inside) or example.variant == "w3m":
        return
    here = np.arange(len(example.page.blocks))
    if chance.random() < 0.45:
        before, behind = chance.choice([0, 1, 2, 3, 5, 8, 12]), chance.choice([0, 1, 2, 3, 5, 8, 12, 20])
        yield _part(example, "near", (here >= inside[0] - before) & (here <= inside[-1] + behind))
    if example.variant in THINNED and chance.random() < 0.4:
        rate = chance.choice([0.03, 0.1, 0.3, 0.6])
        yield _part(example, "thin", example.content | np.array([chance.random() < rate for _ in here]))


def _part(example: Example, name: str, keep: NDArray[np.bool_]) -> Example:
    """The example with some blocks only."""
    page = split("".join(block.text for block, kept in zip(example.page.blocks, keep, strict=True) if kept))
    place = np.cumsum(keep) - 1
    hits = tuple(replace(hit, block=int(place[hit.block])) for hit in example.hits if keep[hit.block])
    return Example(
        sample=example.sample,
        variant=f"{name}-{example.variant}",
        titled=example.titled,
        page=page,
        hits=hits,
        share=example.share[keep],
        words=example.words[keep],
        weight=0.5,
    )


def _clean(sample: Sample, chance: random.Random) -> Example:
    """A gold text as a dump, mostly with its title on top: all content. The title's label is of no matter."""
    lines = [line.strip() for line in sample.gold.splitlines() if line.strip()]
    if chance.random() < 0.15:
        lines = lines[: chance.choice([1, 2, 3, 5])]
    title = " ".join(sample.title.split())
    head = [title] if title and chance.random() < 0.6 else []
    page = split(chance.choice(["\n", "\n\n", "\n\n"]).join([*head, *lines]))
    size = [0] * len(head) + [len(words(line)) for line in lines]
    share = np.array([0.0] * len(head) + [1.0] * len(lines), np.float32)
    return Example(sample, "clean", False, page, _hits(page), share, np.array(size, np.float32), CLEAN_WEIGHT)


def kept_text(example: Example, kept: Sequence[bool]) -> str:
    """What a choice of blocks reads like, with the title in front where the gold has it."""
    title = [example.sample.title] if example.titled else []
    texts = [block.text for block, keep in zip(example.page.blocks, kept, strict=True) if keep]
    return "\n".join([*title, *texts])
