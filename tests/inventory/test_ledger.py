"""The ledger: append-only, one line for every physical change, never against a count."""

from uuid import UUID

import psycopg
import pytest

from tests.inventory.shelves import (
    LILLE,
    LYON,
    ago,
    figures,
    lines,
    movement,
    post,
    stock,
    stocked,
    take,
)
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.inventory import claims, counts, ledger
from unisono.inventory.audit import audit
from unisono.inventory.claims import Claim
from unisono.inventory.counts import Count
from unisono.inventory.levels import Key


async def claimed(database: Database, key: Key, quantity: int) -> Claim:
    """Take units and write the claim of an order on them."""
    claim = Claim(sku=key[0], holder=ids.uuid7(), n=1, location=key[1], quantity=quantity)
    await take(database, {key: (quantity, quantity)})
    async with database.transaction() as db:
        await claims.insert(db, [claim])
    return claim


async def holders(database: Database) -> list[tuple[UUID, int]]:
    async with database.read() as db:
        return [
            (holder, quantity)
            for holder, quantity in await db.tuples(
                b"SELECT holder, quantity FROM inventory.claim ORDER BY holder"
            )
        ]


@pytest.mark.parametrize(
    "statement", [b"UPDATE inventory.movement SET quantity = 1", b"DELETE FROM inventory.movement"]
)
async def test_a_line_is_never_changed_or_deleted(database: Database, statement: bytes) -> None:
    await stocked(database, {LYON: 5})
    before = await stock(database)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        async with database.transaction() as db:
            await db.execute(statement)
    assert await stock(database) == before


