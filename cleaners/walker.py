"""The parser's events → blocks and containers, and what the page says about itself."""

from __future__ import annotations

import re
from dataclasses import fields, make_dataclass, replace
from textwrap import dedent
from typing import Final

from cleaners.document import Block, Container
from cleaners.elements import (
    BLOCK,
    BUTTON_TYPES,
    DESCRIBING,
    EMPHASIS,
    HIDING,
    INLINE,
    NEVER_OPEN,
    NOTICED,
    PREFORMATTED,
    PROPERTIES,
    ROLES,
    SKIP,
)
from cleaners.evidence import Attributes, Evidence
from cleaners.lines import BREAK, Range, paragraphs, preformatted_lines, squeeze, squeezed_lines

_Open = tuple[int, str, Attributes, int, int]  # role, tag, attributes, start in the buffer, flushes so far
_Wrapper = tuple[int, int, int, str, Attributes]  # start and end in the buffer, depth, tag, attributes

_NOT_SHOWN: Final = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_STREAMED: Final = re.compile(r"S:[0-9a-f]+")  # ids of what React sends late and hidden, for its script to put in place
_NEARLY_ALL: Final = 2 / 3  # of the text; a hidden consent dialogue around a short article has half
_LONGEST_PROPERTY: Final = 500  # characters of a name, a date or a headline
_LONGEST_ATTRIBUTES: Final = 1000  # characters; utility-class soup reaches 600, attacks reach megabytes

# Setting a field of a frozen dataclass in its __init__ costs a call: an instance of a mutable twin with the same slots,
# whose class is then exchanged, takes 0.36 instead of 0.91 µs. A page has hundreds.
_Block: Final = make_dataclass("_Block", [(f.name, f.type, f) for f in fields(Block)], slots=True)
_Container: Final = make_dataclass("_Container", [(f.name, f.type, f) for f in fields(Container)], slots=True)


