"""Packing: every unit is in one package; each package has its true weight, carrier and price."""

import pytest

from tests.fulfillment.floor import (
    AT,
    AUTHOR,
    accepted,
    allocations,
    assert_sound,
    at_lyon,
    cancelled,
    everything,
    figures,
    packed,
    picked,
    released,
    seen,
    to_lyon,
    told,
)
from tests.orders.shop import open_shop, order
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.carriage import NoCarrierServes
from unisono.fulfillment.pack import NewPackage, PackedItem, pack
from unisono.fulfillment.queue import Package
from unisono.fulfillment.records import FulfillmentRef, Item


def items(*units: tuple[int, int]) -> tuple[PackedItem, ...]:
    return tuple(PackedItem(allocation=n, quantity=quantity) for n, quantity in units)


def costs(package: Package) -> tuple[int, str | None, str]:
    return package.weight_g, package.shipping_cost, package.handling_cost


async def test_one_package_holds_everything_and_weighs_what_its_goods_weigh(
    database: Database,
) -> None:
    lines = (("CUP", 2), ("LAMP", 1), ("CUP", 1))
    ref = await packed(database, await to_lyon(database, *lines), at=AT)
    work = await seen(database, ref)
    assert (work.state, work.version) == ("packed", 4)
    [package] = work.packages
    assert (package.package, package.state, package.carrier, package.service) == (
        1,
        "packed",
        "post",
        "standard",
    )
    # 3 x 200 g and 900 g; near, up to 30 kg: 9.00; two different SKUs at 1.25 and a parcel at 1.50.
    assert costs(package) == (1500, "9.00", "4.00")
    assert package.currency == "EUR"
    assert package.items == (
        Item(allocation=1, quantity=2),
        Item(allocation=2, quantity=1),
        Item(allocation=3, quantity=1),
    )
    assert (await told(database, ref.order_id))[-1] == (
        5,
        "fulfillment_order.packed",
        {
            "fulfillment_order": 1,
            "location": "S-LYON",
            "packages": [1],
            "at": "2026-03-02T09:30:00Z",
            "author": AUTHOR,
        },
    )
    await assert_sound(database)


async def test_what_the_scales_say_decides_the_price(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)), NewPackage(weight_g=1001))
    [package] = (await seen(database, ref)).packages
    assert costs(package) == (1001, "9.00", "2.75")


async def test_an_allocation_in_two_packages_becomes_two_with_their_claims(
    database: Database,
) -> None:
    ref = await packed(
        database,
        await to_lyon(database, ("CUP", 5), ("LAMP", 1)),
        NewPackage(items=items((1, 2))),
        NewPackage(items=items((1, 2), (2, 1)), weight_g=990),
        NewPackage(items=items((1, 1))),
    )
    assert await allocations(database, ref.order_id) == [
        (1, 1, "packed", None, 1),
        (2, 1, "packed", None, 1),
        (3, 2, "packed", None, 1),
        (4, 2, "packed", None, 1),
    ]
    first, second, third = (await seen(database, ref)).packages
    assert first.items == (Item(allocation=3, quantity=2),)
    assert second.items == (Item(allocation=4, quantity=2), Item(allocation=2, quantity=1))
    assert third.items == (Item(allocation=1, quantity=1),)
    assert costs(second) == (990, "4.00", "4.00")
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 5)
    await assert_sound(database)


async def test_no_package_is_heavier_than_a_carrier_takes(database: Database) -> None:
    ref = await to_lyon(database, ("CHAIR", 8), ("CUP", 1))
    await packed(database, ref)
    # 30 kg are 7 chairs of 4 kg and what still fits in.
    first, second = (await seen(database, ref)).packages
    assert (first.weight_g, second.weight_g) == (28_000, 4_200)
    assert [item.quantity for item in first.items] == [7]
    assert [item.quantity for item in second.items] == [1, 1]
    await assert_sound(database)


async def test_a_package_that_no_carrier_takes_is_refused(database: Database) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 5)))
    before = await everything(database)
    with pytest.raises(NoCarrierServes, match="the heaviest package that one takes has 30000 g"):
        async with database.transaction() as db:
            await pack(
                db,
                ref=ref,
                version=None,
                author=AUTHOR,
                packages=[NewPackage(weight_g=30_001)],
            )
    assert await everything(database) == before


async def test_goods_to_be_collected_have_a_package_without_a_carrier(database: Database) -> None:
    ref = await packed(database, await at_lyon(database, ("CHAIR", 9)))
    work = await seen(database, ref)
    assert (work.carrier, work.service, work.customer_name) == (None, None, "Zoé Martin")
    [package] = work.packages
    assert (package.carrier, package.service) == (None, None)
    assert costs(package) == (36_000, None, "2.75")
    await assert_sound(database)


async def test_every_unit_is_in_exactly_one_package(database: Database) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 5), ("LAMP", 1)))
    before = await everything(database)
    wrong = [
        (
            [NewPackage(items=items((1, 4), (1, 1), (9, 1))), NewPackage(items=items((2, 2)))],
            [
                ("/packages/0/items/1/allocation", "repeated"),
                ("/packages/0/items/2/allocation", "unknown_allocation"),
                ("/packages/1/items/0/quantity", "too_many"),
            ],
        ),
        ([NewPackage(items=items((1, 4), (2, 1)))], [("/packages", "not_packed")]),
        (
            [NewPackage(items=items((1, 5), (2, 1))), NewPackage()],
            [("/packages/1/items", "missing_field")],
        ),
    ]
    for packages, faults in wrong:
        with pytest.raises(InvalidInput) as refusal:
            async with database.transaction() as db:
                await pack(db, ref=ref, version=None, author=AUTHOR, packages=packages)
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == faults
    assert await everything(database) == before


async def test_what_was_cancelled_is_not_packed(database: Database) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 5), ("LAMP", 1)))
    await cancelled(database, ref.order_id, (1, 3), (2, None))
    async with database.transaction() as db:
        await pack(db, ref=ref, version=None, author=AUTHOR)
    [package] = (await seen(database, ref)).packages
    assert package.items == (Item(allocation=1, quantity=2),)
    assert costs(package) == (400, "4.00", "2.75")
    await assert_sound(database)


async def test_work_of_which_everything_was_cancelled_goes_no_further(database: Database) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 5)))
    await cancelled(database, ref.order_id)
    before = await everything(database)
    with pytest.raises(TransitionRefused, match="cancelled"):
        await picked(database, ref)
    assert await everything(database) == before


async def test_packing_again_is_refused(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 5)))
    before = await everything(database)
    with pytest.raises(TransitionRefused):
        async with database.transaction() as db:
            await pack(db, ref=ref, version=None, author=AUTHOR)
    assert await everything(database) == before


async def test_packages_are_numbered_in_the_order_not_in_its_fulfillment_orders(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("LAMP", "W-ORLEANS"): 1})
    first = await released(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    second = FulfillmentRef(order_id=first.order_id, n=2)
    await packed(database, second)
    await packed(database, first)
    assert [each.package for each in (await seen(database, second)).packages] == [1]
    assert [each.package for each in (await seen(database, first)).packages] == [2]
    # 900 g from Orléans to Lyon, far: 6.00; one SKU at 0.45 and a parcel at 0.70.
    assert costs((await seen(database, second)).packages[0]) == (900, "6.00", "1.15")
    await assert_sound(database)
