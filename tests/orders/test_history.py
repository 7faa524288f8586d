"""The history of an order: everything that happened to it, with who and where."""

from datetime import timedelta

import pytest

from tests.fulfillment.floor import (
    AT,
    AUTHOR,
    accepted,
    captured,
    packed,
    picked,
    released,
    shipped,
)
from tests.orders.shop import collected, open_shop, order
from unisono.core import clock, ids
from unisono.core.database import Database
from unisono.core.outbox import FACTS
from unisono.fulfillment import deliver
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.reject import reject
from unisono.fulfillment.release import release
from unisono.orders import history, notes, pay
from unisono.orders.cancel import Cancellation, CancelledLine, cancel
from unisono.orders.changing import UnknownOrder
from unisono.orders.history import Moment, MomentLine
from unisono.orders.new_order import NewPayment
from unisono.orders.pay import NewReceipt
from unisono.orders.reroute import reroute


async def moments(database: Database, ref: FulfillmentRef) -> list[Moment]:
    async with database.read() as db:
        return await history.of_order(db, order_id=ref.order_id)


def cups(quantity: int, **more: str) -> MomentLine:
    """Return units of the first line, which are cups."""
    return MomentLine(line=1, sku="CUP", name="Cup", quantity=quantity, **more)


async def test_a_parcel_is_told_from_capture_to_delivery(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 9})
    ref = await released(database, order("A-1", ("CUP", 2), delivery_price="4.90"))
    await shipped(database, ref, "T1")
    at = clock.now()
    async with database.transaction() as db:
        for milestone in ("in_transit", "delivered"):
            fact = CarrierFact(carrier="post", tracking_number="T1", milestone=milestone, at=at)
            await deliver.record(db, facts=[fact])
    told = await moments(database, ref)
    assert [each.sequence for each in told] == list(range(1, len(told) + 1))
    assert [each.type for each in told] == [
        "order.created",
        "fulfillment_order.created",
        "fulfillment_order.accepted",
        "fulfillment_order.picked",
        "fulfillment_order.packed",
        "shipment.shipped",
        "shipment.tracked",
        "shipment.delivered",
    ]
    created, asked, taken_on, found, boxed, left, tracked, arrived = told
    assert (created.channel, created.channel_name, created.reference) == ("web", "Web", "A-1")
    assert (created.amount, created.currency, created.author) == ("24.90", "EUR", None)
    assert (asked.location, asked.location_name) == ("S-LYON", "Store Lyon")
    assert (asked.fulfillment_order, asked.lines) == (1, (cups(2),))
    assert (asked.carrier, asked.carrier_name, asked.service) == ("post", "Post", "standard")
    assert (taken_on.author, taken_on.lines) == (AUTHOR, ())
    assert (found.author, found.lines) == (AUTHOR, (cups(2),))
    assert (boxed.packages, left.packages, arrived.packages) == ((1,), (1,), (1,))
    assert (left.tracking_number, left.carrier_name, left.author) == ("T1", "Post", AUTHOR)
    assert (tracked.milestone, tracked.at) == ("in_transit", at)
    assert (arrived.at, arrived.recorded_at > at) == (at, True)


async def test_who_paid_noted_and_cancelled_is_told(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 9})
    waiting = NewPayment(status="pending")
    order_id = await captured(database, order("A-1", ("CUP", 3), payment=waiting))
    ref = FulfillmentRef(order_id=order_id, n=1)
    receipt = NewReceipt(reference="pi-1", amount="12.50")
    wanted = Cancellation(reason="one is enough", lines=(CancelledLine(line=1, quantity=2),))
    async with database.transaction() as db:
        await pay.pay(db, order_id=order_id, receipt=receipt, author="shop")
        await notes.add(db, order_id=order_id, text="Called back", author="Bo")
        await cancel(db, order_id=order_id, cancellation=wanted, version=None, author="Ana")
        rest = Cancellation(reason="not wanted")
        await cancel(db, order_id=order_id, cancellation=rest, version=None)
    created, paid, noted, changed, gone = await moments(database, ref)
    assert (created.holds, created.amount) == (("payment",), "30.00")
    assert (paid.payment, paid.amount, paid.currency) == ("pi-1", "12.50", "EUR")
    assert (paid.author, paid.holds) == ("shop", ("payment",))
    assert (noted.type, noted.note, noted.text) == ("order.noted", 1, "Called back")
    assert (changed.author, changed.reason) == ("Ana", "one is enough")
    assert changed.lines == (cups(2),)
    # Nobody is named when the customer did it.
    assert (gone.type, gone.author, gone.lines) == ("order.cancelled", None, (cups(1),))


