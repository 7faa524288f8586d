"""Levels: taken by conditional change, all or nothing; facts are never refused."""

import psycopg
import pytest

from tests.inventory.shelves import LILLE, LYON, apply, figures, stock, stocked, take
from tests.orders.shop import level
from unisono.core.database import Database
from unisono.inventory import levels


async def test_units_are_taken_where_enough_are_free_and_nowhere_else(database: Database) -> None:
    at = await stocked(database, {LYON: 5, LILLE: 2})
    taken = await take(database, {at["S-LYON"]: (3, 3), at["S-LILLE"]: (3, 3)})
    assert [((each.sku, each.location), each.free) for each in taken] == [(at["S-LYON"], 2)]
    assert await figures(database, "S-LYON") == (5, 0, 3, 0)
    assert await figures(database, "S-LILLE") == (2, 0, 0, 0)
    assert taken[0].version == (await level(database, "CUP", "S-LYON")).version


async def test_a_level_gives_all_that_is_asked_or_nothing(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    assert len(await take(database, {at["S-LYON"]: (5, 5)})) == 1
    before = await stock(database)
    assert await take(database, {at["S-LYON"]: (1, 1)}) == []
    assert await stock(database) == before


async def test_what_must_be_left_is_left(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    assert await take(database, {at["S-LYON"]: (4, 6)}) == []
    assert len(await take(database, {at["S-LYON"]: (4, 5)})) == 1
    assert await figures(database) == (5, 0, 4, 0)


async def test_where_nothing_was_ever_counted_nothing_can_be_taken(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    assert await take(database, {at["S-LILLE"]: (1, 1)}) == []
    held = await level(database, "CUP", "S-LILLE")
    assert (held.on_hand, held.free, held.version) == (0, 0, 0)


async def test_what_a_fact_takes_from_under_claims_becomes_the_shortfall(
    database: Database,
) -> None:
    at = await stocked(database, {LYON: 5})
    await take(database, {at["S-LYON"]: (3, 3)})
    [after] = await apply(database, at["S-LYON"], on_hand=-4)
    assert after.free == -2
    assert await figures(database) == (1, 0, 3, 2)
    await apply(database, at["S-LYON"], unavailable=1)
    assert await figures(database) == (1, 1, 3, 3)
    await apply(database, at["S-LYON"], committed=-1)
    assert await figures(database) == (1, 1, 2, 2)
    await apply(database, at["S-LYON"], on_hand=4)
    assert await figures(database) == (5, 1, 2, 0)


async def test_nothing_is_sold_twice_even_by_a_statement_without_a_guard(
    database: Database,
) -> None:
    await stocked(database, {LYON: 5})
    before = await stock(database)
    with pytest.raises(psycopg.errors.CheckViolation, match="nothing_is_sold_twice"):
        async with database.transaction() as db:
            await db.execute(b"UPDATE inventory.stock_level SET committed = 6")
    assert await stock(database) == before


async def test_a_lock_changes_nothing_and_passes_over_what_does_not_exist(
    database: Database,
) -> None:
    at = await stocked(database, {LYON: 5})
    before = await stock(database)
    async with database.transaction() as db:
        truth = await levels.touch(db, keys=[at["S-LILLE"], at["S-LYON"], at["S-LYON"]])
    assert list(truth) == [at["S-LYON"]]
    assert truth[at["S-LYON"]].on_hand == 5
    assert await stock(database) == before
    async with database.transaction() as db:
        truth = await levels.touch(db, keys=[at["S-LILLE"]], create=True)
    assert truth[at["S-LILLE"]].on_hand == 0
    assert truth[at["S-LILLE"]].version == 0


def test_levels_are_locked_in_one_order_each_once() -> None:
    assert levels.in_order([(2, 1), (1, 2), (1, 1), (2, 1)]) == ([1, 1, 2], [1, 2, 1])
