"""Which paths and addresses a run may be given: without secrets, in a known store, apart from what the lake writes."""

from __future__ import annotations

import os
import re

from flows.errors import ConfigError
from flows.logs import HIDDEN, holds_user, redact
from flows.storage import RemotePath, is_remote
from flows.storage.stores import SCHEMES

_AUTHORITY = re.compile(r"[^/?#]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_OF_LAKE = frozenset({
    "articles", "removed", "duplicates", "filtered", "quarantine", "clusters", "report", "croissant.json",
    "_change.json", "_forgotten", "_iceberg", "_ledger", "_lock", "_near", "_replaced", "_runs", "_schema.json",
    "_sites", "_staging", "_tables.json"
})  # fmt: skip
# Where an @ follows, one word before a colon is a user sooner than a host. Secrets of stores have slashes in them.
_HOST_AND_PORT = re.compile(r"(?:localhost|[\w-]+(?:\.[\w-]+)+):\d{1,5}")


def check_address(text: str) -> None:
    """Raises ConfigError for a secret in an address: lakes, logs and Prefect's database write addresses down."""
    scheme, there, rest = text.partition("://")
    user = _user(rest, store=is_remote(text)) if there else ""
    if user not in ("", HIDDEN):
        shown = redact(f"{scheme}://{HIDDEN}@{rest[len(user) + 1 :]}")
    elif there and (holds_user(rest) or _holds_parameter(text)):
        shown = redact(text)
    else:
        return
    raise ConfigError(
        f"the address {shown} holds a secret, which would be written down in the lake and in Prefect's "
        "database: give secrets in the environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or as a "
        "profile (AWS_PROFILE)"
    )


def check_place(text: str) -> None:
    """Raises ConfigError for nothing, for what is no text, and for an address of another kind than stores have."""
    if not text:
        raise ConfigError("an empty name is no path: is a variable of the shell not set?")
    shown = text.encode("utf-8", "backslashreplace").decode()
    if shown != text:  # Prefect and the lake keep options as JSON
        raise ConfigError(f"the name {shown} is no UTF-8: give its folder, or a pattern that it matches")
    if is_remote(text):
        try:
            RemotePath.parse(text)
        except ValueError as error:
            raise ConfigError(str(error)) from error
    elif _SCHEME.match(text) and not os.path.lexists(text):
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ConfigError(f"{text} is neither a path nor an address in {known}: fetch it first, and give the files")


def check_apart(inputs: tuple[str, ...], output: str) -> None:
    """Raises ConfigError for an input that is the lake, or a part of it: a run would read what runs have written."""
    root = resolved(output)
    for text in inputs:
        if resolved(text) == root or of_lake(resolved(text), root):
            raise ConfigError(
                f"the input {text} belongs to the lake {output}: keep dumps and lake in folders of their own"
            )


def resolved(text: str) -> str:
    """The one name of a path or an address."""
    return str(RemotePath.parse(text)) if is_remote(text) else os.path.realpath(text)


def of_lake(name: str, root: str) -> bool:
    """Whether `name` is one of those that the lake at `root` writes; both resolved.

    >>> of_lake("/out/articles/language=en", "/out"), of_lake("/out/_runs", "/out"), of_lake("/out/inbox/a", "/out")
    (True, True, False)
    """
    root = f"{root.rstrip('/')}/"
    first = name.removeprefix(root).partition("/")[0]
    return name.startswith(root) and first in _OF_LAKE


def _user(rest: str, *, store: bool) -> str:
    """What stands before the last @ of an address's authority; a colon there may begin a secret that has slashes in it.

    >>> _user("KEY:7/abc@bucket/a", store=True), _user("news.example:80/@ann", store=False)
    ('KEY:7/abc', '')
    """
    found = _AUTHORITY.match(rest)
    authority = found[0] if found else ""
    if "@" in authority:
        return authority.rpartition("@")[0]
    if ":" not in authority or (not store and _HOST_AND_PORT.fullmatch(authority)):
        return ""
    return rest.rpartition("@")[0]


def _holds_parameter(text: str) -> bool:
    """Whether a parameter is a secret. In the key of an object, as day=1/session=12/, only those behind a ? are any."""
    if not is_remote(text):
        return redact(text) != text
    parameters = re.split("[?&]", text.partition("?")[2])
    return any(redact(one) != one for one in parameters if "/" not in one.partition("=")[0])
