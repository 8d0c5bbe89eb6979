"""Everything that a folder of dumps may hold on its worst day, through `winnow ingest`: each costs itself only."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from flows.errors import DumpChangedError
from flows.lake.ledger import read_ledger
from flows.lake.place import Lake
from flows.lake.verify import verify
from flows.sources import SourceOptions, fetch
from tests.environment import ROOT, unmeasured
from tests.flows.runs import article, rows, run_inline
from tests.sources import dumps
from tests.sources.dumps import COMPRESS, page_record, warc_record

LIMITS = SourceOptions(max_record_bytes=20_000_000, max_ratio=100)
TEXTS = [article(number) for number in range(400)]
_NEXT = iter(TEXTS)


def page() -> str:
    """A page that no other is like."""
    return "<!doctype html><title>Flood</title><article>" + "".join(
        f"<p>{line}</p>" for line in next(_NEXT).split("\n")
    )


def lines(count: int) -> list[bytes]:
    return [json.dumps({"text": next(_NEXT)}).encode() + b"\n" for _ in range(count)]


def records(count: int) -> list[bytes]:
    return [page_record(page()) for _ in range(count)]


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


@dataclass(frozen=True)
class Bad:
    """A file, the reasons of what is wrong in it, in the order of positions, and how many articles it still gives."""

    data: bytes
    reasons: tuple[str, ...]
    articles: int = 0


def members(pack: Callable[[bytes], bytes]) -> list[bytes]:
    return [pack(record) for record in records(4)]


def gz() -> list[bytes]:
    return members(lambda data: gzip.compress(data, mtime=0))


def zst() -> list[bytes]:
    return members(COMPRESS["zst"])


def devices() -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind, name in ((tarfile.CHRTYPE, "dev/null"), (tarfile.SYMTYPE, "passwd"), (tarfile.FIFOTYPE, "pipe")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        data = page().encode()
        info = tarfile.TarInfo("../../up.html")
        info.size = len(data)
        archive.addfile(info, BytesIO(data))
    return out.getvalue()


def files() -> dict[str, Bad]:
    one, two, three, four = gz()
    line = lines(8)
    packed = [gzip.compress(text) for text in (line[0], line[1], line[2] + line[3])]
    frames = zst()
    zipped = dumps.zipped({f"{n}.html": page().encode() for n in range(4)})
    third = dumps.member_ends(zipped)[2]
    odd = dumps.zipped({"../../../up.html": page().encode(), "/etc/cron.d/job.html": page().encode()})
    table = dumps.table("parquet", [next(_NEXT) for _ in range(6)])
    bomb = gzip.compress(b"\0" * 30_000_000)
    deep = b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    long = b'{"text": "' + b"rain " * 4_200_000 + b'"}\n'
    return {
        "cut.warc.gz": Bad(one + two + three[: len(three) // 2], ("truncated",), 2),
        "hurt.warc.gz": Bad(gz()[0] + damaged(gz()[0], 60) + four, ("corrupt",), 2),
        "cut.warc.zst": Bad(b"".join(frames[:2]) + frames[2][:90], ("truncated",), 2),
        "hurt.warc.zst": Bad(zst()[0] + damaged(zst()[0], 60) + frames[3], ("corrupt",), 2),
        "hurt.jsonl.gz": Bad(packed[0] + damaged(packed[1], 60) + packed[2], ("corrupt",), 2),
        "short.warc": Bad(warc_record(b"x" * 50, Content_Length="9") + records(1)[0], ("bad_record",), 1),
        "long.warc": Bad(warc_record(b"x" * 50, Content_Length="90") + records(1)[0], ("bad_record",), 1),
        "vast.warc": Bad(warc_record(b"x" * 50, Content_Length="99999999999") + records(1)[0], ("too_large",), 1),
        "odd.warc": Bad(records(1)[0] + b"WARC/1.0\r\nno header at all\r\n\r\n" + records(1)[0], ("bad_record",), 2),
        "bomb.txt.gz": Bad(bomb, ("bomb",)),
        "bombs.tar.gz": Bad(gzip.compress(dumps.tar({"a.gz": bomb, "b.html": page().encode()})), ("bomb",), 1),
        "layers.gz": Bad(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"rain")))), ("nesting",)),
        "one-line.json": Bad(long, ("too_large",)),
        "long.jsonl": Bad(line[4] + long + line[5], ("too_large",), 2),
        "deep.jsonl": Bad(line[6] + deep + line[7], ("bad_json",), 2),
        "nuls.txt": Bad(b"rain\0" * 500, ("not_text",)),
        "some-nuls.html": Bad(page().replace("river", "ri\0ver", 1).encode(), (), 1),
        "surrogate.jsonl": Bad(
            b'{"text": "%b \\ud83d"}\n' % next(_NEXT).replace("\n", "\\n").encode(), ("undecodable",)
        ),
        "latin.html": Bad(page().replace("river", "r\xedver").encode("latin-1"), (), 1),
        "lying.html": Bad(b'<meta charset="utf-16">' + page().encode(), (), 1),
        "flawed.txt": Bad(next(_NEXT).encode().replace(b"river", b"ri\xffver", 1), (), 1),
        "noise.txt": Bad(bytes(range(256)) * 20, ("not_text",)),
        "zero.html": Bad(b"", ("empty",)),
        "blank.txt.gz": Bad(gzip.compress(b" \n\t"), ("empty",)),
        "names.zip": Bad(odd, (), 2),
        "devices.tar": Bad(devices(), ("not_a_file",) * 3, 1),
        "cut.zip": Bad(zipped[: third + 60], ("truncated",), 3),
        "cut.parquet": Bad(table[:-20], ("truncated",)),
        "hurt.parquet": Bad(damaged(table, 60), ("corrupt",), 4),
        "odd \n!#%'\"\\;$(x)é\u202e.txt": Bad(next(_NEXT).encode(), (), 1),
        os.fsdecode(b"caf\xe9.txt"): Bad(next(_NEXT).encode(), (), 1),
        "folder.html/inside.txt": Bad(next(_NEXT).encode(), (), 1),
    }


FILES = files()
# As root every file may be read.
LOCKED = "locked.txt"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bad") / "in"
    for name, bad in FILES.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bad.data)
    (place / "loop").symlink_to(place)
    (place / "self").symlink_to(place / "self")
    (place / "gone").symlink_to(place / "nothing")
    (place / LOCKED).write_text(next(_NEXT))
    (place / LOCKED).chmod(0)
    os.mkfifo(place / "pipe")
    return place


@pytest.fixture(scope="module")
def lake(folder: Path, new_home: Callable[[Path], Path]) -> Path:
    """The lake that the command line makes of it. It must end, with code 0, and leave nothing beside its output."""
    output = folder.parent / "lake"
    new_home(folder.parent / ".winnow" / "prefect")
    # the same as LIMITS
    (folder.parent / "winnow.toml").write_text("max_record_mb = 20\nmax_ratio = 100\n")
    command = [sys.executable, "-m", "flows.cli", "ingest", "in", "-o", "lake", "--workers", "2", "--no-report"]
    environment = unmeasured()
    found = subprocess.run(command, capture_output=True, text=True, cwd=folder.parent, env=environment)
    assert found.returncode == 0, found.stderr[-3000:]
    assert {path.name for path in folder.parent.iterdir()} <= {"in", "lake", "winnow.toml", ".winnow"}
    assert not Path("/etc/cron.d/job.html").exists()
    return output


def _source(name: str) -> str:
    """As `flows.sources.address` escapes it."""
    for sign, escaped in (("%", "%25"), ("!", "%21"), ("#", "%23"), ("\n", "%0A"), ("\udce9", "%E9")):
        name = name.replace(sign, escaped)
    return name


@pytest.mark.slow
def test_each_costs_itself_only(lake: Path) -> None:
    held = rows(lake, "quarantine")
    articles = [row["source"] for table in ("articles", "duplicates") for row in rows(lake, table)]
    found = {}
    for name in FILES:
        source = _source(name)
        reasons = [row["reason"] for row in held if row["source"] == source]
        found[name] = (tuple(reasons), articles.count(source))
    assert found == {name: (bad.reasons, bad.articles) for name, bad in FILES.items()}
    others = {row["source"] for row in held} | set(articles)
    assert others - {_source(name) for name in FILES} == {LOCKED}


@pytest.mark.slow
def test_every_record_is_accounted_for_and_found_again(lake: Path, folder: Path) -> None:
    assert verify(Lake(lake), read_ledger(Lake(lake))).wrong == ()
    for row in rows(lake, "quarantine"):
        assert row["detail"]
        path = folder / row["source"]
        if path.is_file() and row["source"] != LOCKED:
            again = fetch(path, row["source"], row["position"], LIMITS)
            assert getattr(again, "reason", "undecodable") == row["reason"]
            assert again.position == row["position"]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "in"
    place.mkdir()
    (place / "a.txt").write_text(TEXTS[0])
    (place / "b.txt").write_text(TEXTS[1])
    real = Path.open

    def refusing(path: Path, *arguments: object, **more: object) -> object:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refusing)
    run_inline(place, tmp_path / "lake")
    assert [(row["source"], row["reason"]) for row in rows(tmp_path / "lake", "quarantine")] == [
        ("b.txt", "unreadable_file")
    ]
    assert len(rows(tmp_path / "lake", "articles")) == 1


@pytest.mark.parametrize("harm", ["vanish", "change"])
def test_a_file_that_vanishes_or_changes_costs_its_shard_until_the_next_run(
    harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "in"
    place.mkdir()
    for number in range(3):
        (place / f"{number}.txt").write_text(TEXTS[number])
    from flows import clean_shard

    real = clean_shard.open_dump

    def harming(path: Path, **more: object) -> object:
        if path.name == "1.txt":
            if harm == "vanish":
                path.unlink()
            else:
                path.write_text(TEXTS[9] * 2)
        return real(path, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(clean_shard, "open_dump", harming)
    report = run_inline(place, tmp_path / "lake")
    assert (report.outcome, len(report.failures)) == ("failed", 1)
    assert DumpChangedError.__doc__
    assert rows(tmp_path / "lake", "articles") == []
    monkeypatch.undo()
    report = run_inline(place, tmp_path / "lake")
    assert report.outcome == "done"
    assert report.total.articles == (2 if harm == "vanish" else 3)


_READ = """
import resource, sys
from pathlib import Path
from flows.sources import open_dump

for item in open_dump(Path(sys.argv[1]), source="dump"):
    print(item.position, getattr(item, "reason", "read"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)
"""


@pytest.mark.full
@pytest.mark.parametrize(
    ("name", "begin", "between", "end"),
    [("a.jsonl", b"", b"\n", b"\n"), ("a.json", b"[", b",", b"]")],
    ids=["line", "element"],
)
def test_a_gigabyte_in_a_line_is_passed_over(
    tmp_path: Path, name: str, begin: bytes, between: bytes, end: bytes
) -> None:
    with (tmp_path / name).open("wb") as file:
        file.write(begin + b'{"text": "')
        for _ in range(1_000):
            file.write(b"rain fell " * 100_000)
        file.write(b'"}' + between + b'{"text": "What follows is read."}' + end)
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(tmp_path / name)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    first, second, megabytes = done.stdout.splitlines()
    assert (first.split()[1], second.split()[1]) == ("too_large", "read")
    assert int(megabytes) < 300
