"""Personal data: what is replaced, what only looks like it, and what a run does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaners.pii import KINDS, redact
from flows.config import Options
from flows.errors import ConfigError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from tests.flows.runs import rows, run_inline

FOUND = [
    ("Write to anna.berg+tips@example.org, please.", "Write to [email], please.", None),
    ("Two: a@example.com and b@example.com.", "Two: [email] and [email].", None),
    ("Пишите на desk@газета.рф.", "Пишите на [email].", None),
    ("Tips to tips@harbour.news or desk@velsund.media.", "Tips to [email] or [email].", None),
    ("Call +44 20 7946 0958 before noon.", "Call [phone] before noon.", None),
    ("Call 020 7946 0958 before noon.", "Call [phone] before noon.", "www.news.co.uk"),
    ("Call 030 901820 before noon.", "Call [phone] before noon.", "zeitung.de"),
    ("The server at 192.0.2.17 was down.", "The server at [ip] was down.", None),
    ("It answered from 2001:db8::8a2e:370:7334.", "It answered from [ip].", None),
    ("Mail x@example.net from 10.0.0.1, or +1 650 253 0000.", "Mail [email] from [ip], or [phone].", None),
]
LEFT = [
    "It cost 1,234,567 crowns in 2019-2020, and on 12.05.2024 the 100 metres were run in 9.81 seconds.",
    "The match ended 21-14, the second 3-1; ISBN 978-3-16-148410-0.",
    "At 12:30:45 the train left, at 7:05 it was back.",
    "Rule 999.1.2.3 and version 1.2.3 were dropped.",
    "Follow @velsund, or meet at 5@home.",
    "Call 020 7946 0958 before noon.",
]


@pytest.mark.parametrize(("text", "expected", "host"), FOUND)
def test_what_is_replaced(text: str, expected: str, host: str | None) -> None:
    found, counts = redact(text, KINDS, host)
    assert found == expected
    assert sum(counts.values()) == expected.count("[")


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_it(text: str) -> None:
    assert redact(text, KINDS) == (text, {})


def test_only_what_is_asked_for() -> None:
    assert redact("x@example.org, 192.0.2.1", ["ip"]) == ("x@example.org, [ip]", {"ip": 1})


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean email"):
        Options(redact=("emails",))


def test_a_run_replaces_counts_and_keeps_no_copy(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    line = "The harbour master of Velsund asks ships to write to desk@example.org or to call +44 20 7946 0958 at once."
    record = {"url": "https://velsund.example/1", "text": f"News from pier@example.org\n{line}\nmenu x@example.org\n"}
    (folder / "a.jsonl").write_text(json.dumps(record) + "\n")
    report = run_inline(folder, tmp_path / "lake", redact=("email", "phone"))
    (article,) = rows(tmp_path / "lake", "articles")
    assert "@" not in article["text"] + article["title"]
    assert "[email] or to call [phone]" in article["text"]
    assert dict(article["redacted"]) == {"email": 2, "phone": 1}
    assert article["char_count"] == len(article["text"])
    assert rows(tmp_path / "lake", "removed") == []
    assert article["removed_blocks"] == 2
    assert report.outcome == "done"
    lake = Lake(tmp_path / "lake")
    assert not verify(lake, read_ledger(lake)).wrong


def test_off_by_default(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Head\nThe harbour master asks ships to write to desk@example.org at once.\n")
    run_inline(folder, tmp_path / "lake")
    (article,) = rows(tmp_path / "lake", "articles")
    assert "desk@example.org" in article["text"]
    assert article["redacted"] is None
