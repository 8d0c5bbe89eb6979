"""Every line beside a rule is run: what must be cut is hit as its kind, what must be kept is hit by nothing."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from cleaners.errors import RuleError
from cleaners.matching import match_line
from cleaners.rulebook import kinds, load_pack, packs

CUT = [
    (code, kind, line)
    for code, pack in packs().items()
    for (kind, use), lines in pack.examples.items()
    if use == "cut"
    for line in lines
]
KEEP = [
    (code, kind, line)
    for code, pack in packs().items()
    for (kind, use), lines in pack.examples.items()
    if use == "keep"
    for line in lines
]


@pytest.mark.parametrize("code", packs())
def test_lines_that_must_be_cut(code: str) -> None:
    missed = [
        (kind, line)
        for pack, kind, line in CUT
        if pack == code and kind not in {hit.kind for hit in match_line(line, code)}
    ]
    assert not missed, "\n".join(f"[{kind}] not hit: {line}" for kind, line in missed)


@pytest.mark.parametrize("code", packs())
def test_lines_that_must_be_kept(code: str) -> None:
    cut = [(line, hit) for pack, _, line in KEEP if pack == code for hit in match_line(line, code) if hit.certain]
    assert not cut, "\n".join(f"{hit.rule} hits: {line}" for line, hit in cut)


@pytest.mark.parametrize("code", packs())
def test_each_kind_has_both_examples(code: str) -> None:
    pack = packs()[code]
    used = {phrase.kind for phrase in pack.phrases} | {kind for _, kind in pack.patterns}
    missing = [(kind, use) for kind in sorted(used) for use in ("cut", "keep") if not pack.examples.get((kind, use))]
    assert not missing


def test_kinds_have_distinct_ranks() -> None:
    assert len({kind.rank for kind in kinds().values()}) == len(kinds())


@pytest.mark.parametrize("code", packs())
def test_the_patterns_of_a_file_compile(code: str) -> None:
    assert load_pack(files("cleaners") / "rules" / "lang" / f"{code}.toml") == packs()[code]


def test_a_wrong_pattern_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "xx.toml"
    file.write_text('language = "xx"\nname = "Test"\n[byline]\npattern = ["^by ("]\n', encoding="utf-8")
    with pytest.raises(RuleError, match=r"xx\.toml: pattern '\^by \('"):
        load_pack(file)
