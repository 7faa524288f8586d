"""Stock by codes, as other systems say it."""

import pytest

from tests.inventory.shelves import LILLE, LYON, stock, stocked
from tests.orders.shop import collected, order
from unisono.catalog.skus import UnknownSku
from unisono.core.database import Database
from unisono.core.errors import Fault, InvalidInput, VersionMismatch
from unisono.inventory import stock as stocks
from unisono.inventory.counts import UNITS_MAX
from unisono.inventory.stock import AdjustmentRow, CountRow, NewFigure
from unisono.network.locations import UnknownLocation
from unisono.orders.capture import capture


def pointers(faults: tuple[Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in faults]


async def test_rows_are_answered_in_the_order_in_which_they_came(database: Database) -> None:
    await stocked(database, {LYON: 5})
    rows = [
        CountRow(sku="LAMP", location="S-LILLE", on_hand=3),
        CountRow(sku="CUP", location="S-LYON", on_hand=5),
    ]
    async with database.transaction() as db:
        done = await stocks.count(db, rows=rows, author="Ana", source="stocktake")
    assert [(row.sku, row.location, row.outcome, row.on_hand) for row in done] == [
        ("LAMP", "S-LILLE", "applied", 3),
        ("CUP", "S-LYON", "unchanged", 5),
    ]


async def test_every_unknown_code_of_a_request_is_named(database: Database) -> None:
    await stocked(database, {LYON: 5})
    before = await stock(database)
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await stocks.count(
                db,
                rows=[
                    CountRow(sku="CUP", location="S-LYON", on_hand=3),
                    CountRow(sku="NOPE", location="NOWHERE", on_hand=3),
                ],
                author="Ana",
                source=None,
            )
    assert pointers(refused.value.faults) == [
        ("/items/1/sku", "unknown_sku"),
        ("/items/1/location", "unknown_location"),
    ]
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await stocks.adjust(
                db,
                rows=[AdjustmentRow(sku="NOPE", location="S-LYON", change=1)],
                author="Ana",
                source=None,
            )
    assert pointers(refused.value.faults) == [("/items/0/sku", "unknown_sku")]
    assert await stock(database) == before


async def test_a_fault_points_at_its_row_or_at_the_body_of_one_level(database: Database) -> None:
    await stocked(database, {LYON: 5})
    row = CountRow(sku="CUP", location="S-LYON", on_hand=3)
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await stocks.count(db, rows=[row, row], author="Ana", source=None)
    assert pointers(refused.value.faults) == [("/items/1", "counted_twice")]
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await stocks.adjust(
                db,
                rows=[AdjustmentRow(sku="CUP", location="S-LYON", change=UNITS_MAX)],
                author="Ana",
                source=None,
            )
    assert pointers(refused.value.faults) == [("/items/0/change", "too_many")]


async def test_one_level_is_set_only_in_the_version_that_was_read(database: Database) -> None:
    await stocked(database, {LYON: 5})
    async with database.read() as db:
        read = await stocks.level(db, sku="CUP", location="S-LYON")
    async with database.transaction() as db:
        after = await stocks.set_level(
            db,
            sku="CUP",
            location="S-LYON",
            figure=NewFigure(on_hand=9),
            version=read.version,
            author="Ana",
        )
    assert (after.on_hand, after.available, after.version) == (9, 9, read.version + 1)
    before = await stock(database)
    with pytest.raises(VersionMismatch):
        async with database.transaction() as db:
            await stocks.set_level(
                db,
                sku="CUP",
                location="S-LYON",
                figure=NewFigure(on_hand=1),
                version=read.version,
                author="Ana",
            )
    assert await stock(database) == before


async def test_one_level_is_corrected_only_in_the_version_that_was_read(
    database: Database,
) -> None:
    await stocked(database, {LYON: 5})

    async def correct(change: int, version: int | None) -> stocks.LevelView:
        async with database.transaction() as db:
            return await stocks.adjust_level(
                db,
                sku="CUP",
                location="S-LYON",
                change=change,
                reason="broken",
                version=version,
                author="Ana",
            )

    async with database.read() as db:
        seen = await stocks.level(db, sku="CUP", location="S-LYON")
    corrected = await correct(-2, seen.version)
    assert (corrected.on_hand, corrected.available) == (3, 3)
    before = await stock(database)
    with pytest.raises(VersionMismatch):
        await correct(-2, seen.version)
    assert await stock(database) == before
    assert (await correct(1, None)).on_hand == 4
    async with database.read() as db:
        ledger = await stocks.movements(db, sku="CUP", location="S-LYON", after=None, limit=2)
    assert [(row.on_hand_change, row.document, row.author) for row in ledger.rows] == [
        (1, "broken", "Ana"),
        (-2, "broken", "Ana"),
    ]


async def test_a_preview_tells_what_a_count_would_make_and_writes_nothing(
    database: Database,
) -> None:
    await stocked(database, {LYON: 5})
    await capture(database, [collected("A-1", ("CUP", 4), location="S-LYON")])
    before = await stock(database)
    for on_hand, available, shortfall in ((9, 5, 0), (4, 0, 0), (1, 0, 3), (-2, 0, 6)):
        async with database.read() as db:
            told = await stocks.preview(db, sku="CUP", location="S-LYON", on_hand=on_hand)
        assert (told.on_hand, told.available, told.shortfall) == (on_hand, available, shortfall)
    assert await stock(database) == before
    async with database.transaction() as db:
        made = await stocks.set_level(
            db,
            sku="CUP",
            location="S-LYON",
            figure=NewFigure(on_hand=1),
            version=None,
            author="Ana",
        )
    assert (made.available, made.shortfall) == (0, 3)
    async with database.read() as db:
        with pytest.raises(UnknownSku):
            await stocks.preview(db, sku="NOPE", location="S-LYON", on_hand=1)


async def test_what_is_below_zero_is_shown_as_nothing_available(database: Database) -> None:
    await stocked(database, {LYON: 2})
    await capture(database, [order("A-1", ("CUP", 2))])
    async with database.transaction() as db:
        [done] = await stocks.adjust(
            db,
            rows=[AdjustmentRow(sku="CUP", location="S-LYON", change=-3, reason="broken")],
            author="Ana",
            source="pos",
        )
    assert (done.on_hand, done.available) == (-1, 0)
    async with database.read() as db:
        held = await stocks.level(db, sku="CUP", location="S-LYON")
        page = await stocks.movements(db, sku="CUP", location="S-LYON", after=None, limit=1)
    assert (held.on_hand, held.committed, held.available, held.shortfall) == (-1, 2, 0, 3)
    [line] = page.rows
    assert (line.cause, line.on_hand_change, line.document, line.author, line.source) == (
        "adjustment",
        -3,
        "broken",
        "Ana",
        "pos",
    )
    assert page.after is not None


async def test_a_sku_is_shown_wherever_it_has_a_level(database: Database) -> None:
    await stocked(database, {LYON: 2, LILLE: 0})
    async with database.read() as db:
        shown = await stocks.everywhere(db, sku="CUP")
        nowhere = await stocks.everywhere(db, sku="LAMP")
        uncounted = await stocks.level(db, sku="CUP", location="W-ORLEANS")
    assert {each.location: each.on_hand for each in shown} == {"S-LYON": 2, "S-LILLE": 0}
    assert nowhere == []
    assert (uncounted.on_hand, uncounted.counted_as_of, uncounted.version) == (0, None, 0)


async def test_what_does_not_exist_has_no_level(database: Database) -> None:
    await stocked(database, {LYON: 2})
    async with database.read() as db:
        with pytest.raises(UnknownSku):
            await stocks.level(db, sku="NOPE", location="S-LYON")
        with pytest.raises(UnknownLocation):
            await stocks.level(db, sku="CUP", location="NOWHERE")
        with pytest.raises(UnknownSku):
            await stocks.everywhere(db, sku="NOPE")
