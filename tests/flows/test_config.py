"""Options: one place, three ways in (command line, file, flow), and errors that help."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flows.config import Options, about, load
from flows.errors import ConfigError
from tests.environment import unmeasured


def test_file_sets_and_hand_overrules(tmp_path: Path) -> None:
    file = tmp_path / "winnow.toml"
    file.write_text('inputs = ["a", "b"]\nworkers = 3\nlanguages = "en, fr"\ncpu-seconds = 2\n')
    options = load(file, {"workers": 5, "limit": None})
    assert (options.inputs, options.workers, options.languages, options.cpu_seconds) == (("a", "b"), 5, ("en", "fr"), 2)


def test_pyproject_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.winnow]\noutput = "lake"\n')
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).output == "lake"
    (tmp_path / "winnow.toml").write_text('output = "other"\n')
    assert load(None, {}).output == "other"


@pytest.mark.parametrize("content", ["tool = 3", "[tool]\nwinnow = 3", "[[tool.winnow]]"])
def test_a_table_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    with pytest.raises(ConfigError, match="must be a table, not "):
        load(tmp_path / "pyproject.toml", {})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("worker = 3", "there is no option 'worker'; did you mean workers?"),
        ("qqq = 3", "known are cleaner, "),
        ('workers = "three"', "workers must be a whole number, not 'three'"),
        ("workers = true", "workers must be a whole number, not True"),
        ("wait = 1", "wait must be true or false, not 1"),
        ("inputs = [1]", "inputs must be a list of strings"),
        ("limit = 0", "limit must be at least 1, not 0"),
        ("memory_mb = 1", "memory_mb must be at least 128"),
        ("shard_mb = 0", "shard_mb must be more than 0"),
        ("cpu_seconds = nan", "cpu_seconds must be a finite number, not nan"),
        ("max_ratio = inf", "max_ratio must be a finite number, not inf"),
        ("grace_minutes = -inf", "grace_minutes must be a finite number, not -inf"),
        ('removed = "some"', "removed must be one of full, counts, none, not 'some'"),
        ('redact = ["name"]', "redact must be one of email, phone, ip, not 'name'"),
        ('table = "parquet"', "table must be one of delta, iceberg, not 'parquet'"),
        ('profile = "fast"', "profile must be one of archive, search, training, not 'fast'"),
        ('languages = ["EN"]', "there is no 'EN': did you mean en?"),
        ('languages = "en,nb"', "there is no 'nb': did you mean no?"),
        ('languages = "qq"', "there is no 'qq': `winnow kinds --languages` lists them"),
        ('inputs = ["https://news.example/a.warc.gz"]', "is neither a path nor an address in s3://, gs://, az://"),
        ('output = "file:///lake"', "is neither a path nor an address in s3://"),
        ('output = ""', "an empty name is no path"),
        ("limit = 9223372036854775808", "limit is too large: 9223372036854775808"),
        ('output = "s3://"', "they are written s3://bucket/key"),
        ('inputs = ["lake/"]\noutput = "./lake"', "the input lake/ belongs to the lake ./lake"),
        ('inputs = ["a", "x/../lake/articles"]\noutput = "lake"', "the input x/../lake/articles belongs to the lake"),
        ('inputs = ["s3://b/lake/_runs"]\noutput = "s3://b/lake/"', "the input s3://b/lake/_runs belongs to the lake"),
        ('storage = ["endpoint"]', "storage options are written NAME=VALUE"),
        ('cleaner = "mine"', "cleaner must be written module:function"),
        ("a = = 1", "is no TOML"),
    ],
)
def test_wrong_content_is_an_error_that_helps(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "winnow.toml"
    file.write_text(content)
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")) as caught:
        load(file, {})
    assert caught.value.exit_code == 2


def test_a_name_that_is_no_text_is_found_by_its_folder_only() -> None:
    with pytest.raises(ConfigError, match="is no UTF-8: give its folder, or a pattern that it matches"):
        Options(inputs=("dumps/caf\udce9.txt",))


def test_what_may_be_asked_for_beside_a_lake() -> None:
    options = Options(inputs=(".", "lake/inbox", "lakes", "s3://lake"), output="lake", languages=("en", "und", "tl"))
    assert options.inputs[1] == "lake/inbox"


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the configuration file"):
        load(tmp_path / "none.toml", {})


def test_every_option_says_what_it_means() -> None:
    assert all(about(entry.name).endswith(".") for entry in fields(Options))


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": ("s3://KEY:s3cr/et@crawl/2026/",)},
        {"inputs": ("dumps", "https://ann:s3cret@news.example/a.warc.gz")},
        {"inputs": ("https://news.example/a.warc.gz?X-Amz-Signature=s3cret",)},
        {"output": "s3://KEY:s3cret@lake/news"},
        {"runner": "dask", "dask_address": "tls://ann:s3cret@10.0.0.1:8786"},
        {"storage": ("endpoint=https://ann:s3cret@s3.example",)},
        {"storage": ("endpoint=https://s3.example/?sig=s3cret",)},
        {"storage": ("secret_access_key=s3cret",)},
        {"inputs": ("az://container/a.warc.gz?sv=2024&sig=s3cret",)},
        {"inputs": ("s3://crawl/a.warc.gz?X-Amz-Signature=s3cret",)},
        {"inputs": ("s3://crawl/2026-??/a.warc.gz?X-Amz-Signature=s3cret",)},
        {"output": "az://lake/news?sig=s3cret"},
        {"inputs": ("s3://KEY:7/abcs3cret@bucket/a",)},
        {"inputs": ("s3://KEY:7/ab@cs3cret@bucket/a",)},
        {"inputs": ("s3://KEY:s3cr***et@bucket/a",)},
        {"inputs": ("https://ann:7/abcs3cret@news.example/a",)},
        {"inputs": ("https://***@s3cret@news.example/a",)},
        {"inputs": ("https://proxy.example/https://ann:s3cret@news.example/a",)},
        {"inputs": ("s3://crawl/https://ann:s3cret@news.example/a",)},
        {"inputs": ("s3://KEY:" + "s3cret/" * 40 + "@bucket/a",)},
        {"metrics": "https://ann:s3cret@push.example/winnow"},
    ],
)
def test_secrets_belong_into_the_environment(options: dict[str, Any]) -> None:
    """Options are written down: in the lake, and as parameters of runs in Prefect's database."""
    with pytest.raises(ConfigError, match="AWS_SECRET_ACCESS_KEY") as caught:
        Options(**options)
    assert "s3cr" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": ("in/session=12/a@b.txt", "s3://crawl/session=12/key=3/a@b.warc.gz")},
        {"inputs": ("s3://crawl/2026-0?/session=12/*.warc.gz", "s3://crawl/a.warc.gz?page=2&v=3")},
        {"metrics": "https://news.example:80/@ann"},
        {"metrics": "http://localhost:8333/@ann"},
        {"inputs": ("s3://***@crawl/a", "az://lake/a?sig=***"), "metrics": "https://***@news.example/a?token=***"},
        {"metrics": "/var/lib/node_exporter/winnow@host.prom"},
        {"storage": ("endpoint=http://127.0.0.1:8333", "skip_signature=true")},
        {"runner": "dask", "dask_address": "tcp://127.0.0.1:8786"},
    ],
)
def test_what_only_looks_like_a_secret_is_none(options: dict[str, Any]) -> None:
    assert Options(**options)


