"""Rows of a list are locked in the order of the list, so that no two writers wait for each other.

PostgreSQL keeps that order only while it walks the list and looks each row up. Other plans (a hash
join, a scan of the table) lock in the order of the heap, and two writers deadlock.
"""

import asyncio
import random
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.habits import named_queries
from tests.habits.named_queries import NamedQuery
from unisono.core.database import Database
from unisono.core.queries import numbered
from unisono.inventory import levels
from unisono.inventory.levels import Change, Key, Take

# Every statement that changes listed rows of these is looked at, also those written later.
BY_LIST = re.compile(
    r"^\s*(?:UPDATE|DELETE)\b(?:(?!\bEXISTS\b)[\s\S])*\b(?:FROM|USING)\s+unnest\(", re.IGNORECASE
)
BY_ANY = re.compile(r"^\s*(?:UPDATE|DELETE)\b[\s\S]*= ANY\s*\(%", re.IGNORECASE)
# Rows found by ANY are locked in no order that one could rely on.
ANY_IS_SAFE = {
    "src/unisono/core/positions.sql: mark_stamped": "there is one stamper at a time",
}
INSERT_LIST = re.compile(r"^\s*INSERT\b[\s\S]*\bunnest\([\s\S]*\bON CONFLICT\b", re.IGNORECASE)
ROWS = 100_000

# Large tables as a busy installation has them, so that the planner is tempted.
FILLED = f"""
INSERT INTO inventory.stock_level (sku, location, on_hand)
SELECT n / 10, n % 10, 100 FROM generate_series(0, {ROWS - 1}) AS n;
INSERT INTO inventory.claim (sku, holder, n, location, kind, quantity)
SELECT n / 10, md5(n::text)::uuid, 1, n % 10, 'committed', 1
FROM generate_series(0, {ROWS - 1}) AS n;
INSERT INTO orders.orders (id, number, channel, reference, state, currency, delivery_option,
                           customer, goods_amount, delivery_amount, total_amount, placed_at)
SELECT md5(n::text)::uuid, n, 1, n::text, 'open', 'EUR', 'home_standard', '{{}}', 1, 0, 1, now()
FROM generate_series(0, {ROWS - 1}) AS n;
INSERT INTO orders.order_key (channel, reference, order_id, content_hash)
SELECT 1, n::text, md5(n::text)::uuid, ''
FROM generate_series(0, {ROWS - 1}) AS n;
ANALYZE inventory.stock_level, inventory.claim, orders.orders, orders.order_key;
"""

SAMPLES: dict[str, Callable[[int], str]] = {
    "bigint": str,
    "int": lambda _: "1",
    "uuid": lambda n: str(UUID(int=n)),
    "text": str,
    "bytea": lambda _: "",
    "timestamptz": lambda _: "2026-01-01T00:00:00Z",
    "bool": lambda _: "true",
    "float8": lambda _: "1.5",
    "jsonb": lambda _: "{}",
}


@pytest.fixture(scope="module")
def filled(server: str, template: str) -> Iterator[str]:
    """The URL of a database whose hot tables have 100,000 rows, analysed."""
    name = f"unisono_test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        url = psycopg.conninfo.make_conninfo(server, dbname=name)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FILLED.encode())
        yield url
        administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def changes_of_lists() -> list[NamedQuery]:
    """Return the statements that change rows by a list of keys."""
    return [query for query in named_queries.all_queries() if BY_LIST.match(query.bare)]


def test_the_statements_that_matter_most_are_looked_at() -> None:
    names = {
        f"{query.module.parent.name}.{query.module.stem}.{query.name}"
        for query in changes_of_lists()
    }
    assert names >= {
        "inventory.levels.take",
        "inventory.levels.apply",
        "inventory.levels.touch",
        "inventory.claims.shrink",
        "orders.changing.raise_versions",
        "orders.looks.delete_keys",
    }


def test_rows_of_a_list_are_changed_through_unnest() -> None:
    by_any = {str(query) for query in named_queries.all_queries() if BY_ANY.search(query.bare)}
    assert by_any == ANY_IS_SAFE.keys()


async def test_small_tables_are_changed_in_the_order_of_the_list(database: Database) -> None:
    assert await plans_out_of_order(database) == []


async def test_large_tables_are_changed_in_the_order_of_the_list(
    filled: str, database: Database
) -> None:
    large = Database(database.settings, url=filled)
    await large.open()
    try:
        assert await plans_out_of_order(large) == []
    finally:
        await large.close()


async def test_keys_are_taken_in_the_order_of_the_list(database: Database) -> None:
    async with database.transaction() as db:
        for query in named_queries.all_queries():
            if not INSERT_LIST.match(query.bare):
                continue
            for keys in (1, 400):
                nodes = {node["Node Type"] for node in flat(await plan(db.connection, query, keys))}
                # A sort by a column of the list itself would keep an order too; none is needed.
                assert nodes <= {
                    "ModifyTable",
                    "Function Scan",
                    "ProjectSet",
                    "Subquery Scan",
                    "Result",
                    "Nested Loop",
                    "Index Scan",
                }, str(query)


