"""The lake's parts: rows, rebuilding, whole files, ledger, parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.assemble import assemble
from cleaners.document import Block, CleanDocument, Explanation, Page, RawRecord, Verdict
from cleaners.errors import UndecodableError
from cleaners.text import split
from flows.errors import DiskError, InvariantError, LakeError
from flows.lake.files import create_whole, read_all, write_whole
from flows.lake.ledger import Covered, Entry, LakeFile, Tally, enter, read_entry, read_ledger
from flows.lake.place import Lake
from flows.lake.rebuild import rebuild
from flows.lake.rows import cleaned_record
from flows.lake.schema import SORTED_BY, TABLES, removed_rows, row, schema
from flows.lake.sweep import orphans, sweep
from flows.lake.writer import write_parquet


def explained(page: Page, kept: list[bool], **more: object) -> Explanation:
    """A page of which some blocks were kept."""
    verdicts = tuple(
        Verdict(block.index, keep, "" if keep else "navigation", "test")
        for block, keep in zip(page.blocks, kept, strict=True)
    )
    text, spans = assemble(page, verdicts)
    document = CleanDocument(
        text=text, verdicts=verdicts, spans=spans, page_text=page.text, media_type=page.media_type, **more
    )  # type: ignore[arg-type]
    return Explanation(document, page)


def html_page(texts: list[str]) -> Page:
    """Blocks of a page, divided by newlines."""
    blocks: list[Block] = []
    at = 0
    for index, text in enumerate(texts):
        blocks.append(Block(index, text, at, at + len(text), tag="p"))
        at += len(text) + 1
    return Page("\n".join(texts), tuple(blocks), "text/html")


lines = st.text(st.sampled_from(" \t\n\r\x0b\x85\u2028aB.é漢ع،-:1"), max_size=60)
shown = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)


@given(lines, st.data())
@settings(max_examples=300, deadline=None)
def test_kept_and_removed_rebuild_a_dump(dump: str, data: st.DataObject) -> None:
    page = split(dump)
    kept = data.draw(st.lists(st.booleans(), min_size=len(page.blocks), max_size=len(page.blocks)))
    check_rebuilt(explained(page, kept), dump)


@given(st.lists(shown, max_size=8), st.data())
@settings(max_examples=200, deadline=None)
def test_kept_and_removed_rebuild_a_page(texts: list[str], data: st.DataObject) -> None:
    page = html_page(texts)
    kept = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    check_rebuilt(explained(page, kept), page.text)


def check_rebuilt(explanation: Explanation, page_text: str) -> None:
    """Through the rows as Parquet holds them."""
    cleaned = cleaned_record(RawRecord(page_text), explanation)
    article = pa.Table.from_pylist([row("articles", cleaned)], schema("articles")).to_pylist()[0]
    removed = pa.Table.from_pylist(removed_rows(cleaned), schema("removed")).to_pylist()
    whole = rebuild(article, reversed(removed))
    assert whole == page_text
    assert hashlib.sha256(whole.encode()).hexdigest() == article["page_text_sha256"]
    assert article["removed_blocks"] == len(removed)
    assert article["removed_chars"] == sum(len(cut["text"]) for cut in removed)


def test_a_lost_block_is_found_out() -> None:
    cleaned = cleaned_record(RawRecord("a\nbb\nc"), explained(split("a\nbb\nc"), [True, False, True]))
    with pytest.raises(InvariantError, match="no block for characters 2 to 5"):
        rebuild(row("articles", cleaned), [])


@pytest.mark.parametrize(
    ("published", "fetched", "date", "month"),
    [
        (datetime(2024, 5, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))), None, "2024-05-01", "2024-05"),
        (None, datetime(2023, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-3))), "2024-01-01", "2024-01"),
        (None, None, "unknown", "unknown"),
    ],
)
def test_date_is_the_publishers_day(
    published: datetime | None, fetched: datetime | None, date: str, month: str
) -> None:
    cleaned = cleaned_record(RawRecord("x", fetched=fetched), explained(split("x"), [True], published=published))
    made = row("articles", cleaned)
    assert (made["date"], made["month"]) == (date, month)
    if published is not None:
        assert made["published"] == published.astimezone(UTC)
        assert made["published_offset"] == 540


def test_id_does_not_move_with_files_and_host_is_lower_case() -> None:
    first, second = (
        row(
            "articles",
            cleaned_record(RawRecord(b"x", url="https://News.Example/a", source=source), explained(split("x"), [True])),
        )
        for source in ("a.txt", "b/c.txt")
    )
    assert first["id"] == second["id"]
    assert first["host"] == "news.example"


def test_lone_surrogates_never_reach_a_file() -> None:
    with pytest.raises(UndecodableError):
        cleaned_record(RawRecord("x\ud800"), explained(split("x\ud800"), [True]))
    named = cleaned_record(RawRecord("x", source="a\udce9.txt"), explained(split("x"), [True], title="T\ud800"))
    assert (row("articles", named)["source"], row("articles", named)["title"]) == (r"a\udce9.txt", r"T\ud800")


def test_every_column_says_what_it_means_and_is_there_once() -> None:
    for table, columns in TABLES.items():
        names = [column.name for column in columns]
        assert len(names) == len(set(names))
        assert all(column.about.endswith(".") for column in columns)
        assert set(SORTED_BY[table]) <= set(names)
        assert schema(table).field(0).metadata[b"description"]


def test_parquet_is_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    made = [{"id": str(number % 5), "block": number, "text": "x" * number, "kind": "title"} for number in range(50)]
    for name, rows in (("a", made), ("b", made[::-1])):
        write_parquet("removed", pa.Table.from_pylist(rows, schema("removed")), tmp_path / f"{name}.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert metadata.row_group(0).column(0).statistics.has_min_max
    assert pq.read_schema(tmp_path / "a.parquet").field("kind").metadata[b"description"]


def entry(shard: str = "0" * 16, **more: object) -> Entry:
    """A small entry."""
    given = {"formats": {"text": Tally(1, 1)}, "files": (LakeFile("articles/a.parquet", 1, 2, "ff"),), **more}
    return Entry(shard, "r", {"winnow": "1"}, {}, (Covered("a.txt", "d", 2),), kinds={}, reasons={}, **given)  # type: ignore[arg-type]


def test_an_entry_is_created_once_and_reads_back(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    enter(lake, entry())
    assert read_ledger(lake) == {"0" * 16: entry()}
    with pytest.raises(LakeError, match="in the ledger already"):
        enter(lake, entry())
    enter(lake, entry(generation=1), replace=True)
    assert read_ledger(lake)["0" * 16].generation == 1


def test_an_entry_that_goes_while_the_ledger_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run wrote one that takes its place, and removed it, behind the back of who reads."""
    lake = Lake(tmp_path)
    old = Entry("0" * 16, "", {}, {}, (), {}, {}, {}, ())
    enter(lake, old)

    def behind_the_back(paths: Sequence[Path]) -> list[bytes]:
        if (lake.ledger / f"{old.shard}.json") in paths:
            enter(lake, replace(old, shard="1" * 16, supersedes=(old.shard,)))
            (lake.ledger / f"{old.shard}.json").unlink()
        return read_all(paths)

    monkeypatch.setattr("flows.lake.ledger.read_all", behind_the_back)
    assert list(read_ledger(lake)) == ["1" * 16]


