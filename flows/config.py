"""The options of a run: the one place of their names, defaults, meaning and limits.

The command line, the configuration file and the flow's parameters all hold the same names. A configuration file is
TOML: `winnow.toml`, or the table `[tool.winnow]` of a `pyproject.toml`.
"""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from flows.addresses import check_address, check_apart, check_place
from flows.errors import ConfigError
from flows.logs import LOG_FORMATS
from flows.profiles import PROFILES
from flows.storage.stores import check_options

REMOVED = ("full", "counts", "none")
DEDUP = ("off", "mark", "drop")
REDACTED = ("email", "phone", "ip")
TABLES = ("delta", "iceberg")
RUNNERS = ("local", "dask")
FIELD_NAMES = ("html", "text", "url", "title", "date", "language")


def option(
    default: Any, about: str, *, among: Iterable[str] = (), least: float | None = None, above: float | None = None
) -> Any:
    """A field of Options with its meaning beside it, and its limits: what it may be, `least`, more than `above`."""
    return field(default=default, metadata={"help": about, "among": tuple(among), "least": least, "above": above})


@dataclass(frozen=True, slots=True)
class Options:
    """What a run does. Paths are taken from the working directory; where Prefect starts runs, give absolute ones."""

    inputs: tuple[str, ...] = option((), "Files, folders or globs to read; also s3://bucket/folder/.")
    output: str = option("output", "Directory of the lake, or s3://bucket/folder.")
    workers: int = option(0, "Processes that clean at the same time; 0 is one a core.", least=0)
    format: str | None = option(None, "Read every dump as this format instead of recognising it.")
    limit: int | None = option(None, "Take only the first so many records.", least=1)
    removed: str = option("full", "What to keep of the cuts: every block, counts by kind, or nothing.", among=REMOVED)
    languages: tuple[str, ...] = option((), "Keep only these languages (en,fr); the others go to filtered/.")
    report: bool = option(True, "Leave a page that shows the run: figures, and documents with their cuts.")
    redact: tuple[str, ...] = option(
        (), "Replace personal data in articles: email, phone, ip; removed/ is not kept.", among=REDACTED
    )
    sites: bool = option(True, "Learn which lines the pages of a site repeat, and count that as evidence.")
    dedup: str = option(
        "mark", "Near duplicates: off, mark (list them in clusters/), drop (to filtered/ as well).", among=DEDUP
    )
    filter: str | None = option(
        None, "Keep only articles of which this holds: 'word_count >= 50 and confidence > 0.6'."
    )
    profile: str | None = option(
        None, "Ready-made settings: archive, search or training; what is given goes before.", among=PROFILES
    )
    table: tuple[str, ...] = option(
        (), "Publish the lake as tables as well: delta, iceberg; the lake remembers it.", among=TABLES
    )
    iceberg_catalog: str | None = option(None, "Catalog of pyiceberg's configuration; without it SQLite in the lake.")
    iceberg_namespace: str | None = option(None, "Namespace of the Iceberg tables; without it winnow.")
    runner: str = option(
        "local", "Where shards are cleaned: local (processes of this machine) or dask (a cluster).", among=RUNNERS
    )
    dask_address: str | None = option(None, "With runner dask: the scheduler, as tcp://HOST:8786.")
    storage: tuple[str, ...] = option((), "KEY=VALUE for s3://, gs:// and az://, as endpoint=URL or region=NAME.")
    wait: bool = option(False, "Wait while another run holds the lake, instead of leaving with exit code 3.")
    reprocess: bool = option(False, "Clean again what older rules or other options cleaned, and replace its rows.")
    retry: bool = option(False, "Clean again the shards that hold quarantined records, and replace them.")
    reasons: tuple[str, ...] = option((), "With retry: only records quarantined for these reasons.")
    fail_if: str | None = option(None, "Fail a run of which this holds, as in 'quarantine_rate > 0.05'; its rows stay.")
    metrics: str | None = option(None, "File that is given the lake's counters after each run, for Prometheus.")
    log_format: str = option(
        "text", "Write what happens to stderr as text (warnings only) or json (a line an event).", among=LOG_FORMATS
    )
    shard_mb: float = option(32.0, "Most bytes of a shard, in MB as stored.", above=0)
    cpu_seconds: float = option(10.0, "CPU seconds a document may take before it is tried again, alone.", above=0)
    memory_mb: int = option(1024, "Memory a worker may take, in MB.", least=128)
    grace_minutes: float = option(
        0.0, "Minutes that replaced files stay, for readers that hold a list of files.", least=0
    )
    max_record_mb: int = option(50, "Longest record, in MB.", least=1)
    max_ratio: float = option(
        500.0, "Unpacked bytes for each packed byte above which compressed data is a bomb.", above=0
    )
    max_unpacked_gb: float = option(64.0, "Most unpacked GB of one compressed file or archive member.", above=0)
    max_depth: int = option(3, "Layers of compression and archives that may lie around a record.", least=0)
    field_html: str | None = option(None, "Field (column) of rows that holds HTML.")
    field_text: str | None = option(None, "Field of rows that holds plain text.")
    field_url: str | None = option(None, "Field of rows that holds the address.")
    field_title: str | None = option(None, "Field of rows that holds the title.")
    field_date: str | None = option(None, "Field of rows that holds the date.")
    field_language: str | None = option(None, "Field of rows that holds the language.")
    cleaner: str = option("cleaners.recipe:explain_record", "Function that cleans a record, as module:name.")

    # Prefect checks the parameters of a run by these two, through pydantic; its form shows the descriptions.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> dict[str, Any]:
        schema: dict[str, Any] = handler.resolve_ref_schema(handler(core))
        for entry in fields(cls):
            form = schema["properties"][entry.name]
            form["description"] = entry.metadata["help"]
            _limited(form.get("items") or form.get("anyOf", [form])[0], entry.metadata)
        return {**schema, "additionalProperties": False}

    def __post_init__(self) -> None:
        """Raises ConfigError for a value that means nothing."""
        check_options(self.storage)
        for entry in fields(self):
            _check(entry.name, getattr(self, entry.name), entry.metadata)
        for address in (*self.inputs, self.output, self.dask_address or "", self.metrics or ""):
            check_address(address)
        for place in (*self.inputs, self.output):
            check_place(place)
        check_apart(self.inputs, self.output)
        check_languages(self.languages)
        if (self.runner == "dask") != bool(self.dask_address):
            raise ConfigError(
                "runner dask and dask_address belong together: --runner dask --dask-address tcp://HOST:8786"
            )
        check_text(self)
        module, _, name = self.cleaner.partition(":")
        if not (module and name.isidentifier()):
            raise ConfigError(f"cleaner must be written module:function, not {self.cleaner!r}")

    @property
    def processes(self) -> int:
        """How many worker processes to run."""
        return self.workers or _cores()

    @property
    def cuts(self) -> str:
        """What of the cuts is kept: where text is redacted no more than counts, for they hold what was replaced."""
        return "counts" if self.redact and self.removed == "full" else self.removed

    def recipe(self) -> dict[str, Any]:
        """The options that change what is written; two runs that agree in them write the same bytes."""
        names = ("format", "removed", "languages", "filter", "cpu_seconds", "memory_mb", "max_record_mb", "cleaner")
        unpacking = ("max_ratio", "max_unpacked_gb", "max_depth")
        fields_named = tuple(f"field_{name}" for name in FIELD_NAMES)
        chosen = {name: getattr(self, name) for name in (*names, *unpacking, *fields_named)}
        chosen |= {"removed": self.cuts, "redact": sorted(self.redact) or None}
        return {**chosen, "sites": self.sites, "dedup": self.dedup if self.dedup == "drop" else None}


