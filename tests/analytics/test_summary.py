"""The summary: what became of orders, who worked, what it cost, what was sold short."""

from tests.fulfillment.floor import (
    STOCK,
    accepted,
    cancelled,
    captured,
    picked,
    released,
    shipped,
)
from tests.orders.shop import collected, open_shop, order
from unisono.analytics import summary as analytics
from unisono.analytics.summary import (
    Moving,
    OutcomeCount,
    Overdrawn,
    ParcelCount,
    ShortOrders,
    Splits,
    Summary,
    WorkCount,
)
from unisono.core.database import Database
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact, record
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked, pick
from unisono.fulfillment.records import FulfillmentRef
from unisono.orders.capture import capture
from unisono.orders.deciding import StockShort
from unisono.orders.reroute import reroute


async def summary(database: Database) -> Summary:
    async with database.read() as db:
        return await analytics.summary(db)


async def moving(database: Database) -> Moving:
    async with database.read() as db:
        return await analytics.moving(db)


def outcomes(summary: Summary) -> dict[tuple[str, str, str], int]:
    return {(e.channel, e.delivery_option, e.outcome): e.orders for e in summary.outcomes}


async def test_without_orders_every_figure_is_nothing(database: Database) -> None:
    await open_shop(database, STOCK)
    found = await summary(database)
    assert (found.outcomes, found.works, found.parcels) == ((), (), ())
    assert found.splits == Splits(packed_orders=0, split_orders=0, orders_of_several_locations=0)
    assert found.short_orders == (
        ShortOrders(channel="careful", when_short="refuse", units=0),
        ShortOrders(channel="market", when_short="accept", units=0),
        ShortOrders(channel="till", when_short="accept", units=0),
        ShortOrders(channel="web", when_short="refuse", units=0),
    )
    assert found.overdrawn == Overdrawn(with_till_sales=0, without_till_sales=0)
    assert not await moving(database)


async def test_an_order_moves_until_its_last_parcel_is_delivered(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    assert await moving(database) == Moving(orders=1, fulfillment_orders=1, parcels=0)
    assert outcomes(await summary(database)) == {("web", "home_standard", "at_work"): 1}
    await shipped(database, ref)
    assert await moving(database) == Moving(orders=0, fulfillment_orders=0, parcels=1)
    found = await summary(database)
    assert outcomes(found) == {("web", "home_standard", "shipped"): 1}
    assert found.works == (
        WorkCount(location="S-LYON", kind="store", state="shipped", fulfillment_orders=1),
    )
    async with database.transaction() as db:
        at = await db.value(b"SELECT now()")
        fact = CarrierFact(carrier="post", tracking_number="T1", milestone="delivered", at=at)
        await record(db, facts=[fact])
    assert not await moving(database)
    found = await summary(database)
    assert outcomes(found) == {("web", "home_standard", "delivered"): 1}
    # Near, 400 g: 4.00; the store takes 1.25 for the line and 1.50 for the parcel.
    assert found.parcels == (
        ParcelCount(
            location="S-LYON",
            kind="store",
            state="delivered",
            parcels=1,
            shipping_cost=400,
            handling_cost=275,
        ),
    )
    assert found.splits == Splits(packed_orders=1, split_orders=0, orders_of_several_locations=0)


async def test_what_stores_hand_over_is_collected_or_carried_out(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, collected("A-1", ("CUP", 1), location="S-LYON"))
    await picked(database, ref)
    async with database.transaction() as db:
        await pack(db, ref=ref, version=None, author="Ana")
        await ready_for_pickup(db, ref=ref, version=None, author="Ana")
    assert await moving(database) == Moving(orders=1, fulfillment_orders=1, parcels=0)
    async with database.transaction() as db:
        await hand_over(db, ref=ref, version=None, author="Ana")
    sale = collected(
        "T-1", ("CUP", 1), location="S-LYON", channel="till", delivery_option="in_store"
    )
    await captured(database, sale)
    found = await summary(database)
    assert outcomes(found) == {
        ("till", "in_store", "carried_out"): 1,
        ("web", "click_and_collect", "collected"): 1,
    }
    assert (found.orders(), found.orders("collected", "carried_out"), found.orders("waiting")) == (
        2,
        2,
        0,
    )
    assert not await moving(database)


async def test_a_parked_order_waits_and_does_not_move(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    ref = await released(database, order("M-1", ("CUP", 5), channel="market"))
    found = await summary(database)
    assert outcomes(found) == {("market", "home_standard", "at_work"): 1}
    assert ShortOrders(channel="market", when_short="accept", units=2) in found.short_orders
    await shipped(database, ref)
    # Three units are on their way; nobody can do anything for the other two.
    assert outcomes(await summary(database)) == {("market", "home_standard", "waiting"): 1}
    assert await moving(database) == Moving(orders=0, fulfillment_orders=0, parcels=1)


async def test_a_channel_that_refuses_is_never_short(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    [refused] = await capture(database, [order("A-1", ("CUP", 5))])
    assert isinstance(refused, StockShort)
    found = await summary(database)
    assert found.outcomes == ()
    assert ShortOrders(channel="web", when_short="refuse", units=0) in found.short_orders


async def test_a_second_place_counts_as_rerouted(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    await picked(
        database, ref, Picked(allocation=1, quantity=1, reason="not_found"), all_of_it=False
    )
    assert await moving(database) == Moving(orders=1, fulfillment_orders=1, parcels=0)
    async with database.transaction() as db:
        assert await reroute(db, order_ids=[ref.order_id]) == 1
    found = await summary(database)
    assert found.outcomes == (
        OutcomeCount(
            channel="web",
            delivery_option="home_standard",
            outcome="at_work",
            orders=1,
            rerouted=1,
        ),
    )


async def test_what_no_other_place_has_waits_once_that_was_tried(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 2})
    ref = await released(database, order("A-1", ("CUP", 2)))
    await picked(database, ref, Picked(allocation=1, quantity=0, reason="damaged"), all_of_it=False)
    assert outcomes(await summary(database)) == {("web", "home_standard", "at_work"): 1}
    async with database.transaction() as db:
        assert await reroute(db, order_ids=[ref.order_id]) == 0
    assert outcomes(await summary(database)) == {("web", "home_standard", "waiting"): 1}
    assert not await moving(database)
    await cancelled(database, ref.order_id)
    assert outcomes(await summary(database)) == {("web", "home_standard", "cancelled"): 1}


async def test_split_orders_are_counted_by_parcels_and_by_locations(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("CUP", "W-ORLEANS"): 1})
    first = await released(database, order("A-1", ("CUP", 2)))
    await shipped(database, first, "T1")
    second = FulfillmentRef(order_id=first.order_id, n=2)
    await accepted(database, second)
    found = await summary(database)
    assert found.splits == Splits(packed_orders=1, split_orders=0, orders_of_several_locations=0)
    async with database.transaction() as db:
        await pick(db, ref=second, version=None, author="Ana")
        await pack(db, ref=second, version=None, author="Ana")
    found = await summary(database)
    assert found.splits == Splits(packed_orders=1, split_orders=1, orders_of_several_locations=1)


async def test_a_till_that_sells_what_was_not_recorded_overdraws_the_level(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    sale = collected(
        "T-1", ("CUP", 3), location="S-LYON", channel="till", delivery_option="in_store"
    )
    await captured(database, sale)
    found = await summary(database)
    assert found.overdrawn == Overdrawn(with_till_sales=2, without_till_sales=0)
