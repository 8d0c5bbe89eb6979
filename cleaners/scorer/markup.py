"""What the markup says about each block of an HTML page: tags, class words, links, and the containers around it.

B blocks; level 0 is the block's own element, 1 the one around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaners.document import Page
from cleaners.matching import Hit
from cleaners.scorer import characters as ch
from cleaners.scorer import lines
from cleaners.scorer.characters import Floats, Integers
from cleaners.scorer.lines import Measures
from cleaners.scorer.tree import TAGS, Tree, tree

NEAR_LEVELS = 3
NAMED_LEVELS = 12
STATED = (1, 2, 3, 4, 5)
SPEAKING = 25  # characters of a block that can agree with something
OPENING = 60  # characters of the description that are compared
LEAST_BODY = 200  # characters of an articleBody that is no teaser
BEARING = (0.3, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Tables:
    """Learnt log-odds: `vocabulary` of words, `near` and `far` of class words in the block's own and wider elements."""

    vocabulary: Floats
    near: Floats
    far: Floats


def features(page: Page, measures: Measures, hits: Sequence[Hit], tables: Tables) -> tuple[Floats, Tree]:
    """All features of an HTML page's blocks, (B, F), and the containers, which the network pools over."""
    around = tree(page)
    prose = lines.prosaic(measures.counts)
    links = np.fromiter((block.link_chars for block in page.blocks), np.float32, len(page.blocks))
    hidden = np.fromiter((block.hidden for block in page.blocks), np.float32, len(page.blocks))
    linked = measures.counts.size * links / np.maximum(measures.counts.tally[:, ch.SPACE :].sum(axis=1), 1)
    return lines.columns([
        lines.features(page, measures, hits, tables.vocabulary),
        linked / np.maximum(measures.counts.size, 1),
        np.log1p(linked),
        hidden,
        _containers(around, measures, prose, linked),
        _bearers(around, prose),
        _named(around),
        _odds(around, tables),
        _siblings(around, measures.counts.size, prose, linked),
        _headline(page),
        _declared(page),
    ]), around  # fmt: skip


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
    return np.concatenate([stated[around.at(level)] for level in STATED], axis=1)


def _bearers(around: Tree, prose: Floats) -> Floats:
    """How many levels up the element is that holds 30, 50, 80 % of the prose, (B, len(BEARING))."""
    held = np.append(around.inside(prose[:, None])[:, 0], np.inf) / max(float(prose.sum()), 1.0)
    reached = held[around.path]
    found = [np.argmax(reached >= share, axis=1) for share in BEARING]
    return np.asarray(np.log1p(np.stack(found, axis=1)), np.float32)


def _named(around: Tree) -> Floats:
    """Tags and groups of class words by distance: 1 at the block's own element, less farther up, (B, tags + groups)."""
    count, words = len(around.tags), around.words
    known = np.zeros((count + 1, len(TAGS) + 1 + words.flags.shape[1]), np.float32)
    known[np.arange(count), around.tags] = 1
    np.multiply(words.flags[words.which], _modest(around)[:, None], out=known[:-1, len(TAGS) + 1 :])
    known = np.delete(known, len(TAGS), axis=1)
    own = known[around.path[:, 0]]
    near = own.copy()
    for level in range(1, min(around.path.shape[1], NAMED_LEVELS)):
        np.maximum(near, known[around.path[:, level]] * np.float32(1 / (1 + level)), out=near)
    return np.concatenate([near, own[:, : len(TAGS)]], axis=1)


def _modest(around: Tree) -> Floats:
    """0 for containers of nearly all blocks: a class of `<body>` says nothing of the text (`cookie-banner-open`)."""
    total = max(len(around.path), 1)
    return ((around.last - around.first) < 0.9 * total).astype(np.float32)


def _odds(around: Tree, tables: Tables) -> Floats:
    """Log-odds of class words: of the nearest elements one by one, of the wider ones together, (B, 16)."""
    blank, words = np.zeros((1, 3), np.float32), around.words
    near = np.concatenate([words.odds(tables.near)[words.which], blank])
    far = np.concatenate([words.odds(tables.far)[words.which], blank])
    close = [near[around.at(level)] for level in range(NEAR_LEVELS + 1)]
    wide = (
        far[around.path[:, NEAR_LEVELS:]] if around.path.shape[1] > NEAR_LEVELS else np.zeros((len(around.path), 1, 3))
    )
    return lines.columns([*close, wide[:, :, 0].min(axis=1), wide[:, :, 1].max(axis=1), wide[:, :, 2].sum(axis=1),
                          close[0][:, 2] + close[1][:, 2] + close[2][:, 2]])  # fmt: skip


def _siblings(around: Tree, size: Floats, prose: Floats, linked: Floats) -> Floats:
    """What blocks of the same markup (tag and classes, two levels) are like, on the page and beside it, (B, 10)."""
    values = len(around.words.heads) + 1
    looks = np.append(around.tags * values + around.words.which, -1) + 1
    own, upper = looks[around.at(0)], looks[around.at(1)]
    alike = own * ((len(TAGS) + 1) * values + 1) + upper
    beside = alike * (len(around.tags) + 1) + around.at(2) + 1
    masses = np.stack([np.ones_like(size), size, prose, linked, prose > 0], axis=1)
    return np.concatenate([_alike(alike, masses), _alike(beside, masses)], axis=1)


def _alike(keys: Integers, masses: Floats) -> Floats:
    _, group = np.unique(keys, return_inverse=True)
    order = np.argsort(group, kind="stable")
    heads = np.flatnonzero(np.diff(group[order], prepend=-1))
    count, size, prose, linked, long = np.add.reduceat(masses[order], heads, axis=0).T
    total = max(float(masses[:, 2].sum()), 1.0)
    each = np.stack(
        [np.log1p(count), np.log1p(size / count), prose / total, linked / np.maximum(size, 1), long / count]
    )
    return each.T[group].astype(np.float32)


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
    if len(opening) >= SPEAKING:
        said[:, 1] = [block.text.startswith(opening) for block in page.blocks]
    if len(body) >= LEAST_BODY:
        spoken = [(block.index, block.text in body) for block in page.blocks if len(block.text) >= SPEAKING]
        for at, agrees in spoken:
            said[at, 0] = 1.0 if agrees else -1.0
        said[:, 2] = said[:, 0].sum() > 0
    return said
