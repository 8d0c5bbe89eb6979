"""What an HTML page says about itself in places that are no text of it: gathered by the walk, read by `metadata`."""

from __future__ import annotations

from dataclasses import dataclass, field

Attributes = dict[str, str]


@dataclass(slots=True)
class Evidence:
    """Raw and in the order of the page.

    `metas`, `links`  attributes of <meta> and of <link rel=…>
    `titles`          texts of <title>
    `data`            JSON-LD scripts
    `payloads`        other scripts with their attributes: hydration payloads may be among them
    `properties`      (name, value, number of blocks before it) of itemprop, of rel=author as `rel:author` (so
                      category and tag), of <time datetime> as `time`
    """

    root: Attributes = field(default_factory=dict)
    metas: list[Attributes] = field(default_factory=list)
    links: list[Attributes] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    payloads: list[tuple[Attributes, str]] = field(default_factory=list)
    properties: list[tuple[str, str, int]] = field(default_factory=list)
