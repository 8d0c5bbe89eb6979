"""What flows, in the order the data takes it.

    RawRecord ─ decode ▸ walk ─▶ Page (Blocks in Containers) ─ judge ─▶ Verdicts ─ assemble ─▶ CleanDocument

All types are frozen and slotted; functions in the other modules act on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MediaType = Literal["text/html", "text/plain"]
Payload = bytes | str


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One document as a dump gives it, and the address of its bytes.

    `fetched` is what the dump says, else None: the clock is never asked. `charset` is the declared one (an HTTP
    header, a column). `metadata` holds what the dump carried beside the payload, under the names of CleanDocument's
    fields: `title`, `published`, `authors`, `language`, `site_name`. `source` is a path relative to the input it was
    found under; `position` the place inside it (the grammar stands in `flows/sources/__init__.py`).
    """

    payload: Payload
    media_type: MediaType | None = None
    url: str | None = None
    fetched: datetime | None = None
    charset: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A payload as text. `evidence` names what chose the encoding: str, bom, utf-8, http, meta, detected.

    `utf8` is the text in UTF-8 where it was at hand: what parses bytes need not encode it again.
    """

    text: str
    encoding: str
    evidence: str
    repaired: bool = False
    utf8: bytes | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Container:
    """An element that holds blocks: `<body>`, `<div class="story">`, `<ul>`.

    `parent` is an index into Page.containers, smaller than the container's own (-1 for the root). `attributes` are the
    values of class, id, role, itemprop and data-testid-like names, lower case, joined by spaces; a page repeats few
    distinct strings, so whatever is computed from one is worth remembering.
    """

    parent: int
    tag: str
    attributes: str
    depth: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One visible unit of text: a line of a text dump, a paragraph, heading, list item or cell of an HTML page.

    `page_text[start:end] == text`. A text dump's block is a line with its line end (and the blank lines behind it), so
    that blocks joined give the dump back; an HTML block is white-space-normalised as a browser would show it, and
    blocks joined by newlines give the page text. `container` is an index into Page.containers, -1 in a text dump.
    `link_chars` counts the characters of `text` that stand in links.
    """

    index: int
    text: str
    start: int
    end: int
    tag: str = ""
    container: int = -1
    link_chars: int = 0
    hidden: bool = False

    @property
    def link_share(self) -> float:
        """Share of the characters that stand in links, 0..1."""
        return self.link_chars / len(self.text) if self.text else 0.0


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about itself. Empty strings and tuples where it says nothing; dates in ISO 8601.

    `article_body` is JSON-LD's articleBody or the body found in a hydration payload, as plain text; `body_source` says
    which (`json-ld`, `hydration`). `language` is the declared one (html lang, og:locale, JSON-LD inLanguage,
    Content-Language): evidence, not truth.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    site_name: str = ""
    canonical_url: str = ""
    description: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    language: str = ""
    page_type: str = ""
    article_body: str = ""
    body_source: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded record cut into blocks. `text` is the page text that offsets point into."""

    text: str
    blocks: tuple[Block, ...]
    media_type: MediaType
    containers: tuple[Container, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one block, and why.

    A kept block has kind "" and may have a rule (what spoke for it). `kind` is a name of `rules/kinds.toml`; `rule`
    says who decided: `en:cookie_banner:line`, `markup:comments`, `foreign:script`, `repeat`, `scorer`, `guard`.
    `score` is the probability that the block is content, None where nothing was asked. `matched` are the words of the
    page that a rule matched.
    """

    block: int
    keep: bool
    kind: str = ""
    rule: str = ""
    score: float | None = None
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a kept block went: `page_text[start + lead : end - trail]` stands in the text at `text_start`."""

    block: int
    start: int
    end: int
    lead: int
    trail: int
    text_start: int


@dataclass(frozen=True, slots=True)
class CleanDocument:
    """The article, and the account of how it was found.

    text                 paragraphs separated by one blank line; headings and list items as lines
    title                None where the record holds none
    published, modified  aware datetimes with the publisher's offset, None where unknown
    language             ISO 639-1, or `und`
    language_tag         BCP 47 where more can be told (zh-Hant, sr-Latn), else the same as `language`
    language_all         shares of the languages of a mixed document, largest first
    confidence           0..1, calibrated: how likely the text is right
    method               who answered: `engine`, `trafilatura`, `json-ld`, `hydration`
    flags                sorted names, see docs: `empty`, `short`, `guarded`, `listing`, `mojibake_repaired`, ...
    verdicts             one a block of the page, in order
    spans                where each kept block went
    page_text            what all offsets point into
    """

    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    site_name: str = ""
    canonical_url: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    description: str = ""
    url: str = ""
    language: str = "und"
    language_tag: str = "und"
    language_confidence: float = 0.0
    language_all: tuple[tuple[str, float], ...] = ()
    confidence: float = 0.0
    method: str = "engine"
    flags: tuple[str, ...] = ()
    media_type: MediaType = "text/plain"
    encoding: str = ""
    encoding_evidence: str = ""
    verdicts: tuple[Verdict, ...] = ()
    spans: tuple[Span, ...] = ()
    page_text: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A clean document together with the blocks its verdicts are about."""

    document: CleanDocument
    page: Page


def document_id(url: str | None, payload: Payload) -> str:
    """First 128 bits of sha256 over the URL (or nothing) and the payload's digest, in hex: it does not move with files.

    >>> document_id(None, b"a") == document_id("", "a")
    True
    """
    return hashlib.sha256((url or "").encode("utf-8", "surrogatepass") + payload_digest(payload)).hexdigest()[:32]


def payload_digest(payload: Payload) -> bytes:
    """sha256 of the payload's bytes (of its UTF-8 where the dump gives text), 32 bytes."""
    return hashlib.sha256(payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload).digest()
