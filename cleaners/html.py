"""HTML → Page: one lxml parse, one walk.

The parser tells elements and text as it meets them (no tree is built, so depth costs nothing), and `Walker` turns
them into blocks in reading order. Block-level elements delimit blocks, inline text joins. A single `<br>` is a newline
inside the block, two in a row split it; white space is squeezed as a browser does; soft hyphens go, and so do control
characters and what is unseen at a block's ends. What a browser does not show (`hidden`, `display:none`, `aria-hidden`,
`<noscript>`, `<template>`, a closed `<dialog>`, ruby readings) becomes blocks with `hidden` set; inside a paragraph it
is taken out and stands before it. What is hidden but is nearly all of the page (a <noscript> around it, a body that
waits for a script) counts as shown.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from cleaners.document import Page
from cleaners.metadata import read_metadata
from cleaners.soup import tell
from cleaners.walker import Walker

_CONTROLS: Final = bytes({*range(9), *range(0x0E, 0x1C), 0x7F})  # what programs of print leave; no browser shows them
_EACH_CONTROL: Final = tuple(map(bytes, zip(_CONTROLS, strict=True)))


def walk(html: str, *, url: str | None = None, utf8: bytes | None = None) -> Page:
    """Cut an HTML page into blocks: every text once, in reading order.

    `utf8` is `html` in UTF-8, without NULs, where the caller has it: encoding takes a twentieth of the walk.

    >>> [b.text for b in walk("<h1>Storm</h1><p>It <b>rained</b>.<p>All day.").blocks]
    ['Storm', 'It rained.', 'All day.']
    """
    walker = Walker()
    payload = html.encode("utf-8", "replace") if utf8 is None else utf8
    if any(control in payload for control in _EACH_CONTROL):  # at half the cost of looking at each byte
        payload = payload.translate(None, _CONTROLS)
    parser = etree.HTMLParser(target=walker, encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        etree.fromstring(payload, parser)
    except etree.XMLSyntaxError:  # nothing known makes libxml2 2.14 refuse; older ones refused empty documents
        walker = Walker()
        tell(html, walker)
    blocks, containers = walker.gathered()
    metadata = read_metadata(walker.evidence, blocks, containers, url)
    return Page("\n".join([block.text for block in blocks]), blocks, "text/html", containers, metadata)
