"""Object stores: opened once a bucket, from the environment and the option `storage`; what they raise, as OSError.

Credentials are found the usual ways and only there: AWS_* variables, the profiles of ~/.aws (boto3 reads them), web
identity, container and instance roles; GOOGLE_* and AZURE_* variables. They are no options: options are written down
in the lake.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import ConfigError
from flows.logs import redact

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = ("s3", "gs", "az")
VARIABLE = "WINNOW_STORAGE"
"""The options as child processes and the workers of a cluster inherit them: KEY=VALUE, divided by spaces."""
REQUEST_SECONDS = "120s"
RETRIES = 16
_SECRET = re.compile("access_?key|secret|token|password|account_key|sas", re.I)


def configure(options: Sequence[str]) -> None:
    """Take KEY=VALUE options for all stores of this process and of those it starts; none leaves things as they are.

    KEY is one of obstore's: `endpoint`, `region`, `virtual_hosted_style_request`, ... Raises ConfigError as
    `check_options` does.
    """
    check_options(options)
    if options:
        os.environ[VARIABLE] = " ".join(options)
        open_store.cache_clear()


def check_options(options: Sequence[str]) -> None:
    """Raises ConfigError for what is no KEY=VALUE, and for secrets, which belong into the environment."""
    for text in options:
        key, divided, value = text.partition("=")
        if not divided or not key or any(map(str.isspace, text)):
            raise ConfigError(
                f"storage options are written NAME=VALUE, as in endpoint=http://127.0.0.1:8333, not {text!r}"
            )
        if _SECRET.search(key) or "@" in value or redact(value) != value:
            raise ConfigError(
                f"the storage option {key} would be written down in the lake: give secrets in the environment, "
                "as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or as a profile (AWS_PROFILE)"
            )


@cache
def open_store(scheme: str, bucket: str) -> ObjectStore:
    """The store of a bucket. Raises ConfigError where the package is missing or an option is unknown."""
    try:
        stores: Any = import_module("obstore.store")
    except ImportError as error:
        raise ConfigError(f"{scheme}:// needs one package more: pip install 'newswinnow[s3]'") from error
    given = dict(text.split("=", 1) for text in os.environ.get(VARIABLE, "").split())
    more: dict[str, Any] = {}
    if scheme == "s3":
        given.setdefault("endpoint", _endpoint())
        given = {key: value for key, value in given.items() if value}
        more = _profile()
    client = {"allow_http": given.get("endpoint", "").startswith("http://"), "timeout": REQUEST_SECONDS}
    try:
        opened: ObjectStore = stores.from_url(
            f"{scheme}://{bucket}", config=given, client_options=client, retry_config=_patience(), **more
        )
    except (stores_error(), ValueError) as error:
        raise ConfigError(f"cannot use {scheme}://{bucket}: {_short(error)}") from error
    return opened


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Raise what a store raises as the OSError that the same trouble with a file would be."""
    try:
        yield
    except stores_error() as error:
        kinds: Mapping[str, type[OSError]] = {
            "NotFoundError": FileNotFoundError,
            "AlreadyExistsError": FileExistsError,
            "PermissionDeniedError": PermissionError,
            "UnauthenticatedError": PermissionError,
        }
        kind = kinds.get(type(error).__name__, OSError)
        raise kind(f"{name}: {_short(error)}") from error


@cache
def stores_error() -> type[Exception]:
    """The base of everything that obstore raises."""
    found: type[Exception] = import_module("obstore.exceptions").BaseError
    return found


def _patience() -> dict[str, Any]:
    """How often a request is tried again: while a store is slow to answer, not while an address is wrong."""
    second = timedelta(seconds=1)
    return {"max_retries": RETRIES, "retry_timeout": 180 * second, "backoff": {"init_backoff": second / 4, "base": 2}}


def _endpoint() -> str:
    return (
        os.environ.get("AWS_ENDPOINT_URL_S3")
        or os.environ.get("AWS_ENDPOINT_URL")
        or os.environ.get("AWS_ENDPOINT", "")
    )


def _profile() -> dict[str, Any]:
    """A credential provider that reads ~/.aws, where the environment names a profile or holds no key."""
    home = Path.home() / ".aws"
    files = [
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE", home / "credentials"),
        os.environ.get("AWS_CONFIG_FILE", home / "config"),
    ]
    if "AWS_PROFILE" not in os.environ and (
        "AWS_ACCESS_KEY_ID" in os.environ or not any(Path(file).is_file() for file in files)
    ):
        return {}
    provider = import_module("obstore.auth.boto3").Boto3CredentialProvider
    return {"credential_provider": provider()}


def _short(error: Exception) -> str:
    """The first sentence of an error; what follows is the program's inside."""
    return " ".join(str(error).partition("Debug source:")[0].split())[:400]
