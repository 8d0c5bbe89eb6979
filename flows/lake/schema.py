"""What the tables of the lake look like: each column once, with its type, its meaning and where it comes from.

A new column is one line here. `articles` and `removed` are made from a CleanedRecord; the others hold what became of
records that are no article.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from cleaners.document import Block, CleanDocument, Span, Verdict
from cleaners.ngrams import GREEDY, TOP
from cleaners.signals import Signals
from flows.lake.rows import CleanedRecord, host_of, kind_counts, offset_minutes, storable, utc

SCHEMA_VERSION = 1
"""Goes up by one with every change of columns; stands in each file and beside the data."""

_TEXT, _INT, _FLOAT = pa.string(), pa.int32(), pa.float32()
_MOMENT = pa.timestamp("us", tz="UTC")
_LAYOUT = pa.list_(
    pa.struct(
        [
            pa.field("block", _INT, nullable=False),
            pa.field("start", _INT, nullable=False),
            pa.field("end", _INT, nullable=False),
            pa.field("text_start", _INT, nullable=False),
            pa.field("lead", _TEXT, nullable=False),
            pa.field("trail", _TEXT, nullable=False),
        ]
    )
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type, meaning in one sentence, and how it comes from a CleanedRecord (if it does)."""

    name: str
    type: pa.DataType
    about: str
    value: Callable[[CleanedRecord], Any] = lambda cleaned: None

    def field(self) -> pa.Field:
        """The Arrow field; its metadata carries the meaning into the file."""
        return pa.field(self.name, self.type, metadata={"description": self.about})


def _layout(document: CleanDocument) -> list[dict[str, Any]]:
    return [_piece(document.page_text, span) for span in document.spans]


def _piece(page_text: str, span: Span) -> dict[str, Any]:
    return {
        "block": span.block,
        "start": span.start,
        "end": span.end,
        "text_start": span.text_start,
        "lead": page_text[span.start : span.start + span.lead],
        "trail": page_text[span.end - span.trail : span.end],
    }


def _or_none(text: str) -> str | None:
    return text or None


_ID = "First 128 bits of sha256 over URL and payload digest, in hex; it does not move with files."
_SOURCE = Column(
    "source", _TEXT, "Dump the record came from, relative to the input.", lambda c: storable(c.record.source)
)
_POSITION = Column("position", _TEXT, "Place inside the dump; finds the bytes again.", lambda c: c.record.position)
_URL = Column("url", _TEXT, "Address the dump gives for the record.", lambda c: c.url)
_FETCHED = Column("fetched", _MOMENT, "When the page was fetched, as the dump says.", lambda c: utc(c.record.fetched))
_LANGUAGE = Column("language", _TEXT, "ISO 639-1 code of the article, or `und`.", lambda c: c.document.language)
_PAYLOAD = Column("payload_sha256", _TEXT, "Digest of the payload as the dump holds it.", lambda c: c.payload_sha256)
_TEXT_DIGEST = Column("text_sha256", _TEXT, "Digest of `text`.", lambda c: c.text_sha256)


def _signal(name: str, about: str) -> Column:
    kind = {"int": _INT, "bool": pa.bool_(), "float": _FLOAT}[Signals.__annotations__[name]]
    return Column(name, kind, about, lambda c: getattr(c.signals, name))


