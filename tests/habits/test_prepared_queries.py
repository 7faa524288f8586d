"""Every query is understood by the migrated schema, and its columns are the fields of its rows."""

import ast
import dataclasses
import importlib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg.pq import ExecStatus

from tests.habits import named_queries, sources
from tests.habits.named_queries import NamedQuery
from unisono.core.queries import numbered

# What cannot be prepared: DDL that names what it makes itself, run once and by migrations only.
NOT_PREPARED = {
    "src/unisono/core/migrate.sql: enter_jobs_schema": "two statements; the schema is made by it",
    "src/unisono/core/migrate.sql: create_ledger": "DDL",
    "src/unisono/core/migrate.sql: tune_jobs": "DDL",
}

# Columns that may be null in the schema, and are not in the rows that a query returns.
NEVER_NULL = {
    ("_Remembered", "status"): "a key is committed together with its answer, or not at all",
    ("_Remembered", "headers"): "the same",
    ("_Remembered", "response"): "the same",
}

SCALARS: Mapping[str, type] = {
    "int2": int,
    "int4": int,
    "int8": int,
    "float8": float,
    "numeric": Decimal,
    "text": str,
    "bool": bool,
    "uuid": UUID,
    "bytea": bytes,
    "timestamptz": datetime,
    "date": date,
    "time": time,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that a query returns; ``nullable`` when the catalog says so of a table's column."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOf:
    """A place where rows of a query become objects: ``db.rows(kind, query, ...)``."""

    module: Path
    line: int
    kind: str
    query: tuple[Path, str]

    def __str__(self) -> str:
        return f"{sources.named(self.module)}:{self.line}"


@pytest.fixture(scope="module")
def connection(schema_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(schema_url, autocommit=True) as connection:
        yield connection


def test_every_query_is_understood_by_the_migrated_schema(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    refused = []
    for query in named_queries.all_queries():
        if str(query) in NOT_PREPARED:
            continue
        prepared = connection.pgconn.prepare(b"", numbered(query.statement)[0].encode())
        if prepared.status != ExecStatus.COMMAND_OK:
            refused.append(f"{query}: {prepared.error_message.decode()}")
    assert refused == []


def test_what_is_not_prepared_is_there() -> None:
    assert NOT_PREPARED.keys() <= {str(query) for query in named_queries.all_queries()}


def test_the_columns_of_a_query_are_the_fields_of_its_rows(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    by_name = {(query.module, query.name): query for query in named_queries.all_queries()}
    places = [place for module in sources.modules() for place in rows_of(module)]
    assert len(places) > 20
    faults = []
    for place in places:
        kind = _class(place)
        if kind is None:
            faults.append(f"{place}: {place.kind} is no class of that module: name it there")
            continue
        columns = described(connection, by_name[place.query])
        faults += [f"{place}: {fault}" for fault in disagreements(kind, columns)]
    assert faults == []


def test_a_wrong_row_class_is_found_out() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Row:
        id: int
        name: str
        tags: tuple[str, ...]
        gone: bool
        note: str | None

    columns = [
        Column(name="id", type="text", nullable=False),
        Column(name="name", type="text", nullable=True),
        Column(name="tags", type="_text", nullable=False),
        Column(name="note", type="text", nullable=True),
        Column(name="extra", type="int4", nullable=False),
    ]
    assert list(disagreements(Row, columns)) == [
        "Row has gone, the query has not",
        "the query has extra, Row has not",
        "id is text in the query and <class 'int'> in Row",
        "name may be null, Row says that it is not",
        "tags is _text in the query and tuple[str, ...] in Row",
    ]


def rows_of(module: Path) -> Iterator[RowsOf]:
    """Return the places of a module where rows of a named query become objects."""
    uses = {(use.line, use.query[1]): use.query for use in named_queries.uses_of(module)}
    for node in sources.nodes(module):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("rows", "row")
            and len(node.args) >= 2
            and isinstance(node.args[1], ast.Attribute)
        ):
            continue
        query = uses.get((node.args[1].lineno, node.args[1].attr))
        if query is not None:
            kind = ast.unparse(node.args[0])
            yield RowsOf(module=module, line=node.lineno, kind=kind, query=query)


def described(
    connection: psycopg.Connection[tuple[object, ...]], query: NamedQuery
) -> list[Column]:
    """Return the columns that a query returns, as the server sees them."""
    connection.pgconn.prepare(b"", numbered(query.statement)[0].encode())
    told = connection.pgconn.describe_prepared(b"")
    columns = []
    for at in range(told.nfields):
        row = connection.execute(
            "SELECT typname, EXISTS (SELECT FROM pg_attribute AS a"
            " JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')"
            " WHERE a.attrelid = %s AND a.attnum = %s AND NOT a.attnotnull)"
            " FROM pg_type WHERE oid = %s",
            (told.ftable(at), told.ftablecol(at), told.ftype(at)),
        ).fetchone()
        assert row is not None
        name = told.fname(at) or b""
        columns.append(Column(name=name.decode(), type=str(row[0]), nullable=bool(row[1])))
    return columns


def disagreements(kind: type, columns: Sequence[Column]) -> Iterator[str]:
    """Return where a class and the columns of a query say different things."""
    hints = typing.get_type_hints(kind)
    fields = _fields(kind)
    names = [column.name for column in columns]
    for missing in sorted(set(fields) - set(names)):
        yield f"{kind.__name__} has {missing}, the query has not"
    for extra in sorted(set(names) - set(fields)):
        yield f"the query has {extra}, {kind.__name__} has not"
    for column in columns:
        if column.name not in fields:
            continue
        hint, optional = _without_none(hints[column.name])
        if not fits(column.type, hint) and not _converts(kind, column.name):
            yield f"{column.name} is {column.type} in the query and {hint} in {kind.__name__}"
        if column.nullable and not optional and (kind.__name__, column.name) not in NEVER_NULL:
            yield f"{column.name} may be null, {kind.__name__} says that it is not"


def fits(column: str, hint: object) -> bool:
    """Return whether what psycopg makes of a column is what the annotation says."""
    if typing.get_origin(hint) is typing.Literal:
        hint = type(typing.get_args(hint)[0])
    if column in ("json", "jsonb"):
        return hint is typing.Any or typing.get_origin(hint) in (dict, list)
    if column.startswith("_"):
        inner = typing.get_args(hint)
        ordered = typing.get_origin(hint) in (list, Sequence)
        return ordered and len(inner) == 1 and fits(column[1:], _without_none(inner[0])[0])
    return SCALARS.get(column) is hint


def _converts(kind: type, name: str) -> bool:
    """Return whether a class brings a field into its form by itself, and so names it there."""
    after = getattr(kind, "__post_init__", None)
    return after is not None and name in after.__code__.co_consts


def _fields(kind: type) -> list[str]:
    if issubclass(kind, msgspec.Struct):
        return list(kind.__struct_fields__)
    assert dataclasses.is_dataclass(kind), f"{kind.__name__} is neither dataclass nor struct"
    return [field.name for field in dataclasses.fields(kind)]


def _without_none(hint: object) -> tuple[object, bool]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [each for each in typing.get_args(hint) if each is not types.NoneType]
        return (rest[0], True) if len(rest) == 1 else (hint, True)
    return hint, False


def _class(place: RowsOf) -> type | None:
    path = place.module.relative_to(sources.SOURCE.parent).with_suffix("")
    module = importlib.import_module(".".join(path.parts))
    found: object = module
    for part in place.kind.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None
