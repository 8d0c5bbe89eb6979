"""The reason codes of the quarantine, in words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What a reason code means and what to do about it, a sentence or two each; `who` found it."""

    who: str
    means: str
    remedy: str


@cache
def reasons() -> Mapping[str, ReasonText]:
    """Every reason code that a quarantined record may have.

    >>> reasons()["encrypted"].means
    'A member of a zip archive is encrypted.'
    """
    table = tomllib.loads(files("flows.sources").joinpath("reasons.toml").read_text("utf-8"))
    return {code: ReasonText(**entry) for code, entry in table.items()}


_FOUND_BY = {
    "reader": "Found while a dump was read. The record's bytes are where its address says; nothing of it was cleaned.",
    "cleaner": "Found while a record was cleaned. `not_text` and `too_large` may come from here too.",
    "worker": "Found from outside: the process that cleaned the record had to be ended, or ended. It was tried twice.",
}
_INTRODUCTION = """\
# Why a record is in quarantine, and what to do

What cannot be read or cleaned is a row of the table `quarantine`: its address (`source`, `position`), the `reason`, a
sentence with the `detail`, its size and first bytes. Nothing is dropped without one, and records in are always
articles + duplicates + filtered + quarantined. Look at them with

    duckdb -c "SELECT reason, count(*), any_value(detail) FROM 'lake/quarantine/*.parquet' GROUP BY 1 ORDER BY 2 DESC"

`winnow status` counts them by reason; `winnow retry` takes them again (`--reasons bomb,too_large` only some), after an
upgrade or with other limits in `winnow.toml`. A bad record costs itself only: reading goes on at the next line, row,
member or record.
"""


def markdown() -> str:
    """docs/reasons.md."""
    parts = [_INTRODUCTION]
    for who, about in _FOUND_BY.items():
        parts.append(f"## {who.capitalize()}\n\n{about}\n\n| reason | what it means | what to do |\n|---|---|---|\n")
        rows = [f"| `{code}` | {text.means} | {text.remedy} |\n" for code, text in reasons().items() if text.who == who]
        parts[-1] += "".join(rows)
    return "\n".join(parts)


if __name__ == "__main__":
    print(markdown(), end="")