def about(name: str) -> str:
    """What an option means.

    >>> about("limit")
    'Take only the first so many records.'
    """
    return str(next(entry.metadata["help"] for entry in fields(Options) if entry.name == name))


def load(file: Path | None, given: Mapping[str, Any]) -> Options:
    """Options from a configuration file, overruled by those given by hand (None: not given).

    Without `file`, `winnow.toml` and then the `pyproject.toml` of the working directory are looked at. Raises
    ConfigError for a file that cannot be read, a wrong key (names the nearest right one) and a wrong value.
    """
    settings = file_settings(file)
    settings.update((name, value) for name, value in given.items() if value is not None)
    return replace(Options(), **{**_of_profile(settings), **settings})


def file_settings(file: Path | None) -> dict[str, Any]:
    """The options that the configuration file sets: `file`, else that of the working directory, if there is one."""
    return read_file(file) if file else _found()


def read_file(file: Path) -> dict[str, Any]:
    """The options that a TOML file sets, checked."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration file {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no TOML: {error}") from error
    if file.name == "pyproject.toml":
        content = _table(_table(content, "tool", file), "winnow", file)
    return {name.replace("-", "_"): _value(name, value, file) for name, value in content.items()}


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean X?` where a known name is near, else the list of them.

    >>> nearest("worker", ["workers", "limit"])
    '; did you mean workers?'
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def check_languages(codes: tuple[str, ...]) -> None:
    """Raises ConfigError for what is no code of a language that texts may be found to be in."""
    if not codes:
        return
    import pycld2

    from cleaners.language.languages import LANGUAGES, iso639_1

    known = {*LANGUAGES, "und", *(iso639_1(code) for _, code in pycld2.LANGUAGES)}
    for code in codes:
        if code not in known:
            meant = iso639_1(code) if iso639_1(code) in known else ""
            hint = f"did you mean {meant}?" if meant else "`winnow kinds --languages` lists them"
            raise ConfigError(f"languages are named by two letters, as en and fr; there is no {code!r}: {hint}")


def check_text(options: Options) -> None:
    """Raises ConfigError where the filter or fail_if cannot be used, or libraries to redact are missing."""
    if options.redact and not (find_spec("phonenumbers") and find_spec("linkify_it")):
        raise ConfigError("to redact personal data two libraries are needed: pip install 'newswinnow[pii]'")
    if options.filter is not None:
        from flows.filters import parse

        parse(options.filter)
    if options.fail_if is not None:
        from flows.alerts import check

        check(options.fail_if)


def _of_profile(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the profile sets, an empty mapping where none (or no known one) is named."""
    return PROFILES.get(settings.get("profile") or "", {})


