"""Payloads: everything that the demo sends is what the API takes, and says what the plan says."""

from collections import Counter
from datetime import UTC, datetime

import msgspec

from unisono.catalog.skus import NewSku
from unisono.channels.channels import NewChannel
from unisono.core import money
from unisono.demo import payloads
from unisono.demo.carriers import CARRIERS
from unisono.demo.invoices import catalogue
from unisono.demo.order_plan import plan_orders
from unisono.demo.places import places
from unisono.demo.retailer import CALENDARS, CHANNELS, locations
from unisono.demo.stocking import starting_stock
from unisono.inventory.stock import CountRow
from unisono.network.calendars import NewCalendar
from unisono.network.carriers import NewCarrier
from unisono.network.locations import NewLocation
from unisono.network.places import NewPlace
from unisono.network.rates import NewRates
from unisono.orders.new_order import NewOrder, NewPayment

SEED = 7
ORDERS = 2100


def taken(payload: msgspec.Struct, kind: type[msgspec.Struct]) -> bool:
    """Whether the API reads a payload as what was meant: sent as JSON, decoded strictly."""
    return bool(msgspec.json.decode(msgspec.json.encode(payload), type=kind) == payload)


def test_reference_data_is_taken_as_it_is_sent() -> None:
    assert all(taken(payloads.calendar(each), NewCalendar) for each in CALENDARS)
    assert all(taken(payloads.location(each), NewLocation) for each in locations())
    assert all(taken(payloads.carrier(each), NewCarrier) for each in CARRIERS)
    assert all(taken(payloads.rates(each), NewRates) for each in CARRIERS)
    assert all(taken(payloads.channel(each), NewChannel) for each in CHANNELS)
    assert all(taken(payloads.sku(each), NewSku) for each in catalogue())
    as_of = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert all(
        taken(payloads.count(each, as_of=as_of), CountRow) for each in starting_stock(SEED, 100)
    )


def test_every_postal_code_is_told_once_with_its_largest_place() -> None:
    told = list(payloads.new_places())
    assert all(taken(each, NewPlace) for each in told)
    codes = [place.postal_code for place in told]
    assert sorted(codes) == sorted({code for place in places() for code in place.postal_codes})
    first = {code: place.name for place in reversed(places()) for code in place.postal_codes}
    assert {place.postal_code: place.name for place in told} == first


def test_orders_are_taken_as_they_are_sent_and_keep_their_lines() -> None:
    for planned in plan_orders(SEED, ORDERS):
        order = payloads.order(planned)
        assert taken(order, NewOrder)
        assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [
            (line.sku, line.quantity, money.render(line.unit_price_cents, "EUR"))
            for line in planned.lines
        ]
        travels = planned.delivery_option.startswith("home_")
        assert (order.destination is not None, order.location) == (
            travels,
            None if travels else planned.store,
        )


def test_an_address_is_told_only_when_something_travels_there() -> None:
    for planned in plan_orders(SEED, 300):
        order = payloads.order(planned)
        if planned.delivery_option == "click_and_collect":
            assert planned.destination is not None
            assert order.destination is None
            assert order.customer.name == planned.destination.recipient


def test_a_few_web_and_app_orders_are_paid_later_always_the_same() -> None:
    payments = Counter[tuple[str, str | None]]()
    for planned in plan_orders(SEED, ORDERS):
        payment = payloads.order(planned).payment
        payments[planned.channel, payment.status if payment else None] += 1
        later = planned.fate.pays_after is not None
        assert later == (payment == NewPayment(status="pending"))
    assert {channel for channel, status in payments if status is None} == {"till", "marketplace"}
    sold = sum(n for (channel, _), n in payments.items() if channel in {"web", "app"})
    assert 0.02 < (payments["web", "pending"] + payments["app", "pending"]) / sold < 0.04
