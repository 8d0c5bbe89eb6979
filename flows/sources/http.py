"""An HTTP answer in an archive of the web, as a record or as the reason why it is none."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flows.sources import html
from flows.sources.binary import kind_of
from flows.sources.errors import Reason
from flows.sources.stream import CHUNK

if TYPE_CHECKING:
    from fastwarc.stream_io import WarcReader
    from fastwarc.warc import WarcRecord

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
# What servers send when they do not know: the bytes decide.
VAGUE_TYPES = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "unknown/unknown", "text/xml", "application/xml"}
)

# FastWARC decodes in one go what the headers claim; archives that stored bodies already decoded kept the headers, so
# each claim is dropped in turn until the body reads.
Claim = Literal["all", "content", "transfer", "none"]
# RFC 9110, 8.4.1.3: `x-gzip` is another name of gzip; FastWARC knows the one only.
_X_GZIP = re.compile(rb"^(content-encoding[ \t]*:[ \t]*)x-gzip[ \t]*\r$", re.I | re.M)
_CLAIMS: tuple[Claim, ...] = ("all", "transfer", "content", "none")
_ENVELOPE = (
    b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that is text: its bytes, media type and declared charset."""

    body: bytes
    media_type: Literal["text/html", "text/plain"]
    charset: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an answer is no document."""

    reason: Reason
    detail: str


def read_answer(block: bytes, limit: int, max_ratio: float) -> Answer | Refused:
    """The document in an HTTP answer (status line, headers, body); `limit` is the longest body in bytes."""
    block = _with_known_coding(_without_interim(_with_line_ends(block)))
    record = _parse(block, "none")
    if record is None or record.http_headers.status_code is None:
        return Refused("bad_http", "no HTTP header that can be read")
    headers, status = record.http_headers, record.http_headers.status_code
    if 300 <= status < 400:
        return Refused("redirect", f"HTTP {status} to {(headers.get('Location') or 'nowhere')[:500]}")
    if not 200 <= status < 300:
        return Refused("http_status", f"HTTP {status} {headers.reason_phrase or ''}".strip())
    body = _body(block, limit, max_ratio)
    if isinstance(body, Refused):
        return body
    return document(body, headers.get("Content-Type") or "")


def document(body: bytes, content_type: str) -> Answer | Refused:
    """A body under its declared content type. A declared text that is a picture is a picture."""
    if not body.strip():
        return Refused("empty", "the body is empty")
    declared, charset = parse_content_type(content_type)
    if declared in VAGUE_TYPES:
        declared = "text/html" if html.recognise(body[:4096]) else "text/plain"
    if declared not in HTML_TYPES | TEXT_TYPES:
        return Refused("not_text", f"its content type is {declared[:100]}")
    kind = kind_of(body[:4096])
    if kind is not None and not (declared in HTML_TYPES and kind.startswith("XML")):
        return Refused("not_text", f"declared as {declared}, but this is {kind}")
    is_html = declared in HTML_TYPES or html.recognise(body[:4096])
    return Answer(body, "text/html" if is_html else "text/plain", charset)


def parse_content_type(value: str) -> tuple[str, str | None]:
    """Media type and charset of a Content-Type header; of several that a crawler joined by commas the first of each.

    >>> parse_content_type('Text/HTML; charset="ISO-8859-1"')
    ('text/html', 'ISO-8859-1')
    >>> parse_content_type("text/html, text/html; charset=utf-8, text/html")
    ('text/html', 'utf-8')
    """
    declared, *rest = re.split("[;,]", value)
    pairs = (part.partition("=") for part in rest)
    found = (value.strip(" \t\"'") for name, _, value in pairs if name.strip().lower() == "charset")
    return declared.strip().lower(), next(found, None) or None


def _with_line_ends(block: bytes) -> bytes:
    """Headers that end in bare newlines, as some crawlers wrote them, with the ends that the standard asks for."""
    first = block[: block.find(b"\n") + 1]
    if not first or first.endswith(b"\r\n"):
        return block
    headers, _, body = block.partition(b"\n\n")
    return headers.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


def _without_interim(block: bytes) -> bytes:
    """The final answer where interim ones (`100 Continue`, `103 Early Hints`) were stored before it."""
    while block.startswith(b"HTTP/") and block[:16].partition(b" ")[2].startswith(b"1"):
        _, _, following = block.partition(b"\r\n\r\n")
        if not following.startswith(b"HTTP/"):
            break
        block = following
    return block


def _with_known_coding(block: bytes) -> bytes:
    """The answer with `gzip` where its headers say `x-gzip`."""
    end = block.find(b"\r\n\r\n") + 2
    return _X_GZIP.sub(rb"\1gzip\r", block[:end]) + block[end:] if b"x-gzip" in block[:end].lower() else block


def _parse(block: bytes, claim: Claim) -> WarcRecord | None:
    """The answer as FastWARC reads it, inside of a WARC record of our own making."""
    from fastwarc.warc import WarcRecord

    record = WarcRecord.from_bytes(_ENVELOPE % len(block) + block)
    try:
        record.parse_http(auto_decode=claim, strict_mode=False)
    except (OSError, ValueError):
        return None
    return record


def _read(reader: WarcReader, limit: int) -> bytes:
    """All bytes, or one more than the limit. In steps: FastWARC makes a buffer of the size that is asked for."""
    parts: list[bytes] = []
    left = limit + 1
    while left and (part := bytes(reader.read(min(left, CHUNK)))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _bare_deflate(body: bytes, limit: int) -> bytes:
    """What servers send as `deflate` without zlib's frame, and browsers read; nothing where it is none."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflater.decompress(body, limit + 1)
    except zlib.error:
        return b""
    return found if inflater.eof or len(found) > limit else b""


def _body(block: bytes, limit: int, max_ratio: float) -> bytes | Refused:
    """The decoded body, never more than `limit` bytes of it in memory."""
    stored = block.partition(b"\r\n\r\n")[2]
    if stored[:16].strip() in (b"", b"0") and stored.strip() in (b"", b"0"):  # no bytes, or no chunks
        return b""
    failure = ""
    for claim in _CLAIMS:
        try:
            record = _parse(block, claim)
            body = _read(record.reader, limit) if record else b""
        except (OSError, ValueError) as error:
            failure = failure or str(error)[:200]
            continue
        if failure and record and (record.http_headers.get("Content-Encoding") or "").strip().lower() == "deflate":
            body = _bare_deflate(body, limit) or body
        if len(body) > limit:
            reason: Reason = "bomb" if len(body) > max_ratio * len(block) else "too_large"
            return Refused(reason, f"the decoded body is longer than {limit:,} bytes")
        if body and not (failure and kind_of(body[:4096])):
            return body
        # FastWARC gives nothing, and no error, for short text that claims to be compressed.
        failure = failure or "nothing comes out"
    return Refused("bad_http", f"the body is not encoded as its headers say: {failure}")
