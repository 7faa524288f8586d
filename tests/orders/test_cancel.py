"""Cancelling: what has not left can be cancelled, and its stock is free at once."""

from uuid import UUID

import pytest

from tests.fulfillment.floor import captured, packed, picked, shipped, told
from tests.orders.book import (
    assert_sound,
    cancelled,
    shown,
    state_of_everything,
    states,
)
from tests.orders.shop import level, open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.release import release
from unisono.orders.cancel import (
    Cancellation,
    CancellationPreview,
    CancelledLine,
    NothingToCancel,
    cancel,
    preview,
)
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import NewPayment

STOCK = {("CUP", "S-LYON"): 5, ("LAMP", "S-LYON"): 5}


async def test_a_whole_order_is_cancelled_and_its_stock_is_free(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 2), ("LAMP", 1)))
    await cancelled(database, order_id)
    seen = await shown(database, order_id)
    assert (seen.state, seen.version) == ("cancelled", 2)
    assert {each.reason for each in seen.allocations} == {"not wanted"}
    assert (await level(database, "CUP", "S-LYON")).free == 5
    assert (await told(database, order_id))[-1] == (
        2,
        "order.cancelled",
        {"reason": "not wanted", "cancelled": [[1, 2], [2, 1]], "author": None},
    )
    await assert_sound(database)


async def test_a_part_of_a_line_is_cancelled_and_the_rest_goes_on(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3), ("LAMP", 1)))
    await cancelled(database, order_id, (1, 2))
    assert sorted(await states(database, order_id)) == [
        (1, 1, "S-LYON", "allocated"),
        (1, 2, "S-LYON", "cancelled"),
        (2, 1, "S-LYON", "allocated"),
    ]
    assert (await shown(database, order_id)).state == "open"
    assert (await level(database, "CUP", "S-LYON")).free == 4
    assert (await told(database, order_id))[-1][1:] == (
        "order.changed",
        {"reason": "not wanted", "cancelled": [[1, 2]], "author": None},
    )
    await assert_sound(database)
    await cancelled(database, order_id, (1, None), (2, 1))
    assert (await shown(database, order_id)).state == "cancelled"
    await assert_sound(database)


async def test_what_waits_for_stock_is_cancelled_before_what_has_a_place(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    order_id = await captured(database, order("A-1", ("CUP", 3), channel="market"))
    await cancelled(database, order_id, (1, 2))
    assert sorted(await states(database, order_id)) == [
        (1, 1, "S-LYON", "allocated"),
        (1, 2, None, "cancelled"),
    ]
    await assert_sound(database)


async def test_more_than_is_left_is_refused_and_nothing_changes(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3), ("LAMP", 1)))
    await cancelled(database, order_id, (1, 2))
    before = await state_of_everything(database)
    with pytest.raises(NothingToCancel, match="only 1 units of line 1"):
        await cancelled(database, order_id, (2, 1), (1, 2))
    assert await state_of_everything(database) == before


