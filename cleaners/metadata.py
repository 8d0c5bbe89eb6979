"""What a page says about itself: JSON-LD, OpenGraph and other <meta>, microdata, <title> and the page's headline.

A field is asked from the most to the least trustworthy place, and the first that answers counts. Which goes first was
measured on the titles, dates and authors of the development corpora.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

from cleaners import jsonld
from cleaners.authors import clean_names, split_list
from cleaners.bylines import shown_authors, shown_date
from cleaners.document import Block, Container, Metadata
from cleaners.evidence import Attributes, Evidence
from cleaners.headline import pick_title, same_name, shown_part
from cleaners.hydration import find_body
from cleaners.isodate import date_in_url, to_iso
from cleaners.jsonld import Json, Node
from cleaners.lines import squeeze
from cleaners.markup import unescape
from cleaners.tables import metadata_table

_TAG: Final = re.compile(r"<[a-zA-Z/!][^<>]*>")
_LONGEST_HEADLINE: Final = 300  # characters of a block
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_EMPTY: Final = 600  # characters in blocks of prose; a page with less has its article elsewhere
_PROSE: Final = 80
_MOST_SIGNED: Final = 3  # more authors in microdata are those of comments or teasers
_MOST_TAGS: Final = 50
_MOST_LINKED: Final = 20  # tags among the links of a page; an article has a dozen
_TAG_BREAK: Final = re.compile(r"[,،，、]")
_NAMING: Final = ("property", "name", "itemprop", "http-equiv")  # attributes by which a <meta> says what it declares
_BEHIND: Final = re.compile(r"[?#]")
_NEAR: Final = 25  # blocks from the headline within which a <time> is that of the article before any other
_ORGANISATION: Final = "Organization"

Metas = dict[str, list[str]]
Shown = tuple[Sequence[Block], Sequence[Container]]
Nodes = dict[str, Node]


def read_metadata(
    evidence: Evidence, blocks: Sequence[Block], containers: Sequence[Container], url: str | None
) -> Metadata:
    """Everything `Metadata` holds, from what the walk gathered; `url` is the page's address where it is known."""
    metas = _by_name(evidence.metas)
    graph = list(jsonld.nodes([jsonld.parse(script) for script in evidence.data])) if evidence.data else []
    canonical = _canonical(evidence, metas, url)
    address = canonical or url or ""
    about = _about(graph, address)
    nodes = _by_id(graph)
    site = _site_name(metas, graph, about, nodes)
    body, source = find_body(about, evidence.payloads, page_is_empty=_is_empty(blocks))
    return Metadata(
        title=_title(evidence, metas, about, blocks, (site, _host(address)), home="/" not in (_bare(address) or "/")),
        authors=_authors(evidence, metas, about, nodes, site, (blocks, containers)),
        published=_published(evidence, metas, about, blocks, address) or shown_date(blocks, containers),
        modified=_first_date(_modified(evidence, metas, about)),
        site_name=site,
        canonical_url=canonical,
        description=_plain(_text(about.get("description")) or _declared(metas, "description")),
        section=_section(evidence, metas, about),
        tags=_tags(evidence, metas, about),
        image=_image(metas, about, nodes, address),
        language=_language(evidence, metas, about),
        page_type=(jsonld.types(about) or [_declared(metas, "page_type")])[0],
        article_body=body,
        body_source=source,
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
        said = [meta[naming].strip().lower() for naming in _NAMING if meta.get(naming)] if content else []
        for name in dict.fromkeys(said):
            named.setdefault(name, []).append(content)
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
            ours = _bare(address)
            return next((node for node in found if ours and _bare(_address(node)) == ours), found[0])
    return next((node for node in graph if "headline" in node), {})


def _address(node: Node) -> str:
    page = node.get("mainEntityOfPage")
    return _text(page.get("@id") if isinstance(page, dict) else page) or _text(node.get("url"))


def _bare(address: str) -> str:
    """An address without what may differ between two spellings of it: scheme, www, query and last stroke."""
    bare = _BEHIND.split(address.strip().lower(), maxsplit=1)[0].rstrip("/")
    return bare.rpartition("://")[2].removeprefix("//").removeprefix("www.")


def _text(value: Json) -> str:
    """The text in a value of JSON-LD: itself, its @value or name, the first of a list."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("url") or value.get("@id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _by_id(graph: Sequence[Node]) -> Nodes:
    """The first node of each @id that says more than what it is: a catalogue has thousands that refer to each other."""
    nodes: Nodes = {}
    for node in graph:
        name = node.get("@id")
        if isinstance(name, str) and len(node) > 2:
            nodes.setdefault(name, node)
    return nodes


def _resolved(value: Json, nodes: Nodes) -> Json:
    """The node that a value refers to by its @id alone, else the value."""
    if isinstance(value, dict) and len(value) <= 2 and not value.get("name"):
        name = value.get("@id")
        return nodes.get(name, value) if isinstance(name, str) else value
    return value


def _plain(text: str) -> str:
    """Without entities (often escaped twice), tags and surplus white space."""
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", text)
    return squeeze(text)


def _title(
    evidence: Evidence, metas: Metas, about: Node, blocks: Sequence[Block], sites: Sequence[str], *, home: bool
) -> str:
    window = [title for title in evidence.titles if title.strip()]
    declared = [_text(about.get("headline")), *_all(metas, "title"), *_said(evidence, "headline"), *window[:1]]
    headings = [block.text for block in blocks if block.tag == "h1" and not block.hidden]
    shown = [squeeze(unescape(text)) for text in headings]  # what looks like a tag in it is shown as such
    title = pick_title([_plain(text) for text in declared], shown, sites, home=home)
    if title in shown:
        return title
    short = [block for block in blocks if len(block.text) <= _LONGEST_HEADLINE and not block.hidden]
    lines = (line for block in short for line in block.text.split("\n"))
    return shown_part(title, lines, (block.text for block in short if block.tag in _HEADINGS and not block.link_chars))


def _site_name(metas: Metas, graph: Sequence[Node], about: Node, nodes: Nodes) -> str:
    publisher = _text(_resolved(about.get("publisher"), nodes))
    website = next((_text(node.get("name")) for node in graph if "WebSite" in jsonld.types(node)), "")
    named = [metas.get("og:site_name", [""])[0], publisher, website, _declared(metas, "site_name")]
    return next((_plain(name) for name in named if name and "://" not in name and name[0] != "#"), "")


def _host(address: str) -> str:
    """The telling part of the address's host: `example` of www.example.co.uk."""
    try:
        host = (urlsplit(address).hostname or "") if "//" in address else ""
    except ValueError:  # a bracket that begins no IPv6 host
        return ""
    labels = [label for label in host.split(".")[:-1] if label not in ("www", "com", "co", "org", "net", "m", "news")]
    return max(labels, key=len, default="")


def _authors(evidence: Evidence, metas: Metas, about: Node, nodes: Nodes, site: str, page: Shown) -> tuple[str, ...]:
    """The first source that names somebody; the site's own name counts only where no source names anybody else."""
    sources: list[Callable[[], Iterable[str]]] = [
        lambda: _people(about.get("author") or about.get("creator"), nodes),
        lambda: (part for value in _all(metas, "author") for part in split_list(_plain(value))),
        lambda: _labelled(metas),
        lambda: _few(_said(evidence, "author.name")),
        lambda: _first_signed(_said(evidence, "author", "rel:author")),
        lambda: _first_signed(shown_authors(*page)),
    ]
    own: tuple[str, ...] = ()
    for source in sources:
        names = clean_names(map(_plain, source()))
        if any(not same_name(name, site) for name in names):
            return names
        own = own or names
    return own


def _labelled(metas: Metas) -> Iterator[str]:
    """The author in what stands for previews: `twitter:label1` says "Written by", `twitter:data1` who."""
    for number in "12":
        if metas.get(f"twitter:label{number}", [""])[0].casefold() in metadata_table()["author"]["labels"]:
            yield from split_list(_plain(metas.get(f"twitter:data{number}", [""])[0]))


def _few(names: Iterable[str]) -> Sequence[str]:
    """The names, or the first where they are so many that readers' are among them."""
    found = list(islice(names, _MOST_SIGNED + 1))
    return found if len(found) <= _MOST_SIGNED else found[:1]


def _first_signed(values: Iterable[str]) -> Sequence[str]:
    """The names in the first text that holds any: a bare "By" does not."""
    return next(
        (names for value in islice(values, _MOST_SIGNED) if (names := clean_names(split_list(_plain(value))))), ()
    )


def _people(value: Json, nodes: Nodes, depth: int = 3) -> Iterator[str]:
    """Names in the author of a node; an author who is only an @id is looked up among the other nodes."""
    for person in value if isinstance(value, list) else [value]:
        person = _resolved(person, nodes)
        if isinstance(person, str):
            yield from split_list(_plain(person))
        elif isinstance(person, list) and depth:
            yield from _people(person, nodes, depth - 1)
        elif isinstance(person, dict):
            name = person.get("name") or " ".join(
                filter(None, map(_text, map(person.get, ("givenName", "familyName"))))
            )
            if _ORGANISATION in "".join(jsonld.types(person)):
                yield _plain(_text(name))
            elif depth:
                yield from _people(name, nodes, depth - 1)


def _published(evidence: Evidence, metas: Metas, about: Node, blocks: Sequence[Block], address: str) -> str:
    node = (_text(about.get(name)) for name in ("datePublished", "dateCreated", "uploadDate"))
    microdata = _said(evidence, "datePublished", "dateCreated")
    times = _times(evidence, blocks)
    return _first_date([*node, *_all(metas, "published"), *microdata, *times]) or date_in_url(address)


def _times(evidence: Evidence, blocks: Sequence[Block]) -> list[str]:
    """What <time> says: behind the headline and near it first, then in page order: above it stands today's date."""
    told = [(value, at) for name, value, at in evidence.properties if name == "time"]
    headline = next((block.index for block in blocks if block.tag == "h1" and not block.hidden), -1) if told else -1
    near = [value for value, at in told if 0 <= headline < at <= headline + _NEAR]
    return [*near, *(value for value, _ in told)]


def _modified(evidence: Evidence, metas: Metas, about: Node) -> Iterator[str]:
    yield _text(about.get("dateModified"))
    yield from _all(metas, "modified")
    yield from _said(evidence, "dateModified")


def _first_date(values: Iterable[str]) -> str:
    return next((date for date in map(to_iso, values) if date), "")


def _canonical(evidence: Evidence, metas: Metas, url: str | None) -> str:
    """<link rel=canonical>, else og:url, made absolute."""
    linked = [link.get("href", "") for link in evidence.links if "canonical" in link.get("rel", "").lower().split()]
    told = (_absolute(address, url or "") for address in (*linked[:1], *metas.get("og:url", ())))
    return next((address for address in told if _is_public(address, url or "")), "")


def _is_public(address: str, url: str) -> bool:
    """Whether an address may be that of a page fetched from `url`: behind a proxy a system names its own machine."""
    try:
        host, ours = urlsplit(address).hostname or "", urlsplit(url).hostname
    except ValueError:  # a bracket that begins no IPv6 host
        return False
    return host == ours or ("." in host and not host.startswith(("127.", "localhost.")))


def _absolute(address: str, base: str) -> str:
    try:
        joined = urljoin(base, address.strip()) if address else ""
    except ValueError:  # a bracket that begins no IPv6 host
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


def _section(evidence: Evidence, metas: Metas, about: Node) -> str:
    told = (_text(about.get("articleSection")), _declared(metas, "section"))
    return next(filter(None, map(_plain, (*told, *_said(evidence, "articleSection", "rel:category")))), "")


def _tags(evidence: Evidence, metas: Metas, about: Node) -> tuple[str, ...]:
    """From the metadata, else the links that say they lead to a tag, if they are few: a cloud of them is the site's."""
    value = about.get("keywords")
    listed = [_plain(_text(tag)) for tag in value] if isinstance(value, list) else _divided(_text(value))
    declared = (tag for text in _all(metas, "tags") for tag in _divided(text))
    tags = [tag for tag in listed if tag] or [tag for tag in declared if tag]
    if not tags:
        linked = list(islice(_said(evidence, "rel:tag"), _MOST_LINKED + 1))
        tags = linked if len(linked) <= _MOST_LINKED else []
    return tuple(dict.fromkeys(filter(None, map(_plain, tags))))[:_MOST_TAGS]


def _divided(tags: str) -> list[str]:
    """Tags in a row one by one; semicolons divide them where no comma does."""
    plain = _plain(tags)
    return [tag.strip() for tag in (_TAG_BREAK.split(plain) if _TAG_BREAK.search(plain) else plain.split(";"))]


def _image(metas: Metas, about: Node, nodes: Nodes, address: str) -> str:
    image = about.get("image")
    for _ in range(2):
        if isinstance(image, list):
            image = image[0] if image else None
        image = _resolved(image, nodes)
        if isinstance(image, dict):
            image = image.get("url") or image.get("contentUrl") or image.get("@id")
    told = (_absolute(each, address) for each in (*_all(metas, "image"), image if isinstance(image, str) else ""))
    return next(filter(None, told), "")


def _language(evidence: Evidence, metas: Metas, about: Node) -> str:
    root = evidence.root.get("lang") or evidence.root.get("xml:lang") or ""
    return root.strip() or _text(about.get("inLanguage")) or _declared(metas, "language")
