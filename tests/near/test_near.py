"""Near duplicates: what is found, that the order does not matter, and what a run does with them."""

from __future__ import annotations

import os
import random
import re
import socket
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.clusters import Union
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from flows.near import SIMILAR, NearDuplicates
from flows.near_index import BandIndex, segment, write_segment
from flows.near_sketch import BANDS, MOST, SHINGLE, jaccard, pack, shingles, unpack
from tests.flows.runs import ROOT, fingerprint, rows, run, run_inline, write_dumps
from tests.near.texts import clusters, edited, identity, shuffled, story


def similarity(one: list[str], other: list[str]) -> float:
    """Jaccard similarity of the sets of shingles, by definition."""
    first, second = (
        {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)} for words in (one, other)
    )
    return len(first & second) / len(first | second)


def sketched(words: list[str]) -> Any:
    packed = pack(" ".join(words))
    assert packed is not None
    return unpack(packed)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.1, 0.4])
def test_similarity_is_exact_up_to_a_thousand_shingles(share: float) -> None:
    words = story(1, 900)
    copy = edited(words, share, 2)
    assert jaccard(sketched(words), sketched(copy)) == pytest.approx(similarity(words, copy), abs=1e-6)


def test_similarity_of_long_texts_is_close_and_sketches_stay_small() -> None:
    words = story(2, 9_000)
    short = words[:8_000]
    one, other = sketched(words), sketched(short)
    assert max(len(one.sample), len(other.sample)) <= MOST
    assert jaccard(one, other) == pytest.approx(similarity(words, short), abs=0.05)
    assert jaccard(one, sketched(words[:600])) == pytest.approx(similarity(words, words[:600]), abs=0.05)


def test_case_and_punctuation_do_not_count() -> None:
    words = story(3)
    assert jaccard(sketched(words), sketched([word.upper() + "," for word in words])) == 1.0


def test_undivided_scripts_are_compared_by_character() -> None:
    text = "".join(random.Random(4).choices([chr(0x4E00 + at) for at in range(900)], k=400))
    other = text[:200] + "字" + text[200:]
    assert jaccard(*(unpack(pack(one) or b"") for one in (text, other))) == pytest.approx(394 / 401)


def test_short_texts_have_no_sketch() -> None:
    assert pack(" ".join(story(5, 24))) is None
    assert len(shingles(" ".join(story(5, 25)))) == 22


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(0, 2**31))
def test_candidates_are_those_that_share_a_band(sizes: list[int], seed: int) -> None:
    chance = np.random.default_rng(seed)
    parts = [chance.integers(0, 40, (size, BANDS)).astype(np.uint32) for size in sizes]
    index = BandIndex(segment(parts[0], 0))
    for part in parts[1:]:
        index.add(part)
    everything = np.concatenate(parts)
    found = {
        pair for rows, known in index.candidates(parts[-1]) for pair in zip(rows.tolist(), known.tolist(), strict=True)
    }
    wanted = {
        (row, number)
        for row in range(len(parts[-1]))
        for number in range(len(everything))
        if (parts[-1][row] == everything[number]).any()
    }
    assert found == wanted


def test_the_segment_of_a_lake_is_the_same_in_a_file(tmp_path: Path) -> None:
    parts = [np.random.default_rng(at).integers(0, 99, (at + 3, BANDS)).astype(np.uint32) for at in range(3)]
    one, other = write_segment(parts, tmp_path / "bands"), segment(np.concatenate(parts), 0)
    assert (one.keys == other.keys).all()
    assert (one.numbers == other.numbers).all()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_sets_of_joined_numbers(pairs: list[tuple[int, int]]) -> None:
    union = Union()
    sets = {number: {number} for number in range(31)}
    for one, other in pairs:
        union.join(one, other)
        both = sets[one] | sets[other]
        sets |= dict.fromkeys(both, both)
    assert {frozenset(found) for found in union.sets()} == {
        frozenset(found) for found in sets.values() if len(found) > 1
    }


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    """Stories, a third with copies: a word or two changed, a chain of small changes, the very same."""
    found = []
    for number in range(120):
        words = story(number)
        found.append((str(number), " ".join(words)))
        if number % 3 == 0:
            found += [(f"{number}.{at}", " ".join(edited(words, 0.01 * at, at))) for at in range(3)]
        if number % 10 == 1:
            for at in range(6):
                words = edited(words, 0.025, at)
                found.append((f"{number}.chain{at}", " ".join(words)))
    return found


