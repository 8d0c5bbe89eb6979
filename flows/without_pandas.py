"""pyarrow imports pandas, where it is installed, at the first array it makes: 50 MB and a third of a second of CPU.

Each worker of each run would pay that, and nothing here needs it. pyarrow looks once; when it finds none, it looks
again only where a conversion to pandas is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Hidden(MetaPathFinder):
    """Has an import of pandas fail."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for pandas, and leaves all else to others."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)
        return None


@cache
def look_without_pandas() -> None:
    """Have pyarrow look for pandas now, and find none; who imports pandas later, and gives it to pyarrow, can."""
    if "pandas" in sys.modules:
        return
    hidden = _Hidden()
    sys.meta_path.insert(0, hidden)
    try:
        import pyarrow as pa

        pa.array([0])
    finally:
        sys.meta_path.remove(hidden)
