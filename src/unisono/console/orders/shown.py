"""An order as its page shows it: lines with what became of them, packages, sums; names, no ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from unisono.console import story
from unisono.console.languages import Language
from unisono.core import money
from unisono.fulfillment.reassign import NOT_BEGUN
from unisono.fulfillment.records import HeldPackage
from unisono.network.locations import Location
from unisono.network.network import Network
from unisono.orders.reading import AllocationView, OrderView
from unisono.orders.states import ALLOCATION, DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Units of a line in one state at one place, and why where that is known."""

    quantity: int
    state: str
    location: Location | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line with what became of its units; amounts in the order's currency."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: str
    unit_discount: str
    is_discounted: bool
    total: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Units of a SKU in a package."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package; costs are decimal strings of the cost currency."""

    package: int
    state: str
    location: Location
    carrier: str | None
    service: str | None
    tracking_number: str | None
    weight_g: int
    shipping: str | None
    handling: str
    goods: Sequence[Goods]
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the figures of an order's page say; amounts are decimal strings.

    With ``is_expected`` something is still to be sent or handed over.
    """

    units: int
    alive: int
    gone: int
    waiting: int
    unpaid: str
    is_paid: bool
    is_expected: bool
    can_cancel: bool
    can_reroute: bool


def lines(order: OrderView, network: Network, language: Language) -> list[Line]:
    """Return the lines of an order with what became of them."""
    of_line: dict[int, list[AllocationView]] = {}
    for each in order.allocations:
        of_line.setdefault(each.line, []).append(each)
    return [
        Line(
            line=each.line,
            sku=each.sku,
            name=each.name,
            quantity=each.quantity,
            unit_price=each.unit_price,
            unit_discount=each.unit_discount,
            is_discounted=Decimal(each.unit_discount) > 0,
            total=str(each.quantity * (Decimal(each.unit_price) - Decimal(each.unit_discount))),
            parts=_parts(of_line.get(each.line, ()), network, language),
        )
        for each in order.lines
    ]


def _parts(
    allocations: Iterable[AllocationView], network: Network, language: Language
) -> list[Part]:
    """Return units by place, state and reason: what was divided only in time is one part."""
    sums: dict[tuple[str | None, str, str | None], int] = {}
    for each in allocations:
        key = (each.location, each.state, each.reason)
        sums[key] = sums.get(key, 0) + each.quantity
    return [
        Part(
            quantity=quantity,
            state=state,
            location=None if code is None else network.by_code[code],
            reason=None if reason is None else story.reason(language, reason),
        )
        for (code, state, reason), quantity in sums.items()
    ]


def packages(
    order: OrderView, held: Iterable[HeldPackage], network: Network, currency: str
) -> list[Package]:
    """Return the packages of an order with what is in them; ``currency`` is that of costs."""
    ordered = {each.line: each for each in order.lines}
    line_of = {each.allocation: each.line for each in order.allocations}
    return [
        Package(
            package=each.n,
            state=each.state,
            location=network.by_id[each.location],
            carrier=carrier_name(network, each.carrier),
            service=service_name(network, each.carrier, each.service),
            tracking_number=each.tracking_number,
            weight_g=each.weight_g,
            shipping=(
                None if each.shipping_cost is None else money.render(each.shipping_cost, currency)
            ),
            handling=money.render(each.handling_cost, currency),
            goods=[
                Goods(
                    sku=ordered[line_of[item.allocation]].sku,
                    name=ordered[line_of[item.allocation]].name,
                    quantity=item.quantity,
                )
                for item in each.items
            ],
            packed_at=each.packed_at,
            shipped_at=each.shipped_at,
            delivered_at=each.delivered_at,
        )
        for each in held
    ]


def sums(order: OrderView) -> Sums:
    """Return what the figures of an order's page say."""

    def units(states: Iterable[str]) -> int:
        return sum(each.quantity for each in order.allocations if each.state in states)

    paid = sum((Decimal(each.amount) for each in order.payments), Decimal(0))
    cancelled = units(("cancelled",))
    total = units(ALLOCATION.states)
    return Sums(
        units=total,
        alive=total - cancelled,
        gone=units(DONE),
        waiting=units(("open",)),
        unpaid=str(Decimal(order.total) - paid),
        is_paid=paid >= Decimal(order.total),
        is_expected=total > cancelled + units(DONE),
        can_cancel=any(ALLOCATION.allows(each.state, "cancelled") for each in order.allocations),
        # What the customer collects is at one location, and nowhere else.
        can_reroute=order.location is None and bool(units(NOT_BEGUN)),
    )


def carrier_name(network: Network, code: str | None) -> str | None:
    """Return the name of a carrier; its code when it is there no more."""
    known = network.carriers.get(code or "")
    return code if known is None else known.name


def service_name(network: Network, carrier: str | None, code: str | None) -> str | None:
    """Return the name of a service of a carrier; its code when it is there no more."""
    known = network.carriers.get(carrier or "")
    named = () if known is None else (each.name for each in known.services if each.code == code)
    return next(iter(named), code)
