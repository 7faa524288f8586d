"""Picking: what was found goes on; what was not is set aside here and sourced elsewhere."""

import pytest

from tests.fulfillment.floor import (
    AUTHOR,
    accepted,
    allocations,
    assert_sound,
    cancelled,
    everything,
    figures,
    movements,
    packed,
    picked,
    seen,
    to_lyon,
    told,
    types,
)
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.pick import Picked, pick


async def test_everything_is_found_unless_told_otherwise(database: Database) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 2), ("LAMP", 1)))
    work = await seen(database, ref)
    assert (work.state, work.version) == ("picking", 3)
    assert [line.state for line in work.lines] == ["picked", "picked"]
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 2)
    assert (await types(database, ref.order_id))[2:] == [
        "fulfillment_order.accepted",
        "fulfillment_order.picked",
    ]
    assert await movements(database) == []
    await assert_sound(database)


async def test_a_short_pick_goes_on_with_what_was_found(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 5), ("LAMP", 1))
    await picked(
        database,
        ref,
        Picked(allocation=1, quantity=3),
        Picked(allocation=2, quantity=1),
        all_of_it=False,
    )
    assert await allocations(database, ref.order_id) == [
        (1, 3, "picked", None, 1),
        (2, 1, "picked", None, 1),
        (3, 2, "open", "short_pick", None),
    ]
    # Two cups lie somewhere: they are on hand, cannot be sold, and nobody has claimed them.
    assert await figures(database, "CUP", "S-LYON") == (10, 2, 3)
    number = (await seen(database, ref)).order_number
    assert await movements(database) == [("not_found", 0, 2, str(number), AUTHOR)]
    assert [
        (type_, data["lines"]) for _, type_, data in (await told(database, ref.order_id))[3:]
    ] == [
        (
            "fulfillment_order.picked",
            [
                {"line": 1, "sku": "CUP", "quantity": 3},
                {"line": 2, "sku": "LAMP", "quantity": 1},
            ],
        ),
        (
            "fulfillment_order.short_picked",
            [{"line": 1, "sku": "CUP", "quantity": 2, "reason": "not_found"}],
        ),
    ]
    async with database.read() as db:
        [(declined, retry)] = await db.tuples(
            b"SELECT declined = ARRAY[location.id], retry_at <= now() FROM orders.allocation,"
            b" network.location WHERE n = 3 AND code = 'S-LYON'"
        )
    assert (declined, retry) == (True, True)
    await assert_sound(database)


async def test_when_nothing_is_found_the_work_is_incomplete(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 5))
    nothing = Picked(allocation=1, quantity=0, reason="damaged")
    await picked(database, ref, nothing, all_of_it=False)
    work = await seen(database, ref)
    assert (work.state, work.reason, work.lines) == ("incomplete", "nothing was found", ())
    assert await allocations(database, ref.order_id) == [(1, 5, "open", "short_pick", None)]
    assert await figures(database, "CUP", "S-LYON") == (10, 5, 0)
    [(_, type_, data)] = (await told(database, ref.order_id))[3:]
    assert (type_, data["nothing_found"]) == ("fulfillment_order.short_picked", True)
    assert [cause for cause, *_ in await movements(database)] == ["damaged"]
    await assert_sound(database)


async def test_every_allocation_must_be_named_once_and_with_no_more_than_is_wanted(
    database: Database,
) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 5), ("LAMP", 2), ("CHAIR", 1)))
    before = await everything(database)
    told_wrong = [
        Picked(allocation=1, quantity=6),
        Picked(allocation=2, quantity=1),
        Picked(allocation=2, quantity=1),
        Picked(allocation=9, quantity=1),
    ]
    with pytest.raises(InvalidInput) as refusal:
        async with database.transaction() as db:
            await pick(db, ref=ref, version=None, author=AUTHOR, picked=told_wrong)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/picked/0/quantity", "too_many"),
        ("/picked/2/allocation", "repeated"),
        ("/picked/3/allocation", "unknown_allocation"),
        ("/picked", "allocation_missing"),
    ]
    assert await everything(database) == before


async def test_cancelled_units_are_not_picked(database: Database) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 5), ("LAMP", 2)))
    await cancelled(database, ref.order_id, (1, 2), (2, None))
    before = await everything(database)
    with pytest.raises(InvalidInput) as refusal:
        async with database.transaction() as db:
            await pick(
                db,
                ref=ref,
                version=None,
                author=AUTHOR,
                picked=[Picked(allocation=1, quantity=5), Picked(allocation=2, quantity=2)],
            )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/picked/0/quantity", "too_many"),
        ("/picked/1/allocation", "unknown_allocation"),
    ]
    assert await everything(database) == before
    async with database.transaction() as db:
        await pick(db, ref=ref, version=None, author=AUTHOR)
    assert [
        (n, quantity, state)
        for n, quantity, state, _, _ in await allocations(database, ref.order_id)
    ] == [(1, 3, "picked"), (2, 2, "cancelled"), (3, 2, "cancelled")]
    await assert_sound(database)


async def test_work_that_was_not_accepted_or_is_packed_is_not_picked(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 5))
    before = await everything(database)
    with pytest.raises(TransitionRefused):
        async with database.transaction() as db:
            await pick(db, ref=ref, version=None, author=AUTHOR)
    assert await everything(database) == before
    await packed(database, ref)
    before = await everything(database)
    with pytest.raises(TransitionRefused):
        async with database.transaction() as db:
            await pick(db, ref=ref, version=None, author=AUTHOR)
    assert await everything(database) == before
