"""Every dump of `seeds/` becomes what its `<name>.expect.toml` says: articles line by line, the rest by its reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cleaners import Explanation, RawRecord, RecordError, explain_record
from flows.sources import SourceOptions, open_dump
from tests.expectations import Expected, differences

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
DUMPS = sorted(path for path in SEEDS.rglob("*") if path.is_file() and not path.name.endswith(".expect.toml"))


@pytest.mark.parametrize("dump", DUMPS, ids=[str(path.relative_to(SEEDS)) for path in DUMPS])
def test_becomes_what_is_expected(dump: Path) -> None:
    expected = tomllib.loads(dump.with_name(dump.name + ".expect.toml").read_text(encoding="utf-8"))
    articles = {row.get("position", ""): Expected(**row) for row in expected.get("article", [])}
    rejected = {row.get("position", ""): row["reason"] for row in expected.get("quarantine", [])}
    wrong = []
    for record in open_dump(dump, source=dump.name, options=SourceOptions()):
        if isinstance(record, RawRecord):
            try:
                found = explain_record(record)
            except RecordError as error:
                reason = error.reason
            else:
                wanted = articles.pop(record.position, None)
                wrong += _judge(found, wanted, record.position)
                continue
        else:
            reason = record.reason
        if rejected.pop(record.position, None) != reason:
            wrong.append(f"{reason} at {record.position!r} is not expected")
    wrong += [f"no article at {position!r}" for position in articles]
    wrong += [f"no {reason} at {position!r}" for position, reason in rejected.items()]
    assert not wrong, "\n".join(wrong)


def _judge(found: Explanation, wanted: Expected | None, position: str) -> list[str]:
    if wanted is None:
        return [f"an article at {position!r} that nobody expects"]
    wrong = list(differences(found, wanted))
    if not wanted.known_failure:
        return wrong
    return [] if wrong else [f"a known failure at {position!r} is mended, take its note out: {wanted.known_failure}"]


def test_seeds_show_what_they_are_for() -> None:
    """At least 40 dumps, in at least 14 languages."""
    languages = {
        row["language"]
        for path in SEEDS.rglob("*.expect.toml")
        for row in tomllib.loads(path.read_text(encoding="utf-8")).get("article", [])
    }
    assert len(DUMPS) >= 40
    assert len(languages) >= 14
