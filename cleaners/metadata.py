"""What a page says about itself: JSON-LD, OpenGraph and other <meta>, microdata, <title> and the page's headline.

A field is asked from the most to the least trustworthy place, and the first that answers counts. Which goes first was
measured on the titles, dates and authors of the development corpora.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import unescape
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

from cleaners import jsonld
from cleaners.authors import clean_names, split_list
from cleaners.bylines import shown_authors, shown_date
from cleaners.document import Block, Container, Metadata
from cleaners.evidence import Attributes, Evidence
from cleaners.headline import pick_title, same_name
from cleaners.hydration import find_body
from cleaners.isodate import date_in_url, to_iso
from cleaners.jsonld import Json, Node
from cleaners.lines import squeeze
from cleaners.tables import metadata_table

_TAG: Final = re.compile(r"<[a-zA-Z/!][^<>]*>")
_EMPTY: Final = 600  # characters in blocks of prose; a page with less has its article elsewhere
_PROSE: Final = 80
_MOST_SIGNED: Final = 3  # more authors in microdata are those of comments or teasers
_MOST_TAGS: Final = 50

Metas = dict[str, list[str]]
Shown = tuple[Sequence[Block], Sequence[Container]]


def read_metadata(
    evidence: Evidence, blocks: Sequence[Block], containers: Sequence[Container], url: str | None
) -> Metadata:
    """Everything `Metadata` holds, from what the walk gathered; `url` is the page's address where it is known."""
    metas = _by_name(evidence.metas)
    graph = list(jsonld.nodes([jsonld.parse(script) for script in evidence.data])) if evidence.data else []
    canonical = _canonical(evidence, metas, url)
    address = canonical or url or ""
    about = _about(graph, address)
    site = _site_name(metas, graph, about)
    return Metadata(
        title=_title(evidence, metas, about, blocks, (site, _host(address))),
        authors=_authors(evidence, metas, about, graph, site, (blocks, containers)),
        published=_published(evidence, metas, about, address) or shown_date(blocks, containers),
        modified=_first_date(_modified(evidence, metas, about)),
        site_name=site,
        canonical_url=canonical,
        description=_plain(_text(about.get("description")) or _declared(metas, "description")),
        section=_plain(_text(about.get("articleSection")) or _declared(metas, "section")),
        tags=_tags(metas, about),
        image=_image(metas, about, address),
        language=_language(evidence, metas, about),
        page_type=(jsonld.types(about) or [_declared(metas, "page_type")])[0],
        article_body=find_body(about, evidence.payloads, page_is_empty=_is_empty(blocks)),
    )


def _is_empty(blocks: Sequence[Block]) -> bool:
    seen = 0
    for block in blocks:
        if len(block.text) >= _PROSE:
            seen += len(block.text)
            if seen >= _EMPTY:
                return False
    return True


def _by_name(metas: Iterable[Attributes]) -> Metas:
    """The contents of <meta> by lower-case name."""
    named: Metas = {}
    for meta in metas:
        content = meta.get("content", "").strip()
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        if name and content:
            named.setdefault(name.strip().lower(), []).append(content)
    return named


def _all(metas: Metas, field: str) -> Iterator[str]:
    """What the <meta> that declare `field` say, the most trustworthy first."""
    for name in metadata_table()["meta"][field]:
        yield from metas.get(name, ())


def _declared(metas: Metas, field: str) -> str:
    return next(_all(metas, field), "")


def _said(evidence: Evidence, *names: str) -> Iterator[str]:
    return (value for name, value, _ in evidence.properties if name in names)


def _about(graph: Sequence[Node], address: str) -> Node:
    """The node about this page's article: of its address where several are, else the first article, else the page."""
    for wanted in ("article", "page"):
        kinds = metadata_table()["jsonld"][wanted]
        found = [node for node in graph if any(name in kinds for name in jsonld.types(node))]
        if found:
            return next((node for node in found if address and _address(node) == address), found[0])
    return next((node for node in graph if "headline" in node), {})


def _address(node: Node) -> str:
    page = node.get("mainEntityOfPage")
    return _text(page.get("@id") if isinstance(page, dict) else page) or _text(node.get("url"))


