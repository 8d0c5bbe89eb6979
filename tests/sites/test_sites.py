"""Site memory: that it is merged exactly, what it cuts and what it leaves, and what a run does with it."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cleaners import clean, explain
from cleaners.comparable import prepare
from cleaners.document import Verdict
from cleaners.html import walk
from cleaners.sites import (
    LEAST_PAGES,
    MOST_PAGES,
    SeenPage,
    Site,
    Sites,
    apply_site,
    learnt,
    merge,
    page_address,
    seen_page,
    site_host,
)
from cleaners.text import split
from flows.cli import main
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.sites_store import hashes, load_snapshot, read_memory, snapshot_path
from tests.flows.runs import fingerprint, rows, run, run_inline
from tests.sites.made import Page, site

CLEANER = "cleaners.recipe:explain_record"

seen = st.builds(
    SeenPage,
    st.integers(0, 3),
    st.integers(0, 90),
    st.frozensets(st.integers(0, 9), max_size=4).map(lambda lines: tuple(sorted(lines))),
)


@given(st.lists(seen, max_size=150), st.randoms(use_true_random=False))
def test_merging_in_parts_and_any_order_is_merging_at_once(pages: list[SeenPage], chance: random.Random) -> None:
    order = list(pages)
    chance.shuffle(order)
    parts = [order[start::3] for start in range(3)]
    assert merge([*merge([*merge(parts[2]), *merge(parts[0])]), *merge(parts[1])]) == merge(pages)
    assert len(merge(pages)) <= MOST_PAGES


def test_new_pages_push_old_ones_out() -> None:
    old = [SeenPage(24_000, at, (1,)) for at in range(MOST_PAGES)]
    new = [SeenPage(24_001, at + 1_000, (2,)) for at in range(MOST_PAGES)]
    assert learnt(merge(old)).lines == {1: MOST_PAGES}
    assert learnt(merge([*old, *new])).lines == {2: MOST_PAGES}


def test_a_page_that_was_fetched_often_counts_once() -> None:
    pages = [SeenPage(0, page_address(f"https://www.a.example/1#{at}"), (5,)) for at in range(20)]
    assert len(merge(pages)) == 1
    assert merge([SeenPage(2, 5, (2,)), SeenPage(1, 5, (1,))]) == (SeenPage(2, 5, (2,)),)


def test_few_pages_say_nothing() -> None:
    pages = [SeenPage(0, at, (7,)) for at in range(LEAST_PAGES - 1)]
    assert learnt(pages).share(7) == 0.0
    assert learnt([*pages, SeenPage(0, 99, (7,))]).share(7) == 1.0


def memory(pages: list[Page], form: str = "text") -> Sites:
    """What is learnt of the pages of one site."""
    cut = walk if form == "html" else split
    remembered = (seen_page(prepare(cut(getattr(page, form)).blocks), 0, page_address(page.url)) for page in pages)
    return {site_host(pages[0].url) or "": learnt(merge(remembered))}


def judged(page: Page, form: str, sites: Sites | None) -> tuple[set[str], set[str]]:
    """The lines of a page that are kept, and those that were cut because the site repeats them."""
    media = "text/html" if form == "html" else "text/plain"
    explanation = explain(getattr(page, form), url=page.url, media_type=media, sites=sites)
    lines = [" ".join(block.text.split()) for block in explanation.page.blocks]
    verdicts = explanation.document.verdicts
    kept = {line for line, verdict in zip(lines, verdicts, strict=True) if verdict.keep}
    cut = {line for line, verdict in zip(lines, verdicts, strict=True) if not verdict.keep and verdict.rule == "sites"}
    return kept, cut


def counted(numbers: range, form: str, every: int) -> Counter[str]:
    """Template lines and article lines of invented sites, and how many of each were cut, with and without memory."""
    counts: Counter[str] = Counter()
    for number in numbers:
        pages = site(number)
        sites = memory(pages, form)
        for page in pages[::every]:
            (without, _), (kept, cut) = judged(page, form, None), judged(page, form, sites)
            for what in ("template", "article"):
                lines = page.of(what)
                counts[what] += len(lines)
                counts[f"{what} cut"] += sum(line not in kept for line in lines)
                counts[f"{what} cut without"] += sum(line not in without for line in lines)
            counts["article cut by memory"] += sum(line in cut for line in page.of("article"))
    return counts


@pytest.mark.parametrize("form", ["text", "html"])
def test_template_lines_go_and_article_lines_stay(form: str) -> None:
    counts = counted(range(100, 102), form, 7)
    assert counts["template cut"] >= 0.95 * counts["template"]
    assert counts["template cut without"] < 0.5 * counts["template"]
    assert counts["article cut by memory"] == 0
    assert counts["article cut"] == counts["article cut without"]


@pytest.mark.full
@pytest.mark.parametrize("form", ["text", "html"])
def test_twenty_sites_of_fifty_pages(form: str) -> None:
    counts = counted(range(20), form, 1)
    assert counts["template"] == 20 * 50 * 9
    assert counts["template cut"] >= 0.95 * counts["template"]
    assert counts["article cut by memory"] == 0
    assert counts["article cut"] == counts["article cut without"]


def test_long_prose_is_not_cut_on_the_sites_word_alone() -> None:
    pages = site(3)
    sentence = (
        "The council of the town by the river said on Monday that it would open the old bridge again before the "
        "winter, although the repairs had cost more than anybody in the town had thought when they began."
    )
    text = pages[0].text.replace(pages[0].of("article")[2], sentence)
    host = site_host(pages[0].url) or ""
    said = memory(pages)[host]
    everywhere = Site(said.pages, {**said.lines, **dict.fromkeys(hashes([sentence]), said.pages)})
    assert sentence in clean(text, url=pages[0].url, sites={host: everywhere}).text


@pytest.mark.parametrize(("beside", "stays"), [("Family owned", True), ("", False)])
def test_lines_of_a_list_stay_and_lines_alone_between_paragraphs_go(beside: str, stays: bool) -> None:
    """Guides to what is on sale say the same few things of all that they list."""
    before = "The council of the town by the river said on Monday that it would open the old bridge again."
    behind = "Fishermen said that they would wait for the insurance before they went out again in the spring."
    page = split("\n".join(filter(None, (before, beside, "Climate neutral", behind))))
    kept = [Verdict(block.index, True, score=0.95) for block in page.blocks]
    everywhere = Site(10, dict.fromkeys(hashes(["Climate neutral"]), 10))
    judged = apply_site(page, prepare(page.blocks), kept, everywhere)
    assert judged[-2].keep == stays
    doubted = [replace(verdict, score=0.8) for verdict in kept]
    assert not apply_site(page, prepare(page.blocks), doubted, everywhere)[-2].keep


def test_a_page_that_other_pages_repeat_as_a_whole_keeps_its_text() -> None:
    pages = site(4)
    host = site_host(pages[0].url) or ""
    every = frozenset().union(*(hashes([line]) for line, _ in pages[0].lines))
    sites = {host: Site(50, dict.fromkeys(every, 50))}
    assert clean(pages[0].text, url=pages[0].url, sites=sites).text == clean(pages[0].text, url=pages[0].url).text


def test_the_users_word_goes_before_the_memory() -> None:
    pages = site(5)
    host = site_host(pages[0].url) or ""
    learnt_site = memory(pages)[host]
    inside, article = pages[1].of("template")[4], pages[1].of("article")[1]
    said = Site(learnt_site.pages, learnt_site.lines, keep=hashes([inside.upper()]), cut=hashes([article]))
    kept, cut = judged(pages[1], "text", {host: said})
    assert inside in kept
    assert article in cut


def test_other_hosts_and_pages_without_an_address_are_not_touched() -> None:
    pages = site(6)
    sites = memory(pages)
    bare = clean(pages[0].text)
    assert clean(pages[0].text, sites=sites).text == bare.text
    assert clean(pages[0].text, url="https://other.example/", sites=sites).text == bare.text


def dump(path: Path, pages: list[Page], month: int = 5, column: str = "text") -> Path:
    """The pages as a JSON Lines file, their text in a column of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fetched = datetime(2024, month, 1, tzinfo=UTC).isoformat()
    lines = (json.dumps({"url": page.url, column: page.text, "fetched": fetched}) for page in pages)
    path.write_text("\n".join(lines) + "\n")
    return path.parent


