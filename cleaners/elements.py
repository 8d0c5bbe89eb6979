"""What a browser makes of each HTML element. Source: the rendering section of WHATWG HTML."""

from __future__ import annotations

from typing import Final

# Roles, ordered so that one comparison tells a group: up to LINK inline, BLOCK and PREFORMATTED divide, from SKIP on no
# text of the page.
INLINE: Final = 0
EMPHASIS: Final = 1
LINK: Final = 2
BLOCK: Final = 3
PREFORMATTED: Final = 4
HIDING: Final = 5
SKIP: Final = 6
TELLING: Final = 7
VOID: Final = 8

_BLOCK = """
    html body address article aside blockquote button caption center dd details dir div dl dt fieldset figcaption
    figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup label legend li main menu nav ol optgroup option
    p search section select summary table tbody td tfoot th thead tr ul
"""
# Blocks whose line ends are shown.
_PREFORMATTED = "pre textarea listing xmp plaintext"
# Inline elements that say something about a block when they hold all of it, even without attributes.
_EMPHASIS = "b strong em i"
# Shown by no browser (noscript, fallback content, a dialogue before it opens) or as an annotation above the line (rt):
# kept as hidden blocks.
_HIDING = "noscript dialog template rt rtc video audio canvas object datalist"
# Never text: code, drawings, replaced elements, ruby's brackets, TeX sources of formulas. `title` is read as metadata.
_SKIP = "script style svg iframe noembed noframes title rp annotation annotation-xml"
# Without content, or told by the parser as if they had some (it knows no `wbr`): they open nothing.
_VOID = "area base basefont bgsound br col embed frame head hr img input keygen link meta param source track wbr"
# Those of them that say something by being there.
_TELLING = "meta link br hr input"

ROLES: Final[dict[str, int]] = {
    **dict.fromkeys(_EMPHASIS.split(), EMPHASIS),
    "a": LINK,
    **dict.fromkeys(_BLOCK.split(), BLOCK),
    **dict.fromkeys(_PREFORMATTED.split(), PREFORMATTED),
    **dict.fromkeys(_HIDING.split(), HIDING),
    **dict.fromkeys(_SKIP.split(), SKIP),
    **dict.fromkeys(_VOID.split(), VOID),
    **dict.fromkeys(_TELLING.split(), TELLING),
}
"""Element name to role; what is missing is INLINE, as unknown elements are in a browser."""

NEVER_OPEN: Final = frozenset(_VOID.split())
"""Elements whose end means nothing."""

BUTTON_TYPES: Final = frozenset({"submit", "button", "reset"})
"""Types of <input> whose value is shown as text."""

PROPERTIES: Final = frozenset(
    {"author", "name", "headline", "datePublished", "dateCreated", "dateModified", "articleSection"}
)
"""Microdata whose value may be the text of the element."""

DESCRIBING: Final = frozenset({"class", "id", "role", "itemprop", "data-testid", "data-component", "aria-label"})
"""Attributes whose values become Container.attributes."""

NOTICED: Final = frozenset(
    {"hidden", "aria-hidden", "style", "itemprop", "rel", "datetime", "lang", "popover", "xml:lang"}
)
"""Attributes that make the walk look twice at an element."""
