"""The parser's events → blocks and containers, and what the page says about itself."""

from __future__ import annotations

from dataclasses import fields, make_dataclass, replace
from textwrap import dedent
from typing import Any, Final

from cleaners.document import Block, Container
from cleaners.elements import (
    BLOCK,
    BUTTON_TYPES,
    DESCRIBING,
    EMPHASIS,
    HIDING,
    INLINE,
    LINK,
    NEVER_OPEN,
    NOTICED,
    PREFORMATTED,
    PROPERTIES,
    ROLES,
    SKIP,
    VOID,
)
from cleaners.evidence import Attributes, Evidence
from cleaners.hiding import hides, is_like_a_block, revealed
from cleaners.lines import BREAK, UNSEEN, Range, paragraphs, preformatted_lines, squeeze, squeezed_lines

# Role, tag, attributes; of an inline element its start in the buffer and the flushes so far, of others the depth of the
# element that delimits blocks around it, and 0.
_Open = tuple[int, str, Attributes, int, int]
_Wrapper = tuple[int, int, int, str, Attributes]  # start and end in the buffer, depth, tag, attributes

_OPENED_BY: Final = {"dialog": "open", "template": "shadowrootmode"}  # attributes that show what is hidden without
_MOST_PIECES: Final = 10_000  # of text before hidden text in one paragraph; they are copied, so a longer one is divided
_LONGEST_PROPERTY: Final = 500  # characters of a name, a date or a headline
_LONGEST_ATTRIBUTES: Final = 1000  # characters; utility-class soup reaches 600, attacks reach megabytes

# Setting a field of a frozen dataclass in its __init__ costs a call. A mutable twin with the same slots, filled field
# by field, whose class is then exchanged, takes 0.21 instead of 0.92 µs. A page has a thousand.
_Block: Final[type[Any]] = make_dataclass("_Block", [(f.name, f.type) for f in fields(Block)], init=False, slots=True)
_Container: Final[type[Any]] = make_dataclass(
    "_Container", [(f.name, f.type) for f in fields(Container)], init=False, slots=True
)
_role_of: Final = ROLES.get
_unnoticed: Final = NOTICED.isdisjoint
_only_class: Final = (DESCRIBING - {"class"}).isdisjoint


