"""What the markup says about each block of an HTML page: tags, class words, links, and the containers around it.

Containers hold contiguous runs of blocks, so every sum over a container is a difference of two cumulative sums. B
blocks, C containers, L levels (0 is the block's own element).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaners.document import Page
from cleaners.matching import Hit
from cleaners.scorer import attributes, lines
from cleaners.scorer import characters as ch
from cleaners.scorer.attributes import Attributes
from cleaners.scorer.characters import Floats, Integers
from cleaners.scorer.lines import Measures
from cleaners.scorer.network import Runs

LEVELS = 24
NEAR_LEVELS = 3
STATED = (1, 2, 3, 4, 5)
SPEAKING = 25  # characters of a block that can agree with something
OPENING = 60  # characters of the description that are compared
LEAST_BODY = 200  # characters of an articleBody that is no teaser
BEARING = (0.3, 0.5, 0.8)
TAGS = (
    ("p",), ("h1",), ("h2", "h3"), ("h4", "h5", "h6"), ("li",), ("ul", "ol", "dl"), ("td", "th", "tr", "table"),
    ("div", "center"), ("a",), ("span", "font"), ("article",), ("main",), ("section",), ("aside",), ("nav",), ("header",),
    ("footer",), ("figure", "figcaption", "caption"), ("form", "fieldset", "label", "select", "option", "textarea"),
    ("button",), ("blockquote", "q"), ("pre", "code"), ("b", "strong"), ("em", "i"), ("dt", "dd"), ("time", "address"),
    ("details", "summary", "dialog"),
)  # fmt: skip
_TAG_NUMBERS = {tag: number for number, tags in enumerate(TAGS) for tag in tags}
HEADLINE = _TAG_NUMBERS["h1"]


@dataclass(frozen=True, slots=True)
class Tree:
    """The containers around the blocks.

    path   (B, L) container at each level, -1 above the root
    first, last  (C,) the run of blocks [first, last) that a container holds
    """

    path: Integers
    first: Integers
    last: Integers

    def inside(self, values: Floats) -> Floats:
        """Sums of block values (B, k) over each container, (C, k)."""
        total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
        return (total[self.last] - total[self.first]).astype(np.float32)


def tree(page: Page) -> Tree:
    """Paths and runs of a page's containers."""
    total, count = len(page.blocks), len(page.containers)
    parent = np.fromiter((container.parent for container in page.containers), np.int64, count)
    up = np.append(parent, -1)
    levels = [np.fromiter((block.container for block in page.blocks), np.int64, total)]
    while len(levels) < LEVELS and (levels[-1] >= 0).any():
        levels.append(up[levels[-1]])
    path = np.stack(levels, axis=1)
    first, last = np.full(count + 1, total), np.zeros(count + 1, np.int64)
    here = np.arange(total)
    for level in levels:
        np.minimum.at(first, level, here)
        np.maximum.at(last, level, here + 1)
    return Tree(path, np.minimum(first, last)[:-1], last[:-1])


@dataclass(frozen=True, slots=True)
class Tables:
    """Learnt log-odds: `vocabulary` of words, `near` and `far` of attribute words in the block's own and wider elements."""

    vocabulary: Floats
    near: Floats
    far: Floats


def features(page: Page, measures: Measures, hits: Sequence[Hit], tables: Tables) -> tuple[Floats, Tree]:
    """All features of an HTML page's blocks, (B, F), and the containers, which the network pools over."""
    around = tree(page)
    prose = lines.prosaic(measures.counts)
    links = np.fromiter((block.link_chars for block in page.blocks), np.float32, len(page.blocks))
    hidden = np.fromiter((block.hidden for block in page.blocks), np.float32, len(page.blocks))
    words = attributes.gather([container.attributes for container in page.containers])
    linked = measures.counts.size * links / np.maximum(measures.counts.tally[:, ch.SPACE :].sum(axis=1), 1)
    return lines.columns([
        lines.features(page, measures, hits, tables.vocabulary),
        linked / np.maximum(measures.counts.size, 1),
        np.log1p(linked),
        hidden,
        _containers(around, measures, prose, linked),
        _bearers(around, prose),
        _named(page, around, words),
        _odds(around, words, tables),
        _siblings(page, around, words, measures.counts.size, prose, linked),
        _headline(page),
        _declared(page),
    ]), around  # fmt: skip


