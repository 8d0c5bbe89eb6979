"""What a Delta log says about files: the schema in Delta's words, and the statistics of a Parquet file as JSON.

After the Delta transaction log protocol (https://github.com/delta-io/delta/blob/master/PROTOCOL.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

_PLAIN = {
    pa.string(): "string",
    pa.binary(): "binary",
    pa.int16(): "short",
    pa.int32(): "integer",
    pa.int64(): "long",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.bool_(): "boolean",
}
# Columns whose bounds let a reader leave files out. Addresses and texts have none: what is forgotten must not stay.
BOUNDED = frozenset(("id", "host", "published", "date", "month", "fetched", "language", "word_count", "kind", "reason"))
_ROUNDED = timedelta(milliseconds=1)


def delta_schema(schema: pa.Schema) -> dict[str, Any]:
    """An Arrow schema as Delta writes it; the meaning of a column is its comment."""
    return {"type": "struct", "fields": [_field(field) for field in schema]}


def file_stats(metadata: pq.FileMetaData) -> str:
    """Rows, bounds and numbers of nulls of a file, for an add action."""
    bounds = dict(_bounds(metadata))
    stats = {
        "numRecords": metadata.num_rows,
        "minValues": {name: _json(low, timedelta()) for name, (low, _, _) in bounds.items() if low is not None},
        "maxValues": {name: _json(high, _ROUNDED) for name, (_, high, _) in bounds.items() if high is not None},
        "nullCount": {name: nulls for name, (_, _, nulls) in bounds.items()},
    }
    return orjson.dumps(stats).decode()


def _field(field: pa.Field) -> dict[str, Any]:
    about = (field.metadata or {}).get(b"description")
    comment = {"comment": about.decode()} if about else {}
    return {"name": field.name, "type": _type(field.type), "nullable": True, "metadata": comment}


def _type(kind: pa.DataType) -> Any:
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_list(kind):
        return {"type": "array", "elementType": _type(kind.value_type), "containsNull": True}
    if pa.types.is_map(kind):
        key, item = _type(kind.key_type), _type(kind.item_type)
        return {"type": "map", "keyType": key, "valueType": item, "valueContainsNull": True}
    if pa.types.is_struct(kind):
        return delta_schema(pa.schema(list(kind)))
    return _PLAIN[kind]


def _bounds(metadata: pq.FileMetaData) -> Iterator[tuple[str, tuple[Any, Any, int]]]:
    """Each bounded column that is complete in all row groups, with least, largest (None: all null) and nulls."""
    names = {metadata.schema.column(index).path: index for index in range(metadata.num_columns)}
    for name in sorted(BOUNDED & set(names)):
        found = [metadata.row_group(group).column(names[name]).statistics for group in range(metadata.num_row_groups)]
        if all(stats is not None and stats.has_null_count for stats in found):
            known = [stats for stats in found if stats.has_min_max]
            if all(stats.has_min_max or not stats.num_values for stats in found):
                least = min((stats.min for stats in known), default=None)
                largest = max((stats.max for stats in known), default=None)
                yield name, (least, largest, sum(stats.null_count for stats in found))


def _json(value: Any, rounded: timedelta) -> Any:
    """A bound; moments are cut to milliseconds, upwards for the largest."""
    if not isinstance(value, datetime):
        return value
    whole = value.replace(microsecond=value.microsecond // 1000 * 1000)
    return (whole if whole == value else whole + rounded).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def partition_values(path: str) -> Mapping[str, str]:
    """What the folders of a path say, in the order of the path.

    >>> partition_values("articles/language=en/month=2024-01/a.parquet")
    {'language': 'en', 'month': '2024-01'}
    """
    from urllib.parse import unquote

    parts = (part.partition("=") for part in path.split("/")[1:-1])
    return {name: unquote(value) for name, _, value in parts}