@pytest.mark.parametrize("column", ["text", "html"])  # what is declared HTML and is lines is learnt as lines too
def test_a_run_learns_freezes_and_names_its_snapshot(tmp_path: Path, column: str) -> None:
    pages = site(1, 16)
    folder = dump(tmp_path / "in" / "a.jsonl", pages, column=column)
    run_inline(folder, tmp_path / "lake", cleaner=CLEANER)
    lake = Lake(tmp_path / "lake")
    (entry,) = read_ledger(lake).values()
    host = site_host(pages[0].url) or ""
    snapshot = load_snapshot(str(snapshot_path(lake, entry.sites)))
    assert snapshot.sites[host].pages == 16
    assert {page.of("template")[0] for page in pages} <= set(snapshot.texts.values())
    texts = "\n".join(row["text"] for row in rows(tmp_path / "lake", "articles"))
    assert not [line for line in pages[0].of("template") if line in texts]
    assert {row["rule"] for row in rows(tmp_path / "lake", "removed") if row["text"].strip() in pages[0].of("template")}


@pytest.mark.slow
def test_a_newer_snapshot_makes_no_shard_stale(tmp_path: Path) -> None:
    folder = dump(tmp_path / "in" / "a.jsonl", site(1, 16))
    run_inline(folder, tmp_path / "lake", cleaner=CLEANER)
    before = fingerprint(tmp_path / "lake")
    dump(tmp_path / "in" / "b.jsonl", site(2, 16))
    report = run_inline(folder, tmp_path / "lake", cleaner=CLEANER, reprocess=True)
    lake = Lake(tmp_path / "lake")
    assert report.shards == 1
    assert len({entry.sites for entry in read_ledger(lake).values()}) == 2
    assert before.items() <= fingerprint(tmp_path / "lake").items()
    assert len(read_memory(lake)) == 2
    assert {path.stem for path in lake.sites.glob("*.json")} == {entry.sites for entry in read_ledger(lake).values()}