def _found() -> dict[str, Any]:
    for name in ("winnow.toml", "pyproject.toml"):
        if Path(name).is_file():
            return read_file(Path(name))
    return {}


def _table(content: Mapping[str, Any], name: str, file: Path) -> dict[str, Any]:
    """A table of a TOML file, empty where it has none."""
    found: object = content.get(name, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{file}: {name} must be a table, not {found!r}")
    return found


def _value(name: str, value: Any, file: Path) -> Any:
    kinds = {entry.name: entry.type for entry in fields(Options)}
    name_known = name.replace("-", "_")
    if name_known not in kinds:
        raise ConfigError(f"{file}: there is no option {name!r}{nearest(name_known, kinds)}")
    kind = str(kinds[name_known])
    if kind.startswith("tuple"):
        items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
    elif isinstance(value, _PLAIN[kind.removesuffix(" | None")]) and (kind == "bool") == isinstance(value, bool):
        return value
    raise ConfigError(f"{file}: {name} must be {_WORDS.get(kind, kind)}, not {value!r}")


def _cores() -> int:
    """Cores that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check(name: str, value: Any, limits: Mapping[str, Any]) -> None:
    """Raises ConfigError where a value is outside of its option's limits; None and no items are always inside."""
    among, least, above = limits["among"], limits["least"], limits["above"]
    for one in value if isinstance(value, tuple) else (value,):
        if one is None:
            continue
        if among and one not in among:
            near = difflib.get_close_matches(str(one), among, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{name} must be one of {', '.join(among)}, not {one!r}{hint}")
        if isinstance(one, int) and one >= 1 << 63:
            raise ConfigError(f"{name} is too large: {one}")
        if isinstance(one, float) and not math.isfinite(one):
            raise ConfigError(f"{name} must be a finite number, not {one}")
        if least is not None and one < least:
            raise ConfigError(f"{name} must be at least {least}, not {one}")
        if above is not None and one <= above:
            raise ConfigError(f"{name} must be more than {above}, not {one}")


def _limited(form: dict[str, Any], limits: Mapping[str, Any]) -> None:
    """Put an option's limits into its JSON schema, by which Prefect's server refuses a run before it is made."""
    named = {"enum": list(limits["among"]) or None, "minimum": limits["least"], "exclusiveMinimum": limits["above"]}
    form.update((key, value) for key, value in named.items() if value is not None)


_PLAIN: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
}
_WORDS = {
    "tuple[str, ...]": "a list of strings",
    "int": "a whole number",
    "int | None": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a string",
    "str | None": "a string",
}
