"""What a run says while it goes on: events as lines on stderr, for people or as JSON; and no secrets in any of them.

An event has a name and fields: the run, the shard, the address of a record. `--log-format json` writes each as one JSON
object a line, and nothing else comes to stderr: what libraries and worker processes write there is wrapped into events
too. `text` writes warnings only; the rest of what a person wants to know is the progress bar and the tables at the end.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from cleaners.errors import WinnowError

LOG_FORMATS = ("text", "json")
HIDDEN = "***"
_LOG: Final = logging.getLogger("winnow")
_COMMON: Final[dict[str, str]] = {}

# The keys of stores have slashes in them, so behind a colon one may stand; but host:80/@name is no password.
_USER_INFO: Final = re.compile(r"(://)(?:[^\s/?#'\"<>\\]+|[^\s/?#'\"<>\\@:]{0,128}:(?!\d{1,5}/)[^\s'\"<>\\@]{0,128})@")
_NAME: Final = re.compile(r"(?<![\w.\-])([\w.\-]{1,64})(?:=|%3[Dd])")
_VALUE: Final = re.compile(r"(?:(?!%26)[^\s&;#'\"<>\\])*")
_HEADER: Final = re.compile(
    r"(?i)(\bauthorization['\"]?\s?[:=]\s?['\"]?)(?:(?:basic|bearer|digest|token)\s)?[^\s'\",]+"
)
_BEARER: Final = re.compile(r"(\bBearer )[A-Za-z0-9._~+/=\-]{16,}")
_PUNCTUATION: Final = re.compile(r"[\W_]+")
# Names of parameters whose value is nobody's business: these words, and all that hold one of those parts.
_SECRET_NAMES: Final = frozenset({"key", "sig", "auth", "pass", "pw", "pwd", "sid", "jwt", "session", "sas"})
_SECRET_PARTS: Final = (
    *("token", "secret", "password", "passwd", "passphrase", "apikey", "accesskey", "privatekey", "signature"),
    *("credential", "sessionid", "authkey", "authorization"),
)


def redact(text: str) -> str:
    """The text with secrets in addresses and headers written over: user names and passwords, tokens, keys, signatures.

    >>> redact("https://ann:pw@news.example/a?page=2&api_key=abc&X-Amz-Signature=0f")
    'https://***@news.example/a?page=2&api_key=***&X-Amz-Signature=***'
    """
    text = _USER_INFO.sub(rf"\1{HIDDEN}@", text)
    text = _HEADER.sub(rf"\1{HIDDEN}", text)
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return "".join(_without_secrets(text))


def holds_user(address: str) -> bool:
    """Whether an address holds the name or the password of a user, and not only the place of one that was hidden.

    >>> holds_user("s3://key:secret@bucket/a"), holds_user("s3://bucket/a@b")
    (True, False)
    """
    return any(HIDDEN not in found[0] for found in _USER_INFO.finditer(address))


def redacted(value: Any) -> Any:
    """A JSON-like value with every string in it redacted; keys stay."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: redacted(inner) for key, inner in value.items()}
    return [redacted(inner) for inner in value] if isinstance(value, list | tuple) else value


def event(name: str, message: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """Tell of something that happened. `fields` (run, shard, source, position, ...) that are None are left out."""
    if _LOG.isEnabledFor(level):
        _LOG.log(level, "%s", message, extra={"event": name, "fields": fields})


def bind(**fields: str) -> None:
    """Fields that all events of this process have from now on."""
    _COMMON.update(fields)


def wanted(level: int = logging.INFO) -> bool:
    """Whether events of a level are written at all: what costs something to find out need not be found out."""
    return _LOG.isEnabledFor(level)


@contextmanager
def written(form: str) -> Iterator[None]:
    """Write events to stderr while the block runs, as `text` or `json`.

    As JSON, an error that ends the block is an event too: what Winnow raises leaves as SystemExit with its exit code.
    """
    if form == "json":
        with _true_stderr() as target, _handled(target, JsonFormatter(), logging.INFO), _wrapped(target):
            try:
                yield
            except (WinnowError, OSError) as error:
                code = int(getattr(error, "exit_code", 1))
                event("error", str(error), level=logging.ERROR, error=type(error).__name__, exit_code=code)
                raise SystemExit(code) from error
        return
    with _handled(None, TextFormatter(), logging.WARNING):
        yield


class JsonFormatter(logging.Formatter):
    """One event as one line of JSON, in ASCII: nothing in it can break the line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        found = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "message"),
            **_COMMON,
            **{name: value for name, value in getattr(record, "fields", {}).items() if value is not None},
            "message": record.getMessage(),
        }
        return json.dumps(redacted(found), default=str)


class TextFormatter(logging.Formatter):
    """One event as a line for a person."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        message = " ".join(redact(record.getMessage()).split())
        return f"winnow: {record.levelname.lower()}: {message}"


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is when the event happens: the progress bar puts itself in its place."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """The base class sets it once; it is asked for each time."""


def _without_secrets(text: str) -> Iterator[str]:
    """The text in pieces, the values of secret parameters written over, also of an address that is itself a value."""
    at = 0
    for match in _NAME.finditer(text):
        if match.start() < at or not _is_secret(match[1]):
            continue
        value = _VALUE.match(text, match.end())
        if value and value[0]:
            yield text[at : match.end()] + HIDDEN
            at = value.end()
    yield text[at:]


def _is_secret(name: str) -> bool:
    name = _PUNCTUATION.sub("", name).lower()
    return name in _SECRET_NAMES or any(part in name for part in _SECRET_PARTS)


@contextmanager
def _handled(target: TextIO | None, formatter: logging.Formatter, level: int) -> Iterator[None]:
    handler = _Stderr() if target is None else logging.StreamHandler(target)
    handler.setFormatter(formatter)
    before = _LOG.level, _LOG.propagate
    _LOG.addHandler(handler)
    _LOG.setLevel(level)
    _LOG.propagate = False
    try:
        yield
    finally:
        _LOG.removeHandler(handler)
        _LOG.level, _LOG.propagate = before
        _COMMON.clear()


@contextmanager
def _true_stderr() -> Iterator[TextIO]:
    """Where stderr goes now, whatever is put in its place."""
    with open(os.dup(2), "w", encoding="ascii", errors="backslashreplace", buffering=1) as target:  # noqa: PTH123
        yield target


@contextmanager
def _wrapped(true: TextIO) -> Iterator[None]:
    """Make an event of whatever is written to stderr, here or in a child process; `true` is where it went before."""
    sys.stderr.flush()
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    wrapper = threading.Thread(target=_wrap, args=(reading,), name="winnow-stderr", daemon=True)
    wrapper.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(true.fileno(), 2)  # closes the pipe's end of this process; a child that lives on may hold another
        wrapper.join(2.0)


def _wrap(reading: int) -> None:
    with open(reading, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                event("output", line.rstrip("\n"), level=logging.WARNING)
