"""Filters: an expression over the columns of an article, as in `word_count >= 50 and confidence > 0.6`.

The language is a part of Python's expressions: `and`, `or`, `not`, comparisons (chains too), `in`, `is None`,
`+ - * /`, numbers, strings, True, False, None, lists of them and the names of columns. Nothing can be called. What is
null compares as false with everything but None.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from flows.errors import ConfigError

Kind = Literal["number", "string", "bool", "list of strings", "null", "list of numbers"]
Row = Mapping[str, Any]
_Value = Callable[[Row], Any]
EXAMPLE = "word_count >= 50 and confidence > 0.6"
_HINT = f"Write conditions on columns of articles, as in {EXAMPLE!r}; `winnow schema articles` lists them"

_ORDERED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_EQUAL: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else None,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What an article must be. `parts` are what stands between the outermost `and`s: text and test."""

    parts: tuple[tuple[str, Callable[[Row], bool]], ...]

    def fails(self, article: Row) -> str | None:
        """The first part that the article does not satisfy, as written; None where it satisfies all."""
        return next((text for text, holds in self.parts if not holds(article)), None)


@lru_cache(maxsize=16)
def parse(text: str) -> Filter:
    """A filter from its text.

    Raises ConfigError that says what is wrong and what to write instead.

    >>> keep = parse("word_count >= 50 and 'short' not in flags")
    >>> keep.fails({"word_count": 80, "flags": ["short"]})
    "'short' not in flags"
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(text, "it is no expression") from error
    reader = _Reader(text)
    try:
        parts = tuple((ast.unparse(node), reader.condition(node)) for node in _conjuncts(tree))
    except RecursionError as error:
        raise _wrong(text, "it is nested too deep") from error
    return Filter(parts)


def condition(text: str, named: Mapping[str, Kind]) -> Callable[[Row], bool]:
    """A condition over other names than the columns of articles. Raises ConfigError as `parse` does.

    >>> condition("quarantine_rate > 0.05", {"quarantine_rate": "number"})({"quarantine_rate": 0.1})
    True
    """
    hint = f"It may name {', '.join(named)}"
    try:
        return _Reader(text, named, hint).condition(ast.parse(text.strip(), mode="eval").body)
    except ConfigError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(text, "it is no expression, or nested too deep", hint) from error


def columns() -> dict[str, Kind]:
    """The columns that a filter may name, with the kind of their values."""
    import pyarrow as pa

    from flows.lake.schema import schema

    kinds: dict[str, Kind] = {}
    for column in schema("articles"):
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            kinds[column.name] = "number"
        elif pa.types.is_string(column.type):
            kinds[column.name] = "string"
        elif pa.types.is_boolean(column.type):
            kinds[column.name] = "bool"
        elif column.type == pa.list_(pa.string()):
            kinds[column.name] = "list of strings"
    return kinds


def _conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    """What stands between the outermost `and`s."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _conjuncts(value)
    else:
        yield node


