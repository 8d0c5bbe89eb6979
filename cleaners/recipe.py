"""The way of one record, on one screen: decode ▸ blocks ▸ language ▸ evidence ▸ verdicts ▸ guard ▸ assemble."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cleaners.assemble import assemble
from cleaners.credits import authors_said, date_said, split_names
from cleaners.dates import parse_iso
from cleaners.decode import decode, sniff_media_type
from cleaners.document import CleanDocument, Explanation, MediaType, Page, Payload, RawRecord, Verdict
from cleaners.flags import find_flags
from cleaners.guard import guard
from cleaners.html import walk
from cleaners.judge import Evidence, find_body, judge
from cleaners.language import Language, foreign, identify, identify_page
from cleaners.matching import match, prepare
from cleaners.scorer import score
from cleaners.text import split
from cleaners.titles import find_title
from cleaners.unseen import holds_more, lay_open


def clean(
    payload: Payload, *, url: str | None = None, media_type: MediaType | None = None, encoding: str | None = None
) -> CleanDocument:
    """The article of a page or of a text dump.

    `payload` is what a crawler left, bytes or text; `media_type` (`text/html`, `text/plain`) and `encoding` are
    declared ones, found out where None. Raises RecordError for what is no text; see `cleaners.errors`.
    """
    return explain(payload, url=url, media_type=media_type, encoding=encoding).document


def explain(
    payload: Payload, *, url: str | None = None, media_type: MediaType | None = None, encoding: str | None = None
) -> Explanation:
    """The article and the account: what `clean` gives, with the blocks that its verdicts are about."""
    return explain_record(RawRecord(payload, media_type=media_type, url=url, charset=encoding))


def explain_record(record: RawRecord) -> Explanation:
    """The same for a record of a dump, whose metadata count where the page says nothing itself."""
    media_type = record.media_type or sniff_media_type(record.payload)
    decoded = decode(record.payload, charset=record.charset, html=media_type == "text/html")
    page = walk(decoded.text, url=record.url) if media_type == "text/html" else split(decoded.text)
    language = identify_page(page)
    prepared = prepare(page.blocks)
    hits = match(prepared, language.code)
    scores = score(page, hits, language.code)
    body = find_body(page, scores.probabilities, hits)
    declared = page.metadata.title or record.metadata.get("title", "")
    title = find_title(page, declared, body, hits, prepared.keys)

    def is_foreign(line: str, inside: bool) -> str:
        found = foreign(line, language.code, inside=inside)
        return f"foreign:{found.rule}" if found is not None else ""

    verdicts = judge(page, Evidence(hits, prepared.keys, scores, is_foreign), body, title)
    verdicts, guarded = guard(page, verdicts)
    method = "engine"
    unseen = holds_more(page, verdicts)
    if unseen:
        page, verdicts = lay_open(page, verdicts)
        method = page.metadata.body_source
    text, spans = assemble(page, verdicts)
    if text and (unseen or len(language.shares) > 1):
        language = _of_text(text, language)
    published, authors = _credits(page, verdicts, record.metadata, language.code)
    about = page.metadata
    document = CleanDocument(
        text=text,
        title=title.text,
        authors=authors,
        published=published,
        modified=parse_iso(about.modified),
        site_name=about.site_name or record.metadata.get("site_name", ""),
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
        confidence=scores.confidence,
        method=method,
        flags=find_flags(
            text, language, scores.page_kind, guarded, decoded.repaired, bool(title.text and not declared)
        ),
        media_type=media_type,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        verdicts=verdicts,
        spans=spans,
        page_text=page.text,
    )
    return Explanation(document, page)


def _of_text(text: str, of_page: Language) -> Language:
    """The language of the text where the page shows another, or several: what was cut may have been the other one."""
    found = identify(text, of_page.code)
    return found if found.code != "und" else of_page


def _credits(
    page: Page, verdicts: tuple[Verdict, ...], carried: Mapping[str, str], language: str
) -> tuple[datetime | None, tuple[str, ...]]:
    """When it was published and by whom: the page's metadata, then the dump's, then the lines that were cut."""
    published = parse_iso(page.metadata.published) or parse_iso(carried.get("published", ""))
    authors = page.metadata.authors or split_names(carried.get("authors", ""))
    return published or date_said(page, verdicts, language), authors or authors_said(page, verdicts)