class Walker:
    """Takes the parser's events and gathers blocks. `data` is the buffer's own append: text costs no Python call."""

    def __init__(self) -> None:
        self.buffer: list[str] = []
        self.data = self.buffer.append
        self.evidence = Evidence()
        self._blocks: list[Block] = []
        self._containers: list[Container] = []
        self._size = 0  # characters of the page text so far, with a line end behind each block
        self._open: list[_Open] = []
        self._ids: list[int] = []  # the containers of the outermost open elements, as far as they hold blocks
        self._edge = 0  # depth of the innermost open element that delimits blocks
        self._wrappers: list[_Wrapper] = []  # inline elements that ended in this block
        self._links: list[Range] = []  # stretches of the buffer that stand in links
        self._link_from = -1  # where the open link began, -1 outside
        self._flushes = 0
        self._breaks = False
        self._marked = False  # whether there may be wrappers, links or breaks
        self._hiding = 0
        self._preformatted = 0
        self._skipping = 0
        self._skip_from = 0
        self._skipped: tuple[str, Attributes] = ("", {})
        self._embeds = False  # whether the drawing that is skipped may hold HTML of its own
        self._noted: dict[int, tuple[str, int]] = {}  # depth: microdata property, blocks found so far
        self._suspended: list[tuple[list[str], list[_Wrapper], list[Range], int, int, bool]] = []

    def start(self, tag: str, attrib: Attributes) -> None:
        """An element opens."""
        role = _role_of(tag, INLINE)
        if self._skipping and self._skips(role, tag):
            return
        if role > HIDING:
            if role < VOID:
                self._leaf(role, tag, attrib)
            return
        shown = role
        if role == HIDING:
            shown = BLOCK if _OPENED_BY.get(tag) in attrib else HIDING
        elif attrib and not _unnoticed(attrib):
            shown = self._notice(role, tag, attrib)
        if shown == HIDING:
            self._hide(role, tag, attrib)
            return
        role = shown
        if role >= BLOCK:
            if self.buffer:
                self._flush()
            if role != BLOCK:
                self._preformatted += 1
            opened, edge = self._open, self._edge
            self._edge = len(opened)
            opened.append((role, tag, attrib, edge, 0))
        else:
            start = len(self.buffer)
            if role == LINK and self._link_from < 0:
                self._link_from = start
                self._marked = True
            self._open.append((role, tag, attrib, start, self._flushes))

    def end(self, tag: str) -> None:
        """An element closes; the parser closes what the page left open."""
        if self._skipping:
            self._skipping -= 1
            if not self._skipping:
                self._unskip()
            return
        if tag in NEVER_OPEN:
            return
        opened = self._open
        role, tag, attrib, start, flushes = opened[-1]
        if role >= BLOCK:
            if self.buffer:
                self._flush()
            self._edge = start
            start = 0
            if role != BLOCK:
                self._end_special(role)
        else:
            end = len(self.buffer)
            if role == LINK and self._link_from >= 0:
                self._links.append((self._link_from, end))
                self._link_from = -1
                self._marked = True
            if end > start and (attrib or role == EMPHASIS) and flushes == self._flushes:
                self._wrappers.append((start, end, len(opened), tag, attrib))
                self._marked = True
        opened.pop()
        if len(self._ids) > len(opened):
            self._ids.pop()
        if self._noted and len(opened) in self._noted:
            self._tell(start if flushes == self._flushes else 0)

    def close(self) -> None:
        """The page ends."""
        if self.buffer:
            self._flush()

    def gathered(self) -> tuple[tuple[Block, ...], tuple[Container, ...]]:
        """The blocks found, with their offsets in the page text (blocks joined by newlines), and what holds them."""
        blocks, containers = self._blocks, self._containers
        shown = revealed(blocks, containers)
        if shown:
            blocks = [replace(each, hidden=each.hidden and each.container not in shown) for each in blocks]
            containers = [replace(each, hidden=each.hidden and at not in shown) for at, each in enumerate(containers)]
        return tuple(blocks), tuple(containers)

    def _leaf(self, role: int, tag: str, attrib: Attributes) -> None:
        """An element that holds no text of the page."""
        if role == SKIP:
            self._skipping = 1
            self._skip_from = len(self.buffer)
            self._skipped = (tag, attrib)
            self._embeds = False
        elif tag == "meta":
            self.evidence.metas.append(attrib)
        elif tag == "link":
            self.evidence.links.append(attrib)
        elif tag == "br":
            self.buffer.append(BREAK)
            self._breaks = self._marked = True
        elif tag == "hr":
            self._flush()
        elif tag == "input" and attrib.get("type", "").lower() in BUTTON_TYPES and attrib.get("value"):
            self.start("button", attrib)
            self.data(attrib["value"])
            self.end("button")

    def _skips(self, role: int, tag: str) -> bool:
        """Whether an element inside one that holds no text goes with it.

        A drawing whose end is missing ends where a paragraph begins, as in a browser; the parser closes it later.
        """
        if BLOCK <= role <= PREFORMATTED and self._skipped[0] == "svg" and not self._embeds:
            levels, self._skipping = self._skipping, 0
            self._unskip()
            self._open += [(INLINE, "svg", {}, len(self.buffer), self._flushes)] * levels
            return False
        self._embeds = self._embeds or tag == "foreignobject"
        self._skipping += 1
        return True

    def _unskip(self) -> None:
        tag, attrib = self._skipped
        if tag in ("script", "title"):
            text = "".join(self.buffer[self._skip_from :])
            if tag == "title":
                self.evidence.titles.append(text)
            elif "ld+json" in attrib.get("type", "").lower():
                self.evidence.data.append(text)
            elif text:
                self.evidence.payloads.append((attrib, text))
        del self.buffer[self._skip_from :]

    def _notice(self, role: int, tag: str, attrib: Attributes) -> int:
        """Note what the element says about the page; its role, which an attribute may have changed."""
        if tag == "html":
            self.evidence.root = attrib
            return role
        if "itemprop" in attrib or "datetime" in attrib or ("rel" in attrib and _relation(attrib["rel"])):
            self._note(attrib)
        if tag != "body" and hides(attrib):
            return HIDING
        return BLOCK if role < LINK and is_like_a_block(attrib) else role

    def _note(self, attrib: Attributes) -> None:
        """Microdata, a date, an author or a tag: the value stands in an attribute, or is the text of the element."""
        names = attrib.get("itemprop", "").split()
        if not names:
            names = ["time" if "datetime" in attrib else _relation(attrib.get("rel", ""))]
        value = attrib.get("content") or attrib.get("datetime")
        if value:
            self.evidence.properties += [(name, value, len(self._blocks)) for name in names]
            return
        name = next((name for name in names if name in PROPERTIES or name.startswith("rel:")), "")
        if name:
            self._noted[len(self._open)] = (name, len(self._blocks))

    def _tell(self, start: int) -> None:
        """A noted element has ended: its text is the property's value."""
        name, found = self._noted.pop(len(self._open))
        if name == "name" and any(outer == "author" for outer, _ in self._noted.values()):
            name = "author.name"
        blocks = self._blocks
        text = blocks[found].text if found < len(blocks) else "".join(self.buffer[start:]).partition(BREAK)[0]
        self.evidence.properties.append((name, squeeze(text)[:_LONGEST_PROPERTY], found))

    def _hide(self, role: int, tag: str, attrib: Attributes) -> None:
        """Text that is not shown begins: it neither joins the text around it nor divides a paragraph it stands in."""
        if role in (BLOCK, PREFORMATTED) or len(self.buffer) > _MOST_PIECES:
            self._flush()
        state = (self.buffer.copy(), self._wrappers, self._links, self._link_from, self._flushes, self._breaks)
        self._suspended.append(state)
        self.buffer.clear()
        self._flushes += 1
        self._wrappers, self._links = [], []  # those of the text around stay with it
        self._unmark()
        self._open.append((HIDING, tag, attrib, self._edge, 0))
        self._edge = len(self._open) - 1
        self._hiding += 1

    def _end_special(self, role: int) -> None:
        """Preformatted text ends, or text that is not shown: what stood before it goes on."""
        if role == PREFORMATTED:
            self._preformatted -= 1
            return
        before, self._wrappers, self._links, self._link_from, self._flushes, self._breaks = self._suspended.pop()
        self.buffer[:] = before
        self._marked = True
        self._hiding -= 1

    def _flush(self) -> None:
        """A block ends: what the buffer holds becomes a block, or several where line breaks divide it."""
        buffer = self.buffer
        text = "".join(buffer)
        if not text.isspace():
            if self._link_from >= 0:
                self._links.append((self._link_from, len(buffer)))
                self._marked = True
            if self._breaks or self._preformatted:
                self._flush_lines()
            elif text := squeeze(text):
                self._block(text, self._link_chars(text) if self._links else 0)
        buffer.clear()
        self._flushes += 1
        if self._marked:
            self._unmark()

    def _link_chars(self, text: str) -> int:
        """Characters of the block `text` that stand in links."""
        start, end = self._links[0]
        if start == 0 and end == len(self.buffer):
            return len(text)
        return min(sum([len(squeeze("".join(self.buffer[i:j]))) for i, j in self._links]), len(text))

    def _unmark(self) -> None:
        self._marked = self._breaks = False
        if self._links:
            self._links = []
        if self._wrappers:
            self._wrappers = []
        if self._link_from > 0:
            self._link_from = 0

    def _flush_lines(self) -> None:
        shown = preformatted_lines if self._preformatted else squeezed_lines
        for group in paragraphs(shown(self.buffer, self._links)):
            text = dedent("\n".join([line for line, _ in group])).replace("\xad", "").strip(UNSEEN)
            if text:
                self._block(text, min(sum([count for _, count in group]), len(text)))

    def _block(self, text: str, link_chars: int) -> None:
        depth, ids, blocks = self._edge, self._ids, self._blocks
        container = ids[depth] if depth < len(ids) else self._contain(depth)
        block = _Block()
        block.index = len(blocks)
        block.text = text
        block.start = start = self._size
        block.end = end = start + len(text)
        block.tag = self._open[depth][1]
        block.container = self._wrap(container) if self._wrappers else container
        block.link_chars = link_chars
        block.hidden = self._hiding > 0
        block.__class__ = Block
        blocks.append(block)
        self._size = end + 1

    def _contain(self, depth: int) -> int:
        """Containers of the open element at `depth` and of those around it, made now: most elements hold no block."""
        ids, containers = self._ids, self._containers
        parent = ids[-1] if ids else -1
        for level in range(len(ids), depth + 1):
            role, tag, attrib, _, _ = self._open[level]
            hidden = role == HIDING or (parent >= 0 and containers[parent].hidden)
            containers.append(_container(parent, tag, _description(attrib) if attrib else "", level, hidden))
            parent = len(containers) - 1
            ids.append(parent)
        return parent

    def _wrap(self, container: int) -> int:
        """Containers for inline elements that hold all of the block: `<div><span class="credit">…</span></div>`."""
        size = len(self.buffer)
        shown: Range | None = None
        for start, end, depth, tag, attrib in reversed(self._wrappers):
            if start or end < size:
                if shown is None:
                    shown = _shown(self.buffer)
                if start > shown[0] or end <= shown[1]:
                    break
            described = _description(attrib) if attrib else ""
            if described or ROLES.get(tag) == EMPHASIS:
                containers = self._containers
                containers.append(_container(container, tag, described, depth, containers[container].hidden))
                container = len(containers) - 1
        return container


def _container(parent: int, tag: str, attributes: str, depth: int, hidden: bool) -> Container:
    container = _Container()
    container.parent = parent
    container.tag = tag
    container.attributes = attributes
    container.depth = depth
    container.hidden = hidden
    container.__class__ = Container
    made: Container = container
    return made


def _relation(rel: str) -> str:
    """What a link says it leads to: `rel:author`, `rel:category` or `rel:tag`; empty for anything else."""
    if "author" in rel:
        return "rel:author"
    return "rel:category" if "category" in rel else "rel:tag" if "tag" in rel.lower().split() else ""


def _description(attrib: Attributes) -> str:
    """What the attributes say about the element: values joined by spaces, lower case."""
    if _only_class(attrib):  # five of six elements, at a third of the cost
        described = attrib.get("class", "")
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
