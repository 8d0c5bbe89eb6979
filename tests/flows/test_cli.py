"""The command line as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.lake.lock import hold
from flows.lake.place import Lake
from tests.environment import unmeasured
from tests.flows.runs import CLEANER, run_inline, write_dumps

RIVER = (
    "The river rose by two metres overnight, the mayor said on Friday, and schools stay shut until the water falls.\n"
)
PAGE = f"Accept all cookies\n\n{RIVER}\nThe council will meet on Monday to decide when the bridge can open again.\n"


def winnow(*arguments: str, stdin: bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, arguments, input=stdin, prog_name="winnow")


@pytest.mark.parametrize("command", [[], *([name] for name in main.commands)])
def test_every_command_has_help_with_examples(command: list[str]) -> None:
    result = winnow(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"winnow {command[0] if command else 'clean'}" in result.output.split("Examples:")[1]


def test_clean_needs_neither_prefect_nor_pyarrow(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(PAGE)
    code = (
        "import sys; from flows.cli import main; main(['clean', sys.argv[1]], standalone_mode=False); "
        "print(sorted({'prefect', 'pyarrow', 'rich', 'pydantic'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=unmeasured(), check=True)
    assert RIVER.strip() in done.stdout
    assert "cookies" not in done.stdout
    assert done.stdout.endswith("[]\n")


def test_clean_as_json_from_stdin() -> None:
    result = winnow("clean", "-", "--json", "--url", "https://news.example/a", stdin=PAGE.encode())
    document = json.loads(result.output)
    assert (document["url"], document["language"]) == ("https://news.example/a", "en")
    assert document["removed_kinds"] == {"cookie_banner": 1}
    assert document["text"].startswith(RIVER.strip())


def test_explain_is_plain_in_a_pipe() -> None:
    result = winnow("explain", "-", stdin=PAGE.encode())
    assert "\x1b" not in result.output
    line = next(line for line in result.output.splitlines() if "Accept all cookies" in line)
    assert line.startswith("- ")
    assert "[cookie_banner]" in line


def test_what_is_no_text_is_an_error_with_its_reason() -> None:
    result = winnow("clean", "-", stdin=b"\x89PNG\r\n\x1a\n\0\0\0")
    assert (result.exit_code, result.output[:18]) == (1, "winnow: not_text: ")


def test_kinds_are_listed() -> None:
    lines = winnow("kinds").output.splitlines()
    assert any(line.startswith("cookie_banner ") and "languages)" in line for line in lines)
    assert "en" in next(line for line in winnow("kinds", "--languages").output.splitlines() if "cookie_banner" in line)


def test_schema_lists_every_table() -> None:
    output = winnow("schema").output
    assert all(f"{table}: " in output for table in ("articles", "removed", "duplicates", "filtered", "quarantine"))
    assert "text_sha256" not in winnow("schema", "removed").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ingest"], "name the files, folders or globs to read"),
        (["ingest", "nothing-here"], "there is nothing at 'nothing-here'"),
        (["ingest", ".", "--format", "jsnol"], "there is no format 'jsnol'; did you mean jsonl?"),
        (["ingest", ".", "--workers", "-1"], "workers must be at least 0, not -1"),
        (["ingest", ".", "--config", "none.toml"], "cannot read the configuration file none.toml"),
        (["ingest", ".", "--removed", "some"], "'some' is not one of"),
        (["ingest", ".", "--worker", "1"], "workers"),
        (["verify", "nothing-here"], "nothing-here is no lake of Winnow"),
        (["status", "nothing-here"], "nothing-here is no lake of Winnow"),
        (["retry", "--output", "nothing-here"], "no run has written to nothing-here"),
        (["forget", "lake"], "name the documents, by address or id, and then the lake"),
        (["tables", "lake", "--table", "parquet"], "table must be one of delta, iceberg, not 'parquet'"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = winnow(*arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_held_lake_is_exit_code_3_before_anything_starts(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(1))
    with hold(Lake(tmp_path / "lake"), "first"):
        result = winnow("ingest", str(dumps), "--output", str(tmp_path / "lake"))
    assert result.exit_code == 3
    assert "is held by run first" in result.output


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(3))
    result = winnow("ingest", str(dumps), "--output", str(tmp_path / "lake"), "--dry-run")
    assert result.exit_code == 0
    assert "3 dumps, 0 of them done; 1 shards to do" in " ".join(result.output.split())
    assert not (tmp_path / "lake").exists()


def test_commands_look_into_the_lake_of_the_configuration_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_inline(write_dumps(tmp_path / "in", range(1)), tmp_path / "lake", cleaner=CLEANER)
    (tmp_path / "winnow.toml").write_text('output = "lake"\n')
    monkeypatch.chdir(tmp_path)
    assert winnow("status").output.startswith("lake: 1 articles")
    assert winnow("verify").output.startswith("lake is whole")
    assert winnow("sites").exit_code == 0
    assert "/lake/articles/" in winnow("views").output
    (tmp_path / "winnow.toml").write_text("tool = 1\noutputs = 1\n")
    wrong = winnow("status")
    assert (wrong.exit_code, "there is no option 'tool'" in wrong.output) == (2, True)


def test_a_retry_whose_dumps_were_moved_says_so(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(1))
    run_inline(dumps, tmp_path / "lake", cleaner=CLEANER)
    dumps.rename(tmp_path / "moved")
    told = winnow("retry", "--output", str(tmp_path / "lake"))
    assert told.exit_code == 2
    assert f"there is nothing at '{dumps}': the last run took its dumps from there" in told.output


def test_what_a_run_is_about_to_finish_is_not_called_wrong(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    run_inline(write_dumps(tmp_path / "in", range(1)), lake, cleaner=CLEANER)
    (lake / "removed" / "0123456789abcdef-01234567-0000.parquet").touch()
    with hold(Lake(lake), "nightly"):
        told = winnow("verify", str(lake))
        assert (told.exit_code, "is being written by run nightly" in told.output) == (3, True)
    (lake / "removed" / "notes.txt").touch()
    told = winnow("verify", str(lake))
    assert told.exit_code == 4
    assert (
        "0123456789abcdef-01234567-0000.parquet lies in the lake but no ledger entry lists it; the next" in told.output
    )
    assert "notes.txt lies in the lake but no ledger entry lists it: Winnow did not put it there" in told.output


def test_a_check_of_a_file_that_is_listed_and_never_there_ends(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    run_inline(write_dumps(tmp_path / "in", range(1)), lake, cleaner=CLEANER)
    (lake / "_forgotten").mkdir()
    (lake / "_forgotten" / "0.json").symlink_to(tmp_path / "nowhere")
    told = winnow("verify", str(lake))
    assert (told.exit_code, "0.json is listed, but not there" in told.output) == (2, True)


@pytest.mark.parametrize("command", ["status", "verify", "compact", "report", "ingest"])
@pytest.mark.parametrize("kind", ["a link to nowhere", "a folder"])
def test_an_entry_that_cannot_be_read_is_named(tmp_path: Path, kind: str, command: str) -> None:
    dumps, lake = write_dumps(tmp_path / "in", range(1)), tmp_path / "lake"
    run_inline(dumps, lake, cleaner=CLEANER)
    entry = lake / "_ledger" / "0123456789abcdef.json"
    if kind == "a folder":
        entry.mkdir()
    else:
        entry.symlink_to(tmp_path / "nowhere")
    told = winnow(
        *(("ingest", str(dumps), "-o", str(lake), "--dry-run") if command == "ingest" else (command, str(lake)))
    )
    assert told.exit_code == 2
    assert f"cannot read {entry}: " in told.output
    assert "or delete it and run again" in told.output


def test_a_disk_that_takes_no_output_is_said_in_a_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        call = [sys.executable, "-m", "flows.cli", "schema"]
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, text=True, env=unmeasured())
    assert (done.returncode, done.stderr) == (1, "winnow: No space left on device\n")


def test_status_and_verify(tmp_path: Path) -> None:
    dumps = write_dumps(tmp_path / "in", range(3))
    (dumps / "empty.txt").touch()
    lake = tmp_path / "lake"
    run_inline(dumps, lake, cleaner=CLEANER)
    status = winnow("status", str(lake)).output
    assert "3 articles of 4 records in 4 dumps" in status
    assert "1 done, 0 pending, 0 failed, 0 stale" in status
    assert "quarantine: empty 1" in status
    assert "lock: free" in status
    assert json.loads(winnow("status", str(lake), "--json").output)["articles"] == 3
    assert winnow("verify", str(lake)).exit_code == 0
    next((lake / "removed").glob("*.parquet")).unlink()
    result = winnow("verify", str(lake))
    assert result.exit_code == 4
    assert "is missing" in result.output
