"""Objects under the names that files have: whole, created once, read in ranges."""

from __future__ import annotations

import io
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.errors import ConfigError
from flows.storage import RemotePath, configure, location
from flows.storage.ranged import FIRST_BLOCK, LARGEST_BLOCK, RangeFile, announce
from flows.storage.stores import VARIABLE

ODD = ["a b", "ä語", "a+b&c=d", "a%20b", "a#b?c", "month=2024-01", "~x!'()*", "a:b;c,d@e$f", "[x]{y}|z^`"]


def test_what_is_a_path_and_what_an_object() -> None:
    assert location("dumps/x") == Path("dumps/x")
    found = location("s3://news/2024/01/")
    assert isinstance(found, RemotePath)
    assert (found.bucket, found.key, str(found)) == ("news", "2024/01", "s3://news/2024/01")
    assert str(found.parent / "02" / Path("a/b.gz")) == "s3://news/2024/02/a/b.gz"
    assert (found / "a/b").relative_to(found) == Path("a/b")
    assert str(location("gs://news")), str(location("az://news/x")) == ("gs://news", "az://news/x")
    with pytest.raises(ValueError, match="s3://bucket/key"):
        RemotePath.parse("s3:/news")


def test_objects_answer_as_files_do(bucket: RemotePath) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", "b/deep/er/3.txt"):
        (bucket / "lake" / name).write_bytes(name.encode())
    lake = bucket / "lake"
    assert [path.name for path in lake.iterdir()] == ["a.txt", "b"]
    assert [path.relative_to(lake).as_posix() for path in lake.rglob("*")] == [
        "a.txt",
        "b/1.txt",
        "b/2.txt",
        "b/deep/er/3.txt",
    ]
    assert [path.name for path in (lake / "b").glob("[0-9].txt")] == ["1.txt", "2.txt"]
    assert ((lake / "a.txt").read_bytes(), (lake / "a.txt").stat().st_size) == (b"a.txt", 5)
    assert (lake.is_dir(), lake.is_file(), (lake / "a.txt").is_file(), (lake / "a").exists()) == (
        True,
        False,
        True,
        False,
    )
    (lake / "a.txt").unlink()
    (lake / "a.txt").unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError, match=r"lake/a\.txt"):
        (lake / "a.txt").read_bytes()
    lake.remove_tree()
    assert list(lake.rglob("*")) == []


@pytest.mark.parametrize("name", ODD)
def test_keys_of_every_kind(bucket: RemotePath, name: str) -> None:
    path = bucket / "odd" / name
    path.write_bytes(name.encode())
    assert [(found.name, found.read_bytes().decode(), size.st_size) for found, size in (bucket / "odd").walk()] == [
        (name, name, len(name.encode()))
    ]


@pytest.mark.slow
def test_only_one_creates(real_bucket: RemotePath) -> None:  # moto looks and writes in two steps: two may win there
    path = real_bucket / "entry.json"
    with ThreadPoolExecutor(8) as racers:
        found = list(racers.map(lambda number: _creates(path, b"%d" % number), range(8)))
    assert sum(found) == 1
    assert path.read_bytes() == b"%d" % found.index(True)
    path.create_bytes(path.read_bytes())  # a request that was repeated
    with pytest.raises(FileExistsError):
        path.create_bytes(b"other")


def _creates(path: RemotePath, data: bytes) -> bool:
    try:
        path.create_bytes(data)
    except FileExistsError:
        return False
    return True


def test_what_was_replaced_shows_within_a_second(bucket: RemotePath) -> None:
    path = bucket / "dump"
    path.write_bytes(b"first")
    before = path.stat()
    path.write_bytes(b"other")
    assert (before.st_size, before.st_mtime_ns) != (path.stat().st_size, path.stat().st_mtime_ns)
    assert next(stat for found, stat in bucket.walk() if found == path) == path.stat(), "lists and heads agree"


def test_a_file_in_ranges_reads_as_the_bytes_do(bucket: RemotePath) -> None:
    chance = random.Random(7)
    data = chance.randbytes(3 * LARGEST_BLOCK)
    path = bucket / "big"
    path.write_bytes(data)
    local = io.BytesIO(data)
    with path.open("rb") as file:
        for _ in range(60):
            if chance.random() < 0.4:
                at = chance.randrange(len(data) + 10)
                assert file.seek(at) == local.seek(at)
            size = chance.choice([1, 100, 70_000, 1 << 20])
            assert file.read(size) == local.read(size)
            assert file.tell() == local.tell()
        assert file.seek(-5, io.SEEK_END) == len(data) - 5
        assert file.read() == data[-5:]


def test_a_file_that_is_replaced_while_it_is_read_fails(bucket: RemotePath) -> None:
    path = bucket / "big"
    path.write_bytes(b"a" * (LARGEST_BLOCK * 2))
    with path.open("rb") as file:
        file.read(10)
        path.write_bytes(b"b" * (LARGEST_BLOCK * 2))
        with pytest.raises(OSError, match="big"):
            file.read()


def test_an_object_of_no_bytes(bucket: RemotePath) -> None:
    (bucket / "empty").write_bytes(b"")
    with (bucket / "empty").open("rb") as file:
        assert file.read() == b""
    with pytest.raises(FileNotFoundError):
        (bucket / "missing").open("rb")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes of each request for a stretch of an object."""
    found: list[int] = []
    request = RangeFile._request

    def noted(file: RangeFile, start: int, stop: int, etag: str | None) -> object:
        found.append(stop - start)
        return request(file, start, stop, etag)

    monkeypatch.setattr(RangeFile, "_request", noted)
    return found


def test_a_little_of_a_big_object_costs_little(bucket: RemotePath, asked: list[int]) -> None:
    path = bucket / "big"
    path.write_bytes(bytes(32 << 20))
    with path.open("rb") as file:
        for at in (0, 16 << 20, 31 << 20):
            file.seek(at)
            file.read(1000)
    assert sum(asked) <= 3 * 131_072


def test_a_stretch_that_is_announced_comes_in_few_requests(bucket: RemotePath, asked: list[int]) -> None:
    path = bucket / "big"
    path.write_bytes(bytes(32 << 20))
    start, stop = 10 << 20, 19 << 20
    with path.open("rb") as file:
        announce(file, stop)
        file.seek(start)
        while file.tell() < stop + 1000:
            file.read(1 << 16)
    assert len(asked) == 1 + 4
    assert sum(asked) == FIRST_BLOCK + stop - start + FIRST_BLOCK


def test_options_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    for wrong in ("endpoint", "=x", "endpoint=a b"):
        with pytest.raises(ConfigError, match="NAME=VALUE"):
            configure([wrong])
    for secret in ("secret_access_key=x", "aws_session_token=x", "account_key=x", "endpoint=http://me:pass@host"):
        with pytest.raises(ConfigError, match="environment"):
            configure([secret])
    configure(["bucket_owner=nobody"])
    with pytest.raises(ConfigError, match="bucket_owner"):
        location("s3://news/x").exists()


def test_profiles_are_read(bucket: RemotePath, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.storage.stores import open_store

    (bucket / "x").write_bytes(b"1")
    credentials = tmp_path / "credentials"
    credentials.write_text("[news]\naws_access_key_id = winnow\naws_secret_access_key = not-a-secret\n")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_PROFILE", "news")
    open_store.cache_clear()
    assert (bucket / "x").read_bytes() == b"1"