async def test_a_shipment_takes_the_goods_and_ends_their_claim(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    claim = await claimed(database, at["S-LYON"], 3)
    [after] = await post(
        database, movement(at["S-LYON"], "shipment", 3, on_hand=-3), closed=(claim,)
    )
    assert after.free == 2
    assert await figures(database) == (2, 0, 0, 0)
    assert await holders(database) == []
    assert await lines(database) == [("shipment", 3, -3, 0)]


async def test_a_part_of_a_claim_ends_with_a_part_of_the_goods(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    claim = await claimed(database, at["S-LYON"], 3)
    part = Claim(sku=claim.sku, holder=claim.holder, n=1, location=claim.location, quantity=2)
    await post(database, movement(at["S-LYON"], "shipment", 2, on_hand=-2), closed=(part,))
    assert await figures(database) == (3, 0, 1, 0)
    assert await holders(database) == [(claim.holder, 1)]


@pytest.mark.parametrize("cause", ["shipment", "collection"])
async def test_what_left_before_the_count_was_counted_already(
    database: Database, cause: ledger.Cause
) -> None:
    at = await stocked(database, {LYON: 5})
    claim = await claimed(database, at["S-LYON"], 3)
    late = movement(at["S-LYON"], cause, 3, on_hand=-3, occurred_at=ago(30))
    await post(database, late, closed=(claim,))
    # The claim ends, the goods do not leave twice, and the line says so.
    assert await figures(database) == (5, 0, 0, 0)
    assert await lines(database) == [(cause, 3, 0, 0)]
    async with database.read() as db:
        assert await audit(db) == []


async def test_a_sale_that_a_till_tells_late_was_counted_already(database: Database) -> None:
    """The till was offline: its goods were gone when the shelf was counted."""
    at = await stocked(database, {LYON: 5})
    await post(database, movement(at["S-LYON"], "till_sale", 2, on_hand=-2, occurred_at=ago(30)))
    assert await figures(database) == (5, 0, 0, 0)
    assert await lines(database) == [("till_sale", 2, 0, 0)]
    await post(database, movement(at["S-LYON"], "till_sale", 2, on_hand=-2))
    assert await figures(database) == (3, 0, 0, 0)


async def test_what_vanished_before_the_count_is_no_confirmation(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    await post(database, movement(at["S-LYON"], "adjustment", -1, on_hand=-1, occurred_at=ago(30)))
    assert await figures(database) == (4, 0, 0, 0)


async def test_what_cannot_be_found_or_used_is_set_aside_by_its_reason(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    missing = movement(at["S-LYON"], "not_found", 1, unavailable=1)
    await post(database, missing, movement(at["S-LYON"], "damaged", 2, unavailable=2), missing)
    await post(database, missing)
    assert await figures(database) == (5, 5, 0, 0)
    async with database.read() as db:
        reasons = await db.tuples(
            b"SELECT reason, quantity FROM inventory.unavailable ORDER BY reason"
        )
    assert reasons == [("damaged", 2), ("not_found", 3)]


async def test_lines_on_one_level_are_added_up_and_share_its_version(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    [after] = await post(
        database,
        movement(at["S-LYON"], "till_sale", 4, on_hand=-4),
        movement(at["S-LYON"], "till_sale", 3, on_hand=-3),
    )
    assert await figures(database) == (-2, 0, 0, 2)
    async with database.read() as db:
        found = await ledger.of_level(
            db, sku=at["S-LYON"][0], location=at["S-LYON"][1], after=None, limit=2
        )
    assert [(row.cause, row.version) for row in found.rows] == [("till_sale", after.version)] * 2


async def test_a_fact_about_what_nobody_counted_makes_its_level(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    await post(database, movement(at["S-LILLE"], "till_sale", 2, on_hand=-2))
    assert await figures(database, "S-LILLE") == (-2, 0, 0, 2)
    async with database.read() as db:
        assert await audit(db) == []


async def test_nothing_to_write_writes_nothing(database: Database) -> None:
    await stocked(database, {LYON: 5})
    before = await stock(database)
    assert await post(database) == []
    assert await stock(database) == before


async def test_the_ledger_of_a_level_is_paged_newest_first(database: Database) -> None:
    at = await stocked(database, {LYON: 5, LILLE: 5})
    for n in range(1, 5):
        await post(database, movement(at["S-LYON"], "adjustment", n, on_hand=n, document=f"D{n}"))
    sku, location = at["S-LYON"]
    async with database.read() as db:
        first = await ledger.of_level(db, sku=sku, location=location, after=None, limit=3)
        rest = await ledger.of_level(db, sku=sku, location=location, after=first.after, limit=3)
        with pytest.raises(InvalidInput):
            await ledger.of_level(db, sku=sku, location=location, after="nonsense", limit=3)
    assert [row.document for row in first.rows] == ["D4", "D3", "D2"]
    assert [row.document for row in rest.rows] == ["D1", None]
    assert rest.after is None


async def test_movements_after_a_moment_are_summed_level_by_level(database: Database) -> None:
    at = await stocked(database, {LYON: 5, LILLE: 5})
    await post(
        database,
        movement(at["S-LYON"], "adjustment", 2, on_hand=2, occurred_at=ago(-10)),
        movement(at["S-LYON"], "adjustment", 3, on_hand=3, occurred_at=ago(-30)),
        movement(at["S-LILLE"], "adjustment", 7, on_hand=7, occurred_at=ago(60)),
    )
    async with database.read() as db:
        since = await ledger.moved_since(
            db,
            keys=[at["S-LILLE"], at["S-LYON"], at["S-LYON"]],
            as_of=[ago(-1), ago(-1), ago(-20)],
        )
    assert since == [0, 5, 3]


async def test_a_count_is_the_last_word_about_its_moment(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    sku, location = at["S-LYON"]
    async with database.transaction() as db:
        await counts.set_counts(
            db,
            counts=[Count(sku=sku, location=location, on_hand=4)],
            author="Ana",
            source="stocktake",
        )
    async with database.read() as db:
        [newest, *_] = (
            await ledger.of_level(db, sku=sku, location=location, after=None, limit=5)
        ).rows
    assert (newest.cause, newest.quantity, newest.on_hand_change) == ("count", 4, -1)
    assert (newest.author, newest.source) == ("Ana", "stocktake")
