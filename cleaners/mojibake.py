"""UTF-8 that was once read as something else ("cafÃ©") is put right, where ftfy is certain.

A clean text pays for a few searches of single characters; ftfy sees only the lines that hold suspicious pairs.
"""

from __future__ import annotations

import re
from typing import Final

# What the first bytes of UTF-8 characters become as windows-1252, windows-1251 or Latin-1. Each opens a pair below.
_LEADS: Final = (
    "Ã",
    "Â",
    "â€",
    "Ð",
    "Ñ",
    "Ø",
    "Ù",
    "Î",
    "Ï",
    "ã\x81",
    "ã€",
    "å",
    "æ",
    "ç",
    "Р°",
    "Рѕ",
    "вЂ",
    "Г©",
    "Ä",
    "Å",
)
_TAIL: Final = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_PAIR: Final = re.compile(rf"[ÂÃÄÅÎÏÐÑÖ×ØÙÚÛ][{_TAIL}]|â[€‚„™„…†œ\x80\x82\x84]|[à-ô][{_TAIL}][{_TAIL}]|вЂ.|Р[°ѕµ]С")
_LINE: Final = re.compile(r"[^<>\n]*[ÂÃÄÅÎÏÐÑÖ×ØÙÚÛà-ôвР][^<>\n]*")
_LONGEST: Final = 20_000  # characters of one line that ftfy is shown


def repair(text: str) -> str:
    """The text with its mojibake undone; the same object where there is none.

    >>> repair("A cafÃ© on the QuÃ©bec border; Â© nobody"), repair("Ein Café")
    ('A café on the Québec border; © nobody', 'Ein Café')
    """
    if text.isascii() or not any(lead in text for lead in _LEADS) or _PAIR.search(text) is None:
        return text
    fixed = _LINE.sub(_repaired_line, text)
    return text if fixed == text else fixed


def _repaired_line(match: re.Match[str]) -> str:
    line = match[0]
    if len(line) > _LONGEST or _PAIR.search(line) is None:
        return line
    import ftfy  # 0.15 s to import, for the rare text that needs it
    from ftfy.badness import is_bad

    return ftfy.fix_encoding(line) if is_bad(line) else line
