"""Which language a document and its lines are in."""

from __future__ import annotations

from cleaners.language.cascade import Language, identify

__all__ = ["Language", "identify"]