_TOP = "Share of characters in the most frequent run of {} words (Gopher)."
_DUP = "Share of characters in runs of {} words that repeat an earlier one (Gopher)."
# Definitions and sources stand in cleaners/signals.py.
SIGNALS: tuple[Column, ...] = (
    Column("kept_share", _FLOAT, "Share of the page's characters that was kept.", lambda c: c.account.kept_share),
    Column(
        "boilerplate_density",
        _FLOAT,
        "Share of blocks that were cut between the first and the last kept one.",
        lambda c: c.account.boilerplate_density,
    ),
    Column(
        "mean_confidence",
        _FLOAT,
        "Mean probability of kept blocks to be content, weighted by characters.",
        lambda c: c.account.mean_confidence,
    ),
    Column("lead_present", pa.bool_(), "Whether the text begins with a paragraph.", lambda c: c.account.lead_present),
    Column(
        "language_mix", _FLOAT, "Share of the text in other languages than its own.", lambda c: c.account.language_mix
    ),
    _signal("gopher_mean_word_length", "Characters a word (Gopher)."),
    _signal("gopher_hash_ratio", "`#` a word (Gopher)."),
    _signal("gopher_ellipsis_ratio", "Ellipses a word (Gopher)."),
    _signal("gopher_bullet_lines", "Share of lines that begin with a bullet (Gopher)."),
    _signal("gopher_ellipsis_lines", "Share of lines that end in an ellipsis (Gopher)."),
    _signal("gopher_alpha_words", "Share of words with a letter (Gopher)."),
    _signal("gopher_stop_words", "How many of eight English function words occur (Gopher)."),
    _signal("gopher_dup_lines", "Share of lines that repeat an earlier one (Gopher)."),
    _signal("gopher_dup_line_chars", "Share of characters in such lines (Gopher)."),
    _signal("gopher_dup_paragraphs", "Share of paragraphs that repeat an earlier one (Gopher)."),
    _signal("gopher_dup_paragraph_chars", "Share of characters in such paragraphs (Gopher)."),
    *(_signal(f"gopher_top_{size}gram", _TOP.format(size)) for size in TOP),
    *(_signal(f"gopher_dup_{size}gram", _DUP.format(size)) for size in GREEDY),
    _signal("c4_lines", "Share of lines that C4's rules keep."),
    _signal("c4_sentences", "Sentences in the lines that C4's rules keep."),
    _signal("c4_lorem_ipsum", "Whether the text holds `lorem ipsum` (C4)."),
    _signal("c4_curly_bracket", "Whether the text holds a curly bracket (C4)."),
    _signal("fineweb_line_punct", "Share of lines that end with the end of a sentence (FineWeb)."),
    _signal("fineweb_short_lines", "Share of lines of at most 30 characters (FineWeb)."),
    _signal("fineweb_char_dup", "Share of characters in lines that repeat an earlier one (FineWeb)."),
    _signal("fineweb_newline_ratio", "Line ends a word (FineWeb)."),
)