async def test_what_went_elsewhere_or_waits_is_told_with_the_reason(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5, ("CUP", "S-LILLE"): 2})
    ref = await released(database, order("A-1", ("CUP", 3)))
    await picked(database, ref, Picked(allocation=1, quantity=2), all_of_it=False)
    async with database.transaction() as db:
        await reroute(db, order_ids=[ref.order_id])
        await release(db, order_ids=[ref.order_id])
        second = FulfillmentRef(order_id=ref.order_id, n=2)
        await reject(db, ref=second, version=None, author="Cy", reason="no hands")
        await reroute(db, order_ids=[ref.order_id])
    told = {each.type: each for each in await moments(database, ref)}
    short = told["fulfillment_order.short_picked"]
    assert (short.lines, short.nothing_found) == ((cups(1, reason="not_found"),), False)
    plan = told["sourcing_plan.created"]
    assert plan.lines == (cups(1, location="S-LILLE", location_name="Store Lille"),)
    refused = told["fulfillment_order.rejected"]
    assert (refused.author, refused.reason, refused.lines) == ("Cy", "no hands", (cups(1),))
    assert (refused.location_name, refused.fulfillment_order) == ("Store Lille", 2)
    assert told["order.parked"].lines == (cups(1, reason="rejected"),)


async def test_goods_that_are_collected_are_told_to_the_end(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    ref = await released(database, collected("A-1", ("CUP", 1), location="S-LYON"))
    await packed(database, ref)
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
        await hand_over(db, ref=ref, version=None, author=AUTHOR)
    ready, over = (await moments(database, ref))[-2:]
    assert (ready.type, ready.packages) == ("fulfillment_order.ready_for_pickup", (1,))
    assert (over.type, over.location_name) == ("fulfillment_order.collected", "Store Lyon")


async def test_what_is_told_later_stands_where_it_happened(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5, ("CUP", "S-LILLE"): 2})
    placed_at = AT - timedelta(hours=1)
    ref = await released(database, order("A-1", ("CUP", 3), placed_at=placed_at))
    found = Picked(allocation=1, quantity=2)
    await picked(database, ref, found, all_of_it=False, at=AT)
    async with database.transaction() as db:
        await reroute(db, order_ids=[ref.order_id])
        await release(db, order_ids=[ref.order_id])
        await notes.add(db, order_id=ref.order_id, text="Called back", author="Bo")
    second = FulfillmentRef(order_id=ref.order_id, n=2)
    elsewhere_at = AT + timedelta(minutes=30)
    await accepted(database, second, at=elsewhere_at)
    packed_at = AT + timedelta(minutes=15)
    async with database.transaction() as db:
        await pack(db, ref=ref, version=None, author=AUTHOR, occurred_at=packed_at)
    *told, noted = await moments(database, ref)
    assert [(each.type, each.at) for each in told] == [
        ("order.created", placed_at),
        # Asked by then: the system only knows that it was before the location took it on.
        ("fulfillment_order.created", AT),
        ("fulfillment_order.accepted", AT),
        ("fulfillment_order.picked", AT),
        ("fulfillment_order.short_picked", AT),
        ("fulfillment_order.packed", packed_at),
        ("sourcing_plan.created", elsewhere_at),
        ("fulfillment_order.created", elsewhere_at),
        ("fulfillment_order.accepted", elsewhere_at),
    ]
    # What a person does is dated by the clock on the wall, and so is what was written.
    assert (noted.type, noted.at) == ("order.noted", noted.recorded_at)
    assert min(each.recorded_at for each in told) > AT + timedelta(days=1)


async def test_an_order_begins_with_itself_whatever_the_clocks_say(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    ahead = clock.now() + timedelta(minutes=3)
    ref = await released(database, order("A-1", ("CUP", 1), placed_at=ahead))
    await accepted(database, ref)
    assert [(each.sequence, each.type) for each in await moments(database, ref)] == [
        (1, "order.created"),
        (2, "fulfillment_order.created"),
        (3, "fulfillment_order.accepted"),
    ]


async def test_a_payment_was_received_when_the_provider_says(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    waiting = NewPayment(status="pending")
    order_id = await captured(database, order("A-1", ("CUP", 1), payment=waiting, placed_at=AT))
    receipt = NewReceipt(reference="pi-1", amount="10.00", received_at=AT + timedelta(minutes=7))
    async with database.transaction() as db:
        await pay.pay(db, order_id=order_id, receipt=receipt)
    _, paid = await moments(database, FulfillmentRef(order_id=order_id, n=1))
    assert (paid.type, paid.at) == ("order.paid", AT + timedelta(minutes=7))


def test_every_fact_about_orders_is_understood() -> None:
    subjects = ("order.", "fulfillment_order.", "shipment.", "sourcing_plan.")
    assert {name for name in FACTS if name.startswith(subjects)} == history.UNDERSTOOD


async def test_a_fact_that_is_not_understood_passes_by_its_type(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 1)))
    async with database.transaction() as db:
        await db.execute(
            b"INSERT INTO core.event (aggregate, sequence, type, data, batch, ordinal)"
            b" VALUES (%(id)s, 2, 'order.painted', '{\"note\": 1, \"lines\": 7}', %(id)s, 0)",
            {"id": order_id},
        )
    told = (await moments(database, FulfillmentRef(order_id=order_id, n=1)))[-1]
    assert told == Moment(
        sequence=2, type="order.painted", at=told.at, recorded_at=told.recorded_at
    )


async def test_an_unknown_order_has_no_history(database: Database) -> None:
    with pytest.raises(UnknownOrder):
        await moments(database, FulfillmentRef(order_id=ids.uuid7(), n=1))