def test_prefect_refuses_wrong_parameters_before_there_is_a_run() -> None:
    """Its server checks parameters by their JSON schema."""
    from prefect.utilities.callables import parameter_schema
    from prefect.utilities.schema_tools.validation import validate

    from flows.ingest import ingest

    schema = parameter_schema(ingest).model_dump_for_openapi()

    def errors(**options: Any) -> int:
        return len(validate({"options": options}, schema, raise_on_error=False))

    assert not errors(inputs=["in"], workers=2, removed="counts", table=["delta"], profile="search", limit=None)
    wrong: list[dict[str, Any]] = [
        {"worker": 2},
        {"workers": -1},
        {"limit": 0},
        {"shard_mb": 0},
        {"removed": "some"},
        {"table": ["parquet"]},
        {"profile": "fast"},
        {"inputs": "in"},
    ]
    assert [one for one in wrong if not errors(**one)] == []


def test_recipe_holds_what_changes_the_rows() -> None:
    recipe = Options().recipe()
    assert {"removed", "languages", "format", "field_url"} <= set(recipe)
    assert not {"workers", "output", "inputs", "limit", "shard_mb"} & set(recipe)


@pytest.mark.parametrize("kind", ["writable", "a file in its place", "nothing can be written"])
def test_prefect_has_a_home_wherever_a_command_is_started(tmp_path: Path, kind: str) -> None:
    if kind == "a file in its place":
        (tmp_path / ".winnow").touch()
    code = "import os, flows.environment as e; e.prepare(); print(os.environ['PREFECT_HOME'])"
    if kind == "nothing can be written":
        code = f"import os; os.access = lambda *_: False; {code}"  # whoever runs the tests may write anywhere
    (tmp_path / "tmp").mkdir()
    there = unmeasured(TMPDIR=str(tmp_path / "tmp"))
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=there, capture_output=True, text=True)
    home = Path(told.stdout.strip())
    assert told.returncode == 0, told.stderr
    if kind == "writable":
        assert home == tmp_path / ".winnow" / "prefect"
        assert home.is_dir()
    else:
        assert home.parent == tmp_path / "tmp"
        assert not home.exists(), "it went with the process"
