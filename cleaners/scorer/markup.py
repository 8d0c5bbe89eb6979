"""What the markup says about each block of an HTML page: tags, class words, links, and the containers around it.

B blocks; level 0 is the block's own element, 1 the one around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cleaners.document import Metadata, Page
from cleaners.matching import Hit
from cleaners.scorer import characters as ch
from cleaners.scorer import lines
from cleaners.scorer.characters import Floats, Integers
from cleaners.scorer.lines import Measures, Witnesses
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
    return lines.joined(witnesses(page, measures, hits, tables, around)), around


def witnesses(page: Page, measures: Measures, hits: Sequence[Hit], tables: Tables, around: Tree) -> Witnesses:
    """The same by what they come from, in the order that the network knows."""
    counts = measures.counts
    texts = [block.text for block in page.blocks]
    prose = lines.prosaic(counts)
    links = np.array([block.link_chars for block in page.blocks], np.float32)
    linked = counts.size * links / np.maximum(counts.tally[:, ch.SPACE :].sum(axis=1), 1)
    tags, groups, own = _named(around)
    return {
        **lines.witnesses(page, measures, prose, hits, tables.vocabulary),
        "links": [linked / np.maximum(counts.size, 1), np.log1p(linked)],
        "hidden": [np.array([block.hidden for block in page.blocks])],
        "containers": [_containers(around, measures, prose, linked), _bearers(around, prose)],
        "tags": [tags, own],
        "classes": [groups, *_odds(around, tables)],
        "siblings": [_siblings(around, counts.size, prose, linked)],
        "headline": _headline(page, texts),
        "declared": [_declared(page.metadata, texts)],
    }


def _containers(around: Tree, measures: Measures, prose: Floats, linked: Floats) -> Floats:
    """Mass, prose and links of the elements around each block, (B, 7 * len(STATED))."""
    counts = measures.counts
    values = np.stack([counts.size, prose, linked, np.ones_like(prose), (prose > 0), counts.sentences])
    size, text, link, blocks, long, sentences = around.inside(values)
    mass, bearing = (max(float(sizes.sum()), 1.0) for sizes in (counts.size, prose))
    stated = np.empty((len(size), 7), np.float32)
    said = (np.log1p(size), text / bearing, link / np.maximum(size, 1), np.log1p(blocks), size / mass,
            long / np.maximum(blocks, 1), np.log1p(sentences))  # fmt: skip
    for column, values in enumerate(said):
        stated[:, column] = values
    return stated.take(around.path[:, STATED], axis=0, mode="wrap").reshape(len(prose), -1)


def _bearers(around: Tree, prose: Floats) -> Floats:
    """How many levels up the element is that holds 30, 50, 80 % of the prose, (B, len(BEARING))."""
    held = around.inside(prose[None])[0] / max(float(prose.sum()), 1.0)
    held[-1] = np.inf
    reached = held.take(around.path, mode="wrap") >= np.array(BEARING, np.float32)[:, None, None]
    return np.asarray(np.log1p(reached.argmax(axis=2)).T, np.float32)


def _named(around: Tree) -> tuple[Floats, Floats, Floats]:
    """Tags, (B, tags), and groups of class words, (B, groups), by distance: 1 at the block's own element, less farther
    up; and the tags of the block's own element, (B, tags). Counted down in bytes, which are compared by the dozen.
    """
    count, words, others = len(around.tags), around.words, len(TAGS)
    known = np.zeros((count + 1, others + 1 + words.flags.shape[1]), np.uint8)
    known[np.arange(count), around.tags] = 1
    known[:-1, others + 1 :] = words.flags.take(words.which, axis=0) * _modest(around)[:, None]
    known[:, others] = 0  # tags that have no name
    known *= np.uint8(NAMED_LEVELS)
    nearest = known.take(around.path[:, 0], axis=0, mode="wrap")
    own = nearest[:, :others] > 0
    held = np.empty_like(nearest)
    for level in range(1, min(around.path.shape[1], NAMED_LEVELS)):
        known.take(around.path[:, level], axis=0, mode="wrap", out=held)
        held -= np.minimum(held, np.uint8(level))
        np.maximum(nearest, held, out=nearest)
    said = _NEARNESS.take(nearest)
    return said[:, :others], said[:, others + 1 :], own.astype(np.float32)


_NEARNESS = np.array([0, *(1 / (1 + NAMED_LEVELS - left) for left in range(1, NAMED_LEVELS + 1))], np.float32)


def _modest(around: Tree) -> Floats:
    """0 for containers of nearly all blocks: a class of `<body>` says nothing of the text (`cookie-banner-open`)."""
    total = max(len(around.path), 1)
    return ((around.last - around.first) < 0.9 * total).astype(np.float32)


def _odds(around: Tree, tables: Tables) -> list[Floats]:
    """Log-odds of class words: of the nearest elements one by one, of the wider ones together, (B, 16)."""
    near = around.words.odds(tables.near).T.take(around.path[:, : NEAR_LEVELS + 1], axis=0, mode="wrap")
    least, most, mean = around.words.odds(tables.far)
    wider = around.path[:, NEAR_LEVELS:]
    return [
        near.reshape(len(near), -1),
        least.take(wider, mode="wrap").min(axis=1),
        most.take(wider, mode="wrap").max(axis=1),
        mean.take(wider, mode="wrap").sum(axis=1),
        near[:, 0, 2] + near[:, 1, 2] + near[:, 2, 2],
    ]


def _siblings(around: Tree, size: Floats, prose: Floats, linked: Floats) -> Floats:
    """What blocks of the same markup (tag and classes, two levels) are like, on the page and beside it, (B, 10)."""
    values = len(around.words.heads) + 1
    looks = np.append(around.tags * values + around.words.which, -1) + 1
    own, upper = looks[around.path[:, 0]], looks[around.path[:, 1]]
    alike = own * ((len(TAGS) + 1) * values + 1) + upper
    beside = alike * (len(around.tags) + 1) + around.path[:, 2] + 1
    masses = np.stack([np.ones_like(size), size, prose, linked, prose > 0])
    found = np.empty((len(size), 10), np.float32)
    _alike(alike, masses, found[:, :5])
    _alike(beside, masses, found[:, 5:])
    return found


def _alike(keys: Integers, masses: Floats, out: Floats) -> None:
    """What blocks with the same key are like together, (B, 5), written to `out`."""
    order = keys.argsort(kind="stable")
    ranked = keys.take(order)
    heads = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    count, size, prose, linked, long = np.add.reduceat(masses.take(order, axis=1), heads, axis=1)
    total = max(float(masses[2].sum()), 1.0)
    each = np.stack(
        [np.log1p(count), np.log1p(size / count), prose / total, linked / np.maximum(size, 1), long / count]
    )
    out[order] = each.repeat(np.diff(heads, append=len(keys)), axis=1).T


def _headline(page: Page, texts: Sequence[str]) -> list[Floats]:
    """Where the block stands against the first `<h1>` and the page's own title, (B, 5)."""
    total = len(texts)
    here = np.arange(total, dtype=np.float32)
    title = page.metadata.title.strip()
    tags = [block.index for block in page.blocks if block.tag == "h1"]
    same = [at for at, text in enumerate(texts) if title.startswith(text) and _is_title(text, title)]
    named = np.zeros(total, np.float32)
    named[same] = 1
    parts = []
    for places in (tags, same):
        start = places[0] if places else 0
        parts += [np.full(total, float(bool(places)), np.float32), lines.signed_log(here - np.float32(start))]
    return [*parts, named]


def _is_title(text: str, title: str) -> bool:
    """The title itself, or what is left of it without the site's name (`Storm hits coast - The Paper`)."""
    return len(text) >= SPEAKING or text == title


def _declared(metadata: Metadata, texts: Sequence[str]) -> Floats:
    """What the page's own metadata repeat: the block stands in `articleBody`, opens the description, (B, 3)."""
    said = np.zeros((len(texts), 3), np.float32)
    body = " ".join(metadata.article_body.split())
    opening = " ".join(metadata.description.split())[:OPENING]
    if len(opening) >= SPEAKING:
        said[[at for at, text in enumerate(texts) if text.startswith(opening)], 1] = 1
    if len(body) >= LEAST_BODY:
        said[:, 0] = [0 if len(text) < SPEAKING else 1 if text in body else -1 for text in texts]
        said[:, 2] = said[:, 0].sum() > 0
    return said
