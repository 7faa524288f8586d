"""The overview: figures of orders, work, parcels and lead times, as far as they were heard of."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import travel

from tests.analytics.listening import assert_exact, heard, overview, settled
from tests.fulfillment.floor import STOCK, accepted, cancelled, captured, packed, released, shipped
from tests.orders.shop import collected, open_shop, order
from unisono.analytics import overview as analytics
from unisono.analytics.follow import LISTENER
from unisono.analytics.overview import (
    CollectedFigures,
    Flow,
    LeadTime,
    OldestWork,
    OrderFigures,
    Overview,
    ParcelFigures,
    WorkFigures,
)
from unisono.core import lag
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact, record
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import pick
from unisono.fulfillment.records import FulfillmentRef
from unisono.orders.new_order import NewPayment
from unisono.orders.pay import NewReceipt, pay

# A Monday noon in Paris.
PLACED_AT = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)


def figures(**known: object) -> OrderFigures:
    """Figures of one order of the web site that is sent, but for what is known."""
    usual: Mapping[str, Any] = {
        "channel": "web",
        "channel_name": "Web",
        "delivery_option": "home_standard",
        "state": "open",
        "outcome": "at_work",
        "orders": 1,
        "late": 0,
        "rerouted": 0,
        "packed": 0,
        "split": 0,
        "of_several_locations": 0,
        "short": 0,
        "short_units": 0,
        "shipping_cost": 0,
        "handling_cost": 0,
    }
    return OrderFigures(**{**usual, **known})


async def deliver(database: Database, label: str, at: datetime) -> None:
    async with database.transaction() as db:
        fact = CarrierFact(carrier="post", tracking_number=label, milestone="delivered", at=at)
        await record(db, facts=[fact])


async def fact(database: Database, ref: FulfillmentRef, column: str) -> Any:  # noqa: ANN401 - each column has its type
    """Return a column of the order's fact."""
    await heard(database, LISTENER)
    async with database.read() as db:
        return await db.value(
            f"SELECT {column} FROM analytics.order_fact WHERE order_id = %(id)s".encode(),
            {"id": ref.order_id},
        )


def seen_flows(seen: Overview) -> list[Flow]:
    return [each for each in seen.hours if each.placed or each.shipped or each.delivered]


async def test_without_orders_there_is_nothing_but_hours_and_days(database: Database) -> None:
    await open_shop(database, STOCK)
    seen = await overview(database)
    assert (seen.orders, seen.collected, seen.works, seen.oldest_works) == ((), (), (), ())
    assert (seen.parcels, seen.lead_times) == ((), ())
    assert (len(seen.hours), len(seen.days)) == (24, 14)
    assert (seen.currency, seen.time_zone) == ("EUR", "UTC")
    assert (seen.count(), seen.late_orders, seen.late_works) == (0, 0, 0)
    assert (seen.logistics_cost, seen.logistics_cost_per_order) == (0, 0)
    assert (seen.as_of.behind, seen.as_of.lag_seconds) == (0, 0.0)


