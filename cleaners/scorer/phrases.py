"""What the phrase rules say, as features: which sort of rubbish a block sounds like, and what sounds so around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaners.matching import Hit
from cleaners.scorer.characters import Floats

SORTS = (
    ("cookie_banner", "login_prompt", "paywall_prompt", "newsletter", "app_promotion", "donation_appeal"),
    ("comment_form", "comments"),
    ("advertisement",),
    ("share_buttons", "counter", "back_to_top"),
    ("related_links", "pagination", "ticker", "poll"),
    ("navigation", "section_label", "breadcrumb", "search_form", "language_navigation", "tag_list"),
    ("copyright_line", "licence_line", "legal_notice", "contact_line"),
    ("byline", "author_bio", "date_label"),
    ("credit", "caption", "audio_player"),
)
"""Kinds of `rules/kinds.toml` that the network sees as one: it has met too few of each."""
_SORT = {kind: number for number, kinds in enumerate(SORTS) for kind in kinds}
REACH = 4


def features(hits: Sequence[Hit], blocks: int) -> Floats:
    """What the hits say of each block, (blocks, sorts + 3).

    Each sort, 1 where a certain rule says it, else a half; how near the last heading is that opens such a section; and
    the shares of blocks with hits before and behind.
    """
    width = len(SORTS) + 3
    found = np.zeros((blocks, width), np.float32)
    if not hits:
        return found
    sorted_hits = [(hit.block * width + _SORT[hit.kind], hit.certain) for hit in hits if hit.kind in _SORT]
    flat = found.ravel()
    flat[[at for at, certain in sorted_hits if not certain]] = 0.5
    flat[[at for at, certain in sorted_hits if certain]] = 1.0
    opening = [hit.block for hit in hits if hit.opens]
    opened = np.full(blocks, -50)
    opened[opening] = opening
    here = np.arange(blocks)
    since = here - np.maximum.accumulate(opened)
    found[:, -3] = np.maximum(1 - np.log1p(since, dtype=np.float32) / 4, 0)
    struck = np.zeros(blocks + 1, np.float32)
    np.cumsum(found[:, : len(SORTS)].max(axis=1), out=struck[1:])
    found[:, -2] = (struck[:-1] - struck.take(np.maximum(here - REACH, 0))) / REACH
    found[:, -1] = (struck.take(np.minimum(here + (1 + REACH), blocks)) - struck[1:]) / REACH
    return found
