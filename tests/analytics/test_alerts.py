"""Alerts: what needs a person now, and nothing that does not."""

from datetime import UTC, datetime, timedelta

from time_machine import travel

from tests.analytics.listening import alerts, heard, settled
from tests.fulfillment.floor import STOCK, captured, picked, released
from tests.orders.shop import collected, open_shop, order
from unisono.analytics import alerts as analytics
from unisono.analytics.alerts import Alert
from unisono.analytics.follow import LISTENER
from unisono.core import lag
from unisono.core.database import Database
from unisono.fulfillment.pick import Picked
from unisono.orders.new_order import NewPayment
from unisono.workers.subscriptions import SUBSCRIPTIONS

PLACED_AT = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)


async def test_a_quiet_house_has_no_alerts(database: Database) -> None:
    await open_shop(database, STOCK)
    await released(database, order("A-1", ("CUP", 2)))
    assert await alerts(database) == []


async def test_orders_on_hold_and_late_ones_are_told_with_the_oldest(database: Database) -> None:
    await open_shop(database, STOCK)
    unpaid = NewPayment(status="pending")
    for n, hours in enumerate((3, 5, 4)):
        at = PLACED_AT + timedelta(hours=hours)
        await captured(database, order(f"H-{n}", ("CUP", 1), placed_at=at, payment=unpaid))
        await captured(database, order(f"L-{n}", ("CUP", 1), placed_at=PLACED_AT))
    assert await alerts(database) == [
        Alert(
            kind="late_orders",
            count=3,
            oldest=datetime(2026, 1, 6, 23, tzinfo=UTC),
            target="orders",
        ),
        Alert(
            kind="orders_on_hold",
            count=3,
            oldest=PLACED_AT + timedelta(hours=3),
            target="orders",
        ),
    ]


async def test_orders_that_wait_for_stock_and_oversold_stock_are_told(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 2, ("LAMP", "S-LYON"): 1})
    at = datetime.now(UTC)
    ref = await released(database, order("A-1", ("CUP", 2), placed_at=at))
    await picked(database, ref, Picked(allocation=1, quantity=0), all_of_it=False)
    await captured(
        database,
        collected(
            "T-1", ("LAMP", 2), location="S-LYON", channel="till", delivery_option="in_store"
        ),
    )
    await settled(database)
    assert await alerts(database) == [
        Alert(kind="orders_waiting_for_stock", count=1, oldest=at, target="orders"),
        Alert(kind="stock_oversold", count=1, oldest=None, target="stock"),
    ]


async def test_late_work_is_told(database: Database) -> None:
    await open_shop(database, STOCK)
    await released(database, order("A-1", ("CUP", 2)))
    async with database.transaction() as db:
        await db.execute(
            b"UPDATE fulfillment.fulfillment_order SET created_at = '2026-01-05 11:00:00+00'"
        )
    assert await alerts(database) == [
        Alert(
            kind="late_work",
            count=1,
            oldest=datetime(2026, 1, 5, 15, tzinfo=UTC),
            target="fulfillment_orders",
        )
    ]


async def test_a_listener_that_lags_is_told_and_one_that_is_briefly_behind_is_not(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    await settled(database)
    await captured(database, order("A-1", ("CUP", 2)))
    await captured(database, order("A-2", ("CUP", 2)))
    await heard(database)
    async with database.read() as db:
        assert await analytics.alerts(db) == []
        [progress] = [e for e in await lag.of_listeners(db) if e.listener == LISTENER]
    await heard(database, "tracking.timeline")
    with travel(datetime.now(UTC) + timedelta(minutes=5), tick=False):
        async with database.read() as db:
            found = await analytics.alerts(db)
    lagging = {each.name for each in SUBSCRIPTIONS if each.name != "tracking.timeline"}
    assert [(each.kind, each.subject) for each in found] == [
        ("listener_lagging", name) for name in sorted(lagging)
    ]
    [mine] = [each for each in found if each.subject == LISTENER]
    assert mine == Alert(
        kind="listener_lagging",
        count=2,
        oldest=progress.waiting_since,
        target="listeners",
        subject=LISTENER,
    )


async def test_dead_letters_are_told_by_listener(database: Database) -> None:
    await open_shop(database, STOCK)
    await settled(database)
    async with database.transaction() as db:
        await db.execute(
            b"INSERT INTO core.dead_letter (subscription, aggregate, sequence, failure, at)"
            b" SELECT 'tracking.timeline', gen_random_uuid(), 1, 'unreadable', at"
            b" FROM unnest(ARRAY['2026-01-05 11:00Z', '2026-01-04 11:00Z']::timestamptz[]) AS at",
        )
    assert await alerts(database) == [
        Alert(
            kind="dead_letters",
            count=2,
            oldest=datetime(2026, 1, 4, 11, tzinfo=UTC),
            target="listeners",
            subject="tracking.timeline",
        )
    ]