def _text(value: Json) -> str:
    """The text in a value of JSON-LD: itself, its @value or name, the first of a list."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("url") or value.get("@id")
    return value.strip() if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """Without entities (often escaped twice), tags and surplus white space."""
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", text)
    return squeeze(text)


def _title(evidence: Evidence, metas: Metas, about: Node, blocks: Sequence[Block], sites: Sequence[str]) -> str:
    declared = [_text(about.get("headline")), *_all(metas, "title"), *_said(evidence, "headline"), *evidence.titles[:1]]
    headings = [block.text for block in blocks if block.tag == "h1" and not block.hidden]
    return pick_title([_plain(text) for text in declared], [_plain(text) for text in headings], sites)


def _site_name(metas: Metas, graph: Sequence[Node], about: Node) -> str:
    publisher = _text(about.get("publisher"))
    website = next((_text(node.get("name")) for node in graph if "WebSite" in jsonld.types(node)), "")
    named = [metas.get("og:site_name", [""])[0], publisher, website, _declared(metas, "site_name")]
    return next((_plain(name) for name in named if name and "://" not in name), "")


def _host(address: str) -> str:
    """The telling part of the address's host: `example` of www.example.co.uk."""
    try:
        host = (urlsplit(address).hostname or "") if "//" in address else ""
    except ValueError:  # a bracket that begins no IPv6 host
        return ""
    labels = [label for label in host.split(".") if label not in ("www", "com", "co", "org", "net", "m", "news")]
    return max(labels, key=len, default="")


def _authors(
    evidence: Evidence, metas: Metas, about: Node, graph: Sequence[Node], site: str, page: Shown
) -> tuple[str, ...]:
    """The first source that names somebody; the site's own name counts only where no source names anybody else."""
    sources: list[Callable[[], Iterable[str]]] = [
        lambda: _people(about.get("author") or about.get("creator"), graph),
        lambda: (part for value in _all(metas, "author") for part in split_list(_plain(value))),
        lambda: islice(_said(evidence, "author.name"), _MOST_SIGNED),
        lambda: islice(_said(evidence, "author", "rel:author"), 1),
        lambda: islice(shown_authors(*page), 1),
    ]
    own: tuple[str, ...] = ()
    for source in sources:
        names = clean_names(map(_plain, source()))
        if any(not same_name(name, site) for name in names):
            return names
        own = own or names
    return own


def _people(value: Json, graph: Sequence[Node]) -> Iterator[str]:
    """Names in the author of a node; an author who is only an @id is looked up among the other nodes."""
    for person in value if isinstance(value, list) else [value]:
        if isinstance(person, dict) and not person.get("name") and person.get("@id"):
            person = next((node for node in graph if node.get("@id") == person["@id"] and node.get("name")), person)
        name = person.get("name") if isinstance(person, dict) else person
        for each in name if isinstance(name, list) else [name]:
            if isinstance(each, str):
                yield each


def _published(evidence: Evidence, metas: Metas, about: Node, address: str) -> str:
    node = (_text(about.get(name)) for name in ("datePublished", "dateCreated", "uploadDate"))
    microdata = _said(evidence, "datePublished", "dateCreated")
    return _first_date([*node, *_all(metas, "published"), *microdata, *_said(evidence, "time")]) or date_in_url(address)


def _modified(evidence: Evidence, metas: Metas, about: Node) -> Iterator[str]:
    yield _text(about.get("dateModified"))
    yield from _all(metas, "modified")
    yield from _said(evidence, "dateModified")


def _first_date(values: Iterable[str]) -> str:
    return next((date for date in map(to_iso, values) if date), "")


def _canonical(evidence: Evidence, metas: Metas, url: str | None) -> str:
    """<link rel=canonical>, else og:url, made absolute."""
    linked = (link.get("href", "") for link in evidence.links if link.get("rel", "").lower() == "canonical")
    return _absolute(next(linked, "") or metas.get("og:url", [""])[0], url or "")


def _absolute(address: str, base: str) -> str:
    try:
        joined = urljoin(base, address.strip()) if address else ""
    except ValueError:  # a bracket that begins no IPv6 host
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


def _tags(metas: Metas, about: Node) -> tuple[str, ...]:
    value = about.get("keywords")
    listed = [tag for tag in value if isinstance(tag, str)] if isinstance(value, list) else _text(value).split(",")
    declared = (tag for text in _all(metas, "tags") for tag in text.split(","))
    tags = {_plain(tag): None for tag in ([tag for tag in listed if tag.strip()] or declared)}
    return tuple(tag for tag in tags if tag)[:_MOST_TAGS]


def _image(metas: Metas, about: Node, address: str) -> str:
    image = about.get("image")
    for _ in range(2):
        if isinstance(image, list):
            image = image[0] if image else None
        elif isinstance(image, dict):
            image = image.get("url") or image.get("contentUrl")
    return _absolute(_declared(metas, "image") or (image if isinstance(image, str) else ""), address)


def _language(evidence: Evidence, metas: Metas, about: Node) -> str:
    root = evidence.root.get("lang") or evidence.root.get("xml:lang") or ""
    return root.strip() or _text(about.get("inLanguage")) or _declared(metas, "language")
