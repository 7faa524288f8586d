"""Why goods come from where they come: a sourcing decision, told in words, money and names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from unisono.console.orders.shown import Goods, carrier_name, service_name
from unisono.console.words import mark
from unisono.network.locations import Location
from unisono.network.network import Network
from unisono.orders.reading import DecisionView, OrderView, ParcelView

CONSTRAINTS: Mapping[str, str] = MappingProxyType(
    {
        "offline": mark("The location does not take part at the moment."),
        "does_not_ship": mark("No parcels leave from there."),
        "does_not_collect": mark("Customers cannot collect there."),
        "not_of_channel": mark("The channel does not sell from there."),
        "collected_elsewhere": mark("The customer collects at another location."),
        "declined": mark("The location could not serve these units before."),
    }
)
"""What each constraint of sourcing says of the locations that it removes."""

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "exact": mark("Every way to divide the order was compared; the cheapest was chosen."),
        "spread": mark(
            "No location had everything, so locations were taken one by one: first the one that "
            "completes most, then the cheapest."
        ),
        "carried": mark("The goods were carried out of the store, so nothing had to be chosen."),
        "collected": mark("The customer collects here, so no other location was asked."),
        "none": mark("No location could serve these units, so they wait for stock."),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one location was to send; amounts are decimal strings of the cost currency."""

    location: Location | None
    code: str
    goods: Sequence[Goods]
    weight_g: int
    carrier: str | None
    service: str | None
    zone: str | None
    shipping: str
    handling: str
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A location that would have cost more: its cost for everything, and how much more that is."""

    name: str
    cost: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision in names; ``others`` begins with the runner-up; ``splitting`` is an extra cost."""

    decision: int
    at: datetime
    method: str
    currency: str
    cost: str | None
    splitting: str | None
    parcels: Sequence[Parcel]
    others: Sequence[Other]
    short: Sequence[str]
    removed: Sequence[tuple[str, Sequence[str]]]


def told(view: DecisionView, order: OrderView, network: Network) -> Decision:
    """Return a decision with names in place of codes, the dearer locations in order of cost."""

    def name(code: str) -> str:
        location = network.by_code.get(code)
        return code if location is None else location.name

    names = {each.sku: each.name for each in order.lines}
    parts = sum(
        (Decimal(each.shipping) + Decimal(each.handling) for each in view.parcels), Decimal(0)
    )
    cost = Decimal(view.cost or 0)
    method = view.method
    if order.delivery_option == "in_store" and not parts:
        method = "carried"
    elif order.location is not None and parts:
        method = "collected"
    chosen = {each.location for each in view.parcels} if len(view.parcels) == 1 else set()
    ranked = sorted((Decimal(ask), code) for code, ask in view.whole.items() if code not in chosen)
    return Decision(
        decision=view.decision,
        at=view.at,
        method=METHODS.get(method, method),
        currency=view.currency,
        cost=view.cost,
        splitting=str(cost - parts) if view.cost is not None and cost != parts else None,
        parcels=[_parcel(each, names, network) for each in view.parcels],
        others=[
            Other(name=name(code), cost=str(ask), more=str(ask - cost)) for ask, code in ranked
        ],
        short=sorted(map(name, view.short)),
        removed=[
            (CONSTRAINTS.get(reason, reason), sorted(map(name, codes)))
            for reason, codes in view.removed.items()
        ],
    )


def _parcel(view: ParcelView, names: Mapping[str, str], network: Network) -> Parcel:
    return Parcel(
        location=network.by_code.get(view.location),
        code=view.location,
        goods=[
            Goods(sku=sku, name=names.get(sku, sku), quantity=quantity)
            for sku, quantity in view.units.items()
        ],
        weight_g=view.weight_g,
        carrier=carrier_name(network, view.carrier),
        service=service_name(network, view.carrier, view.service),
        zone=view.zone,
        shipping=view.shipping,
        handling=view.handling,
        cost=str(Decimal(view.shipping) + Decimal(view.handling)),
    )