def test_clusters_are_connected_pairs(texts: list[tuple[str, str]], tmp_path: Path) -> None:
    union = Union()
    words = [text.split() for _, text in texts]
    for one, other in ((a, b) for b in range(len(texts)) for a in range(max(0, b - 10), b)):
        if similarity(words[one], words[other]) >= SIMILAR:
            union.join(one, other)
    wanted = {frozenset(texts[at][0] for at in found) for found in union.sets()}
    assert clusters(tmp_path, [texts]) == wanted
    assert max(map(len, wanted)) >= 7  # the ends of a chain are not similar, but linked


@pytest.mark.parametrize("seed", range(3))
def test_clusters_do_not_depend_on_order_or_shards(texts: list[tuple[str, str]], tmp_path: Path, seed: int) -> None:
    order = list(shuffled(texts, seed))
    cuts = [0, *sorted(random.Random(seed).sample(range(len(order)), 5)), len(order)]
    parts = [order[start:stop] for start, stop in pairwise(cuts)]
    assert clusters(tmp_path / "parts", parts) == clusters(tmp_path / "whole", [texts])


def dumps(folder: Path, texts: list[tuple[str, str]]) -> Path:
    """One text file a text, which the tests' cleaner keeps."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts:
        (folder / f"{identity(name)}.txt").write_text(f"Headline\n{text}\n")
    return folder


def table(output: Path) -> list[dict[str, Any]]:
    return pq.read_table(output / "clusters" / "clusters.parquet").to_pylist()


def test_a_run_lists_clusters_and_rewrites_no_article(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few)
    report = run_inline(folder, tmp_path / "lake")
    before = fingerprint(run_off(folder, tmp_path / "off"))
    found = table(tmp_path / "lake")
    ids = {row["id"] for row in rows(tmp_path / "lake", "articles") + rows(tmp_path / "lake", "duplicates")}
    assert {row["id"] for row in found} <= ids
    for row in found:
        members = [other["id"] for other in found if other["cluster"] == row["cluster"]]
        assert row["cluster"] == min(members)
        assert (row["duplicate_of"], row["similarity"]) == (None, None) if row["id"] == min(members) else True
        assert row["duplicate_of"] in (None, row["cluster"])
    assert fingerprint(tmp_path / "lake") == before
    assert report.seconds["near"] > 0
    assert not (tmp_path / "off" / "clusters").exists()


def test_the_query_of_the_documentation(
    few: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_inline(dumps(tmp_path / "in", few), tmp_path / "lake")
    (query,) = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "near-duplicates.md").read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    ids = {row["id"] for row in rows(tmp_path / "lake", "articles")}
    listed = [row for row in table(tmp_path / "lake") if row["id"] in ids]
    with duckdb.connect() as connection:
        assert len(connection.execute(query).fetchall()) == len(listed) > 0


@pytest.fixture
def few(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Enough for a run: more would only cost time."""
    return texts[:80]


def run_off(folder: Path, output: Path) -> Path:
    run_inline(folder, output, dedup="off")
    return output


@pytest.mark.slow
def test_three_increments_are_one_run(few: list[tuple[str, str]], tmp_path: Path) -> None:
    whole = dumps(tmp_path / "whole", few)
    run_inline(whole, tmp_path / "one")
    order = list(shuffled(few, 9))
    for part in range(3):
        folder = dumps(tmp_path / "parts", order[part::3])
        run_inline(folder, tmp_path / "three")
    assert table(tmp_path / "three") == table(tmp_path / "one")
    assert len(table(tmp_path / "one")) > 40


@pytest.mark.slow
def test_nothing_is_written_where_nothing_came_in(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few[:40])
    run_inline(folder, tmp_path / "lake")
    path = tmp_path / "lake" / "clusters" / "clusters.parquet"
    before = path.stat().st_mtime_ns
    again = run_inline(folder, tmp_path / "lake")
    assert path.stat().st_mtime_ns == before
    assert "near" not in again.seconds


