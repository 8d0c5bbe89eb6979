"""What lxml refuses is told to the walk by BeautifulSoup's tree: slower by far, with any markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4.element import PageElement

    from cleaners.walker import Walker


def tell(html: str, walker: Walker) -> None:
    """The elements and texts of `html`, in order, as the events that `Walker` takes."""
    from bs4 import BeautifulSoup  # 0.2 s to import
    from bs4.element import NavigableString, PreformattedString, Tag

    waiting: list[PageElement | str] = [BeautifulSoup(f"<html><body>{html}</body></html>", "html.parser")]
    while waiting:
        element = waiting.pop()
        if isinstance(element, Tag):
            if element.name != "[document]":
                attributes = {
                    name: value if isinstance(value, str) else " ".join(value) for name, value in element.attrs.items()
                }
                walker.start(element.name, attributes)
                waiting.append(_End(element.name))
            waiting.extend(reversed(element.contents))
        elif isinstance(element, _End):
            walker.end(element)
        elif isinstance(element, NavigableString) and not isinstance(element, PreformattedString):
            walker.data(str(element))
    walker.close()


class _End(str):
    """The name of an element that ends."""

    __slots__ = ()