@pytest.mark.slow
def test_the_number_of_workers_does_not_show(tmp_path: Path) -> None:
    for number in range(3):
        dump(tmp_path / "in" / f"{number}.jsonl", site(number, 14))
    for workers in (1, 3):
        run(tmp_path / "in", tmp_path / str(workers), workers=workers, cleaner=CLEANER, shard_mb=0.02)
    assert fingerprint(tmp_path / "1") == fingerprint(tmp_path / "3")
    assert read_memory(Lake(tmp_path / "1")) == read_memory(Lake(tmp_path / "3"))


def test_without_memory_nothing_is_learnt(tmp_path: Path) -> None:
    folder = dump(tmp_path / "in" / "a.jsonl", site(1, 8))
    run_inline(folder, tmp_path / "lake", sites=False)
    assert not (tmp_path / "lake" / "_sites").exists()


def test_that_nothing_was_learnt_is_said(tmp_path: Path) -> None:
    folder = dump(tmp_path / "in" / "a.jsonl", site(1, 3))
    run_inline(folder, tmp_path / "lake", cleaner=CLEANER)
    told = CliRunner().invoke(main, ["sites", "-o", str(tmp_path / "lake")])
    assert told.exit_code == 0
    assert "nothing was learnt of any site yet; it takes 6 pages of a host" in told.output


def test_sites_shows_what_was_learnt_and_takes_the_users_word(tmp_path: Path) -> None:
    pages = site(1, 10)
    folder = dump(tmp_path / "in" / "a.jsonl", pages)
    run_inline(folder, tmp_path / "lake", cleaner=CLEANER)
    host, slogan = site_host(pages[0].url) or "", pages[0].of("template")[6]
    said = ["-o", str(tmp_path / "lake")]
    listed = CliRunner().invoke(main, ["sites", *said])
    assert f"{host}: 10 pages remembered" in listed.output
    shown = CliRunner().invoke(main, ["sites", host, *said])
    assert f"repeats 100%  {slogan}" in shown.output
    assert CliRunner().invoke(main, ["sites", f"www.{host}", "--keep", slogan, *said]).exit_code == 0
    assert f"keep    100%  {slogan}" in CliRunner().invoke(main, ["sites", host, *said]).output
    dump(tmp_path / "in" / "b.jsonl", site(1, 11)[10:])
    run_inline(folder, tmp_path / "lake", cleaner=CLEANER)
    texts = [row["text"] for row in rows(tmp_path / "lake", "articles") if row["source"] == "b.jsonl"]
    assert all(slogan in text for text in texts) and texts
    assert CliRunner().invoke(main, ["sites", host, "--forget", slogan, *said]).exit_code == 0
    assert "by hand" not in CliRunner().invoke(main, ["sites", host, *said]).output
    blank = CliRunner().invoke(main, ["sites", host, "--cut", " ", *said])
    assert (blank.exit_code, blank.output) == (2, "winnow: a line to keep or to cut must hold a word\n")
    both = CliRunner().invoke(main, ["sites", host, "--cut", "Some line", "--keep", "Some line", *said])
    assert (both.exit_code, both.output) == (2, "winnow: 'Some line' cannot be kept and cut\n")
    wrong = CliRunner().invoke(main, ["sites", "other.example", *said])
    assert wrong.exit_code == 2
    assert "nothing is known of other.example" in wrong.output