class _Reader:
    """Turns the nodes of an expression into functions of a row, and knows what kind of value each gives."""

    def __init__(self, text: str, named: Mapping[str, Kind] | None = None, hint: str = _HINT) -> None:
        self._text, self._hint = text, hint
        self._columns = columns() if named is None else named

    def condition(self, node: ast.expr) -> Callable[[Row], bool]:
        """What is true or false."""
        kind, value = self._read(node)
        if kind != "bool":
            raise self._error(f"{ast.unparse(node)!r} is a {kind}, not a condition: compare it with something")
        return lambda row: bool(value(row))

    def _read(self, node: ast.expr) -> tuple[Kind, _Value]:
        match node:
            case ast.BoolOp(op, values):
                return "bool", self._both_or_either(op, [self.condition(value) for value in values])
            case ast.UnaryOp(ast.Not(), operand):
                holds = self.condition(operand)
                return "bool", lambda row: not holds(row)
            case ast.UnaryOp(ast.USub(), operand):
                number = self._of_kind(operand, "number")
                return "number", lambda row: None if (found := number(row)) is None else -found
            case ast.BinOp(left, op, right) if type(op) in _ARITHMETIC:
                return "number", self._arithmetic(_ARITHMETIC[type(op)], left, right)
            case ast.Compare(left, ops, comparators):
                return "bool", self._chain(left, ops, comparators)
            case ast.Name(name):
                return self._column(name), lambda row: row[name]
            case ast.Constant(value):
                return self._constant(value), lambda row: value
            case ast.List(elements) | ast.Tuple(elements) | ast.Set(elements):
                return self._list(elements)
        raise self._error(f"{ast.unparse(node)!r} is not allowed: only columns, values, comparisons, and, or, not, in")

    def _both_or_either(self, op: ast.boolop, tests: list[Callable[[Row], bool]]) -> _Value:
        if isinstance(op, ast.And):
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)

    def _arithmetic(self, compute: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr) -> _Value:
        first, second = self._of_kind(left, "number"), self._of_kind(right, "number")

        def value(row: Row) -> Any:
            one, other = first(row), second(row)
            return None if one is None or other is None else compute(one, other)

        return value

    def _chain(self, left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr]) -> _Value:
        tests = []
        for op, right in zip(ops, comparators, strict=True):
            tests.append(self._comparison(left, op, right))
            left = right
        return lambda row: all(test(row) for test in tests)

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Callable[[Row], bool]:
        (kind, first), (other, second) = self._read(left), self._read(right)
        if isinstance(op, ast.Is | ast.IsNot):
            if other != "null":
                raise self._error("`is` and `is not` go with None only; write ==")
            absent = isinstance(op, ast.Is)
            return lambda row: (first(row) is None) == absent
        if isinstance(op, ast.In | ast.NotIn):
            return self._membership(kind, first, other, second, isinstance(op, ast.In))
        if "null" in (kind, other):
            raise self._error("write `is None` or `is not None`")
        if kind != other or kind.startswith("list"):
            raise self._error(f"{ast.unparse(left)!r} is a {kind} and {ast.unparse(right)!r} a {other}")
        if kind == "bool" and type(op) in _ORDERED:
            raise self._error(f"{ast.unparse(left)!r} is true or false and cannot be less or more")
        return _null_is_false((_ORDERED | _EQUAL)[type(op)], first, second)

    def _membership(self, kind: Kind, first: _Value, other: Kind, second: _Value, wanted: bool) -> _Value:
        fits = {"string": ("string", "list of strings"), "number": ("list of numbers",)}
        if other not in fits.get(kind, ()):
            raise self._error(f"a {kind} cannot be looked for in a {other}")
        return _null_is_false(lambda item, held: (item in held) == wanted, first, second)

    def _list(self, elements: list[ast.expr]) -> tuple[Kind, _Value]:
        found = [_literal(element) for element in elements]
        values = [element.value for element in found if element is not None]
        kinds = {self._constant(value) for value in values}
        if len(values) < len(elements) or kinds not in ({"string"}, {"number"}):
            raise self._error("a list holds only numbers or only strings")
        held = frozenset(values)
        return ("list of strings" if kinds == {"string"} else "list of numbers"), lambda row: held

    def _of_kind(self, node: ast.expr, wanted: Kind) -> _Value:
        kind, value = self._read(node)
        if kind != wanted:
            raise self._error(f"{ast.unparse(node)!r} is a {kind}; a {wanted} is needed")
        return value

    def _column(self, name: str) -> Kind:
        from flows.config import nearest

        if name not in self._columns:
            kind = _kind_of_column(name) if self._hint == _HINT else ""
            why = f"{name!r} is a {kind}, which has no comparisons" if kind else f"there is no {name!r}"
            time = "; for moments of time use date" if kind.startswith("timestamp") else ""
            raise self._error(why + (time if kind else nearest(name, self._columns)))
        return self._columns[name]

    def _constant(self, value: object) -> Kind:
        if isinstance(value, bool):
            return "bool"
        if isinstance(value, int) and abs(value) >= 1 << 63:
            raise self._error(f"{value} is too large")
        if isinstance(value, int | float):
            return "number"
        if isinstance(value, str):
            return "string"
        if value is None:
            return "null"
        raise self._error(f"{value!r} is neither a number nor a string")

    def _error(self, why: str) -> ConfigError:
        return _wrong(self._text, why, self._hint)


def _literal(node: ast.expr) -> ast.Constant | None:
    """A value as it stands in a list, negative numbers too; None for what is none."""
    match node:
        case ast.UnaryOp(ast.USub(), ast.Constant(value)) if isinstance(value, int | float):
            return ast.Constant(-value)
        case ast.Constant():
            return node
    return None


def _kind_of_column(name: str) -> str:
    """The type of a column of articles that has no kind here, nothing for what is no column.

    >>> _kind_of_column("published"), _kind_of_column("mood")
    ('timestamp', '')
    """
    from flows.lake.schema import schema

    fields = schema("articles")
    return str(fields.field(name).type).partition("[")[0].partition("<")[0] if name in fields.names else ""


def _null_is_false(compare: Callable[[Any, Any], bool], first: _Value, second: _Value) -> Callable[[Row], bool]:
    def holds(row: Row) -> bool:
        one, other = first(row), second(row)
        return one is not None and other is not None and compare(one, other)

    return holds


def _wrong(text: str, why: str, hint: str = _HINT) -> ConfigError:
    end = "" if why.endswith("?") else "."
    return ConfigError(f"the expression {text!r} cannot be used: {why}{end} {hint}")