ARTICLES: tuple[Column, ...] = (
    Column("id", _TEXT, _ID, lambda c: c.id),
    _URL,
    Column(
        "canonical_url",
        _TEXT,
        "Address the page names as its own.",
        lambda c: _or_none(c.document.canonical_url),
    ),
    Column("host", _TEXT, "Host of the address, lower case.", lambda c: host_of(c.url or c.document.canonical_url)),
    Column("site_name", _TEXT, "Name the site gives itself.", lambda c: _or_none(c.document.site_name)),
    Column("title", _TEXT, "Headline; null where the record holds none.", lambda c: c.document.title),
    Column("authors", pa.list_(_TEXT), "Who wrote it.", lambda c: list(c.document.authors)),
    Column("published", _MOMENT, "When it was published, in UTC.", lambda c: utc(c.document.published)),
    Column(
        "published_offset",
        pa.int16(),
        "The publisher's offset from UTC, minutes east.",
        lambda c: offset_minutes(c.document.published),
    ),
    Column("modified", _MOMENT, "When it was last changed, in UTC.", lambda c: utc(c.document.modified)),
    Column("date", _TEXT, "Publisher's day of publication, else day of fetching, else `unknown`.", lambda c: c.date),
    Column("month", _TEXT, "First seven characters of `date`.", lambda c: c.month),
    _FETCHED,
    _LANGUAGE,
    Column(
        "language_tag",
        _TEXT,
        "BCP 47 tag where more than the language can be told.",
        lambda c: c.document.language_tag,
    ),
    Column(
        "language_confidence",
        _FLOAT,
        "How sure the language is, 0..1.",
        lambda c: c.document.language_confidence,
    ),
    Column(
        "language_all",
        pa.map_(_TEXT, _FLOAT),
        "Shares of the languages of a mixed document, largest first.",
        lambda c: list(c.document.language_all),
    ),
    Column("section", _TEXT, "Section of the site it stood in.", lambda c: _or_none(c.document.section)),
    Column("tags", pa.list_(_TEXT), "Keywords the page gives.", lambda c: list(c.document.tags)),
    Column("description", _TEXT, "Summary the page gives of itself.", lambda c: _or_none(c.document.description)),
    Column("image", _TEXT, "Address of the lead picture.", lambda c: _or_none(c.document.image)),
    Column("text", _TEXT, "The article: paragraphs divided by one blank line.", lambda c: c.document.text),
    Column(
        "word_count", _INT, "Words of `text`; two characters count as one in undivided scripts.", lambda c: c.word_count
    ),
    Column("char_count", _INT, "Characters of `text`.", lambda c: len(c.document.text)),
    Column("confidence", _FLOAT, "How likely the text is right, 0..1, calibrated.", lambda c: c.document.confidence),
    Column("method", _TEXT, "Who answered: the engine, or what it fell back on.", lambda c: c.document.method),
    Column(
        "flags", pa.list_(_TEXT), "What to know about the document, sorted names.", lambda c: list(c.document.flags)
    ),
    *SIGNALS,
    Column("redacted", pa.map_(_TEXT, _INT), "Personal data that was replaced, by kind; null where that was off."),
    Column("removed_blocks", _INT, "Number of blocks that were cut.", lambda c: len(c.removed)),
    Column("removed_chars", _INT, "Characters that were cut.", lambda c: sum(len(b.text) for b, _ in c.removed)),
    Column("removed_kinds", pa.map_(_TEXT, _INT), "Cut blocks by kind.", lambda c: kind_counts(c.removed)),
    Column(
        "layout",
        _LAYOUT,
        "Where each kept block stood in the page text and went in `text`; with `removed` it rebuilds the page text.",
        lambda c: _layout(c.document),
    ),
    _SOURCE,
    _POSITION,
    Column("encoding", _TEXT, "Encoding the payload was decoded from.", lambda c: c.document.encoding),
    Column(
        "encoding_evidence",
        _TEXT,
        "What chose the encoding: str, bom, utf-8, http, meta or detected.",
        lambda c: c.document.encoding_evidence,
    ),
    Column("media_type", _TEXT, "What the payload was read as.", lambda c: c.document.media_type),
    _PAYLOAD,
    Column("page_text_sha256", _TEXT, "Digest of the page text before the cuts.", lambda c: c.page_text_sha256),
    _TEXT_DIGEST,
    Column("winnow_version", _TEXT, "Version of the program."),
    Column("rules_version", _TEXT, "Version of rules, weights and language tables."),
)

REMOVED: tuple[Column, ...] = (
    Column("id", _TEXT, "Id of the article the block was cut from."),
    Column("block", _INT, "Number of the block in the page, from 0."),
    Column("start", _INT, "Where the block starts in the page text, characters."),
    Column("end", _INT, "Where the block ends in the page text, characters."),
    Column("kind", _TEXT, "Kind of boilerplate, a name of rules/kinds.toml."),
    Column("rule", _TEXT, "The rule or model that said so."),
    Column("score", _FLOAT, "Probability that the block is content; null where no model was asked."),
    Column("matched", _TEXT, "Words of the page that the rule matched."),
    Column("text", _TEXT, "The block as it stood in the page text."),
)

