"""Whether what is declared to be HTML is: servers and columns say so of plain text, and of markup that was escaped."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Final

from cleaners.document import Decoded

_MARKUP: Final = re.compile(r"<[A-Za-z!/?]|&(?:#\d|#x[0-9a-f]|[a-z]{2,8};)", re.IGNORECASE)
_ENDLESS: Final = re.compile(r"&#[0-9]{100,}+;?")  # beyond any character; Python refuses numbers of thousands of digits
_ESCAPED: Final = re.compile(r"&lt;/(?:p|div|h[1-6]|li|body|html|article|span)&gt;", re.IGNORECASE)


def is_lines(text: str) -> bool:
    r"""Whether a text has line ends and neither tag nor entity: line ends are all that divides its paragraphs.

    >>> is_lines("It rained.\n\nAll day, at < 5 degrees & more."), is_lines("It rained.<p>\nAll day.")
    (True, False)
    """
    return "\n" in text.strip() and _MARKUP.search(text) is None


def unescape(text: str) -> str:
    """Characters for entities, as a browser has them: one for each number, however long it is.

    >>> unescape("Fish &amp; chips &#8364;"), unescape(f"&#{'9' * 5000};")
    ('Fish & chips €', '\ufffd')
    """
    return html.unescape(_ENDLESS.sub("\ufffd", text) if "&#" in text else text)


def laid_bare(decoded: Decoded) -> Decoded:
    """A page whose every tag was escaped, with its tags; any other as it is.

    >>> laid_bare(Decoded("&lt;p&gt;Fish &amp;amp; chips&lt;/p&gt;", "utf-8", "utf-8")).text
    '<p>Fish &amp; chips</p>'
    """
    text = decoded.text
    if "<" in text or _ESCAPED.search(text) is None:
        return decoded
    return replace(decoded, text=unescape(text), utf8=None)
