"""The audit finds a row that was broken by hand, whichever figure it is, and names it."""

import pytest

from tests.inventory.shelves import LILLE, LYON, movement, post, stocked
from tests.orders.shop import order
from unisono.core.database import Database
from unisono.inventory.audit import CHECKS, audit
from unisono.orders.capture import capture

BROKEN: list[tuple[str, str, tuple[int, int]]] = [
    (
        "on_hand is the sum of the movements",
        "UPDATE inventory.stock_level SET on_hand = on_hand + 1, shortfall = 0",
        (6, 5),
    ),
    (
        "unavailable is the sum of the movements",
        "UPDATE inventory.stock_level SET unavailable = 2",
        (2, 1),
    ),
    (
        "unavailable is the sum of its reasons",
        "UPDATE inventory.unavailable SET quantity = 3",
        (1, 3),
    ),
    (
        "committed is the sum of the claims",
        "UPDATE inventory.claim SET quantity = 1",
        (2, 1),
    ),
    (
        "shortfall is what is claimed beyond what is there",
        "UPDATE inventory.stock_level SET shortfall = 4",
        (4, 0),
    ),
]


async def shop(database: Database) -> None:
    """Lyon has five cups, one of which is not found and two of which are sold."""
    at = await stocked(database, {LYON: 5, LILLE: 7})
    await post(database, movement(at["S-LYON"], "not_found", 1, unavailable=1))
    await capture(database, [order("A-1", ("CUP", 2))])


async def test_a_sound_shop_has_no_faults(database: Database) -> None:
    await shop(database)
    async with database.read() as db:
        assert await audit(db) == []


@pytest.mark.parametrize(("check", "statement", "found"), BROKEN)
async def test_a_broken_figure_is_named_with_what_it_should_be(
    database: Database, check: str, statement: str, found: tuple[int, int]
) -> None:
    await shop(database)
    where = "sku = (SELECT id FROM catalog.sku WHERE code = 'CUP')"
    if "claim" not in statement:
        where += " AND location = (SELECT id FROM network.location WHERE code = 'S-LYON')"
    async with database.transaction() as db:
        await db.execute(f"{statement} WHERE {where}".encode())
    async with database.read() as db:
        faults = await audit(db)
    [fault] = [each for each in faults if each.check == check]
    assert (fault.sku, fault.location) == ("CUP", "S-LYON")
    assert (fault.figure, fault.recomputed) == found
    assert str(fault) == (
        f"CUP at S-LYON: {check}, but the figure is {found[0]} and the rows make {found[1]}"
    )
    assert {(each.sku, each.location) for each in faults} == {("CUP", "S-LYON")}


async def test_rows_whose_level_is_gone_are_named(database: Database) -> None:
    await shop(database)
    async with database.transaction() as db:
        await db.execute(b"DELETE FROM inventory.stock_level WHERE on_hand = 7")
    async with database.read() as db:
        [fault] = await audit(db)
    assert (fault.check, fault.sku, fault.location, fault.recomputed) == (
        "every level has its movements' SKU and location",
        "CUP",
        "S-LILLE",
        1,
    )


def test_every_check_is_broken_by_a_test() -> None:
    assert {check for check, _, _ in BROKEN} | {
        "every level has its movements' SKU and location"
    } == set(CHECKS)