def _level(path: Integers, level: int) -> Integers:
    """Containers at one level, -1 where there are none."""
    return path[:, level] if level < path.shape[1] else np.full(len(path), -1)


def runs(around: Tree, levels: tuple[int, ...]) -> Runs:
    """The runs of blocks that the elements at these levels above each block hold; the whole page where there is none."""
    total = len(around.path)
    first, last = np.append(around.first, 0), np.append(around.last, total)
    path = np.stack([_level(around.path, level) for level in levels], axis=1)
    return Runs(first[path], last[path])


def _containers(around: Tree, measures: Measures, prose: Floats, linked: Floats) -> Floats:
    """Mass, prose and links of the elements around each block, (B, 7 * len(STATED))."""
    counts = measures.counts
    values = np.stack([counts.size, prose, linked, np.ones_like(prose), (prose > 0), counts.sentences], axis=1)
    held = np.concatenate([around.inside(values), np.zeros((1, values.shape[1]), np.float32)])
    mass = max(float(counts.size.sum()), 1.0)
    bearing = max(float(prose.sum()), 1.0)
    size, text, link, blocks, long, sentences = held.T
    stated = np.stack([
        np.log1p(size), text / bearing, link / np.maximum(size, 1), np.log1p(blocks), size / mass,
        long / np.maximum(blocks, 1), np.log1p(sentences),
    ], axis=1)  # fmt: skip
    return np.concatenate([stated[_level(around.path, level)] for level in STATED], axis=1)


def _bearers(around: Tree, prose: Floats) -> Floats:
    """How many levels up the element is that holds 30, 50, 80 % of the prose, (B, len(BEARING))."""
    held = np.append(around.inside(prose[:, None])[:, 0], np.inf) / max(float(prose.sum()), 1.0)
    reached = held[around.path]
    found = [np.argmax(reached >= share, axis=1) for share in BEARING]
    return np.log1p(np.stack(found, axis=1)).astype(np.float32)


def _named(page: Page, around: Tree, words: Attributes) -> Floats:
    """Tags and groups of class words by distance: 1 at the block's own element, less the farther up, (B, tags + groups)."""
    count = len(page.containers)
    numbers = np.array([_TAG_NUMBERS.get(container.tag, len(TAGS)) for container in page.containers], np.int64)
    tags = np.zeros((count + 1, len(TAGS) + 1), np.float32)
    tags[np.arange(count), numbers] = 1
    flags = np.concatenate([words.flags[words.which], np.zeros((1, words.flags.shape[1]), np.float32)])
    flags[:-1] *= _modest(around)[:, None]
    known = np.concatenate([tags[:, :-1], flags], axis=1)
    own = known[around.path[:, 0]]
    near = own.copy()
    for level in range(1, around.path.shape[1]):
        np.maximum(near, known[around.path[:, level]] * (1 / (1 + level)), out=near)
    return np.concatenate([near, own[:, : len(TAGS)]], axis=1)


def _modest(around: Tree) -> Floats:
    """0 for containers of nearly all blocks: a class of `<body>` says nothing of the text (`cookie-banner-open`)."""
    total = max(len(around.path), 1)
    return ((around.last - around.first) < 0.9 * total).astype(np.float32)


