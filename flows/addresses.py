"""Addresses that may be written down: those that hold no secret, neither a user's name or password nor a parameter."""

from __future__ import annotations

import re

from flows.errors import ConfigError
from flows.logs import HIDDEN, holds_user, redact
from flows.storage import is_remote

_AUTHORITY = re.compile(r"[^/?#]*")
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
