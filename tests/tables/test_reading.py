"""Every snippet of docs/reading.md, run as it stands there over a small lake."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from flows import tidy
from flows.cli import main
from flows.lake.describe import LATEST
from flows.lake.schema import schema
from tests.environment import unmeasured
from tests.flows.runs import ROOT, article, run_inline, write_dumps
from tests.tables.lakes import Made, copied

PAGE = ROOT / "docs" / "reading.md"
_SNIPPET = re.compile(r"^```(sql|python|console)\n(.*?)^```$", re.M | re.S)
_HEADING = re.compile(r"^## (.+)$", re.M)
ARTICLES = 8
NEEDS = {
    "Spark": ("pyspark", "java"),
    "Hugging Face datasets": ("datasets", None),
    "Croissant": ("mlcroissant", None),
}
# What takes seconds to import or start.
SLOW = {"Spark", "Hugging Face datasets", "Croissant", "Delta Lake and Iceberg"}


def snippets(kind: str) -> list[Any]:
    """The snippets of a kind, each with the heading it stands under."""
    text = PAGE.read_text(encoding="utf-8")
    headings = [(found.start(), found[1]) for found in _HEADING.finditer(text)]
    return [
        pytest.param(
            heading := [name for at, name in headings if at < found.start()][-1],
            found[2],
            id=heading,
            marks=[pytest.mark.slow] if heading in SLOW else [],
        )
        for found in _SNIPPET.finditer(text)
        if found[1] == kind
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a lake of eight articles, its tables beside."""
    place = tmp_path_factory.mktemp("reading")
    run_inline(write_dumps(place / "in", range(ARTICLES)), place / "lake", shard_mb=0.004, table=("delta", "iceberg"))
    return place


@pytest.mark.parametrize(("heading", "code"), snippets("sql"))
def test_sql(heading: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    rows = duckdb.sql(code).fetchall()
    assert (
        len(rows)
        == {"GROUP BY": 1, "USING (id)": 3, "newest": ARTICLES}[
            next(word for word in ("USING (id)", "newest", "GROUP BY") if word in code)
        ]
    )


@pytest.mark.parametrize(("heading", "code"), snippets("python"))
def test_python(heading: str, code: str, folder: Path) -> None:
    """In a process of its own: these libraries leave threads, caches and a JVM behind."""
    module, program = NEEDS.get(heading, (None, None))
    if module is not None:
        pytest.importorskip(module)
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    tail = "\nimport json; print(); print(json.dumps(['found', len(rows)]))\n"
    environment = unmeasured(HF_HOME=str(folder / "hf"), HF_HUB_OFFLINE="1")
    environment |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}  # asks no name server
    done = subprocess.run(
        [sys.executable, "-c", code + tail], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])[1]
    month = len([row for row in Made(folder / "lake").rows("articles") if row["month"] == "2024-01"])
    assert found == {"Polars": month, "Spark": 1}.get(heading, ARTICLES)


def test_views_are_sql_that_runs(folder: Path) -> None:
    made = CliRunner().invoke(main, ["views", str(folder / "lake")])
    assert made.exit_code == 0
    with duckdb.connect() as connection:
        connection.execute(made.output)
        counted = {
            view: connection.execute(f"SELECT count(*) FROM {view}").fetchone()
            for view in ("articles", "removed", "latest")
        }
    assert counted == {"articles": (ARTICLES,), "removed": (3 * ARTICLES,), "latest": (ARTICLES,)}


def test_the_page_shows_the_view() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    head, _, rest = " ".join(LATEST.split()).partition(" FROM articles ")
    assert head in text
    assert rest == ") WHERE newest = 1"


def test_views_of_a_lake_whose_name_has_marks_of_patterns(small: Made, tmp_path: Path) -> None:
    """In a folder beside another that its name would match as a pattern; with clusters, which are a table too."""
    odd = copied(small, tmp_path / "lake [ab] it's*?")
    copied(small, tmp_path / "lake a it's1")
    (odd.root / "clusters").mkdir(exist_ok=True)
    pq.write_table(schema("clusters").empty_table(), odd.root / "clusters" / "clusters.parquet")
    with duckdb.connect() as connection:
        connection.execute(tidy.views(str(odd.root)))
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (8,)
        assert connection.execute("SELECT count(*) FROM clusters").fetchone() == (0,)


def test_views_of_a_lake_without_articles_are_sql_that_runs(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "none.txt").write_text(" ")
    run_inline(tmp_path / "in", tmp_path / "lake")
    with duckdb.connect() as connection:
        connection.execute(tidy.views(str(tmp_path / "lake")))
        assert connection.execute("SELECT count(*) FROM quarantine").fetchone() == (1,)


def test_latest_is_the_newest_of_each_address(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    crawls = [("2024-01-01", 1), ("2024-02-01", 2), ("2024-01-15", 3)]
    for day, number in crawls:
        row = {"text": article(number), "url": "https://news.example/live"}
        (tmp_path / "in" / f"{day}.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "in" / "none.txt").write_text(article(9))
    run_inline(tmp_path / "in", tmp_path / "lake")
    made = Made(tmp_path / "lake")
    assert len(made.rows("articles")) == 4, "a page crawled again with other text is a new row"
    with duckdb.connect() as connection:
        connection.execute(tidy.views(str(made.root)))
        found = connection.execute("SELECT url, published FROM latest ORDER BY url NULLS LAST").fetchall()
        newest = connection.execute("SELECT max(published) FROM articles WHERE url IS NOT NULL").fetchone()
    assert [url for url, _ in found] == ["https://news.example/live", None]
    assert found[0][1] == newest[0]
