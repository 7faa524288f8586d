"""SQL lies in `.sql` files, each query named, explained and used; it writes its own area only."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.habits import named_queries, sources
from tests.habits.named_queries import NamedQuery
from unisono.core.tables import TABLES

SQL_IN_TEXT = re.compile(
    r"\bSELECT\b[\s\S]+?\bFROM\b|\bINSERT\s+INTO\b|\bUPDATE\s+\S+\s+(AS\s+\w+\s+|\w+\s+)?SET\b"
    r"|\bDELETE\s+FROM\b|\bTRUNCATE\s+\w|\bMERGE\s+INTO\b|\b(CREATE|ALTER|DROP)\s+(TABLE|INDEX)\b"
)
NAME = re.compile(r"^-- name: \w+[ \t]*$")
BARE_PARAMETER = re.compile(r"%\((\w+)\)[sbt](?!::)")
WRITE = re.compile(
    r"\bINSERT\s+INTO\s+([\w.]+)|\bDELETE\s+FROM\s+(?:ONLY\s+)?([\w.]+)"
    r"|(?<!\bDO )(?<!\bFOR )(?<!\bKEY )\bUPDATE\s+(?:ONLY\s+)?([\w.]+)|\bMERGE\s+INTO\s+([\w.]+)"
    r"|\bTRUNCATE\s+(?:TABLE\s+)?([\w.]+)"
)
TABLE = re.compile(r"\b([a-z_]+\.[a-z_]+)\b")
# The ledger of migrations lies outside of the schemas that migrations make.
OF_CORE = frozenset(("core", "public", "jobs"))


def test_python_holds_no_sql() -> None:
    found = [
        f"{sources.named(path)}:{line}: move this SQL to {path.with_suffix('.sql').name}: {text!r}"
        for path in sources.modules()
        for line, text in _texts(path)
        if SQL_IN_TEXT.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM orders.orders",
        "select".upper() + " 1,\n2\nFROM x",
        "INSERT INTO a (b)",
        "UPDATE inventory.claim AS k SET n = 1",
        "UPDATE {table} SET n = 1",
        "DELETE FROM a",
        "CREATE TABLE a",
    ],
)
def test_sql_in_a_text_is_recognised(text: str) -> None:
    assert SQL_IN_TEXT.search(text)


def test_sql_lies_beside_the_module_that_it_is_named_after() -> None:
    alone = [
        sources.named(path)
        for path in named_queries.sql_files()
        if not path.with_suffix(".py").exists()
    ]
    assert alone == []


def test_everything_in_a_sql_file_belongs_to_a_named_query() -> None:
    nameless = [
        sources.named(path)
        for path in named_queries.sql_files()
        if not NAME.match(path.read_text(encoding="utf-8").splitlines()[0])
    ]
    assert nameless == []


def test_no_two_queries_of_a_file_share_a_name() -> None:
    for path in named_queries.sql_files():
        names = [
            line.split()[-1]
            for line in path.read_text(encoding="utf-8").splitlines()
            if NAME.match(line)
        ]
        assert sorted(set(names)) == sorted(names), sources.named(path)


def test_every_query_is_explained_by_a_sentence() -> None:
    silent = [
        f"{query}: “{query.comment}”"
        for query in named_queries.all_queries()
        if not re.fullmatch(r"[A-Z“].*\w.*\.", query.comment)
    ]
    assert silent == []


def test_every_parameter_carries_its_cast() -> None:
    bare = [
        f"{query}: write {match[0]}::type"
        for query in named_queries.all_queries()
        for match in BARE_PARAMETER.finditer(query.bare)
    ]
    assert bare == []


def test_every_query_that_python_names_exists() -> None:
    known = {(query.module, query.name) for query in named_queries.all_queries()}
    missing = [
        str(use)
        for module in sources.modules()
        for use in named_queries.uses_of(module)
        if use.query not in known
    ]
    assert missing == []


def test_every_query_is_used() -> None:
    used = {use.query for module in sources.modules() for use in named_queries.uses_of(module)}
    unused = [
        str(query)
        for query in named_queries.all_queries()
        if (query.module, query.name) not in used
    ]
    assert unused == []


def test_an_area_writes_only_tables_of_its_own() -> None:
    strangers = [
        f"{query}: writes {table}"
        for query in named_queries.all_queries()
        for table in written_tables(query)
        if not _owns(sources.folder(query.module), table)
    ]
    assert strangers == []


def test_writes_are_recognised_in_every_form() -> None:
    query = NamedQuery(
        module=Path("x.py"),
        name="x",
        comment="",
        statement="WITH a AS (DELETE FROM a.b USING c), b AS (UPDATE ONLY d.e\nSET f = 'UPDATE g.')"
        " INSERT INTO\n i.j SELECT 1 FOR UPDATE ON CONFLICT DO UPDATE SET k = 1",
    )
    assert list(written_tables(query)) == ["a.b", "d.e", "i.j"]


def test_a_migration_makes_only_what_belongs_to_its_area() -> None:
    for path in sorted(sources.MIGRATIONS.glob("*.sql")):
        area = path.stem.split("_", 1)[1]
        text = "\n".join(
            line.split("--")[0] for line in path.read_text(encoding="utf-8").splitlines()
        )
        made = re.findall(
            r"CREATE (?:OR REPLACE )?(?:TABLE|SEQUENCE|FUNCTION|VIEW|INDEX [a-z_]+ ON) ([a-z_]+)\.",
            text,
        )
        assert made, path.name
        assert {*made, *re.findall(r"ALTER TABLE ([a-z_]+)\.", text)} == {area}, path.name


def test_stock_and_documents_are_not_joined_in_one_query() -> None:
    # On a sharded database they lie on different nodes: the application brings them together.
    joined = []
    for query in named_queries.all_queries():
        kinds = {TABLES[table] for table in TABLE.findall(query.bare) if table in TABLES}
        if {"sku", "document"} <= kinds:
            joined.append(str(query))
    assert joined == []


def test_every_table_that_a_query_names_is_listed() -> None:
    schemas = {table.split(".")[0] for table in TABLES}
    views = {
        view
        for path in sources.MIGRATIONS.glob("*.sql")
        for view in re.findall(r"CREATE VIEW ([a-z_]+\.[a-z_]+)", path.read_text(encoding="utf-8"))
    }
    unknown = [
        f"{query}: {table}"
        for query in named_queries.all_queries()
        for table in re.findall(
            r"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+([a-z_]+\.[a-z_]+)", query.bare
        )
        if table.split(".")[0] in schemas and table not in TABLES and table not in views
    ]
    assert unknown == []


def written_tables(query: NamedQuery) -> Iterator[str]:
    """Return the tables that a query writes."""
    for match in WRITE.finditer(query.bare):
        yield next(group for group in match.groups() if group)


def _owns(area: str, table: str) -> bool:
    schema = table.split(".", maxsplit=1)[0] if "." in table else "(no schema)"
    return schema == area or (area == "core" and schema in OF_CORE)


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Return every text of a module with its line; what is put into an f-string becomes a name."""
    parts = {
        id(part)
        for node in sources.nodes(path)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in sources.nodes(path):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "inserted"
                    for part in node.values
                ),
            )
        elif isinstance(node, ast.Constant) and id(node) not in parts:
            if isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node.value, bytes):
                yield node.lineno, node.value.decode(errors="replace")