def test_an_entry_of_a_newer_version_is_not_to_be_deleted(tmp_path: Path) -> None:
    enter(Lake(tmp_path), entry())
    data = orjson.loads((Lake(tmp_path).ledger / f"{'0' * 16}.json").read_bytes())
    with pytest.raises(LakeError, match=r"a\.json says mood: a newer version of Winnow wrote it; use that"):
        read_entry(orjson.dumps({**data, "mood": 1}), "a.json")


def test_what_is_no_entry_says_what_to_do() -> None:
    with pytest.raises(LakeError, match="delete it and run again"):
        read_entry(b"{}", "x.json")


def test_whole_files_leave_nothing_beside_them(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"1")
    write_whole(tmp_path / "a", b"2")
    create_whole(tmp_path / "b", b"3")
    with pytest.raises(FileExistsError):
        create_whole(tmp_path / "b", b"4")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"2", "b": b"3"}


def test_the_files_of_a_lake_are_those_of_its_tables(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    month = tmp_path / "articles" / "language=en" / "month=2024-01"
    for folder in (month, tmp_path / "articles" / "_delta_log", tmp_path / "report"):
        folder.mkdir(parents=True)
        (folder / "a-b.parquet").write_bytes(b"xy")
        (folder / "a.parquet").write_bytes(b"x")
    (tmp_path / "removed").symlink_to(month)
    (month / "again").symlink_to(month)
    (month / "nowhere").symlink_to(tmp_path / "nothing")
    (tmp_path / "filtered").touch()
    found = [path.as_posix() for path in lake.data_files()]
    assert found == [
        *(f"articles/language=en/month=2024-01/{name}.parquet" for name in ("a-b", "a")),
        "removed/a-b.parquet",
        "removed/a.parquet",
    ]
    logged = {f"articles/_delta_log/{name}.parquet" for name in ("a-b", "a")}
    assert lake.sizes() == {name: 1 + name.endswith("a-b.parquet") for name in {*found, *logged}}
    assert orphans(lake, [], lake.sizes()) == orphans(lake, []) == lake.data_files()


def test_sweep_takes_orphans_of_ours_only(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    folder = tmp_path / "articles" / "language=en" / "month=2024-01"
    folder.mkdir(parents=True)
    ours, listed, theirs = (
        folder / name for name in (f"{'a' * 16}-{'b' * 8}-0000.parquet", "a.parquet", "notes.parquet")
    )
    for path in (ours, listed, theirs):
        path.write_bytes(b"x")
    (lake.staging / "old").mkdir(parents=True)
    (lake.staging / "kept").mkdir()
    held = entry(files=(LakeFile(listed.relative_to(tmp_path).as_posix(), 1, 1, ""),))
    assert sweep(lake, [held], {"kept"}) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["a.parquet", "notes.parquet"]
    assert [path.name for path in lake.staging.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        ("_ledger/.a.json.0123abcd", True),
        ("_near/.a.arrow.0123abcd", True),
        ("_sites/.pages.parquet.0123abcd", True),
        ("_forgotten/.a.json.0123abcd", True),
        ("clusters/.clusters.parquet.0123abcd", True),
        ("._change.json.0123abcd", True),
        (".croissant.json.0123abcd", True),
        ("_sites/.overrides.json.0123abcd", False),  # `winnow sites` writes it without holding the lake
        (".notes.20240101", False),
        (".hidden", False),
        ("_near/a.arrow", False),
    ],
)
def test_sweep_takes_what_was_half_written_when_a_run_was_killed(tmp_path: Path, name: str, goes: bool) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    sweep(Lake(tmp_path), [])
    assert (tmp_path / name).exists() is not goes


@pytest.mark.parametrize("tally", [Tally(3, 1, 1, 1), Tally(2, 1, 0, 0, 1)])
def test_tallies(tally: Tally) -> None:
    assert tally.balanced
    assert (tally + tally).balanced
    assert not (tally + Tally(records=1)).balanced


def test_a_disk_that_does_not_take_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="run the same command again") as caught:
        write_whole(tmp_path / "file" / "inside", b"1")
    assert caught.value.exit_code == 1