async def test_lines_that_do_not_exist_or_come_twice_are_named(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    before = await state_of_everything(database)
    with pytest.raises(InvalidInput) as refused:
        await cancelled(database, order_id, (1, 1), (1, 1), (7, 1))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [
        ("/lines/1/line", "named_twice"),
        ("/lines/2/line", "unknown_line"),
    ]
    assert await state_of_everything(database) == before


async def test_an_order_is_only_cancelled_as_it_was_read(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    before = await state_of_everything(database)
    for wrong in (2, 7):
        with pytest.raises(VersionMismatch, match=f"in version 1, not {wrong}"):
            await cancelled(database, order_id, version=wrong)
    with pytest.raises(UnknownOrder):
        await cancelled(database, ids.uuid7())
    assert await state_of_everything(database) == before
    await cancelled(database, order_id, version=1)
    with pytest.raises(NothingToCancel):
        await cancelled(database, order_id)


async def test_what_left_stays_sold_and_what_is_still_there_is_cancelled(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    ref = FulfillmentRef(order_id=order_id, n=1)
    await shipped(database, ref, "T1")
    before = await state_of_everything(database)
    with pytest.raises(NothingToCancel):
        await cancelled(database, order_id)
    assert await state_of_everything(database) == before
    assert (await shown(database, order_id)).state == "fulfilled"


@pytest.mark.parametrize("done", [picked, packed])
async def test_what_is_in_work_can_still_be_cancelled(database: Database, done: object) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    ref = FulfillmentRef(order_id=order_id, n=1)
    await (picked(database, ref) if done is picked else packed(database, ref))
    await cancelled(database, order_id, (1, 1))
    assert (await level(database, "CUP", "S-LYON")).free == 3
    await cancelled(database, order_id)
    assert (await level(database, "CUP", "S-LYON")).free == 5
    await assert_sound(database)


async def test_an_order_on_hold_can_be_cancelled(database: Database) -> None:
    await open_shop(database, STOCK)
    pending = NewPayment(status="pending")
    order_id = await captured(database, order("A-1", ("CUP", 3), payment=pending))
    await cancelled(database, order_id, (1, 1))
    assert (await shown(database, order_id)).state == "on_hold"
    await cancelled(database, order_id)
    assert (await shown(database, order_id)).state == "cancelled"
    await assert_sound(database)


async def previewed(
    database: Database, order_id: UUID, *lines: tuple[int, int | None]
) -> CancellationPreview:
    """Return what a cancellation of quantities of lines, or of the whole order, would do."""
    wanted = tuple(CancelledLine(line=n, quantity=units) for n, units in lines)
    async with database.read() as db:
        cancellation = Cancellation(reason="not wanted", lines=wanted)
        return await preview(db, order_id=order_id, cancellation=cancellation)


def told_by(preview: CancellationPreview) -> list[tuple[int, dict[str, int], dict[str, int]]]:
    """Return line, what would be cancelled and what would stay, by state."""
    return [
        (
            each.line,
            {units.state: units.quantity for units in each.cancelled},
            {units.state: units.quantity for units in each.stays},
        )
        for each in preview.lines
    ]


async def test_a_preview_says_what_would_be_cancelled_and_what_stays_why(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3, ("LAMP", "W-ORLEANS"): 5})
    new = order("A-1", ("CUP", 4), ("LAMP", 2), channel="market")
    order_id = await captured(database, new)
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    at = {each[1]: each[0] for each in await work(database, order_id)}
    await shipped(database, FulfillmentRef(order_id=order_id, n=at["S-LYON"]), "T1")
    await picked(database, FulfillmentRef(order_id=order_id, n=at["W-ORLEANS"]))
    before = await state_of_everything(database)
    seen = await previewed(database, order_id)
    assert told_by(seen) == [
        (1, {"open": 1}, {"shipped": 3}),
        (2, {"picked": 2}, {}),
    ]
    assert [(each.sku, each.name, each.asked) for each in seen.lines] == [
        ("CUP", "Cup", None),
        ("LAMP", "Lamp", None),
    ]
    assert (seen.possible, seen.whole) == (True, False)
    part = await previewed(database, order_id, (2, 1))
    assert told_by(part) == [(2, {"picked": 1}, {"picked": 1})]
    assert (part.possible, part.whole) == (True, False)
    more = await previewed(database, order_id, (2, 1), (1, 2))
    assert (more.possible, told_by(more)[1]) == (False, (1, {"open": 1}, {"shipped": 3}))
    with pytest.raises(InvalidInput):
        await previewed(database, order_id, (7, 1))
    with pytest.raises(UnknownOrder):
        await previewed(database, ids.uuid7())
    assert await state_of_everything(database) == before


async def test_cancelling_does_what_the_preview_said(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3), ("LAMP", 1)))
    for lines, whole in (([(1, 2)], False), ([], True)):
        seen = await previewed(database, order_id, *lines)
        assert (seen.possible, seen.whole) == (True, whole)
        stood = await units(database, order_id)
        await cancelled(database, order_id, *lines, version=seen.version)
        gone = {each.line: sum(part.quantity for part in each.cancelled) for each in seen.lines}
        after = await units(database, order_id)
        assert {line: stood[line] - after.get(line, 0) for line in gone} == gone
        assert ((await shown(database, order_id)).state == "cancelled") is whole
    nothing = await previewed(database, order_id)
    assert (nothing.possible, nothing.whole) == (False, False)
    assert told_by(nothing) == [(1, {}, {"cancelled": 3}), (2, {}, {"cancelled": 1})]
    with pytest.raises(NothingToCancel):
        await cancelled(database, order_id)
    await assert_sound(database)


async def test_who_cancelled_is_told(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    async with database.transaction() as db:
        cancellation = Cancellation(reason="fraud")
        await cancel(db, order_id=order_id, cancellation=cancellation, version=None, author="Ana")
    assert (await told(database, order_id))[-1][2]["author"] == "Ana"


async def units(database: Database, order_id: UUID) -> dict[int, int]:
    """Return units by line that are not cancelled."""
    found: dict[int, int] = {}
    for line, quantity, _, state in await states(database, order_id):
        if state != "cancelled":
            found[line] = found.get(line, 0) + quantity
    return found


async def work(database: Database, order_id: UUID) -> list[tuple[int, str]]:
    """Return number and location of an order's fulfillment orders."""
    async with database.read() as db:
        return await db.tuples(
            b"SELECT f.n, l.code FROM fulfillment.fulfillment_order AS f"
            b" JOIN network.location AS l ON l.id = f.location WHERE f.order_id = %(id)s",
            {"id": order_id},
        )
