"""An order as a channel sends it, and the same order checked against the reference data."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from unisono.catalog.skus import SkuFacts
from unisono.channels.channels import Channel, Channels
from unisono.core import clock, money
from unisono.core.errors import Fault, InvalidInput
from unisono.core.texts import Code, Country, Currency, PostalCode
from unisono.network.network import Network

DeliveryOption = Literal["home_standard", "home_express", "click_and_collect", "in_store"]
COLLECTED: frozenset[DeliveryOption] = frozenset(("click_and_collect", "in_store"))

Words = Annotated[str, Meta(max_length=200)]
Amount = Annotated[str, Meta(max_length=24, description="Decimal string", examples=["12.50"])]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]

HASH_VERSION = b"1"
UNITS_OF_SKU_MAX = 1_000_000_000
LINES_MAX = 100_000
"""More lines than any setting may allow: what bounds the body is the setting."""


class Customer(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Who ordered; personal data stays in this one column and can be erased."""

    name: Words
    email: Words | None = None
    phone: Words | None = None
    language: Literal["fr", "en"] = "fr"


class Destination(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Where the order goes."""

    name: Words
    street: Words
    postal_code: PostalCode
    city: Words
    country: Country


class NewLine(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Units of one SKU at one price; ``unit_discount`` is taken off every unit."""

    sku: Code
    quantity: Quantity
    unit_price: Amount
    unit_discount: Amount = "0"


class NewPayment(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Whether the channel has the money: ``pending`` holds the order until it is told "paid"."""

    status: Literal["paid", "pending"]
    reference: Annotated[str, Meta(min_length=1, max_length=100)] | None = None


class NewOrder(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """An order as its channel sends it; (channel, reference) names it for ever.

    ``location`` is the store where goods are collected or were handed over. Without ``payment`` the
    channel settles the money by itself.
    """

    channel: Code
    reference: Annotated[str, Meta(min_length=1, max_length=100, examples=["WEB-000123"])]
    currency: Currency
    delivery_option: DeliveryOption
    customer: Customer
    lines: Annotated[tuple[NewLine, ...], Meta(min_length=1, max_length=LINES_MAX)]
    delivery_price: Amount = "0"
    destination: Destination | None = None
    location: Code | None = None
    payment: NewPayment | None = None
    placed_at: datetime | None = None


class Line(Struct, frozen=True, kw_only=True):
    """A line with everything resolved: the SKU's id, integers of base and minor units."""

    n: int
    sku: int
    quantity: int
    unit_price: int
    unit_discount: int


class CheckedOrder(Struct, frozen=True, kw_only=True):
    """An order that can be decided: it names known things and its amounts are exact.

    ``units`` and ``unit_weights_g`` are by SKU id, lines of the same SKU summed.
    """

    new: NewOrder
    channel: Channel
    location: int | None
    lines: tuple[Line, ...]
    units: Mapping[int, int]
    unit_weights_g: tuple[int, ...]
    goods_amount: int
    delivery_amount: int

    @property
    def total_amount(self) -> int:
        """What the customer pays, in minor units of the order's currency."""
        return self.goods_amount + self.delivery_amount


def content_hash(new: NewOrder) -> bytes:
    """Return the digest that tells a repeat from a conflict.

    It covers the fields that were given: a field that the format gains later, left out, changes
    nothing.
    """
    return hashlib.blake2b(HASH_VERSION + msgspec.json.encode(new), digest_size=16).digest()


def check(
    new: NewOrder,
    *,
    network: Network,
    channels: Channels,
    skus: Mapping[str, SkuFacts],
    lines_max: int,
) -> CheckedOrder:
    """Return the order with everything that it names resolved.

    Raises InvalidInput with every fault of its content, each with its pointer.
    """
    faults = [*_faults_of_header(new, network, channels, lines_max)]
    lines, units, weights = [], dict[int, int](), dict[int, int]()
    goods_amount = 0
    for at, line in enumerate(new.lines[:lines_max]):
        facts = skus.get(line.sku)
        if facts is None or not facts.active:
            faults.append(_unknown_sku(line.sku, at, known=facts is not None))
        price = _amount(line.unit_price, new.currency, f"/lines/{at}/unit_price", faults)
        discount = _amount(line.unit_discount, new.currency, f"/lines/{at}/unit_discount", faults)
        if discount > price:
            detail = "the discount is larger than the price"
            pointer = f"/lines/{at}/unit_discount"
            faults.append(Fault(pointer=pointer, code="discount_too_large", detail=detail))
        if facts is None:
            continue
        goods_amount += line.quantity * (price - discount)
        units[facts.id] = units.get(facts.id, 0) + line.quantity
        weights[facts.id] = facts.weight_g
        lines.append(
            Line(
                n=at + 1,
                sku=facts.id,
                quantity=line.quantity,
                unit_price=price,
                unit_discount=discount,
            )
        )
    delivery_amount = _amount(new.delivery_price, new.currency, "/delivery_price", faults)
    if goods_amount + delivery_amount > money.MAXIMUM_MINOR_UNITS:
        detail = "the total is larger than any amount that is accepted"
        faults.append(Fault(pointer="/lines", code="amount_too_large", detail=detail))
    if max(units.values(), default=0) > UNITS_OF_SKU_MAX:
        detail = f"more than {UNITS_OF_SKU_MAX} units of one SKU"
        faults.append(Fault(pointer="/lines", code="quantity_too_large", detail=detail))
    if faults:
        raise InvalidInput(*faults)
    location = network.by_code[new.location].id if new.location is not None else None
    return CheckedOrder(
        new=new,
        channel=channels.by_code[new.channel],
        location=location,
        lines=tuple(lines),
        units=units,
        unit_weights_g=tuple(weights.values()),
        goods_amount=goods_amount,
        delivery_amount=delivery_amount,
    )


def _faults_of_header(
    new: NewOrder, network: Network, channels: Channels, lines_max: int
) -> Iterator[Fault]:
    channel = channels.by_code.get(new.channel)
    if channel is None:
        detail = f"there is no channel “{new.channel}”"
        yield Fault(pointer="/channel", code="unknown_channel", detail=detail)
    elif channel.status != "active":
        detail = f"channel “{new.channel}” is closed"
        yield Fault(pointer="/channel", code="closed_channel", detail=detail)
    elif channel.currency != new.currency:
        detail = f"channel “{new.channel}” sells in {channel.currency}, not in {new.currency}"
        yield Fault(pointer="/currency", code="currency_not_of_channel", detail=detail)
    if len(new.lines) > lines_max:
        detail = f"an order has at most {lines_max} lines; this one has {len(new.lines)}"
        yield Fault(pointer="/lines", code="too_many_lines", detail=detail)
    if fault := clock.fault_of(new.placed_at, pointer="/placed_at"):
        yield fault
    if new.payment is not None and new.payment.status == "paid" and new.payment.reference is None:
        detail = "a payment that was made has the provider's reference"
        yield Fault(pointer="/payment/reference", code="reference_missing", detail=detail)
    yield from _faults_of_delivery(new, network)


def _faults_of_delivery(new: NewOrder, network: Network) -> Iterator[Fault]:
    if new.delivery_option not in COLLECTED:
        if new.destination is None:
            detail = f"{new.delivery_option} needs a destination"
            yield Fault(pointer="/destination", code="destination_missing", detail=detail)
        if new.location is not None:
            detail = f"{new.delivery_option} names no location: sourcing chooses it"
            yield Fault(pointer="/location", code="location_not_wanted", detail=detail)
        return
    if new.location is None:
        detail = f"{new.delivery_option} needs the location"
        yield Fault(pointer="/location", code="location_missing", detail=detail)
    elif new.location not in network.by_code:
        detail = f"there is no location “{new.location}”"
        yield Fault(pointer="/location", code="unknown_location", detail=detail)
    elif new.delivery_option == "click_and_collect" and not network.by_code[new.location].collects:
        detail = f"nothing can be collected at “{new.location}”"
        yield Fault(pointer="/location", code="location_does_not_collect", detail=detail)


def _unknown_sku(code: str, at: int, *, known: bool) -> Fault:
    if known:
        detail = f"SKU “{code}” is not sold any more"
        return Fault(pointer=f"/lines/{at}/sku", code="retired_sku", detail=detail)
    detail = f"there is no SKU “{code}”"
    return Fault(pointer=f"/lines/{at}/sku", code="unknown_sku", detail=detail)


def _amount(text: str, currency: str, pointer: str, faults: list[Fault]) -> int:
    """Return the minor units; what is no amount or negative becomes a fault, and counts as 0."""
    try:
        minor = money.parse(text, currency)
    except money.NotAnAmount as problem:
        faults.append(Fault(pointer=pointer, code="not_an_amount", detail=str(problem)))
        return 0
    if minor < 0:
        detail = "an amount here cannot be negative"
        faults.append(Fault(pointer=pointer, code="negative_amount", detail=detail))
        return 0
    return minor
