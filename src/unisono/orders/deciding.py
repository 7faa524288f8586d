"""Deciding where one order comes from: the reference data, the stock in view, the sourcing plan.

Pure but for the stock in view, from which each decision takes what it gives away, so that the next
order of the batch sees what is left.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from unisono.channels import channels as channels_area
from unisono.channels.channels import Channel, Channels
from unisono.core import revision
from unisono.core.database import Db
from unisono.core.errors import Fault, UnisonoError
from unisono.inventory.image import Units
from unisono.inventory.levels import Key, Take
from unisono.network import network as network_area
from unisono.network import tariffs
from unisono.network.network import Network
from unisono.network.tariffs import UNREACHABLE
from unisono.orders.new_order import COLLECTED, CheckedOrder, DeliveryOption
from unisono.orders.records import NewAllocation
from unisono.sourcing import choose
from unisono.sourcing.choose import Demand, Numbers, Parcel, Plan, Supply

_encode = msgspec.json.Encoder().encode
_NOT_CARRIED = msgspec.Raw(b"null")


TERMS_MAX = 5000
"""Terms that a process remembers: channels times delivery options times destinations."""


class StockShort(UnisonoError):
    """The channel does not have enough stock for the order."""


class NotDeliverable(UnisonoError):
    """No location and carrier can bring the order where it should go."""


class DecidedParcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel of a decision; ``units`` are (SKU, quantity), ``carried`` carrier, service, zone."""

    location: int
    units: list[tuple[int, int]]
    weight_g: int
    shipping: int
    handling: int
    carried: msgspec.Raw


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a plan was chosen, as it is kept: ids inside, costs in minor units of the cost currency.

    ``whole`` has, in the order of ``locations``, what each would have cost as the only one, and -1
    where it could not serve everything; ``removed`` the ids removed by each constraint.
    """

    method: str = "none"
    cost: int | None = None
    split_cost: int = 0
    parcels: list[DecidedParcel] = []
    locations: msgspec.Raw = msgspec.Raw(b"[]")
    whole: list[int] = []
    removed: msgspec.Raw = msgspec.Raw(b"{}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The reference data that decisions rest on, and the revisions it is of."""

    revisions: Mapping[str, int]
    network: Network
    channels: Channels
    terms: dict[object, "Where"] = field(default_factory=dict)
    """The terms of orders seen lately: they hold as long as the reference data does."""

    @staticmethod
    async def at(db: Db, revisions: Mapping[str, int]) -> "Reference":
        """Return the reference data at these revisions, from memory where it is there."""
        return Reference(
            revisions=revisions,
            network=await network_area.of(db, revision=revisions["network"]),
            channels=await channels_area.all(db, revision=revisions["channels"]),
        )

    @staticmethod
    async def remembered(db: Db) -> "Reference":
        """Return the reference data as this process last knew it; read it when it knows none."""
        known: Reference | None = db.memory.get(Reference)
        return known or await Reference.fresh(db)

    @staticmethod
    async def fresh(db: Db) -> "Reference":
        """Return the reference data as it is now, and remember it."""
        reference = await Reference.at(db, await revision.current(db))
        if not db.moved:
            db.memory[Reference] = reference
        return reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The terms of a decision: who may serve at what cost, and why others may not.

    ``removed`` has the ids of removed locations by constraint, as JSON; ``option`` and
    ``safety_stock`` are the order's and its channel's.
    """

    supply: Supply
    removed: msgspec.Raw
    safety_stock: int
    option: str
    _carried: dict[tuple[int, int], msgspec.Raw] = field(default_factory=dict)

    def carried(self, network: Network, location: int, weight_g: int) -> msgspec.Raw:
        """Return carrier, service and zone of a parcel from a location index, as JSON."""
        tariff = self.supply.tariff
        if tariff is None:
            return _NOT_CARRIED
        weight_g = min(weight_g, choose.heaviest_parcel_g(tariff))
        at = (location, tariff.bracket(weight_g))
        known = self._carried.get(at)
        if known is None:
            sent = tariffs.shipping(network, tariff, location_index=location, weight_g=weight_g)
            known = self._carried[at] = msgspec.Raw(
                _encode(None if sent is None else [sent.carrier, sent.service, sent.zone])
            )
        return known


def where(
    network: Network,
    channel: Channel,
    *,
    option: DeliveryOption,
    location: int | None,
    destination: tuple[str, str] | None,
    split_cost: int,
    declined: Iterable[int] = (),
) -> Where:
    """Return who may serve such an order; ``destination`` is (country, postal code)."""
    collected = option in COLLECTED
    constraints = {
        "offline": network.online,
        "does_not_collect" if collected else "does_not_ship": (
            network.collects if collected else network.ships
        ),
    }
    if channel.locations:
        named = [network.by_code[code].id for code in channel.locations if code in network.by_code]
        constraints["not_of_channel"] = np.isin(network.ids, named)
    if location is not None:
        constraints["collected_elsewhere"] = network.ids == location
    if declined:
        constraints["declined"] = ~np.isin(network.ids, list(declined))
    allowed = np.ones(len(network.ids), dtype=np.bool_)
    removed: dict[str, Sequence[int]] = {}
    for reason, holds in constraints.items():
        out = allowed & ~holds
        if out.any():
            removed[reason] = network.ids[out].tolist()
            allowed &= holds
    tariff = None
    if destination is not None and (option == "home_standard" or option == "home_express"):  # noqa: PLR1714 - a type checker narrows this form only
        country, postal_code = destination
        tariff = tariffs.tariff(network, option=option, country=country, postal_code=postal_code)
    return Where(
        supply=Supply(
            allowed=allowed,
            line_costs=network.line_costs,
            parcel_costs=network.parcel_costs,
            tariff=tariff,
            split_cost=split_cost,
        ),
        removed=msgspec.Raw(_encode(removed)),
        safety_stock=channel.safety_stock,
        option=option,
    )


class Decider:
    """Decides orders one after the other on one view of the stock.

    ``stock`` has an array of free units by location index for every SKU in question; what a
    decision gives away is taken off it and added to ``takes``.
    """

    def __init__(
        self, reference: Reference, stock: Mapping[int, Units], *, split_cost: int
    ) -> None:
        """Begin with nothing given away."""
        self.network = reference.network
        self.stock = stock
        self.takes: dict[Key, Take] = {}
        self._locations = msgspec.Raw(_encode(reference.network.ids.tolist()))
        self.split_cost = split_cost
        self._terms = reference.terms

    def terms(self, order: CheckedOrder) -> Where:
        """Return who may serve the order; orders on the same terms share the answer."""
        to = order.new.destination
        destination = None if to is None else (to.country, to.postal_code)
        key = (order.channel.code, order.new.delivery_option, order.location, destination)
        known = self._terms.get(key)
        if known is None:
            if len(self._terms) >= TERMS_MAX:
                self._terms.clear()
            known = self._terms[key] = where(
                self.network,
                order.channel,
                option=order.new.delivery_option,
                location=order.location,
                destination=destination,
                split_cost=self.split_cost,
            )
        return known

    def plan(
        self, units: Mapping[int, int], unit_weights_g: Sequence[int], terms: Where
    ) -> Plan | None:
        """Return the cheapest plan for units by SKU on these terms, or None; take nothing yet."""
        safe = terms.safety_stock
        return choose.choose(
            Demand(units=tuple(units.values()), unit_weights_g=unit_weights_g),
            [self.stock[sku] - safe if safe else self.stock[sku] for sku in units],
            terms.supply,
        )

    def available(self, units: Mapping[int, int], terms: Where) -> dict[int, int]:
        """Return how many of these units the locations that may serve have, SKU by SKU."""
        found = {}
        for sku, wanted in units.items():
            free = np.maximum(self.stock[sku][terms.supply.allowed] - terms.safety_stock, 0)
            found[sku] = min(wanted, int(free.sum()))
        return found

    def give(self, plan: Plan, skus: Sequence[int], terms: Where) -> None:
        """Take a plan's units off the stock in view and add them to what will be claimed."""
        ids = self.network.ids
        for parcel in plan.parcels:
            location = int(ids[parcel.location])
            for at, quantity in parcel.units.items():
                sku = skus[at]
                self.stock[sku][parcel.location] -= quantity
                take = self.takes.setdefault((sku, location), Take())
                take.quantity += quantity
                take.need = max(take.need, take.quantity + terms.safety_stock)

    def explained(self, plan: Plan | None, skus: Sequence[int], terms: Where) -> bytes:
        """Return the decision as JSON: the parcels, who else could have served whole, and who not.

        ``whole`` has, in the order of ``locations``, what each would have cost as the only one, and
        -1 where it could not serve everything.
        """
        if plan is None:
            return _encode(Decision(removed=terms.removed))
        ids = self.network.ids
        return _encode(
            Decision(
                method=plan.method,
                cost=plan.cost,
                split_cost=self.split_cost,
                parcels=[
                    DecidedParcel(
                        location=int(ids[parcel.location]),
                        units=[(skus[at], quantity) for at, quantity in parcel.units.items()],
                        weight_g=parcel.weight_g,
                        shipping=parcel.shipping,
                        handling=parcel.handling,
                        carried=terms.carried(self.network, parcel.location, parcel.weight_g),
                    )
                    for parcel in plan.parcels
                ],
                locations=self._locations,
                whole=np.where(plan.whole < UNREACHABLE, plan.whole, -1).tolist(),
                removed=terms.removed,
            )
        )