async def test_an_order_is_followed_to_the_door(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    seen = await overview(database)
    assert seen.orders == (figures(),)
    assert seen.works == (
        WorkFigures(
            location="S-LYON", name="Store Lyon", kind="store", state="open", works=1, late=0
        ),
    )
    [oldest] = seen.oldest_works
    assert (oldest.location, oldest.name) == ("S-LYON", "Store Lyon")
    await shipped(database, ref)
    # Near, 400 g: 4.00; the store takes 1.25 for the line and 1.50 for the parcel.
    costs = {"packed": 1, "shipping_cost": 400, "handling_cost": 275}
    seen = await overview(database)
    assert seen.orders == (figures(state="fulfilled", outcome="shipped", **costs),)
    assert seen.oldest_works == ()
    await deliver(database, "T1", datetime.now(UTC))
    seen = await overview(database)
    assert seen.orders == (figures(state="fulfilled", outcome="delivered", **costs),)
    assert seen.parcels == (
        ParcelFigures(
            location="S-LYON",
            name="Store Lyon",
            carrier="post",
            carrier_name="Post",
            state="delivered",
            parcels=1,
            shipping_cost=400,
            handling_cost=275,
        ),
    )
    assert (seen.logistics_cost, seen.logistics_cost_per_order) == (675, 675)
    assert (seen.count("delivered"), seen.count("shipped"), seen.count()) == (1, 0, 1)
    await assert_exact(database)


async def test_what_was_expected_is_kept_and_compared_with_what_came(database: Database) -> None:
    await open_shop(database, STOCK)
    new = order("A-1", ("CUP", 2), placed_at=PLACED_AT)
    ref = await released(database, new)
    # It leaves by 16:00, and is there the day after, until midnight in Paris.
    assert await fact(database, ref, "expected_by") == datetime(2026, 1, 6, 23, tzinfo=UTC)
    [row] = (await overview(database)).orders
    assert row.late == 1
    async with database.transaction() as db:
        # A slower zone moves no expectation of orders that are there.
        await db.execute(b"UPDATE network.carrier SET services = '[]'")
        await db.execute(b"UPDATE core.revision SET number = number + 1 WHERE area = 'network'")
    await accepted(database, ref)
    assert await fact(database, ref, "expected_by") == datetime(2026, 1, 6, 23, tzinfo=UTC)
    await assert_exact(database)


@pytest.mark.parametrize(
    ("arrives", "late"),
    [
        (datetime(2026, 1, 6, 9, tzinfo=UTC), 0),
        (datetime(2026, 1, 6, 23, tzinfo=UTC), 0),
        (datetime(2026, 1, 6, 23, 0, 1, tzinfo=UTC), 1),
        (datetime(2026, 1, 9, 9, tzinfo=UTC), 1),
    ],
)
async def test_lead_times_are_expected_against_actual(
    database: Database, arrives: datetime, late: int
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2), placed_at=PLACED_AT))
    await shipped(database, ref)
    await deliver(database, "T1", arrives)
    await heard(database, LISTENER)
    with travel(datetime(2026, 1, 12, 12, tzinfo=UTC), tick=False):
        seen = await overview(database)
    assert seen.lead_times == (
        LeadTime(
            delivery_option="home_standard",
            carrier="post",
            carrier_name="Post",
            orders=1,
            late=late,
            expected_seconds=36 * 3600,
            actual_seconds=int((arrives - PLACED_AT).total_seconds()),
        ),
    )
    assert seen.late_orders == 0
    await assert_exact(database)
    with travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        assert (await overview(database)).lead_times == ()


