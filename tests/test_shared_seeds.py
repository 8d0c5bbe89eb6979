"""The five dumps that started the project come out right, always."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaners import explain
from tests.expectations import Expected, differences

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
NAMES = sorted(path.name for path in SEEDS.glob("*.txt"))


@pytest.mark.corpora
@pytest.mark.skipif(not NAMES, reason="../shared/seeds is not beside the checkout")
@pytest.mark.parametrize("name", NAMES or ["-"])
def test_comes_out_right(name: str) -> None:
    row = json.loads((SEEDS / "expected.json").read_text(encoding="utf-8"))[name]
    expected = Expected(row["language"], row["title"], row["keep"], row["either"], row["drop"])
    assert not list(differences(explain((SEEDS / name).read_bytes()), expected))
