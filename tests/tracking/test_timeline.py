"""The timeline: drawn once from events, in the order of their clocks, without personal data."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.core.stamping import stamped
from tests.fulfillment.floor import (
    AUTHOR,
    at_lyon,
    cancelled,
    header,
    numbered,
    packed,
    released,
    shipped,
    to_lyon,
)
from tests.orders import shop
from tests.orders.shop import collected, open_shop, order
from unisono.core import clock, ids, positions
from unisono.core.database import Database
from unisono.core.positions import PlacedEvent
from unisono.fulfillment import deliver
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.ship import ship
from unisono.network import calendars, locations
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.orders.capture import capture
from unisono.orders.entries import Captured
from unisono.tracking import timeline
from unisono.tracking.links import UnknownTracking
from unisono.tracking.timeline import CollectionPlace, Timeline

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def drawn(database: Database, ref: FulfillmentRef) -> Timeline:
    """Draw everything that was told, and return the order's timeline."""
    await stamped(database)
    async with database.transaction() as db:
        await timeline.record(db, (await positions.read(db, after=0, limit=1000)).events)
    async with database.read() as db:
        return await timeline.of_order(db, order_id=ref.order_id)


async def rows(database: Database) -> Sequence[tuple[Any, ...]]:
    async with database.read() as db:
        return await db.tuples(b"SELECT t::text FROM tracking.tracking_event AS t ORDER BY 1")


