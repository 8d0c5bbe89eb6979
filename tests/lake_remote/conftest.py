"""The stores that tests of remote lakes use, one of each for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest

from flows.storage import RemotePath
from flows.storage.stores import VARIABLE, open_store
from tests.lake_remote.servers import KEYS, moto, seaweed

BUCKET = "news"


@pytest.fixture(scope="session")
def moto_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with moto(tmp_path_factory.mktemp("moto")) as endpoint:
        yield with_bucket(endpoint)


@pytest.fixture(scope="session")
def seaweed_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with seaweed(tmp_path_factory.mktemp("seaweed")) as endpoint:
        yield with_bucket(endpoint)


@pytest.fixture
def bucket(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> RemotePath:
    """An empty folder of a bucket in memory, and the environment to use it."""
    return new_folder(moto_endpoint, monkeypatch)


@pytest.fixture
def real_bucket(seaweed_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> RemotePath:
    """An empty folder of a bucket in a real store, and the environment to use it."""
    return new_folder(seaweed_endpoint, monkeypatch)


def with_bucket(endpoint: str) -> str:
    """The endpoint, when it has the bucket."""
    keys = {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"]}
    client = boto3.client("s3", endpoint_url=endpoint, region_name=KEYS["AWS_DEFAULT_REGION"], **keys)
    client.create_bucket(Bucket=BUCKET)
    client.close()
    return endpoint


def new_folder(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> RemotePath:
    """A folder of its own for a test."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": endpoint}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(VARIABLE, raising=False)
    open_store.cache_clear()
    return RemotePath.parse(f"s3://{BUCKET}/{uuid4().hex[:8]}")
