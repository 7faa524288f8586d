"""Orders as they are read: whole, and why they come from where they come."""

from datetime import UTC, datetime

import pytest

from tests.fulfillment.floor import captured
from tests.orders.book import shown
from tests.orders.shop import collected, open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.orders import reading
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import Customer, NewLine
from unisono.orders.reading import AllocationView, LineView

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def test_an_order_is_read_as_it_was_sent(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 20, ("LAMP", "W-ORLEANS"): 20})
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
    assert (decision.short, decision.removed) == (["S-LILLE"], {})


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
    assert (first.whole, first.short) == ({}, ["S-LILLE", "S-LYON", "W-ORLEANS"])
    # 6.00 + 1.25 + 1.50 from Lille, 4.00 + 1.25 + 1.50 from Lyon, and 1.50 for the second parcel.
    assert first.cost == "17.00"
    assert (second.cost, second.method, second.parcels, second.short) == (None, "none", [], [])
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
