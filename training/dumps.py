"""Plain-text dumps of the corpora's pages, made the way the world makes them; cached in `training/work`."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable

import html_text
from bs4 import BeautifulSoup
from inscriptis import get_text
from lxml.etree import ParserError
from resiliparse.extract.html2text import extract_plain_text

from cleaners.decode import decode
from training.corpora import WORK, Sample, everything


def decoded(payload: bytes) -> str:
    """The page as text, as the project decodes it."""
    return decode(payload, html=True).text


def _w3m(html: str) -> str:
    command = ["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8"]
    payload = html.encode("utf-8", "replace")
    return subprocess.run(command, input=payload, capture_output=True, timeout=60, check=True).stdout.decode()


MAKERS: dict[str, Callable[[str], str]] = {
    "soup": lambda html: BeautifulSoup(html, "lxml").get_text("\n"),
    "html_text": lambda html: str(html_text.extract_text(html)),
    "inscriptis": lambda html: get_text(html),
    "resiliparse": lambda html: str(extract_plain_text(html, main_content=False)),
    "w3m": _w3m,
}


def dump(maker: str, sample: Sample) -> str:
    """One page as `maker` dumps it; empty where the maker cannot read it."""
    try:
        return MAKERS[maker](decoded(sample.payload()))
    except (ParserError, ValueError, subprocess.SubprocessError):
        return ""


def dumps(maker: str) -> dict[str, str]:
    """Key of a sample → its dump. Made once (BeautifulSoup takes 0.1 s a page)."""
    cache = WORK / f"dump-{maker}.json.gz"
    if not cache.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        made = {sample.key: dump(maker, sample) for sample in everything()}
        cache.write_bytes(gzip.compress(json.dumps(made).encode(), 6, mtime=0))
    loaded: dict[str, str] = json.loads(gzip.decompress(cache.read_bytes()))
    return loaded