class Walker:
    """Takes the parser's events and gathers blocks. `data` is the buffer's own append: text costs no Python call."""

    def __init__(self) -> None:
        self.buffer: list[str] = []
        self.data = self.buffer.append
        self.containers: list[Container] = []
        self.evidence = Evidence()
        self.found: list[tuple[str, str, int, int, bool]] = []  # text, tag, container, characters in links, hidden
        self._open: list[_Open] = []
        self._ids: list[int] = []  # the container of each open element, -1 until it holds a block
        self._edges: list[int] = []  # depths of the open elements that delimit blocks
        self._wrappers: list[_Wrapper] = []  # inline elements that ended in this block
        self._links: list[Range] = []  # stretches of the buffer that stand in links
        self._link_from = -1  # where the open link began, -1 outside
        self._flushes = 0
        self._breaks = False
        self._hiding = 0
        self._preformatted = 0
        self._skipping = 0
        self._skip_from = 0
        self._skipped: tuple[str, Attributes] = ("", {})
        self._noted: dict[int, tuple[str, int]] = {}  # depth: microdata property, blocks found so far
        self._suspended: list[tuple[list[str], list[_Wrapper], list[Range], int, int, bool]] = []

    def start(self, tag: str, attrib: Attributes) -> None:
        """An element opens."""
        if self._skipping:
            self._skipping += 1
            return
        role = ROLES.get(tag, INLINE)
        if role > HIDING:
            self._leaf(role, tag, attrib)
            return
        if role == HIDING or (attrib and not NOTICED.isdisjoint(attrib) and self._notice(tag, attrib)):
            role = HIDING
            self._hide(tag)
        elif role == BLOCK:
            if self.buffer:
                self._flush()
            self._edges.append(len(self._open))
            if tag in PREFORMATTED:
                self._preformatted += 1
        elif tag == "a" and self._link_from < 0:
            self._link_from = len(self.buffer)
        self._open.append((role, tag, attrib, len(self.buffer), self._flushes))
        self._ids.append(-1)

    def end(self, tag: str) -> None:
        """An element closes; the parser closes what the page left open."""
        if self._skipping:
            self._skipping -= 1
            if not self._skipping:
                self._unskip()
            return
        if tag in NEVER_OPEN:
            return
        role, tag, attrib, start, flushes = self._open[-1]
        if role == INLINE:
            if tag == "a" and self._link_from >= 0:
                self._links.append((self._link_from, len(self.buffer)))
                self._link_from = -1
            if (attrib or tag in EMPHASIS) and flushes == self._flushes and len(self.buffer) > start:
                self._wrappers.append((start, len(self.buffer), len(self._open), tag, attrib))
        else:
            if self.buffer:
                self._flush()
            self._edges.pop()
            if role == HIDING:
                self._unhide()
            if tag in PREFORMATTED and role == BLOCK:
                self._preformatted -= 1
        self._open.pop()
        self._ids.pop()
        if self._noted and len(self._open) in self._noted:
            self._tell(start if flushes == self._flushes else 0)

    def close(self) -> None:
        """The page ends."""
        if self.buffer:
            self._flush()

    def blocks(self) -> tuple[Block, ...]:
        """The blocks found, with their offsets in the page text (blocks joined by newlines)."""
        self._reveal()
        blocks = []
        start = 0
        for index, (text, tag, container, link_chars, hidden) in enumerate(self.found):
            end = start + len(text)
            block = _Block(index, text, start, end, tag, container, link_chars, hidden)
            block.__class__ = Block
            blocks.append(block)
            start = end + 1
        return tuple(blocks)

    def _reveal(self) -> None:
        """Show what is hidden where it is nearly all of the page and in one element: no sum of menus is meant."""
        hidden = sum([len(block[0]) for block in self.found if block[4]])
        if hidden == 0 or hidden < _NEARLY_ALL * sum([len(block[0]) for block in self.found]):
            return
        roots = [-1] * len(self.containers)  # of each container, the outermost hidden one around it
        sizes: dict[int, int] = {}
        for index, container in enumerate(self.containers):
            around = roots[container.parent] if container.parent >= 0 else -1
            roots[index] = around if around >= 0 else index if container.hidden else -1
        for block in self.found:
            sizes[roots[block[2]]] = sizes.get(roots[block[2]], 0) + len(block[0])
        largest = max(sizes, key=lambda root: sizes[root])
        if largest >= 0 and sizes[largest] >= _NEARLY_ALL * sum(sizes.values()):
            shown = {index for index, root in enumerate(roots) if root == largest}
            self.containers = [
                replace(each, hidden=each.hidden and index not in shown) for index, each in enumerate(self.containers)
            ]
            self.found = [(*block[:4], block[4] and block[2] not in shown) for block in self.found]

    def _leaf(self, role: int, tag: str, attrib: Attributes) -> None:
        """An element that holds no text of the page."""
        if role == SKIP:
            self._skipping = 1
            self._skip_from = len(self.buffer)
            self._skipped = (tag, attrib)
        elif tag == "meta":
            self.evidence.metas.append(attrib)
        elif tag == "link":
            self.evidence.links.append(attrib)
        elif tag == "br":
            self.buffer.append(BREAK)
            self._breaks = True
        elif tag == "hr":
            self._flush()
        elif tag == "input" and attrib.get("type", "").lower() in BUTTON_TYPES and attrib.get("value"):
            self.start("button", attrib)
            self.data(attrib["value"])
            self.end("button")

    def _unskip(self) -> None:
        tag, attrib = self._skipped
        if tag in ("script", "title"):
            text = "".join(self.buffer[self._skip_from :])
            if tag == "title":
                self.evidence.titles.append(text)
            elif "ld+json" in attrib.get("type", ""):
                self.evidence.data.append(text)
            elif text:
                self.evidence.payloads.append((attrib, text))
        del self.buffer[self._skip_from :]

    def _notice(self, tag: str, attrib: Attributes) -> bool:
        """Note what the element says about the page; True where it hides what it holds."""
        if tag == "html":
            self.evidence.root = attrib
        elif "datetime" in attrib or "itemprop" in attrib or "author" in attrib.get("rel", ""):
            name = attrib.get("itemprop") or ("time" if "datetime" in attrib else "rel:author")
            value = attrib.get("content") or attrib.get("datetime")
            if value:
                self.evidence.properties.append((name, value, len(self.found)))
            elif name in PROPERTIES or name == "rel:author":
                self._noted[len(self._open)] = (name, len(self.found))
        return _hides(tag, attrib)

    def _tell(self, start: int) -> None:
        """A noted element has ended: its text is the property's value."""
        name, found = self._noted.pop(len(self._open))
        if name == "name" and any(outer == "author" for outer, _ in self._noted.values()):
            name = "author.name"
        text = self.found[found][0] if found < len(self.found) else "".join(self.buffer[start:]).partition(BREAK)[0]
        self.evidence.properties.append((name, squeeze(text)[:_LONGEST_PROPERTY], found))

    def _hide(self, tag: str) -> None:
        """Text that is not shown begins: it neither joins the text around it nor divides a paragraph it stands in."""
        if ROLES.get(tag, INLINE) == BLOCK:
            self._flush()
        state = (self.buffer.copy(), self._wrappers, self._links, self._link_from, self._flushes, self._breaks)
        self._suspended.append(state)
        self._clear()
        self._edges.append(len(self._open))
        self._hiding += 1

    def _unhide(self) -> None:
        before, self._wrappers, self._links, self._link_from, self._flushes, self._breaks = self._suspended.pop()
        self.buffer[:] = before
        self._hiding -= 1

    def _flush(self) -> None:
        """A block ends: what the buffer holds becomes a block, or several where line breaks divide it."""
        text = "".join(self.buffer)
        if not text.isspace():
            if self._link_from >= 0:
                self._links.append((self._link_from, len(self.buffer)))
            if self._breaks or self._preformatted:
                self._flush_lines()
            elif text := squeeze(text):
                self._found(text, self._link_chars(text) if self._links else 0)
        self._clear()

    def _link_chars(self, text: str) -> int:
        """Characters of the block `text` that stand in links."""
        if self._links == [(0, len(self.buffer))]:
            return len(text)
        return min(sum([len(squeeze("".join(self.buffer[i:j]))) for i, j in self._links]), len(text))

    def _clear(self) -> None:
        self.buffer.clear()
        self._flushes += 1
        if self._links:
            self._links = []
        if self._wrappers:
            self._wrappers = []
        if self._link_from > 0:
            self._link_from = 0
        if self._breaks:
            self._breaks = False

    def _flush_lines(self) -> None:
        shown = preformatted_lines if self._preformatted else squeezed_lines
        for group in paragraphs(shown(self.buffer, self._links)):
            text = dedent("\n".join([line for line, _ in group])).replace("\xad", "").strip()
            if text:
                self._found(text, min(sum([count for _, count in group]), len(text)))

    def _found(self, text: str, link_chars: int) -> None:
        depth = self._edges[-1]
        tag = self._open[depth][1]
        container = self._ids[depth]
        if container < 0:
            container = self._contain(depth)
        if self._wrappers:
            container = self._wrap(container)
        self.found.append((text, tag, container, link_chars, self._hiding > 0))

    def _contain(self, depth: int) -> int:
        """The container of the open element at `depth`, made now with those around it: most elements hold no block."""
        ids = self._ids
        first = depth
        while first and ids[first - 1] < 0:
            first -= 1
        parent = ids[first - 1] if first else -1
        for level in range(first, depth + 1):
            role, tag, attrib, _, _ = self._open[level]
            parent = ids[level] = self._add(parent, tag, _description(attrib) if attrib else "", level, role == HIDING)
        return parent

    def _wrap(self, container: int) -> int:
        """Containers for inline elements that hold all of the block: `<div><span class="credit">…</span></div>`."""
        first, last = _shown(self.buffer)
        for start, end, depth, tag, attrib in reversed(self._wrappers):
            if start > first or end <= last:
                break
            described = _description(attrib)
            if described or tag in EMPHASIS:
                container = self._add(container, tag, described, depth, False)
        return container

    def _add(self, parent: int, tag: str, attributes: str, depth: int, hidden: bool) -> int:
        containers = self.containers
        if parent >= 0 and containers[parent].hidden:
            hidden = True
        container = _Container(parent, tag, attributes, depth, hidden)
        container.__class__ = Container
        containers.append(container)
        return len(containers) - 1


def _description(attrib: Attributes) -> str:
    """What the attributes say about the element: values joined by spaces, lower case."""
    if len(attrib) == 1 and "class" in attrib:  # two of three elements, at a third of the cost
        described = attrib["class"]
    else:
        described = " ".join([value for name, value in attrib.items() if name in DESCRIBING])
    return described[:_LONGEST_ATTRIBUTES].lower()


def _shown(buffer: list[str]) -> Range:
    """The first and the last index that hold more than white space."""
    first, last = 0, len(buffer) - 1
    while first < last and buffer[first].isspace():
        first += 1
    while last > first and buffer[last].isspace():
        last -= 1
    return first, last


def _hides(tag: str, attrib: Attributes) -> bool:
    """Does the element hide what it holds? Pages that wait for scripts hide their whole body: that does not count."""
    if tag in ("html", "body"):
        return False
    if "hidden" in attrib:
        return _STREAMED.fullmatch(attrib.get("id", "")) is None
    if attrib.get("aria-hidden") == "true":
        return True
    style = attrib.get("style", "")
    return len(style) > 9 and _NOT_SHOWN.search(style) is not None