DUPLICATES: tuple[Column, ...] = (
    Column("id", _TEXT, _ID),
    Column("repeats", _TEXT, "Id of the article that it repeats."),
    Column("by", _TEXT, "What is the same: `payload` or `text`."),
    _URL,
    _SOURCE,
    _POSITION,
    _FETCHED,
    _LANGUAGE,
    _PAYLOAD,
    _TEXT_DIGEST,
)

FILTERED: tuple[Column, ...] = (
    Column("id", _TEXT, _ID, lambda c: c.id),
    Column(
        "reason",
        _TEXT,
        "Why it is not there: `language`, `near_duplicate`, or the part of the filter it fails.",
    ),
    _LANGUAGE,
    _URL,
    Column("title", _TEXT, "Headline, where there is one.", lambda c: c.document.title),
    Column("word_count", _INT, "Words of its text.", lambda c: c.word_count),
    _SOURCE,
    _POSITION,
    _FETCHED,
    _PAYLOAD,
    _TEXT_DIGEST,
)

QUARANTINE: tuple[Column, ...] = (
    Column("source", _TEXT, "Dump the record came from, relative to the input."),
    Column("position", _TEXT, "Place inside the dump; finds the bytes again."),
    Column("reason", _TEXT, "Code of what was wrong."),
    Column("detail", _TEXT, "What was wrong, in a sentence."),
    Column("url", _TEXT, "Address the dump gives, where it got that far."),
    Column("size", pa.int64(), "Size of the record in bytes, where known."),
    Column("head", pa.binary(), "Its first bytes."),
)

CLUSTERS: tuple[Column, ...] = (
    Column("id", _TEXT, "Id of an article, a duplicate, or a record dropped as a near duplicate."),
    Column("cluster", _TEXT, "Name of its cluster: the smallest id in it."),
    Column("duplicate_of", _TEXT, "Id that names the cluster; null in the row of that id itself."),
    Column("similarity", _FLOAT, "Jaccard similarity of the word shingles of the two, 0..1."),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "articles": ARTICLES,
    "removed": REMOVED,
    "duplicates": DUPLICATES,
    "filtered": FILTERED,
    "quarantine": QUARANTINE,
    "clusters": CLUSTERS,
}
# What a file of each table is sorted by: a total order over its rows, so that the order they came in leaves no trace.
SORTED_BY: Mapping[str, tuple[str, ...]] = {
    "articles": ("id",),
    "removed": ("id", "block"),
    "duplicates": ("id", "source", "position"),
    "filtered": ("id", "source", "position"),
    "quarantine": ("source", "position", "reason", "detail"),
    "clusters": ("cluster", "id"),
}
TABLE_ABOUT: Mapping[str, str] = {
    "articles": "One row an article, partitioned by language and month.",
    "removed": "One row a block that was cut from an article.",
    "duplicates": "One row a record that repeats an article.",
    "filtered": "One row a record that was not asked for.",
    "quarantine": "One row a record that could not be read or cleaned.",
    "clusters": "One row a text that has near duplicates.",
}


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table; the meaning of each column stands in its field's metadata."""
    return pa.schema([column.field() for column in TABLES[table]], metadata=_about(table))


def _about(table: str) -> dict[str, str]:
    return {"description": TABLE_ABOUT[table], "newswinnow.schema_version": str(SCHEMA_VERSION)}


def row(table: str, cleaned: CleanedRecord) -> dict[str, Any]:
    """The columns of a table that come from a cleaned record."""
    return {column.name: _storable(column.value(cleaned)) for column in TABLES[table]}


def removed_rows(cleaned: CleanedRecord) -> list[dict[str, Any]]:
    """One row a cut block."""
    return [_removed(cleaned.id, block, verdict) for block, verdict in cleaned.removed]


def _removed(article: str, block: Block, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": article,
        "block": block.index,
        "start": block.start,
        "end": block.end,
        "kind": verdict.kind,
        "rule": verdict.rule,
        "score": verdict.score,
        "matched": verdict.matched or None,
        "text": block.text,
    }


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [storable(item) for item in value]
    return value