async def test_a_connection_without_the_settings_of_a_writer_would_lock_in_another_order(
    filled: str,
) -> None:
    # Proves that the two tests above can fail, and that the settings are what holds the order.
    async with await psycopg.AsyncConnection.connect(filled, autocommit=True) as plain:
        (take,) = [query for query in changes_of_lists() if str(query).endswith("levels.sql: take")]
        assert out_of_order(await plan(plain, take, 60_000), take) is not None


async def test_writers_of_overlapping_levels_never_wait_for_each_other(database: Database) -> None:
    seed = secrets.randbits(32)
    keys: list[Key] = [(sku, location) for sku in range(8) for location in range(5)]
    async with database.transaction() as db:
        await levels.touch(db, keys=keys, create=True)
        await levels.apply(db, changes={key: Change(on_hand=10**6) for key in keys})

    async def write(numbers: random.Random) -> int:
        taken = 0
        for _ in range(300):
            chosen = numbers.sample(keys, numbers.randint(2, 20))
            async with database.transaction() as db:
                if numbers.random() < 0.5:
                    await levels.apply(db, changes={key: Change(on_hand=1) for key in chosen})
                else:
                    takes = {key: Take(quantity=1, need=1) for key in chosen}
                    taken += len(await levels.take(db, takes=takes))
        return taken

    # Two writers and a lock timeout of half a second: any crossing of locks is an error here.
    taken = await asyncio.gather(*(write(random.Random(seed + n)) for n in range(2)))
    async with database.read() as db:
        held = await levels.of_skus(db, skus=range(8))
    assert sum(level.committed for level in held) == sum(taken), f"seed {seed}"


async def plans_out_of_order(database: Database) -> list[str]:
    """Return the statements that would lock rows in another order than that of their list."""
    wrong = []
    async with database.transaction() as db:
        for query in changes_of_lists():
            for keys in (1, 400):
                for found in (
                    await plan(db.connection, query, keys),
                    await generic_plan(db.connection, query, keys),
                ):
                    reason = out_of_order(found, query)
                    if reason is not None:
                        wrong.append(f"{query}, {keys} keys: {reason}")
    return wrong


def out_of_order(found: dict[str, Any], query: NamedQuery) -> str | None:
    """Return what is wrong with a plan; None when it walks the list and looks each row up."""
    target = found["Relation Name"]
    loop = found["Plans"][0]
    if loop["Node Type"] != "Nested Loop":
        return f"{loop['Node Type']} instead of a nested loop over the list"
    outer, inner = loop["Plans"][:2]
    lists = [node for node in flat(outer) if node["Node Type"] == "Function Scan"]
    sorts = [
        node
        for node in flat(outer)
        if node["Node Type"] not in ("Function Scan", "Nested Loop", "Index Scan")
    ]
    if not lists or sorts:
        return f"the outer side is {outer['Node Type']}, not the list"
    scans = [node for node in flat(loop) if node.get("Relation Name") == target]
    if [node["Node Type"] for node in scans] != ["Index Scan"]:
        return f"{inner['Node Type']} on {target} instead of an index scan"
    return None


async def plan(
    connection: psycopg.AsyncConnection[Any], query: NamedQuery, keys: int
) -> dict[str, Any]:
    """Return the plan of a statement whose parameters are known."""
    statement = re.sub(
        r"%\((\w+)\)s::([\w]+(?:\[\])?)", lambda m: _sample(m[2], keys), query.statement
    )
    cursor = await connection.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode())
    row = await cursor.fetchone()
    assert row is not None
    return dict(row[0][0]["Plan"])


async def generic_plan(
    connection: psycopg.AsyncConnection[Any], query: NamedQuery, keys: int
) -> dict[str, Any]:
    """Return the plan that a writer really uses: one for all values."""
    text, parameters = numbered(query.statement)
    await connection.execute(f"PREPARE looked_at AS {text}".encode())
    values = ", ".join(_sample(cast, keys) for _, cast in parameters)
    cursor = await connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at({values})".encode())
    row = await cursor.fetchone()
    await connection.execute("DEALLOCATE looked_at")
    assert row is not None
    return dict(row[0][0]["Plan"])


def _sample(cast: str, keys: int) -> str:
    """Return a constant of that type; of a list, so many elements."""
    sample = SAMPLES[cast.removesuffix("[]")]
    if not cast.endswith("[]"):
        return f"'{sample(1)}'::{cast}"
    return "'{" + ",".join(f'"{sample(n)}"' for n in range(1, keys + 1)) + "}'::" + cast


def flat(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a node of a plan and all those below it."""
    yield node
    for each in node.get("Plans", ()):
        yield from flat(each)
