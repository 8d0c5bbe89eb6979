"""The page of a run as data: what it shows, that hostile text stays text, how far it can grow."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.errors import LakeError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.report import gather as gathering
from flows.report import write_page
from flows.report.gather import LEAST_CONFIDENT, SPREAD, gather
from flows.report.history import MOST_RUNS, changes, read_hosts
from flows.report.review import LONGEST, review
from tests.flows.runs import article, rows, run_inline

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u202egnp.exe"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 articles of three hosts, two of them hostile, one very long, and a broken line."""
    folder = tmp_path_factory.mktemp("report")
    texts = [article(number) for number in range(58)] + [article(58, HOSTILE), article(59, "Long. " * LONGEST)]
    rows = [
        {
            "text": text,
            "url": f"https://ann:s3cr3t@site{n % 3}.example/{n}?token=t0k3n",
            "title": HOSTILE if n == 7 else f"Story {n}",
        }
        for n, text in enumerate(texts)
    ]
    dump = folder / "in" / "rows.jsonl"
    dump.parent.mkdir()
    dump.write_text("\n".join(map(json.dumps, rows)) + "\n{<b>broken\n")
    run_inline(dump.parent, folder / "lake", report=True, removed="full")
    return folder / "lake"


@pytest.fixture(scope="module")
def page(lake: Path) -> str:
    """The page's HTML."""
    return next(lake.glob("report/*/index.html")).read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found: dict[str, Any] = json.loads(page.split('id="data">', 1)[1].split("</script>", 1)[0])
    return found


def test_the_figures_are_those_of_the_lake(lake: Path) -> None:
    figures = gather(Lake(lake), read_ledger(Lake(lake)).values())
    assert figures.articles == 60 == sum(figures.kept_shares) == sum(figures.confidences)
    assert {host: seen.articles for host, seen in figures.hosts.items()} == {f"site{n}.example": 20 for n in range(3)}
    assert [example.position for example in figures.unread["bad_json"]] == ["line:61"]


def test_the_review_holds_whole_pages(lake: Path) -> None:
    entries = read_ledger(Lake(lake))
    shown = review(Lake(lake), entries, gather(Lake(lake), entries.values()))
    assert len(shown.documents) == LEAST_CONFIDENT + SPREAD
    assert all(document["blocks"] for document in shown.documents)
    short = [document for document in shown.documents if not document["shortened"]]
    assert all({"navigation"} <= {block.get("kind") for block in document["blocks"]} for document in short)


def test_hostile_text_ends_no_element(page: str) -> None:
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page
    assert "onerror=alert" not in page.split('id="data">')[0].replace("&lt;img src=x onerror=alert", "")
    assert "{&lt;b&gt;broken" in page or "bad_json" in page
    data_of(page)


def test_nothing_is_loaded_and_only_the_own_script_runs(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src &#39;none&#39;")
    assert "unsafe" not in policy[1]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.findall(r'\sstyle="', page)


def test_secrets_in_addresses_stay_out(page: str) -> None:
    assert "***@site1.example/" in page
    assert "s3cr3t" not in page
    assert "t0k3n" not in page


@pytest.mark.slow
@pytest.mark.untraced
def test_a_page_of_what_takes_most_room_stays_under_five_megabytes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(45):
        (tmp_path / "in" / f"{number}.txt").write_text(
            f"Headline {number}\n" + f"{number} <<<<<<<<<<<<<<<<<< 雨雨雨雨\n" * 2000
        )
    run_inline(tmp_path / "in", tmp_path / "lake", report=True)
    page = next((tmp_path / "lake").glob("report/*/index.html")).read_bytes()
    assert len(page) < 5_000_000
    assert b"more were too long for this page" in page


def test_the_index_lists_the_run(lake: Path) -> None:
    run = next(lake.glob("report/*/index.html")).parent.name
    assert f'href="{run}/index.html"' in (lake / "report/index.html").read_text()


def test_the_page_can_be_made_anew(lake: Path, page: str) -> None:
    result = CliRunner().invoke(main, ["report", str(lake)])
    assert result.exit_code == 0, result.output
    assert Path(result.output.strip()).read_text() == page


def test_an_unknown_run_is_refused(lake: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(lake), "--run", "yesterday"])
    assert result.exit_code != 0
    assert "runs are: 20" in result.output


HOST = {"articles": 10, "kept": 700, "cut": 300, "kinds": {"navigation": 40}}


