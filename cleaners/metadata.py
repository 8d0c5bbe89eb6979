"""What a page says about itself."""

from __future__ import annotations

from collections.abc import Sequence

from cleaners.document import Block, Container, Metadata
from cleaners.evidence import Evidence


def read_metadata(
    evidence: Evidence, blocks: Sequence[Block], containers: Sequence[Container], url: str | None
) -> Metadata:
    """Title, authors, dates of a page."""
    return Metadata(title=" ".join("".join(evidence.titles[:1]).split()))
