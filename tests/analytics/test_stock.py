"""Stock in figures: read anew now and then by one asker, remembered for the others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from time_machine import travel

from tests.fulfillment.floor import captured
from tests.orders.shop import collected, count, open_shop, order
from unisono.analytics import stock
from unisono.analytics.stock import LocationStock, StockFigures
from unisono.core.database import Database, Db

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


async def seen(database: Database) -> StockFigures:
    async with database.read() as db:
        return await stock.figures(db)


async def test_figures_tell_what_lies_where_and_what_can_be_sold(database: Database) -> None:
    await open_shop(
        database, {("CUP", "S-LYON"): 3, ("CUP", "W-ORLEANS"): 4, ("LAMP", "S-LYON"): 1}
    )
    await captured(database, order("A-1", ("CUP", 2)))
    await captured(
        database,
        collected(
            "T-1", ("LAMP", 3), location="S-LYON", channel="till", delivery_option="in_store"
        ),
    )
    found = await seen(database)
    assert found.locations == (
        LocationStock(
            location="S-LYON",
            name="Store Lyon",
            on_hand=1,
            unavailable=0,
            reserved=0,
            committed=2,
            free_skus=1,
            oversold_levels=1,
        ),
        LocationStock(
            location="W-ORLEANS",
            name="Warehouse Orléans",
            on_hand=4,
            unavailable=0,
            reserved=0,
            committed=0,
            free_skus=1,
            oversold_levels=0,
        ),
    )
    assert (found.active_skus, found.sellable_skus, found.out_of_stock_skus) == (3, 1, 2)
    assert found.sellable_share == pytest.approx(1 / 3)
    assert (found.on_hand, found.committed, found.oversold_levels) == (5, 2, 1)
    assert found.age_seconds == 0


async def test_a_sku_that_is_retired_or_free_at_a_closed_place_only_is_not_counted(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3, ("LAMP", "W-ORLEANS"): 4})
    async with database.transaction() as db:
        await db.execute(b"UPDATE catalog.sku SET status = 'retired' WHERE code = 'CHAIR'")
        await db.execute(b"UPDATE network.location SET status = 'offline' WHERE code = 'S-LYON'")
        await db.execute(b"UPDATE core.revision SET number = number + 1")
    found = await seen(database)
    assert (found.active_skus, found.sellable_skus) == (2, 1)


async def test_without_skus_nothing_is_missing(database: Database) -> None:
    found = await seen(database)
    assert (found.sellable_share, found.out_of_stock_skus, found.locations) == (1.0, 0, ())


async def test_figures_are_remembered_and_tell_their_age(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    with travel(NOON, tick=False):
        first = await seen(database)
    await count(database, {("CUP", "S-LYON"): 8})
    with travel(NOON + timedelta(seconds=9), tick=False):
        assert await seen(database) == replace(first, age_seconds=9.0)
    with travel(NOON + timedelta(seconds=10), tick=False):
        again = await seen(database)
    assert (first.on_hand, again.on_hand) == (3, 8)
    assert (again.as_of, again.age_seconds) == (NOON + timedelta(seconds=10), 0.0)


async def test_while_one_reads_again_the_others_get_what_was_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    read = stock._read
    others: list[StockFigures] = []
    with travel(NOON, tick=False):
        await seen(database)
    await count(database, {("CUP", "S-LYON"): 8})

    async def read_with_company(db: Db) -> object:
        others.append(await seen(database))
        return await read(db)

    monkeypatch.setattr(stock, "_read", read_with_company)
    with travel(NOON + timedelta(minutes=1), tick=False):
        mine = await seen(database)
    assert [(each.on_hand, each.age_seconds) for each in others] == [(3, 60.0)]
    assert (mine.on_hand, mine.age_seconds) == (8, 0.0)


async def test_who_fails_to_read_leaves_it_to_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    with travel(NOON, tick=False):
        await seen(database)
    await count(database, {("CUP", "S-LYON"): 8})

    async def fail(db: Db) -> object:
        raise OSError("the connection is gone")

    with travel(NOON + timedelta(minutes=1), tick=False):
        with monkeypatch.context() as patch:
            patch.setattr(stock, "_read", fail)
            with pytest.raises(OSError, match="gone"):
                await seen(database)
        assert (await seen(database)).on_hand == 8
