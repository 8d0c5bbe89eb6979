"""What is written to stderr, and what never is."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows import logs
from flows.config import Options
from flows.errors import ConfigError, LockHeldError
from flows.lake.place import Lake
from flows.logs import JsonFormatter, TextFormatter, event, redact, redacted, written
from flows.run import retry
from flows.runs import RunReport, read_reports, write_report
from flows.sources import Unreadable, open_dump
from tests.flows.runs import ROOT, article, run_inline, write_dumps

SECRETS = [
    ("https://ann:pw@news.example/a", "https://***@news.example/a"),
    ("https://ghp_abc@git.example/a", "https://***@git.example/a"),
    ("https://ann:p@ss@news.example", "https://***@news.example"),
    ("s3://AKIA:se/cr+et@bucket/crawl", "s3://***@bucket/crawl"),
    ("cannot open 'https://u:p@h/x': no", "cannot open 'https://***@h/x': no"),
    ("https://h/x?page=2&token=abc#top", "https://h/x?page=2&token=***#top"),
    ("https://h/x?api_key=a&apikey=b&API-KEY=c", "https://h/x?api_key=***&apikey=***&API-KEY=***"),
    ("https://h/x?X-Amz-Signature=0f&X-Amz-Date=2024", "https://h/x?X-Amz-Signature=***&X-Amz-Date=2024"),
    ("https://h/x?X-Amz-Credential=AK%2F2024&X-Amz-Security-Token=F", "https://h/x?X-Amz-Credential=***&X-Amz-Security-Token=***"),
    ("https://h/x?sv=2020&sig=a%2Fb%3D&se=1", "https://h/x?sv=2020&sig=***&se=1"),
    ("https://h/x?key=AIza;session=1;sid=2", "https://h/x?key=***;session=***;sid=***"),
    ("https://h/go?to=https%3A%2F%2Fa%2F%3Ftoken%3Dabc%26b%3D2", "https://h/go?to=https%3A%2F%2Fa%2F%3Ftoken%3D***%26b%3D2"),
    ("password=hunter2 is wrong", "password=*** is wrong"),
    ("Authorization: Bearer abc.def", "Authorization: ***"),
    ("{'authorization': 'Basic dXNlcg=='}", "{'authorization': '***'}"),
    ("sent Bearer 0123456789abcdef0123", "sent Bearer ***"),
]  # fmt: skip
HARMLESS = [
    "https://news.example/2024/key-facts?page=2&monkey=3&keywords=rain",
    "http://news.example:8080/@ann/post",
    "mail ann@news.example about it",
    "the river rose = two metres; a token of thanks",
    "Basic equipment, bearer of news",
    "member:a/b.jsonl!line:12",
    "",
]


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_secrets_are_written_over(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_the_rest_stays(text: str) -> None:
    assert redact(text) == text


def test_values_inside_of_values() -> None:
    assert redacted({"a": ["x?token=b", 1, None], "b": ("s3://k:s@b",)}) == {
        "a": ["x?token=***", 1, None],
        "b": ["s3://***@b"],
    }


def test_an_event_is_one_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    with written("json"):
        logs.bind(run="r1")
        event("quarantined", "a\nb \udce9 \u2028 https://u:p@h", source="caf\udce9", position="line:1", url=None)
        os.write(2, b"a library speaks\n\n")
        subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('so does a child')"], check=True)
    lines = capfd.readouterr().err.splitlines()
    found = {entry["event"]: entry for entry in map(json.loads, lines)}
    assert len(lines) == 3
    first = found["quarantined"]
    assert (first["run"], first["level"], first["source"], first["position"]) == ("r1", "info", "caf\udce9", "line:1")
    assert first["message"].endswith("https://***@h")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first["time"])
    assert "url" not in first
    said = [json.loads(line)["message"] for line in lines if '"output"' in line]
    assert said == ["a library speaks", "so does a child"]


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (LockHeldError("s3://k:s@lake is held"), 3, "s3://***@lake is held"),
        (OSError(28, "No space left on device"), 1, "[Errno 28] No space left on device"),
    ],
)
def test_an_error_is_an_event_too(capfd: pytest.CaptureFixture[str], error: Exception, code: int, message: str) -> None:
    with pytest.raises(SystemExit) as raised, written("json"):
        raise error
    assert raised.value.code == code
    (line,) = map(json.loads, capfd.readouterr().err.splitlines())
    assert (line["event"], line["error"], line["exit_code"]) == ("error", type(error).__name__, code)
    assert line["message"] == message


def test_text_is_for_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    with written("text"):
        event("shard_done", "done")
        event("worker_lost", "a worker\nwas lost at s3://k:s@b", level=logging.WARNING)
    event("late", "nobody listens any more", level=logging.WARNING)
    assert capsys.readouterr().err == "winnow: warning: a worker was lost at s3://***@b\n"


def test_the_events_of_a_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = write_dumps(tmp_path / "in", range(3))
    (folder / "bad.jsonl").write_text(json.dumps({"text": article(7)}) + "\n{broken\n")
    (folder / "empty.txt").write_bytes(b"")
    with written("json"):
        run_inline(folder, tmp_path / "lake")
    found = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    names = [entry["event"] for entry in found]
    assert (names[:2], names[-1]) == (["run_started", "planned"], "run_ended")
    assert len({entry["run"] for entry in found}) == 1
    held = {(entry["source"], entry["position"], entry["reason"]) for entry in found if entry["event"] == "quarantined"}
    assert held == {("bad.jsonl", "line:2", "bad_json"), ("empty.txt", "", "empty")}
    assert all(entry["shard"] for entry in found if entry["event"] in ("quarantined", "shard_done"))
    assert (found[-1]["outcome"], found[-1]["articles"], found[-1]["quarantined"]) == ("done", 4, 2)


def test_the_page_shows_what_the_seeds_hold() -> None:
    page = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    shown = [tuple(json.loads(line)) for line in page.splitlines() if line.startswith('["')]
    dumps = sorted((ROOT / "seeds" / "broken").iterdir())
    items = [item for path in dumps for item in open_dump(path, source=path.name) if isinstance(item, Unreadable)]
    assert shown == [(item.source, item.position, item.reason) for item in items[:3]]


def test_reports_hold_no_secrets(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    options = {"inputs": ["https://u:p@h/a?token=b"], "output": "s3://k:s@b"}
    report = RunReport("r", "", "s3://k:s@b", "done", {}, options)
    write_report(report, lake)
    assert "***" in (lake.runs / "r.json").read_text()
    (kept,) = read_reports(lake)
    assert (kept.output, kept.options["inputs"]) == ("s3://***@b", ["https://***@h/a?token=***"])
    with pytest.raises(ConfigError, match="name the inputs again"):
        retry(None, {"output": str(tmp_path)})
    with pytest.raises(ConfigError, match="there is no reason 'timeuot'; did you mean timeout"):
        retry(None, {"output": str(tmp_path), "reasons": ("empty", "timeuot")})


def test_the_command_line_says_no_secrets(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows.cli", "ingest", "https://u:pa55@h/a?token=b", "-o", str(tmp_path / "lake")]
    found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert found.returncode == 2
    assert "pa55" not in found.stderr + found.stdout
    assert "https://***@h" in found.stderr


def test_every_event_stands_in_the_docs() -> None:
    source = "".join((ROOT / "flows" / name).read_text() for name in ("events.py", "logs.py"))
    names = set(re.findall(r'\bevent\(\s*"(\w+)"', source))
    documented = set(re.findall(r"^\| `(\w+)` \| (?:info|warning|error) ", (ROOT / "docs/logs.md").read_text(), re.M))
    assert names == documented
    assert set(logs.LOG_FORMATS) == {"text", "json"}
    assert Options().log_format == "text"
    assert {JsonFormatter.__name__, TextFormatter.__name__} <= set(dir(logs))


@pytest.mark.slow
def test_prefect_warns_of_nothing_behind_the_last_event() -> None:
    """Its threads do, while the process ends, in loggers that are called after their classes."""
    code = (
        "import logging, flows.ingest; from prefect.events.worker import EventsWorker; "
        "from prefect.logging.handlers import APILogWorker; from prefect.logging.configuration import setup_logging; "
        "setup_logging(); [logging.getLogger(each.__name__).warning('behind') for each in (EventsWorker, APILogWorker)]"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