async def test_an_order_on_hold_is_expected_from_when_it_is_free(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(
        database,
        order("A-1", ("CUP", 2), placed_at=PLACED_AT, payment=NewPayment(status="pending")),
    )
    ref = FulfillmentRef(order_id=order_id, n=1)
    assert await fact(database, ref, "expected_by") is None
    assert (await overview(database)).orders == (figures(state="on_hold"),)
    async with database.transaction() as db:
        await pay(db, order_id=order_id, receipt=NewReceipt(reference="pi", amount="20.00"))
    freed_at, expected_by = (
        await fact(database, ref, "freed_at"),
        await fact(database, ref, "expected_by"),
    )
    assert freed_at > datetime.now(UTC) - timedelta(minutes=5)
    assert expected_by > freed_at
    [row] = (await overview(database)).orders
    assert (row.state, row.late) == ("open", 0)


async def test_nobody_can_tell_when_what_is_short_will_come(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    ref = await released(database, order("M-1", ("CUP", 5), channel="market", placed_at=PLACED_AT))
    assert await fact(database, ref, "expected_by") is None
    assert (await overview(database)).orders == (
        figures(channel="market", channel_name="Market", short=1, short_units=2),
    )


async def test_what_is_collected_is_kept_when_it_is_ready(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(
        database, collected("A-1", ("CUP", 1), location="S-LYON", placed_at=PLACED_AT)
    )
    # Two hours later, and nobody was there yet.
    assert await fact(database, ref, "expected_by") == PLACED_AT + timedelta(hours=2)
    assert (await overview(database)).collected == (
        CollectedFigures(location="S-LYON", name="Store Lyon", outcome="at_work", orders=1, late=1),
    )
    await accepted(database, ref)
    async with database.transaction() as db:
        await pick(db, ref=ref, version=None, author="Ana")
        await pack(db, ref=ref, version=None, author="Ana")
        await ready_for_pickup(db, ref=ref, version=None, author="Ana")
    seen = await overview(database)
    assert (seen.late_orders, seen.count("at_work")) == (0, 1)
    kept_at = await fact(database, ref, "kept_at")
    assert kept_at > PLACED_AT
    [lead] = seen.lead_times
    assert (lead.carrier, lead.orders, lead.late, lead.expected_seconds) == (None, 1, 1, 7200)
    async with database.transaction() as db:
        await hand_over(db, ref=ref, version=None, author="Ana")
    seen = await overview(database)
    assert [(each.outcome, each.orders) for each in seen.collected] == [("collected", 1)]
    assert await fact(database, ref, "kept_at") == kept_at
    await assert_exact(database)


async def test_what_is_called_ready_later_was_ready_when_the_location_says(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    ref = await released(
        database, collected("A-1", ("CUP", 1), location="S-LYON", placed_at=PLACED_AT)
    )
    at = PLACED_AT + timedelta(minutes=90)
    await packed(database, ref, at=at)
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author="Ana", occurred_at=at)
    await heard(database, LISTENER)
    with travel(PLACED_AT + timedelta(days=1), tick=False):
        [lead] = (await overview(database)).lead_times
    assert (lead.orders, lead.late, lead.actual_seconds) == (1, 0, 5400)
    assert await fact(database, ref, "kept_at") == at
    await assert_exact(database)


async def test_an_order_is_free_when_its_payment_was_received(database: Database) -> None:
    await open_shop(database, STOCK)
    new = collected(
        "A-1",
        ("CUP", 1),
        location="S-LYON",
        placed_at=PLACED_AT,
        payment=NewPayment(status="pending"),
    )
    order_id = await captured(database, new)
    received_at = PLACED_AT + timedelta(minutes=20)
    receipt = NewReceipt(reference="pi-1", amount="10.00", received_at=received_at)
    async with database.transaction() as db:
        await pay(db, order_id=order_id, receipt=receipt)
    await settled(database)
    ref = FulfillmentRef(order_id=order_id, n=1)
    assert await fact(database, ref, "freed_at") == received_at
    assert await fact(database, ref, "expected_by") == received_at + timedelta(hours=2)
    await assert_exact(database)


async def test_what_was_handed_over_before_it_was_called_ready_was_ready_by_then(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    placed_at = datetime.now(UTC) - timedelta(hours=3)
    ref = await released(
        database, collected("A-1", ("CUP", 1), location="S-LYON", placed_at=placed_at)
    )
    await accepted(database, ref)
    at = placed_at + timedelta(minutes=30)
    async with database.transaction() as db:
        await pick(db, ref=ref, version=None, author="Ana")
        await pack(db, ref=ref, version=None, author="Ana")
        await ready_for_pickup(db, ref=ref, version=None, author="Ana")
        await hand_over(db, ref=ref, version=None, author="Ana", occurred_at=at)
    assert await fact(database, ref, "kept_at") == at
    [lead] = (await overview(database)).lead_times
    assert (lead.late, lead.actual_seconds) == (0, 1800)


async def test_what_was_cancelled_is_not_late(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2), placed_at=PLACED_AT))
    assert (await overview(database)).late_orders == 1
    await cancelled(database, ref.order_id)
    await settled(database)
    seen = await overview(database)
    assert seen.orders == (figures(state="cancelled", outcome="cancelled"),)
    await assert_exact(database)


async def test_hours_and_days_are_those_of_the_setting(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    # 23:30 in Paris on 4 January, and 00:30 on the 5th.
    for n, at in enumerate(("2026-01-04T22:30:00Z", "2026-01-04T23:30:00Z")):
        await captured(database, order(f"A-{n}", ("CUP", 1), placed_at=datetime.fromisoformat(at)))
    sale = collected(
        "T-1", ("CUP", 1), location="S-LYON", channel="till", delivery_option="in_store"
    )
    await captured(database, sale)
    await heard(database, LISTENER)
    here = Settings(time_zone="Europe/Paris")
    paris = Database(here, url=database.url)
    await paris.open()
    try:
        with travel(datetime(2026, 1, 5, 11, 20, tzinfo=UTC), tick=False):
            async with paris.read() as db:
                seen = await analytics.overview(db)
    finally:
        await paris.close()
    assert [each.start for each in seen.hours] == [
        datetime(2026, 1, 4, 12, tzinfo=UTC) + timedelta(hours=n) for n in range(24)
    ]
    assert seen_flows(seen) == [
        Flow(
            start=datetime(2026, 1, 4, hour, tzinfo=UTC),
            placed=1,
            sold_in_store=0,
            shipped=0,
            delivered=0,
        )
        for hour in (22, 23)
    ]
    assert [(each.start, each.placed) for each in seen.days] == [
        (datetime(2025, 12, 22, 23, tzinfo=UTC) + timedelta(days=n), n // 12) for n in range(14)
    ]
    today = (await overview(database)).hours[-2:]
    assert sum(each.sold_in_store for each in today) == 1
    assert sum(each.placed for each in today) == 0


async def test_parcels_and_deliveries_flow_in_the_hour_in_which_they_happened(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    await shipped(database, ref)
    assert [(each.shipped, each.delivered) for each in (await overview(database)).days[-2:]] == [
        (0, 0),
        (1, 0),
    ]
    await deliver(database, "T1", datetime.now(UTC))
    seen = await overview(database)
    assert sum(each.placed for each in seen.days) == 1
    assert sum(each.shipped for each in seen.days) == 1
    assert sum(each.delivered for each in seen.days) == 1


async def test_work_is_late_when_its_cut_off_has_passed(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    async with database.transaction() as db:
        # As if the store had been asked two days ago.
        await db.execute(
            b"UPDATE fulfillment.fulfillment_order SET created_at = now() - interval '2 days'"
        )
        since = await db.value(b"SELECT created_at FROM fulfillment.fulfillment_order")
    seen = await overview(database)
    assert [(each.state, each.works, each.late) for each in seen.works] == [("open", 1, 1)]
    assert seen.oldest_works == (OldestWork(location="S-LYON", name="Store Lyon", since=since),)
    assert seen.late_works == 1
    await shipped(database, ref)
    seen = await overview(database)
    assert [(each.state, each.works, each.late) for each in seen.works] == [("shipped", 1, 0)]
    await assert_exact(database)


async def test_an_order_in_two_parcels_is_split(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("CUP", "W-ORLEANS"): 1})
    first = await released(database, order("A-1", ("CUP", 2)))
    await shipped(database, first, "T1")
    [row] = (await overview(database)).orders
    assert (row.outcome, row.packed, row.split, row.of_several_locations) == ("at_work", 1, 0, 0)
    await packed(database, FulfillmentRef(order_id=first.order_id, n=2))
    [row] = (await overview(database)).orders
    assert (row.outcome, row.packed, row.split, row.of_several_locations) == ("at_work", 1, 1, 1)


async def test_the_overview_says_how_far_it_has_come(database: Database) -> None:
    await open_shop(database, STOCK)
    await overview(database)
    await captured(database, order("A-1", ("CUP", 2)))
    async with database.read() as db:
        behind = (await analytics.overview(db)).as_of
    # It has no position yet, and is counted by its age.
    assert behind.behind == 0
    assert 0 < behind.lag_seconds < 60
    await heard(database)
    async with database.read() as db:
        behind = (await analytics.overview(db)).as_of
        [listener] = [e for e in await lag.of_listeners(db) if e.listener == LISTENER]
    assert (behind.behind, behind.position) == (1, listener.position)
    assert 0 < behind.lag_seconds < 60
    caught_up = (await overview(database)).as_of
    assert (caught_up.behind, caught_up.lag_seconds) == (0, 0.0)
    assert caught_up.position == behind.position + 1