def _odds(around: Tree, words: Attributes, tables: Tables) -> Floats:
    """Log-odds of class words: of the nearest elements one by one, of the wider ones together, (B, 16)."""
    blank = np.zeros((1, 3), np.float32)
    near = np.concatenate([words.odds(tables.near)[words.which], blank])
    far = np.concatenate([words.odds(tables.far)[words.which], blank])
    close = [near[_level(around.path, level)] for level in range(NEAR_LEVELS + 1)]
    wide = (
        far[around.path[:, NEAR_LEVELS:]] if around.path.shape[1] > NEAR_LEVELS else np.zeros((len(around.path), 1, 3))
    )
    return lines.columns([*close, wide[:, :, 0].min(axis=1), wide[:, :, 1].max(axis=1), wide[:, :, 2].sum(axis=1),
                          close[0][:, 2] + close[1][:, 2] + close[2][:, 2]])  # fmt: skip


def _siblings(page: Page, around: Tree, words: Attributes, size: Floats, prose: Floats, linked: Floats) -> Floats:
    """What the blocks are like that are marked up alike (same tag and classes, two levels), on the page and beside, (B, 10)."""
    tags = np.array([_TAG_NUMBERS.get(container.tag, len(TAGS)) for container in page.containers] + [0], np.int64)
    looks = tags * (len(words.flags) + 1) + np.append(words.which, len(words.flags))
    width = int(looks.max()) + 1
    upper = around.path[:, 1] if around.path.shape[1] > 1 else around.path[:, 0]
    alike = looks[around.path[:, 0]] * width + looks[upper]
    place = (around.path[:, 2] if around.path.shape[1] > 2 else upper) + 1
    beside = alike * (len(page.containers) + 1) + place
    values = np.stack([np.ones_like(size), size, prose, linked, (prose > 0)], axis=1).astype(np.float32)
    return np.concatenate([_alike(alike, values), _alike(beside, values)], axis=1)


def _alike(keys: Integers, values: Floats) -> Floats:
    _, group = np.unique(keys, return_inverse=True)
    sums = np.stack([np.bincount(group, weights=column) for column in values.T], axis=1)[group]
    total = max(float(values[:, 2].sum()), 1.0)
    return np.stack([
        np.log1p(sums[:, 0]), np.log1p(sums[:, 1] / sums[:, 0]), sums[:, 2] / total,
        sums[:, 3] / np.maximum(sums[:, 1], 1), sums[:, 4] / sums[:, 0],
    ], axis=1).astype(np.float32)  # fmt: skip


def _headline(page: Page) -> Floats:
    """Where the block stands against the first `<h1>` and the page's own title, (B, 5)."""
    total = len(page.blocks)
    here = np.arange(total, dtype=np.float32)
    tags = np.array([block.tag == "h1" for block in page.blocks])
    title = page.metadata.title.strip()
    named = np.array([_same_title(block.text, title) for block in page.blocks])
    found = [np.flatnonzero(mask) for mask in (tags, named)]
    parts = []
    for places in found:
        start = places[0] if len(places) else 0
        parts += [np.full(total, float(len(places) > 0)), lines.signed_log(here - start)]
    parts.append(named.astype(np.float32))
    return lines.columns(parts)


def _same_title(text: str, title: str) -> bool:
    """The title itself, or what is left of it without the site's name (`Storm hits coast - The Paper`)."""
    return text == title if len(text) < SPEAKING else title.startswith(text)


def _declared(page: Page) -> Floats:
    """What the page's own metadata repeat: the block stands in `articleBody`, opens the description, (B, 3)."""
    said = np.zeros((len(page.blocks), 3), np.float32)
    body = " ".join(page.metadata.article_body.split())
    opening = " ".join(page.metadata.description.split())[:OPENING]
    for at, block in enumerate(page.blocks):
        if len(block.text) < SPEAKING:
            continue
        said[at, 0] = 1.0 if block.text in body else -1.0
        said[at, 1] = len(opening) >= SPEAKING and block.text.startswith(opening)
    if len(body) < LEAST_BODY:
        said[:, 0] = 0
    said[:, 2] = said[:, 0].sum() > 0
    return said
