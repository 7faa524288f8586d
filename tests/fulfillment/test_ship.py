"""Shipping: the goods leave the stock, each number is on one package, cancelled goods stay."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.fulfillment.floor import (
    AUTHOR,
    allocations,
    assert_sound,
    at_lyon,
    cancelled,
    everything,
    figures,
    header,
    movements,
    numbered,
    packed,
    released,
    seen,
    shipped,
    to_lyon,
    told,
    types,
)
from tests.orders.shop import count, order
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.pack import NewPackage, PackedItem
from unisono.fulfillment.records import FulfillmentRef, Item
from unisono.fulfillment.ship import Labelled, TrackingNumberTaken, ship
from unisono.orders.cancel import NothingToCancel

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def sent(
    database: Database, ref: FulfillmentRef, *packages: Labelled, at: datetime | None = None
) -> None:
    async with database.transaction() as db:
        await ship(db, ref=ref, version=None, author=AUTHOR, packages=packages, occurred_at=at)


async def test_the_goods_leave_the_stock_and_their_claims_end(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2), ("LAMP", 1)))
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 2)
    later = clock.now() + timedelta(minutes=1)
    await sent(database, ref, *numbered("T1"), at=later)
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    assert await figures(database, "LAMP", "S-LYON") == (9, 0, 0)
    work = await seen(database, ref)
    assert (work.state, work.version) == ("shipped", 5)
    [package] = work.packages
    assert (package.state, package.tracking_number, package.shipped_at) == ("shipped", "T1", later)
    document = f"{work.order_number}/1"
    assert await movements(database) == [
        ("shipment", -2, 0, document, AUTHOR),
        ("shipment", -1, 0, document, AUTHOR),
    ]
    [(sequence, type_, data)] = (await told(database, ref.order_id))[5:]
    assert (sequence, type_) == (6, "shipment.shipped")
    assert {**data, "at": None} == {
        "package": 1,
        "fulfillment_order": 1,
        "location": "S-LYON",
        "carrier": "post",
        "service": "standard",
        "tracking_number": "T1",
        "lines": [
            {"line": 1, "sku": "CUP", "quantity": 2},
            {"line": 2, "sku": "LAMP", "quantity": 1},
        ],
        "at": None,
        "author": AUTHOR,
    }
    assert await header(database, ref.order_id) == ("fulfilled", 6)
    await assert_sound(database)


async def test_a_shipment_that_was_counted_already_leaves_the_figure_alone(
    database: Database,
) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    left_at = clock.now()
    # The shelf was counted after the package had left, before that was told.
    await count(database, {("CUP", "S-LYON"): 8})
    await sent(database, ref, *numbered("T1"), at=left_at)
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    assert [change for _, change, *_ in await movements(database)] == [0]
    await assert_sound(database)


async def test_each_package_has_its_number_and_its_event(database: Database) -> None:
    ref = await packed(
        database,
        await to_lyon(database, ("CUP", 3)),
        NewPackage(items=(PackedItem(allocation=1, quantity=1),)),
        NewPackage(items=(PackedItem(allocation=1, quantity=2),)),
    )
    await sent(database, ref, *numbered("T1", "T2"))
    assert (await types(database, ref.order_id))[-2:] == ["shipment.shipped"] * 2
    assert await figures(database, "CUP", "S-LYON") == (7, 0, 0)
    await assert_sound(database)


async def test_a_number_is_on_one_package(database: Database) -> None:
    first = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    second = await packed(database, await released(database, order("A-2", ("CUP", 1))))
    before = await everything(database)
    with pytest.raises(TrackingNumberTaken, match="number T1 of carrier post"):
        await sent(database, second, *numbered("T1"))
    assert await everything(database) == before
    await sent(database, second, *numbered("T2"))
    assert (await seen(database, first)).packages[0].tracking_number == "T1"


async def test_two_packages_cannot_share_a_number(database: Database) -> None:
    ref = await packed(
        database,
        await to_lyon(database, ("CUP", 3)),
        NewPackage(items=(PackedItem(allocation=1, quantity=1),)),
        NewPackage(items=(PackedItem(allocation=1, quantity=2),)),
    )
    before = await everything(database)
    with pytest.raises(TrackingNumberTaken):
        await sent(database, ref, *numbered("T1", "T1"))
    assert await everything(database) == before


async def test_what_is_shipped_is_not_shipped_again(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    before = await everything(database)
    for label in ("T1", "T2"):
        with pytest.raises(TransitionRefused):
            await sent(database, ref, *numbered(label))
    assert await everything(database) == before


async def test_of_two_who_ship_at_once_one_wins(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    answers = await asyncio.gather(
        *(sent(database, ref, *numbered(f"T{n % 2}")) for n in range(4)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, TransitionRefused) for answer in answers) == 3
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    assert (await types(database, ref.order_id)).count("shipment.shipped") == 1
    await assert_sound(database)


async def test_packages_must_be_known_and_complete(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    before = await everything(database)
    with pytest.raises(InvalidInput) as refusal:
        await sent(
            database,
            ref,
            Labelled(package=7, tracking_number="T7"),
            Labelled(package=7, tracking_number="T8"),
        )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/packages/0/package", "unknown_package"),
        ("/packages/1/package", "repeated"),
        ("/packages", "package_missing"),
    ]
    with pytest.raises(InvalidInput) as refusal:
        await sent(database, ref, *numbered("T1"), at=clock.now() + timedelta(minutes=6))
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/occurred_at", "in_the_future")
    ]
    assert await everything(database) == before


async def test_what_is_collected_is_not_shipped(database: Database) -> None:
    ref = await packed(database, await at_lyon(database, ("CUP", 2)))
    before = await everything(database)
    with pytest.raises(TransitionRefused, match="is to be collected by the customer"):
        await sent(database, ref, *numbered("T1"))
    assert await everything(database) == before


async def test_what_was_cancelled_since_packing_stays(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 5), ("LAMP", 1)))
    await cancelled(database, ref.order_id, (1, 2), (2, None))
    await sent(database, ref, *numbered("T1"))
    assert await figures(database, "CUP", "S-LYON") == (7, 0, 0)
    assert await figures(database, "LAMP", "S-LYON") == (10, 0, 0)
    [package] = (await seen(database, ref)).packages
    assert package.items == (Item(allocation=1, quantity=3),)
    assert [
        (n, quantity, state) for n, quantity, state, *_ in await allocations(database, ref.order_id)
    ] == [(1, 3, "shipped"), (2, 1, "cancelled"), (3, 2, "cancelled")]
    await assert_sound(database)


async def test_a_package_of_which_everything_was_cancelled_must_not_leave(
    database: Database,
) -> None:
    ref = await packed(
        database,
        await to_lyon(database, ("CUP", 1), ("LAMP", 1)),
        NewPackage(items=(PackedItem(allocation=1, quantity=1),)),
        NewPackage(items=(PackedItem(allocation=2, quantity=1),)),
    )
    await cancelled(database, ref.order_id, (2, None))
    before = await everything(database)
    with pytest.raises(InvalidInput) as refusal:
        await sent(database, ref, *numbered("T1", "T2"))
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/packages/1/package", "package_cancelled")
    ]
    assert await everything(database) == before
    await sent(database, ref, *numbered("T1"))
    assert [package.state for package in (await seen(database, ref)).packages] == [
        "shipped",
        "cancelled",
    ]
    await assert_sound(database)


async def test_a_cancelled_order_is_not_shipped(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    await cancelled(database, ref.order_id)
    before = await everything(database)
    with pytest.raises(TransitionRefused, match="cancelled"):
        await sent(database, ref, *numbered("T1"))
    assert await everything(database) == before
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 0)


async def test_cancel_and_ship_at_once_have_one_winner(database: Database) -> None:
    first = await to_lyon(database, ("CUP", 1))
    refs = [first] + [await released(database, order(f"B-{n}", ("CUP", 1))) for n in range(7)]
    for ref in refs:
        await packed(database, ref)
    answers = await asyncio.gather(
        *(
            act
            for n, ref in enumerate(refs)
            for act in (
                sent(database, ref, *numbered(f"T{n}")),
                cancelled(database, ref.order_id),
            )
        ),
        return_exceptions=True,
    )
    left = 0
    for n, ref in enumerate(refs):
        shipping, cancelling = answers[2 * n], answers[2 * n + 1]
        state, _ = await header(database, ref.order_id)
        if shipping is None:
            assert isinstance(cancelling, NothingToCancel)
            assert state == "fulfilled"
            left += 1
        else:
            assert isinstance(shipping, TransitionRefused)
            assert cancelling is None
            assert state == "cancelled"
    on_hand = sum([(await figures(database, "CUP", place))[0] for place in ("S-LYON", "W-ORLEANS")])
    assert on_hand == 20 - left
    await assert_sound(database)
