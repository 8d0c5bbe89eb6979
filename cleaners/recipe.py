"""The way of one record, on one screen: decode ▸ blocks ▸ language ▸ evidence ▸ verdicts ▸ guard ▸ assemble."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cleaners.assemble import assemble
from cleaners.credits import authors_said, date_said, split_names
from cleaners.dates import is_day_first, parse_iso
from cleaners.decode import decode, sniff_media_type
from cleaners.document import CleanDocument, Decoded, Explanation, MediaType, Page, Payload, RawRecord, Verdict
from cleaners.fallback import asked
from cleaners.flags import find_flags
from cleaners.guard import guard
from cleaners.html import walk
from cleaners.judge import find_body, judge
from cleaners.language import Language, foreign, identify, identify_article, identify_page
from cleaners.markup import is_lines, laid_bare
from cleaners.matching import match, prepare
from cleaners.scorer import score
from cleaners.sites import Sites, apply_site, site_host
from cleaners.text import split
from cleaners.titles import find_title
from cleaners.unseen import holds_more, lay_open
from cleaners.verdicts import Evidence


def clean(
    payload: Payload,
    *,
    url: str | None = None,
    media_type: MediaType | None = None,
    encoding: str | None = None,
    sites: Sites | None = None,
) -> CleanDocument:
    """The article of a page or of a text dump.

    `payload` is what a crawler left, bytes or text; `media_type` (`text/html`, `text/plain`) and `encoding` are
    declared ones, found out where None. `sites` is what pages of its host repeat, if known. Raises RecordError for what
    is no text; see `cleaners.errors`. Safe from threads: where trafilatura is asked, which is not, they take turns.
    """
    return explain(payload, url=url, media_type=media_type, encoding=encoding, sites=sites).document


def explain(
    payload: Payload,
    *,
    url: str | None = None,
    media_type: MediaType | None = None,
    encoding: str | None = None,
    sites: Sites | None = None,
) -> Explanation:
    """The article and the account: what `clean` gives, with the blocks that its verdicts are about."""
    return explain_record(RawRecord(payload, media_type=media_type, url=url, charset=encoding), sites)


def explain_record(record: RawRecord, sites: Sites | None = None) -> Explanation:
    """The same for a record of a dump, whose metadata count where the page says nothing itself."""
    decoded, page = read_page(record)
    language = identify_page(page)
    prepared = prepare(page.blocks)
    hits = match(prepared, language.code)
    scores, method = asked(decoded.text, page, score(page, hits))
    language = identify_article(page, scores.probabilities, language)
    body = find_body(page, scores.probabilities, hits)
    declared = page.metadata.title or record.metadata.get("title", "")
    title = find_title(page, declared, body, hits, prepared.keys)
    model = "scorer" if method == "engine" else method
    evidence = Evidence(hits, prepared.keys, scores, model, _foreign_to(language))
    site = sites.get(site_host(record.url) or "") if sites else None
    judged = judge(page, evidence, body, title)
    verdicts, guarded = guard(page, apply_site(page, prepared, judged, site) if site is not None else judged)
    page_kind = scores.page_kind
    if holds_more(page, verdicts):
        page, verdicts = lay_open(page, verdicts)
        method, page_kind = page.metadata.body_source, "article"
    text, spans = assemble(page, verdicts)
    language = _of_text(text, language, method)
    flags = find_flags(text, language, page_kind, guarded, decoded.repaired, guessed=bool(title.text and not declared))
    document = replace(
        _described(record, page, verdicts, language),
        text=text,
        title=title.text,
        confidence=scores.confidence,
        method=method,
        flags=flags,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        verdicts=verdicts,
        spans=spans,
        page_text=page.text,
    )
    return Explanation(document, page)


def read_page(record: RawRecord) -> tuple[Decoded, Page]:
    """The text of a record, and its blocks, of which nothing is judged yet. Raises RecordError for what is no text."""
    media_type = record.media_type or sniff_media_type(record.payload)
    decoded = decode(record.payload, charset=record.charset, html=media_type == "text/html")
    if media_type == "text/plain":
        return decoded, split(decoded.text)
    decoded = laid_bare(decoded)
    if is_lines(decoded.text):
        return decoded, split(decoded.text)
    return decoded, walk(decoded.text, url=record.url, utf8=decoded.utf8)


def _foreign_to(language: Language) -> Callable[[str, bool], str]:
    """What names the rule by which a line is foreign to an article in that language."""

    def named(line: str, inside: bool) -> str:
        found = foreign(line, language.code, inside=inside)
        return f"foreign:{found.rule}" if found is not None else ""

    return named


def _of_text(text: str, of_page: Language, method: str) -> Language:
    """The language of the text where the page shows another, or several: what was cut may have been the other one."""
    if not text or (len(of_page.shares) < 2 and method in ("engine", "trafilatura")):
        return of_page
    found = identify(text, of_page.code)
    return found if found.code != "und" else of_page


def _described(record: RawRecord, page: Page, verdicts: tuple[Verdict, ...], language: Language) -> CleanDocument:
    """A document without its text: what the page says about itself, then the dump, then the lines that were cut."""
    about, carried = page.metadata, record.metadata
    published = parse_iso(about.published) or parse_iso(carried.get("published", ""))
    authors = about.authors or split_names(carried.get("authors", ""))
    day_first = is_day_first(about.language, site_host(record.url or about.canonical_url) or "")
    return CleanDocument(
        text="",
        authors=authors or authors_said(page, verdicts),
        published=published or date_said(page, verdicts, language.code, day_first=day_first),
        modified=parse_iso(about.modified),
        site_name=about.site_name or carried.get("site_name", ""),
        canonical_url=about.canonical_url,
        section=about.section,
        tags=about.tags,
        image=about.image,
        description=about.description,
        url=record.url or "",
        language=language.code,
        language_tag=language.tag,
        language_confidence=language.confidence,
        language_all=language.shares,
        media_type=page.media_type,
    )