@pytest.mark.slow
def test_lost_sketches_and_a_lost_table_are_made_again(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few)
    run_inline(folder, tmp_path / "lake")
    wanted = {row["id"]: row["cluster"] for row in table(tmp_path / "lake")}
    articles = {row["id"] for row in rows(tmp_path / "lake", "articles")}
    for path in (tmp_path / "lake" / "_near").iterdir():
        path.unlink()
    run_inline(folder, tmp_path / "lake")
    found = {row["id"]: row["cluster"] for row in table(tmp_path / "lake")}
    assert found.keys() == {identity for identity in wanted if identity in articles}


def test_dropping_keeps_one_of_each_cluster(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few)
    report = run_inline(folder, tmp_path / "lake", dedup="drop")
    found = table(tmp_path / "lake")
    articles = {row["id"] for row in rows(tmp_path / "lake", "articles")}
    filtered = rows(tmp_path / "lake", "filtered")
    assert {row["reason"] for row in filtered} == {"near_duplicate"}
    for name in {row["cluster"] for row in found}:
        members = {row["id"] for row in found if row["cluster"] == name}
        assert members & articles, "the whole cluster is gone"
    assert len(articles) + len(filtered) + len(rows(tmp_path / "lake", "duplicates")) == len(few)
    assert report.outcome == "done"
    lake = Lake(tmp_path / "lake")
    assert not verify(lake, read_ledger(lake)).wrong


@pytest.mark.slow
def test_what_is_done_again_is_looked_at_again(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few)
    run_inline(folder, tmp_path / "lake")
    before = table(tmp_path / "lake")
    run_inline(folder, tmp_path / "lake", removed="none", reprocess=True)
    assert table(tmp_path / "lake") == before
    assert len(list((tmp_path / "lake" / "_near").glob("*.arrow"))) == len(read_ledger(Lake(tmp_path / "lake")))


@pytest.mark.slow
def test_a_link_to_what_is_gone_is_looked_for_again(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few)
    run_inline(folder, tmp_path / "lake", shard_mb=0.02)
    lake = Lake(tmp_path / "lake")
    entries = read_ledger(lake)
    assert len(entries) > 3
    some = [entry for at, entry in enumerate(entries.values()) if at % 2]
    near = NearDuplicates(lake, some)
    kept = {row["id"] for row in near.rows()}
    near.close()
    alone = NearDuplicates(lake, some[::-1])
    assert {row["id"] for row in alone.rows()} == kept
    alone.close()


@pytest.mark.slow
def test_one_and_four_workers_find_the_same(few: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = dumps(tmp_path / "in", few)
    for workers in (1, 4):
        run(folder, tmp_path / str(workers), workers=workers, dedup="drop", shard_mb=0.02)
    assert table(tmp_path / "1") == table(tmp_path / "4")
    assert fingerprint(tmp_path / "1") == fingerprint(tmp_path / "4")


def test_a_run_removes_what_it_set_aside_and_what_killed_ones_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else: another machine's, a living process's, the user's."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    place, here = tmp_path / "tmp", socket.gethostname()
    stay = [
        f"winnow-scratch-{here}-{os.getpid()}-abcdefgh",
        f"winnow-scratch-{here}.other-{ended.pid}-abcdefgh",
        f"winnow-{ended.pid}-archives",
        f"winnow-scratch-{here}-{ended.pid}-of-mine",
    ]
    for name in (f"winnow-scratch-{here}-{ended.pid}-abcdefgh", *stay):
        (place / name).mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    run_inline(write_dumps(tmp_path / "in", range(2)), tmp_path / "lake")
    assert sorted(left.name for left in place.iterdir()) == sorted(stay)


def test_the_bands_of_a_run_are_named_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever comes after a kill can tell that they are nobody's."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    near = NearDuplicates(Lake(tmp_path / "lake"), [])
    (folder,) = tmp_path.glob("winnow-*")
    near.close()
    assert folder.name.startswith(f"winnow-scratch-{socket.gethostname()}-{os.getpid()}-")
    assert not folder.exists()
