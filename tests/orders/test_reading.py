"""Orders as they are read: whole, listed with filters, and why they come from where they come."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.fulfillment.floor import captured
from tests.orders.book import cancelled, shown
from tests.orders.shop import collected, open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.orders import reading
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import Customer, NewLine
from unisono.orders.reading import AllocationView, LineView, OrderFilter

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STOCK = {
    ("CUP", "S-LYON"): 20,
    ("CUP", "S-LILLE"): 20,
    ("LAMP", "W-ORLEANS"): 20,
}


async def listed(
    database: Database, wanted: OrderFilter, *, after: str | None = None, limit: int = 50
) -> list[str]:
    """Return the references of a listing."""
    async with database.read() as db:
        page = await reading.listing(db, wanted=wanted, after=after, limit=limit)
    return [row.reference for row in page.rows]


async def four(database: Database) -> list[UUID]:
    """Four orders: two of the web, one of them cancelled; one collected; one of the market."""
    await open_shop(database, STOCK)
    made = [
        await captured(database, order("WEB-1", ("CUP", 1), placed_at=AT)),
        await captured(database, order("WEB-2", ("CUP", 1), placed_at=AT + timedelta(days=1))),
        await captured(database, collected("WEB-3", ("CUP", 1), location="S-LILLE")),
        await captured(database, order("M-1", ("LAMP", 1), channel="market")),
    ]
    await cancelled(database, made[1])
    return made


async def test_an_order_is_read_as_it_was_sent(database: Database) -> None:
    await open_shop(database, STOCK)
    line = NewLine(sku="CUP", quantity=3, unit_price="10.50", unit_discount="0.55")
    new = order("A-1", lines=(line, NewLine(sku="LAMP", quantity=1, unit_price="20")))
    new = order("A-1", lines=new.lines, delivery_price="4.90", placed_at=AT)
    seen = await shown(database, await captured(database, new))
    assert (seen.channel, seen.reference, seen.state, seen.version) == ("web", "A-1", "open", 1)
    assert (seen.goods, seen.delivery, seen.total) == ("49.85", "4.90", "54.75")
    assert (seen.contact, seen.destination) == (new.customer, new.destination)
    assert (seen.customer, seen.placed_at, seen.location) == ("Zoé Martin", AT, None)
    assert seen.lines == [
        LineView(
            line=1, sku="CUP", name="Cup", quantity=3, unit_price="10.50", unit_discount="0.55"
        ),
        LineView(
            line=2, sku="LAMP", name="Lamp", quantity=1, unit_price="20.00", unit_discount="0.00"
        ),
    ]
    assert seen.allocations == [
        AllocationView(
            allocation=1,
            line=1,
            quantity=3,
            location="S-LYON",
            state="allocated",
            reason=None,
        ),
        AllocationView(
            allocation=2,
            line=2,
            quantity=1,
            location="W-ORLEANS",
            state="allocated",
            reason=None,
        ),
    ]


async def test_an_unknown_order_is_told_so(database: Database) -> None:
    async with database.read() as db:
        with pytest.raises(UnknownOrder):
            await reading.get(db, order_id=ids.uuid7())
        with pytest.raises(UnknownOrder):
            await reading.decisions(db, order_id=ids.uuid7())


async def test_a_listing_has_the_newest_first_and_can_be_filtered(database: Database) -> None:
    made = await four(database)
    first = await shown(database, made[0])
    everything = ["M-1", "WEB-3", "WEB-2", "WEB-1"]
    filters = [
        (OrderFilter(), everything),
        (OrderFilter(channel="web"), everything[1:]),
        (OrderFilter(channel="nobody"), []),
        (OrderFilter(state="cancelled"), ["WEB-2"]),
        (OrderFilter(state="open"), ["M-1", "WEB-3", "WEB-1"]),
        (OrderFilter(location="S-LILLE"), ["WEB-3"]),
        (OrderFilter(location="S-LYON"), ["WEB-2", "WEB-1"]),
        (OrderFilter(location="nowhere"), []),
        (OrderFilter(reference="WEB-1"), ["WEB-1"]),
        (OrderFilter(reference="WEB-1", channel="market"), []),
        (OrderFilter(number=first.number), ["WEB-1"]),
        (OrderFilter(number=1), []),
        (OrderFilter(placed_to=AT), []),
        (OrderFilter(placed_to=AT + timedelta(days=1)), ["WEB-1"]),
        (OrderFilter(placed_from=AT + timedelta(days=1)), everything[:3]),
        (OrderFilter(placed_from=AT, placed_to=AT + timedelta(days=2)), ["WEB-2", "WEB-1"]),
    ]
    for wanted, found in filters:
        assert await listed(database, wanted) == found, wanted


async def test_pages_follow_each_other_and_new_orders_do_not_disturb_them(
    database: Database,
) -> None:
    await four(database)
    async with database.read() as db:
        page = await reading.listing(db, wanted=OrderFilter(), after=None, limit=3)
    assert [row.reference for row in page.rows] == ["M-1", "WEB-3", "WEB-2"]
    await captured(database, order("WEB-4", ("CUP", 1)))
    assert await listed(database, OrderFilter(), after=page.after, limit=3) == ["WEB-1"]
    async with database.read() as db:
        with pytest.raises(InvalidInput):
            await reading.listing(db, wanted=OrderFilter(), after="nonsense", limit=3)


async def test_why_an_order_comes_from_there_can_be_read(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5, ("CUP", "W-ORLEANS"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 2)))
    async with database.read() as db:
        [decision] = await reading.decisions(db, order_id=order_id)
    # Lyon is near: 4.00 for 400 g, 1.25 a line and 1.50 a parcel; Orléans far: 6.00, 0.45, 0.70.
    assert (decision.decision, decision.method, decision.currency, decision.cost) == (
        1,
        "exact",
        "EUR",
        "6.75",
    )
    assert decision.whole == {"S-LYON": "6.75", "W-ORLEANS": "7.15"}
    [parcel] = decision.parcels
    assert (parcel.location, parcel.units, parcel.weight_g) == ("S-LYON", {"CUP": 2}, 400)
    assert (parcel.shipping, parcel.handling) == ("4.00", "2.75")
    assert (parcel.carrier, parcel.service, parcel.zone) == ("post", "standard", "near")
    assert decision.removed == {}


async def test_places_that_could_not_serve_are_named_with_the_reason(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LILLE"): 1, ("LAMP", "S-LYON"): 1})
    split = await captured(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    fetched = await captured(
        database, collected("A-2", ("CUP", 1), location="S-LILLE", channel="market")
    )
    async with database.read() as db:
        [first] = await reading.decisions(db, order_id=split)
        [second] = await reading.decisions(db, order_id=fetched)
    assert [parcel.location for parcel in first.parcels] == ["S-LILLE", "S-LYON"]
    assert first.whole == {}
    # 6.00 + 1.25 + 1.50 from Lille, 4.00 + 1.25 + 1.50 from Lyon, and 1.50 for the second parcel.
    assert first.cost == "17.00"
    assert (second.cost, second.method, second.parcels) == (None, "none", [])
    assert second.removed == {
        "does_not_collect": ["W-ORLEANS"],
        "collected_elsewhere": ["S-LYON"],
    }


async def test_what_was_carried_out_of_a_store_was_not_decided(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LILLE"): 1})
    sale = collected(
        "T-1",
        ("CUP", 1),
        location="S-LILLE",
        delivery_option="in_store",
        channel="till",
        customer=Customer(name=""),
    )
    order_id = await captured(database, sale)
    seen = await shown(database, order_id)
    assert (seen.state, seen.location, seen.customer) == ("fulfilled", "S-LILLE", "")
    async with database.read() as db:
        [decision] = await reading.decisions(db, order_id=order_id)
    assert (decision.method, decision.cost, decision.parcels) == ("none", None, [])
