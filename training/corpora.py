"""The development corpora: pages with gold article text, read from `../shared/corpora`."""

from __future__ import annotations

import ast
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
WORK = ROOT / "training" / "work"
SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go", "gob", "govt"})
NAMES = ("fundus-dev", "wcxb-dev")


@dataclass(frozen=True, slots=True)
class Sample:
    """One page and its gold: `site` is what cross-validation must not split."""

    corpus: str
    id: str
    url: str
    site: str
    kind: str
    country: str
    title: str
    gold: str
    keep: tuple[str, ...]
    drop: tuple[str, ...]

    @property
    def key(self) -> str:
        """Unique over the corpora."""
        return f"{self.corpus}/{self.id}"

    def payload(self) -> bytes:
        """The bytes as served."""
        return gzip.decompress((CORPORA / self.corpus / "html" / f"{self.id}.html.gz").read_bytes())


def samples(name: str) -> Iterator[Sample]:
    """Rows of one corpus in the order of its file; rows whose gold is empty are left out, as its README asks."""
    with gzip.open(CORPORA / name / "gold.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if (row["text"] or "").strip():
                yield _sample(name, row)


def everything() -> list[Sample]:
    """All pages of all corpora."""
    return [sample for name in NAMES for sample in samples(name)]


def _sample(corpus: str, row: dict[str, object]) -> Sample:
    url = str(row["url"] or "")
    return Sample(
        corpus=corpus,
        id=str(row["id"]),
        url=url,
        site=_site(corpus, str(row["id"]), url),
        kind=str(row["kind"]),
        country=str(row["country"] or ""),
        title=str(row["title"] or ""),
        gold=str(row["text"]),
        keep=_snippets(row["keep"]),
        drop=_snippets(row["drop"]),
    )


def _site(corpus: str, identifier: str, url: str) -> str:
    """The registered name of the site, short of the public suffix list: `news.example.co.uk` → `example`.

    fundus names the publisher in the id (`at__DerStandard_2024_05_03`).
    """
    if corpus == "fundus-dev":
        return re.split(r"_\d", identifier.split("__", 1)[-1])[0].lower()
    parts = (urlsplit(url).hostname or url).lower().split(".")[:-1]
    while len(parts) > 1 and parts[-1] in SECOND_LEVEL:
        parts.pop()
    return parts[-1] if parts else identifier


def _snippets(value: object) -> tuple[str, ...]:
    """A list of strings, which some rows hold as its Python spelling."""
    listed = ast.literal_eval(value) if isinstance(value, str) and value.strip() else value
    return tuple(str(item) for item in listed) if isinstance(listed, (list, tuple)) else ()