def allocations(
    order_lines: Sequence[tuple[int, int, int]],
    parcels: Sequence[Parcel],
    skus: Sequence[int],
    ids: Numbers,
) -> list[NewAllocation]:
    """Return parcels as allocations of lines, given as (line, SKU, quantity), in order.

    What no parcel holds becomes an allocation without a location.
    """
    if len(parcels) == 1 and sum(each[2] for each in order_lines) == sum(parcels[0].units.values()):
        # The usual case: every line whole from one place.
        place = int(ids[parcels[0].location])
        return [
            NewAllocation(n=n, line=line, sku=sku, quantity=quantity, location=place)
            for n, (line, sku, quantity) in enumerate(order_lines, 1)
        ]
    given: dict[int, list[list[int]]] = {}
    for parcel in parcels:
        for at, quantity in parcel.units.items():
            given.setdefault(skus[at], []).append([int(ids[parcel.location]), quantity])
    made: list[NewAllocation] = []
    for line, sku, quantity in order_lines:
        open_units = quantity
        for part in given.get(sku, ()):
            units = min(open_units, part[1])
            if units:
                part[1] -= units
                open_units -= units
                made.append(
                    NewAllocation(
                        n=len(made) + 1, line=line, sku=sku, quantity=units, location=part[0]
                    )
                )
        if open_units:
            made.append(
                NewAllocation(
                    n=len(made) + 1,
                    line=line,
                    sku=sku,
                    quantity=open_units,
                    location=None,
                    reason="out_of_stock",
                )
            )
    return made


def refusal(order: CheckedOrder, available: Mapping[int, int], terms: Where) -> UnisonoError:
    """Return why the order cannot be served: the lines that are short, or nobody to bring it."""
    short = []
    left = dict(available)
    for line in order.lines:
        free = left[line.sku]
        left[line.sku] = max(0, free - line.quantity)
        if free < line.quantity:
            detail = f"{line.quantity} asked, {free} available on this channel"
            pointer = f"/lines/{line.n - 1}/quantity"
            short.append(Fault(pointer=pointer, code="stock_short", detail=detail))
    if short:
        message = f"{len(short)} of {len(order.lines)} lines are short; nothing was taken"
        return StockShort(message, faults=tuple(short))
    if order.new.delivery_option in COLLECTED:
        message = f"the order cannot be collected at {order.new.location} at the moment"
    else:
        message = f"no carrier brings this order by {terms.option} to its destination"
    return NotDeliverable(message)
