"""The page of a run: what came in, what was cut and why, and where to look.

ledger entries ─ gather ─▶ Figures ─ charts ─▶ SVG ┐
      └───────── review ─▶ Documents with their cuts ┴ page ─▶ report/<run>/index.html
"""

from flows.report.page import page_of, write_index, write_page

__all__ = ["page_of", "write_index", "write_page"]