async def test_a_package_is_followed_to_the_door(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    later = datetime.now(UTC)
    async with database.transaction() as db:
        await deliver.record(
            db,
            facts=[
                CarrierFact(carrier="post", tracking_number="T1", milestone="in_transit", at=later),
                CarrierFact(
                    carrier="post",
                    tracking_number="T1",
                    milestone="delivered",
                    at=later + timedelta(minutes=1),
                ),
            ],
        )
    found = await drawn(database, ref)
    assert [(step.milestone, step.package, step.city) for step in found.steps] == [
        ("confirmed", None, None),
        ("carrier_picked_up", 1, "Lyon"),
        ("in_transit", 1, None),
        ("delivered", 1, None),
    ]
    assert [step.at for step in found.steps[2:]] == [later, later + timedelta(minutes=1)]
    assert (found.state, found.city, found.collect_at) == ("fulfilled", "Lyon", None)
    [package] = found.packages
    assert (package.state, package.carrier_name, package.tracking_number, package.milestone) == (
        "delivered",
        "Post",
        "T1",
        "delivered",
    )


async def test_an_order_to_collect_says_where(database: Database) -> None:
    ref = await packed(database, await at_lyon(database, ("CUP", 2)))
    found = await drawn(database, ref)
    assert [step.milestone for step in found.steps] == ["confirmed"]
    assert found.packages == ()
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
    async with database.transaction() as db:
        await hand_over(db, ref=ref, version=None, author=AUTHOR)
    found = await drawn(database, ref)
    assert [(step.milestone, step.city) for step in found.steps] == [
        ("confirmed", None),
        ("ready_for_pickup", "Lyon"),
        ("picked_up", "Lyon"),
    ]
    assert found.collect_at == CollectionPlace(
        name="Store Lyon",
        street="1 rue des Essais",
        postal_code="69001",
        city="Lyon",
        country="FR",
        time_zone="Europe/Paris",
        opening=None,
    )
    assert (found.city, found.state) == (None, "fulfilled")


async def test_what_was_carried_out_of_a_store_is_picked_up_at_once(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    sale = collected(
        "T-1", ("CUP", 1), location="S-LYON", delivery_option="in_store", channel="till"
    )
    [answer] = await capture(database, [sale])
    assert isinstance(answer, Captured)
    found = await drawn(database, FulfillmentRef(order_id=answer.id, n=1))
    assert [step.milestone for step in found.steps] == ["picked_up"]


async def test_an_order_is_confirmed_when_it_was_placed(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    [answer] = await capture(database, [order("A-1", ("CUP", 1), placed_at=AT)])
    assert isinstance(answer, Captured)
    found = await drawn(database, FulfillmentRef(order_id=answer.id, n=1))
    assert [(step.milestone, step.at) for step in found.steps] == [("confirmed", AT)]


async def test_a_timeline_holds_no_personal_data_but_the_city(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    text = msgspec.json.encode(await drawn(database, ref)).decode()
    for private in ("Zoé", "Martin", "zoe@example.org", "rue Bât", "69001", AUTHOR):
        assert private not in text


async def test_drawing_twice_changes_nothing(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    first = await drawn(database, ref)
    before = await rows(database)
    assert len(before) == 2
    assert await drawn(database, ref) == first
    assert await rows(database) == before


async def test_a_location_that_is_not_known_any_more_does_not_stop_the_timeline(
    database: Database,
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    event = PlacedEvent(
        position=1,
        aggregate=ref.order_id,
        sequence=9,
        type="shipment.shipped",
        at=AT,
        data={"package": 1, "location": "GONE", "at": "2026-03-02T09:30:00Z"},
    )
    async with database.transaction() as db:
        await timeline.record(db, [event])
    async with database.read() as db:
        [step] = (await timeline.of_order(db, order_id=ref.order_id)).steps
    assert (step.milestone, step.at, step.city) == ("carrier_picked_up", AT, None)


async def test_what_is_no_order_has_no_timeline(database: Database) -> None:
    async with database.read() as db:
        with pytest.raises(UnknownTracking):
            await timeline.of_order(db, order_id=ids.uuid7())


def stood(found: Timeline) -> list[tuple[int, str, int, str, int | None]]:
    return [(each.line, each.name, each.quantity, each.state, each.package) for each in found.items]


async def test_what_was_ordered_says_how_its_units_stand_and_where_they_are(
    database: Database,
) -> None:
    ref = await to_lyon(database, ("CUP", 2), ("LAMP", 3))
    assert stood(await drawn(database, ref)) == [
        (1, "Cup", 2, "in_preparation", None),
        (2, "Lamp", 3, "in_preparation", None),
    ]
    await cancelled(database, ref.order_id, (2, 1))
    await packed(database, ref)
    assert stood(await drawn(database, ref)) == [
        (1, "Cup", 2, "prepared", None),
        (2, "Lamp", 1, "cancelled", None),
        (2, "Lamp", 2, "prepared", None),
    ]
    async with database.transaction() as db:
        await ship(db, ref=ref, version=None, author=AUTHOR, packages=numbered("T1"))
    assert stood(await drawn(database, ref)) == [
        (1, "Cup", 2, "shipped", 1),
        (2, "Lamp", 1, "cancelled", None),
        (2, "Lamp", 2, "shipped", 1),
    ]


async def test_what_no_location_has_waits_for_stock(database: Database) -> None:
    await open_shop(database, {})
    ref = await released(database, order("A-1", ("CUP", 2), channel="market"))
    found = await drawn(database, ref)
    assert stood(found) == [(1, "Cup", 2, "waiting", None)]
    assert found.cancellable


async def test_an_order_can_be_cancelled_by_its_customer_until_something_has_left(
    database: Database,
) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2), ("LAMP", 1)))
    found = await drawn(database, ref)
    assert (found.cancellable, found.version) == (True, await version_of(database, ref))
    async with database.transaction() as db:
        await ship(db, ref=ref, version=None, author=AUTHOR, packages=numbered("T1"))
    assert not (await drawn(database, ref)).cancellable


async def test_what_is_cancelled_cannot_be_cancelled_again(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    await cancelled(database, ref.order_id)
    assert not (await drawn(database, ref)).cancellable


async def test_the_place_tells_its_hours_from_today_by_its_own_clock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await at_lyon(database, ("CUP", 2))
    hours = (Interval(opens="10:00", closes="19:00"),)
    async with database.transaction() as db:
        await calendars.put(
            db,
            calendar=NewCalendar(
                code="SHOP", name="Saturdays", weekly=Week(saturday=hours), holidays="FR"
            ),
        )
        lyon = msgspec.structs.replace(shop._location("S-LYON"), calendar="SHOP")
        await locations.put(db, locations=[lyon], currency="EUR")
    # In Paris, Friday begins while it is still Thursday in UTC.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 5, 23, 30, tzinfo=UTC))
    place = (await drawn(database, ref)).collect_at
    assert place is not None
    assert place.opening is not None
    assert [(day.date.isoformat(), day.intervals) for day in place.opening] == [
        ("2026-03-06", ()),
        ("2026-03-07", hours),
        ("2026-03-08", ()),
        ("2026-03-09", ()),
        ("2026-03-10", ()),
        ("2026-03-11", ()),
        ("2026-03-12", ()),
    ]


async def version_of(database: Database, ref: FulfillmentRef) -> int:
    return (await header(database, ref.order_id))[1]
