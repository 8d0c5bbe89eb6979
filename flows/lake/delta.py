"""Delta tables over the files of the lake: a log beside the data of each table, written from the ledger.

A commit makes the table what the ledger says: what it has too little is added, what it has too much is removed, in one
step, so a commit that is repeated after a crash changes nothing. The log's next file is created only where nobody else
was first; who was second looks again at what there is to do. The data stays where it is and is never copied.

The log is written and read here, after the Delta transaction log protocol, version 1 of readers and 2 of writers
(https://github.com/delta-io/delta/blob/master/PROTOCOL.md): libraries commit new files only, and try again behind a
commit that they lost against, which adds files twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

import orjson

from flows.errors import LakeError
from flows.lake.delta_schema import delta_schema, file_stats, partition_values
from flows.lake.files import create_whole
from flows.lake.ledger import LakeFile
from flows.lake.pieces import open_parquet
from flows.lake.place import Lake
from flows.lake.schema import SCHEMA_VERSION, TABLE_ABOUT, schema
from flows.lake.writer import PARTITIONED_BY
from flows.versions import winnow_version

APPLICATION = "newswinnow"
LOG = "_delta_log"
PROTOCOL = {"minReaderVersion": 1, "minWriterVersion": 2}
MOST_TRIES = 20
# Checkpoints are Parquet files inside the folder of the data, where a glob finds them. Without them 5,000 commits load
# in 2 s.
_CONFIGURATION = {"delta.checkpointInterval": "1000000000"}


@dataclass(slots=True)
class State:
    """What a log says: its last version (-1: no table), metadata, and the add action of each data file by its path.

    Paths are relative to the lake.
    """

    version: int = -1
    metadata: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)


def publish(lake: Lake, table: str, files: Mapping[str, LakeFile], *, rearranged: bool = False) -> int:
    """Make a Delta table hold exactly these files. How many were added or removed.

    `rearranged` says that the rows are the same as before, only in other files. Raises LakeError where somebody else
    keeps writing to the table, or made it what this program cannot write.
    """
    for _ in range(MOST_TRIES):
        state = read_state(lake, table)
        actions = list(_actions(lake, table, state, files, rearranged))
        if not actions:
            return 0
        try:
            create_whole(_log(lake, table) / _name(state.version + 1), _lines(actions))
        except FileExistsError:
            continue
        return sum("add" in action or "remove" in action for action in actions)
    raise LakeError(
        f"somebody else writes to the Delta table {lake.root / table} all the time; stop that and run again"
    )


def has_table(lake: Lake, table: str) -> bool:
    """Whether there is a Delta table."""
    return (_log(lake, table) / _name(0)).is_file()


def read_state(lake: Lake, table: str) -> State:
    """Read a table's log from its beginning. Raises LakeError where another program made it unreadable for this one."""
    state = State()
    for path in sorted(_log(lake, table).glob("*.json")):
        if path.name != _name(state.version + 1):
            raise _foreign(lake, table, f"{_name(state.version + 1)} is missing")
        for line in path.read_bytes().splitlines():
            _apply(lake, table, state, orjson.loads(line))
        state.version += 1
    return state


def _apply(lake: Lake, table: str, state: State, action: Mapping[str, Any]) -> None:
    if "add" in action:
        state.files[f"{table}/{unquote(action['add']['path'])}"] = action["add"]
    elif "remove" in action:
        state.files.pop(f"{table}/{unquote(action['remove']['path'])}", None)
    elif "metaData" in action:
        state.metadata = action["metaData"]
    elif "protocol" in action and any(action["protocol"].get(name, 99) > most for name, most in PROTOCOL.items()):
        raise _foreign(lake, table, "its protocol is newer")


def _actions(
    lake: Lake, table: str, state: State, files: Mapping[str, LakeFile], rearranged: bool
) -> Iterator[dict[str, Any]]:
    """What makes the table hold the files; nothing where it does."""
    now = int(time.time() * 1000)
    added = [_add(lake, file, now, rearranged) for path, file in files.items() if path not in state.files]
    removed = [_remove(add, now, rearranged) for path, add in state.files.items() if path not in files]
    described = _describe(table, state, now)
    if state.version < 0:
        yield {"protocol": PROTOCOL}
    if described:
        yield {"metaData": described}
    if not (added or removed or described):
        return
    yield {"txn": {"appId": APPLICATION, "version": state.version + 1, "lastUpdated": now}}
    yield from removed
    yield from added
    operation = {"timestamp": now, "operation": "WRITE", "engineInfo": f"{APPLICATION}/{winnow_version()}"}
    yield {"commitInfo": {**operation, "operationParameters": {"mode": "Append" if not removed else "Overwrite"}}}


def _describe(table: str, state: State, now: int) -> dict[str, Any]:
    """The metadata of a table where it is not what it should be, else nothing."""
    wanted = {
        "name": table,
        "description": TABLE_ABOUT[table],
        "format": {"provider": "parquet", "options": {}},
        "schemaString": orjson.dumps(delta_schema(schema(table))).decode(),
        "partitionColumns": list(PARTITIONED_BY) if table == "articles" else [],
        "configuration": {**_CONFIGURATION, f"{APPLICATION}.schema_version": str(SCHEMA_VERSION)},
    }
    if all(state.metadata.get(name) == value for name, value in wanted.items()):
        return {}
    kept = {"id": state.metadata.get("id", str(uuid4())), "createdTime": state.metadata.get("createdTime", now)}
    return {**kept, **wanted}


def _add(lake: Lake, file: LakeFile, now: int, rearranged: bool) -> dict[str, Any]:
    with open_parquet(lake, file.path) as parquet:
        stats = file_stats(parquet.metadata)
    return {
        "add": {
            "path": quote(file.path.partition("/")[2], safe="/="),
            "partitionValues": partition_values(file.path),
            "size": file.bytes,
            "modificationTime": now,
            "dataChange": not rearranged,
            "stats": stats,
        }
    }


def _remove(add: Mapping[str, Any], now: int, rearranged: bool) -> dict[str, Any]:
    return {
        "remove": {
            "path": add["path"],
            "deletionTimestamp": now,
            "dataChange": not rearranged,
            "extendedFileMetadata": True,
            "partitionValues": add["partitionValues"],
            "size": add["size"],
        }
    }


def _lines(actions: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(action) + b"\n" for action in actions)


def _log(lake: Lake, table: str) -> Path:
    return lake.root / table / LOG


def _name(version: int) -> str:
    return f"{version:020d}.json"


def _foreign(lake: Lake, table: str, why: str) -> LakeError:
    return LakeError(
        f"another program changed the Delta table {lake.root / table} ({why}); move its {LOG} away and run "
        f"winnow tables {lake.root} --table delta: the table is made anew from the ledger"
    )
