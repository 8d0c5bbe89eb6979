"""What stands beside the data for who finds it: the columns it had when it was written, and a Croissant description.

`_schema.json` is what new columns are held against: a lake takes columns that it did not have, and refuses to lose one
or to have its type changed. `croissant.json` says the same to people and to tools that read Croissant
(https://docs.mlcommons.org/croissant/docs/croissant-spec.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa

from flows.errors import LakeError
from flows.lake.files import write_whole
from flows.lake.place import Lake
from flows.lake.schema import SCHEMA_VERSION, TABLE_ABOUT, TABLES, schema
from flows.versions import winnow_version

_KINDS = {"string": "sc:Text", "int16": "sc:Integer", "int32": "sc:Integer", "int64": "sc:Integer"}
_KINDS |= {"float": "sc:Float", "double": "sc:Float", "bool": "sc:Boolean", "timestamp[us, tz=UTC]": "sc:DateTime"}


# The newest row of each address: when it was fetched decides, else when it was changed or published. Rows without an
# address are all kept. EXCLUDE is DuckDB's; elsewhere
# name the columns.
LATEST = """SELECT * EXCLUDE (newest) FROM (
    SELECT *, row_number() OVER (
        PARTITION BY coalesce(url, id) ORDER BY coalesce(fetched, modified, published) DESC NULLS LAST, id
    ) AS newest FROM articles
) WHERE newest = 1"""


def pattern(table: str) -> str:
    """The glob of a table's files, relative to the lake."""
    return f"{table}/*/*/*.parquet" if table == "articles" else f"{table}/*.parquet"


def columns() -> dict[str, dict[str, str]]:
    """Today's columns, a table each: name and Arrow type."""
    return {table: {column.name: str(column.type) for column in TABLES[table]} for table in TABLES}


def describe(lake: Lake) -> None:
    """Check that today's columns go together with the lake's, and write both descriptions where they are not there.

    Raises LakeError where a column went away or has another type, with what to do.
    """
    held = _held(lake)
    now = columns()
    check(held, now, str(lake.root))
    found = {"version": SCHEMA_VERSION, "winnow": winnow_version(), "tables": now}
    if held != now:
        write_whole(lake.root / "croissant.json", orjson.dumps(croissant(), option=orjson.OPT_INDENT_2))
        write_whole(lake.root / "_schema.json", orjson.dumps(found, option=orjson.OPT_INDENT_2))


def check(held: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]], output: str) -> None:
    """Raises LakeError where a column of `held` is not in `now`, or has another type."""
    wrong = [
        f"{table}.{name} is gone"
        if name not in now.get(table, {})
        else f"{table}.{name} was {kind}, is {now[table][name]}"
        for table, names in held.items()
        for name, kind in names.items()
        if now.get(table, {}).get(name) != kind
    ]
    if wrong:
        raise LakeError(
            f"{output} was written with other columns ({'; '.join(wrong[:5])}): rows of both would not go together. "
            "Use the version of Winnow that wrote it, or clean the dumps into a new lake: winnow ingest INPUT -o NEW"
        )


def markdown() -> str:
    """Every table with its columns, as Markdown."""
    parts = []
    for table, found in TABLES.items():
        rows = [f"| `{column.name}` | {_short(column.type)} | {column.about.replace('|', '/')} |" for column in found]
        head = [f"## {table}", "", TABLE_ABOUT[table], "", "| column | type | meaning |", "|---|---|---|"]
        parts.append("\n".join([*head, *rows, ""]))
    return "\n".join(parts)


def _short(kind: pa.DataType) -> str:
    """A type for people."""
    if pa.types.is_list(kind):
        return f"list of {_short(kind.value_type)}"
    if pa.types.is_map(kind):
        return f"map of {_short(kind.key_type)} to {_short(kind.item_type)}"
    if pa.types.is_struct(kind):
        return f"({', '.join(field.name for field in kind)})"
    return "timestamp in UTC" if pa.types.is_timestamp(kind) else str(kind)


def croissant() -> dict[str, Any]:
    """The Croissant description: one set of files and one record set a table; paths are relative to the file.

    Columns that are maps, and `layout`, are not in it.
    """
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "winnow-lake",
        "description": "News articles cleaned by Winnow, with an account of every block that was cut.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "https://schema.org/license",
        "url": "https://github.com/newswinnow/newswinnow",
        "version": f"{SCHEMA_VERSION}.0.0",
        "isLiveDataset": True,
        "distribution": [_file_set(table) for table in TABLES],
        "recordSet": [_record_set(table) for table in TABLES],
    }


def _file_set(table: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{table}-files",
        "name": f"{table}-files",
        "description": f"The files of {table}, relative to this description.",
        "encodingFormat": "application/x-parquet",
        "includes": pattern(table),
    }


def _record_set(table: str) -> dict[str, Any]:
    fields = [_field(table, found) for found in schema(table) if not _is_nested(found.type)]
    return {"@type": "cr:RecordSet", "@id": table, "name": table, "description": TABLE_ABOUT[table], "field": fields}


def _is_nested(kind: pa.DataType) -> bool:
    """Maps and lists of structs: Croissant has no words for them that its reader understands."""
    return bool(pa.types.is_map(kind) or (pa.types.is_list(kind) and pa.types.is_nested(kind.value_type)))


def _field(table: str, found: pa.Field) -> dict[str, Any]:
    inner = found.type.value_type if pa.types.is_list(found.type) else found.type
    described = {
        "@type": "cr:Field",
        "@id": f"{table}/{found.name}",
        "name": found.name,
        "description": found.metadata[b"description"].decode(),
        "dataType": _KINDS.get(str(inner), "sc:Text"),
        "source": {"fileSet": {"@id": f"{table}-files"}, "extract": {"column": found.name}},
    }
    return {**described, "repeated": True} if pa.types.is_list(found.type) else described


def _held(lake: Lake) -> dict[str, dict[str, str]]:
    path = lake.root / "_schema.json"
    try:
        found: dict[str, dict[str, str]] = orjson.loads(path.read_bytes())["tables"]
        return {table: dict(names) for table, names in found.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LakeError(f"{path} cannot be read ({error}); delete it, it is written anew") from error


_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