@pytest.mark.parametrize(
    ("now", "how"),
    [
        ({}, ""),
        ({"kept": 400, "cut": 600}, "kept share 70% → 40%"),
        ({"kinds": {"navigation": 10}}, "navigation 4.0 → 1.0 an article"),
        ({"kinds": {"navigation": 40, "poll": 12}}, "poll 0.0 → 1.2 an article"),
        ({"kinds": {"navigation": 40, "poll": 9}}, ""),
        ({"articles": 4, "kept": 1}, ""),
    ],
)
def test_a_host_that_changed_is_named(now: Mapping[str, Any], how: str) -> None:
    older = {"a.example": {**HOST, "kept": 1}}
    found = changes({"a.example": {**HOST, **now}}, [{"a.example": HOST}, older])
    assert [change.how for change in found] == ([how] if how else [])


@pytest.mark.slow
def test_a_new_template_shows_in_the_page_of_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, numbers, more in (("one", range(8), ""), ("two", range(10, 18), "Home\n" * 6)):
        rows = [{"text": article(number, more), "url": f"https://a.example/{number}"} for number in numbers]
        (tmp_path / "in" / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
        run = run_inline(tmp_path / "in", tmp_path / "lake", report=True).run
        time.sleep(1)  # runs are named by the second
    assert "navigation 2.0 → 8.0 an article" in (tmp_path / "lake" / "report" / run / "index.html").read_text()


def test_the_newest_run_that_saw_enough_of_a_host_counts() -> None:
    few, older = {**HOST, "articles": 4}, {**HOST, "kept": 300, "cut": 700}
    found = changes({"a.example": HOST}, [{"b.example": HOST}, {"a.example": few}, {"a.example": older}])
    assert [change.how for change in found] == ["kept share 30% → 70%"]
    assert changes({"a.example": HOST}, [{}] * MOST_RUNS + [{"a.example": older}]) == []


def test_of_many_hosts_the_largest_are_looked_at(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = read_ledger(Lake(lake)).values()
    monkeypatch.setattr(gathering, "MOST_HOSTS", 2)
    for counted in (200_000, 2):
        monkeypatch.setattr(gathering, "MOST_COUNTED", counted)
        figures = gather(Lake(lake), entries)
        assert figures.articles == 60
        assert len(figures.hosts) <= 2
        assert {seen.articles for seen in figures.hosts.values()} == {20}


def test_the_order_in_which_shards_were_done_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for part, hosts in enumerate(("abz", "cdz", "efy", "ghy")):  # the two that count twice are the first forgotten
        rows = [{"text": article(ord(host) + part), "url": f"https://{host}.example/"} for host in hosts]
        (tmp_path / "in" / f"{part}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n")
    run_inline(tmp_path / "in", tmp_path / "lake", shard_mb=0.001)
    lake = Lake(tmp_path / "lake")
    entries = list(read_ledger(lake).values())
    assert len(entries) == 4
    monkeypatch.setattr(gathering, "MOST_COUNTED", 4)
    assert gather(lake, entries[::-1]) == gather(lake, entries)
    assert len({tuple(gathering.largest_hosts(lake, order)) for order in permutations(entries)}) == 1


def test_hosts_are_kept_for_the_next_run(lake: Path) -> None:
    run = next(lake.glob("report/*/hosts.json")).parent
    assert read_hosts(run)["site1.example"]["articles"] == 20
    assert read_hosts(run / "none") == {}


def test_a_broken_file_of_hosts_is_named(tmp_path: Path) -> None:
    (tmp_path / "hosts.json").write_text("{")
    with pytest.raises(LakeError, match="delete it"):
        read_hosts(tmp_path)


@pytest.mark.parametrize(
    "options", [{"removed": "counts"}, {"removed": "none"}, {"removed": "full", "redact": ("email",)}]
)
def test_a_lake_without_cuts_has_a_review_of_paragraphs(tmp_path: Path, options: dict[str, Any]) -> None:
    """Where text is redacted, and by profiles, cuts are only counted: there is no layout to show them in."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").write_text(article(1))
    run_inline(tmp_path / "in", tmp_path / "lake", report=True, **options)
    page = next((tmp_path / "lake").glob("report/*/index.html")).read_text(encoding="utf-8")
    (document,) = data_of(page)["documents"]
    (row,) = rows(tmp_path / "lake", "articles")
    assert "\n\n".join(block["text"] for block in document["blocks"]) == row["text"]


def test_no_page_where_none_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").write_text(article(1))
    run_inline(tmp_path / "in", tmp_path / "lake", report=False)
    assert not (tmp_path / "lake" / "report").exists()


def test_write_page_says_where(lake: Path) -> None:
    from flows.runs import read_reports

    report = read_reports(Lake(lake))[-1]
    assert write_page(Lake(lake), report, read_ledger(Lake(lake))) == lake / "report" / report.run / "index.html"
