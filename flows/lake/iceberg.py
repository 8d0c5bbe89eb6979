"""Iceberg tables over the files of the lake: pyiceberg registers them in a catalog, from the ledger.

As with Delta a commit makes the table what the ledger says, in one snapshot, and a commit that is repeated changes
nothing. Commits are not tried again behind the back: where somebody else was first, what there is to do is looked at
anew. Iceberg names files by their full addresses: a lake that is moved needs its tables made anew.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flows.errors import ConfigError, LakeError
from flows.lake.delta_schema import BOUNDED
from flows.lake.files import make_folder
from flows.lake.ledger import LakeFile
from flows.lake.place import Lake
from flows.lake.schema import SCHEMA_VERSION, TABLE_ABOUT, schema
from flows.lake.writer import PARTITIONED_BY
from flows.storage import remote
from flows.versions import fingerprint

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table, Transaction

FOLDER = "_iceberg"
MOST_TRIES = 20
_HELD = "newswinnow.files"
_COLUMNS = "newswinnow.columns"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the tables are registered: a catalog of pyiceberg's configuration (None: a SQLite one in the lake)."""

    catalog: str | None = None
    namespace: str = "winnow"


def check(lake: Lake, target: Target) -> None:
    """Raises ConfigError where pyiceberg is missing, or the catalog cannot be."""
    try:
        import_module("pyiceberg.catalog.sql" if target.catalog is None else "pyiceberg.catalog")
    except ImportError as error:
        raise ConfigError("Iceberg tables need one package more: pip install 'newswinnow[iceberg]'") from error
    if target.catalog is None and remote(lake.root) is not None:
        raise ConfigError(
            f"{lake.root} lies in an object store, where SQLite can keep no catalog: name one of your own with "
            "--iceberg-catalog (pyiceberg finds it in ~/.pyiceberg.yaml or PYICEBERG_CATALOG__NAME__URI)"
        )
    if target.catalog is not None:
        _configured(target.catalog).close()


def publish(lake: Lake, table: str, files: Mapping[str, LakeFile], target: Target) -> int:
    """Make an Iceberg table hold exactly these files. How many were added or removed.

    Raises LakeError where somebody else keeps writing to the table.
    """
    from pyiceberg.exceptions import CommitFailedException

    wanted = {_address(lake, path): file for path, file in files.items()}
    with _catalog(lake, target) as catalog, _quiet():
        for _ in range(MOST_TRIES):
            try:
                return _bring_up(_table(catalog, table, target), table, wanted)
            except CommitFailedException:
                continue
    raise LakeError(f"somebody else writes to the Iceberg table {target.namespace}.{table} all the time; stop that")


def _bring_up(found: Table, table: str, wanted: Mapping[str, LakeFile]) -> int:
    held = _digest(wanted)
    snapshot = found.current_snapshot()
    described = found.properties.get(_COLUMNS) == _columns(table)
    if described and snapshot is not None and snapshot.summary is not None and snapshot.summary.get(_HELD) == held:
        return 0
    present = {task.file.file_path: task.file for task in found.scan().plan_files()}
    added = [address for address in wanted if address not in present]
    removed = [file for address, file in present.items() if address not in wanted]
    transaction = found.transaction()
    if not described:
        with transaction.update_schema() as update:
            update.union_by_name(_documented(schema(table)))
        transaction.set_properties({_COLUMNS: _columns(table)})
    if added or removed:
        _change(found, transaction, added, removed, held)
    if added or removed or not described:
        transaction.commit_transaction()
    return len(added) + len(removed)


def _change(found: Table, transaction: Transaction, added: list[str], removed: Iterable[Any], held: str) -> None:
    """One snapshot that takes files out and brings others in."""
    from pyiceberg.io.pyarrow import parquet_files_to_data_files

    new = list(parquet_files_to_data_files(found.io, transaction.table_metadata, iter(added)))
    update = transaction.update_snapshot(snapshot_properties={_HELD: held})
    removed = list(removed)
    with update.overwrite() if removed else update.fast_append() as snapshot:
        for file in removed:
            snapshot.delete_data_file(file)
        for file in new:
            snapshot.append_data_file(file)


@contextmanager
def _catalog(lake: Lake, target: Target) -> Iterator[Catalog]:
    from pyiceberg.catalog import load_catalog

    if target.catalog is None:
        folder = lake.root / FOLDER
        make_folder(folder)
        found = load_catalog("winnow", type="sql", uri=f"sqlite:///{folder}/catalog.db", warehouse=folder.as_uri())
    else:
        found = _configured(target.catalog)
    try:
        yield found
    finally:
        found.close()


def _configured(name: str) -> Catalog:
    """A catalog of pyiceberg's configuration. Raises ConfigError where it has none of that name."""
    from pyiceberg.catalog import load_catalog
    from pyiceberg.exceptions import NoSuchPropertyException

    try:
        return load_catalog(name)
    except (ValueError, NoSuchPropertyException) as error:
        raise ConfigError(
            f"pyiceberg has no usable catalog {name!r} ({error}); describe it in ~/.pyiceberg.yaml or as "
            f"PYICEBERG_CATALOG__{name.upper()}__URI"
        ) from error


def _table(catalog: Catalog, table: str, target: Target) -> Table:
    """The table, made where it is not there yet."""
    from pyiceberg.exceptions import NoSuchTableError
    from pyiceberg.table import TableProperties

    name = (target.namespace, table)
    try:
        return catalog.load_table(name)
    except NoSuchTableError:
        catalog.create_namespace_if_not_exists(target.namespace)
    bounds = {f"write.metadata.metrics.column.{column}": "full" for column in (*BOUNDED, *PARTITIONED_BY)}
    properties = {
        "comment": TABLE_ABOUT[table],
        _COLUMNS: _columns(table),
        TableProperties.COMMIT_NUM_RETRIES: "0",
        "write.metadata.metrics.default": "none",
        "write.metadata.delete-after-commit.enabled": "true",
        "write.metadata.previous-versions-max": "20",
        **{key: mode for key, mode in bounds.items() if key.rpartition(".")[2] in schema(table).names},
    }
    with catalog.create_table_transaction(name, _documented(schema(table)), properties=properties) as transaction:
        if table == "articles":
            with transaction.update_spec() as spec:
                for column in PARTITIONED_BY:
                    spec.add_identity(column)
        mapping = transaction.table_metadata.schema().name_mapping.model_dump_json()
        transaction.set_properties({TableProperties.DEFAULT_NAME_MAPPING: mapping})
    return catalog.load_table(name)


def _documented(found: pa.Schema) -> pa.Schema:
    """The schema with the meaning of each column where pyiceberg looks for it."""
    fields = [field.with_metadata({"doc": (field.metadata or {}).get(b"description", b"")}) for field in found]
    return pa.schema(fields)


def _columns(table: str) -> str:
    """What stands for today's columns."""
    return f"{SCHEMA_VERSION}-{fingerprint([[field.name, str(field.type)] for field in schema(table)])}"


def _address(lake: Lake, path: str) -> str:
    """How Iceberg names a file: local ones as file:// without escapes, as pyiceberg opens them."""
    place = lake.root / path
    return str(place) if remote(lake.root) is not None else f"file://{place.absolute()}"


def _digest(wanted: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(wanted)).encode()).hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """pyiceberg warns of each column without statistics, of each file."""
    logger = logging.getLogger("pyiceberg.io.pyarrow")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
