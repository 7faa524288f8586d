"""The choice of locations for one order: constraints remove candidates, the cheapest plan wins.

The cost of a parcel is what the carrier asks for its zone and weight, plus preparing its lines and
packing it; every parcel beyond the first adds the split cost. Up to EXACT_SKUS_MAX SKUs the best
partition into parcels is found exactly: the cheapest location of every subset of the SKUs, then a
dynamic program over partitions. Beyond that, and where no single location has all units of a SKU,
locations are taken one by one, the one that completes most first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import mul

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from unisono.network.tariffs import UNREACHABLE, Tariff

EXACT_SKUS_MAX = 8
ASKED_MAX = 500
"""Prices that a supply remembers: brackets times numbers of lines."""
_FLOOR = -1

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Demand(Struct, frozen=True, kw_only=True):
    """What an order needs, by different SKU: units, and grams of one unit; never empty."""

    units: Sequence[int]
    unit_weights_g: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """On which terms the locations offer; every array is over locations.

    ``allowed`` says which locations no constraint removed. ``tariff`` is None when nothing travels:
    the customer comes to the goods. Costs are in minor units of the cost currency. Many orders
    share one supply, which remembers what it was asked.
    """

    allowed: Mask
    line_costs: Numbers
    parcel_costs: Numbers
    tariff: Tariff | None
    split_cost: int
    _asked: dict[tuple[int, int], Numbers] = field(default_factory=dict)

    def parcel_prices(self, weight_g: int, lines: int) -> Numbers:
        """Return what one parcel costs from each location, UNREACHABLE where it cannot be sent."""
        tariff = self.tariff
        bracket = 0 if tariff is None else tariff.bracket(weight_g)
        if tariff is not None and weight_g > heaviest_parcel_g(tariff):
            bracket = -weight_g
        prices = self._asked.get((bracket, lines))
        if prices is None:
            sent = shipping(tariff, np.array([weight_g]), len(self.allowed))[:, 0]
            prepared = lines * self.line_costs + self.parcel_costs
            prices = np.where(self.allowed & (sent < UNREACHABLE), sent + prepared, UNREACHABLE)
            if len(self._asked) < ASKED_MAX:
                self._asked[bracket, lines] = prices
        return prices

    def split_floor(self, lines: int) -> int:
        """Return what no plan of two or more parcels can cost less than."""
        floor = self._asked.get((_FLOOR, 0))
        if floor is None:
            cheapest = 0 if self.tariff is None else int(self.tariff.cost.min())
            floor = self._asked[_FLOOR, 0] = np.array(
                [
                    2 * (cheapest + int(self.parcel_costs.min())) + self.split_cost,
                    int(self.line_costs.min()),
                ]
            )
        return int(floor[0]) + lines * int(floor[1])


class Parcel(Struct, frozen=True, kw_only=True):
    """What one location sends: units by index of the SKU in the demand, and what it costs."""

    location: int
    units: Mapping[int, int]
    weight_g: int
    shipping: int
    handling: int


class Plan(Struct, frozen=True, kw_only=True):
    """The chosen parcels and their total; ``whole`` is what each location would ask for everything.

    ``whole`` is over locations, at least UNREACHABLE where one location alone cannot serve.
    ``method`` is ``exact`` or ``spread``.
    """

    parcels: tuple[Parcel, ...]
    cost: int
    whole: Numbers
    method: str


def choose(demand: Demand, free: Sequence[Numbers], supply: Supply) -> Plan | None:
    """Return the cheapest plan for the whole demand, or None when the locations cannot serve it.

    ``free`` has, for each SKU of the demand, the units of each location; what must be left there is
    taken off already. Deterministic: of equal plans the one with the lowest location indexes.
    """
    if supply.tariff is not None and _is_too_heavy(demand, supply.tariff):
        return None
    whole = _whole(demand, free, supply)
    location = int(whole.argmin())
    cost = int(whole[location])
    skus = len(demand.units)
    if cost < UNREACHABLE and (skus == 1 or cost <= supply.split_floor(skus)):
        # No plan with more parcels can be cheaper: the usual case, decided in one pass.
        return _in_one_parcel(demand, supply, location, whole)
    plan = _exact(demand, free, supply, whole) if 1 < skus <= EXACT_SKUS_MAX else None
    return plan or _spread(demand, free, supply, whole)


def _is_too_heavy(demand: Demand, tariff: Tariff) -> bool:
    """Whether one unit of a SKU is heavier than any parcel: it cannot be divided."""
    return max(demand.unit_weights_g) > heaviest_parcel_g(tariff)


def _whole(demand: Demand, free: Sequence[Numbers], supply: Supply) -> Numbers:
    """Return what each location would ask for everything, UNREACHABLE where it cannot serve."""
    able = free[0] >= demand.units[0]
    for units, available in zip(demand.units[1:], free[1:], strict=True):
        able = able & (available >= units)
    weight_g = sum(map(mul, demand.units, demand.unit_weights_g))
    return np.where(able, supply.parcel_prices(weight_g, len(demand.units)), UNREACHABLE)


def _in_one_parcel(demand: Demand, supply: Supply, location: int, whole: Numbers) -> Plan:
    handling = len(demand.units) * int(supply.line_costs[location])
    handling += int(supply.parcel_costs[location])
    cost = int(whole[location])
    parcel = Parcel(
        location=location,
        units=dict(enumerate(demand.units)),
        weight_g=sum(map(mul, demand.units, demand.unit_weights_g)),
        shipping=cost - handling,
        handling=handling,
    )
    return Plan(parcels=(parcel,), cost=cost, whole=whole, method="exact")


def shipping(tariff: Tariff | None, weights_g: Numbers, locations: int) -> Numbers:
    """Return the carrier's price by location and weight, shape (locations, weights).

    A weight beyond the heaviest bracket travels as full parcels of that bracket and one rest.
    """
    if tariff is None:
        return np.zeros((locations, len(weights_g)), dtype=np.int64)
    heaviest = heaviest_parcel_g(tariff)
    if not heaviest or int(weights_g.max()) <= heaviest:
        cheapest: Numbers = tariff.cost[:, np.searchsorted(tariff.weights_g, weights_g)]
        return cheapest
    rest = (weights_g - 1) % heaviest + 1
    full = (weights_g - rest) // heaviest
    return np.minimum(
        tariff.cost[:, np.searchsorted(tariff.weights_g, rest)] + full * tariff.cost[:, -2:-1],
        UNREACHABLE,
    )


def heaviest_parcel_g(tariff: Tariff) -> int:
    """Return the heaviest parcel that any service takes; 0 when no service goes there."""
    return tariff.bounds[-2] if len(tariff.bounds) > 1 else 0


def _exact(demand: Demand, free: Sequence[Numbers], supply: Supply, whole: Numbers) -> Plan | None:
    skus = len(demand.units)
    members = _members(skus)
    units = np.array(demand.units)
    weights_g = (units * np.array(demand.unit_weights_g)) @ members
    sent = shipping(supply.tariff, weights_g[1:], len(supply.allowed))
    able = (np.stack(free) >= units[:, None]) & supply.allowed
    prepared = np.where(able, supply.line_costs, UNREACHABLE).T @ members[:, 1:]
    total = prepared + sent + supply.parcel_costs[:, None]
    best_at = total.argmin(axis=0).tolist()
    best = total.min(axis=0).tolist()
    parts = _cheapest_partition(best, skus, supply.split_cost)
    if parts is None:
        return None
    parcels = []
    for subset in parts:
        location = best_at[subset - 1]
        shipped = int(sent[location, subset - 1])
        parcels.append(
            Parcel(
                location=location,
                units={sku: demand.units[sku] for sku in range(skus) if subset >> sku & 1},
                weight_g=int(weights_g[subset]),
                shipping=shipped,
                handling=best[subset - 1] - shipped,
            )
        )
    cost = sum(best[subset - 1] for subset in parts) + supply.split_cost * (len(parts) - 1)
    return Plan(parcels=tuple(parcels), cost=cost, whole=whole, method="exact")


def _cheapest_partition(best: Sequence[int], skus: int, split_cost: int) -> list[int] | None:
    """Return the subsets (bit masks) of the cheapest partition; ``best[mask - 1]`` is a price."""
    full = (1 << skus) - 1
    cost = [0] * (full + 1)
    first = [0] * (full + 1)
    for mask in range(1, full + 1):
        cost[mask], first[mask] = best[mask - 1], mask
        for part in _parts(mask):
            together = best[part - 1] + cost[mask ^ part] + split_cost
            if together < cost[mask]:
                cost[mask], first[mask] = together, part
    if cost[full] >= UNREACHABLE:
        return None
    parts = []
    while full:
        parts.append(first[full])
        full ^= first[full]
    return parts


@cache
def _parts(mask: int) -> tuple[int, ...]:
    """The proper subsets of a mask that hold its lowest bit."""
    lowest = mask & -mask
    rest = mask ^ lowest
    parts = []
    part = rest
    while part:
        part = (part - 1) & rest
        parts.append(part | lowest)
    return tuple(parts)


@cache
def _members(skus: int) -> Numbers:
    """Which SKUs are in which subset: 0 or 1, shape (SKUs, subsets), the empty one first."""
    masks = np.arange(1 << skus)
    return (masks[None, :] >> np.arange(skus)[:, None]) & 1


def _spread(demand: Demand, free: Sequence[Numbers], supply: Supply, whole: Numbers) -> Plan | None:
    """Take locations one by one: next is who completes most SKUs, then who gives most units."""
    open_units = np.array(demand.units)
    unit_weights_g = np.array(demand.unit_weights_g)
    left = np.where(supply.allowed, np.maximum(np.stack(free), 0), 0)
    if supply.tariff is not None:
        left = np.where(supply.tariff.cost[:, 0] < UNREACHABLE, left, 0)
    parcels: list[Parcel] = []
    while open_units.any():
        given = np.minimum(left, open_units[:, None])
        sent = shipping(
            supply.tariff, np.maximum(unit_weights_g @ given, 1), len(supply.allowed)
        ).diagonal()
        # What is too heavy for a location now may be light enough once others gave their part.
        amount = np.where(sent < UNREACHABLE, given.sum(axis=0), 0)
        if not amount.any():
            return None
        complete = ((given == open_units[:, None]) & (given > 0) & (amount > 0)).sum(axis=0)
        cost = sent + supply.parcel_costs + supply.line_costs * (given > 0).sum(axis=0)
        order = np.lexsort((cost, -amount, -complete))
        location = int(order[0])
        parcels.append(_parcel(location, given[:, location], unit_weights_g, supply))
        open_units = open_units - given[:, location]
        left[:, location] = 0
    total = sum(parcel.shipping + parcel.handling for parcel in parcels)
    return Plan(
        parcels=tuple(parcels),
        cost=total + supply.split_cost * (len(parcels) - 1),
        whole=whole,
        method="spread",
    )


def _parcel(location: int, given: Numbers, unit_weights_g: Numbers, supply: Supply) -> Parcel:
    weight_g = int(unit_weights_g @ given)
    sent = shipping(supply.tariff, np.array([weight_g]), len(supply.allowed))
    units = {int(sku): int(given[sku]) for sku in np.flatnonzero(given)}
    handling = int(supply.line_costs[location]) * len(units) + int(supply.parcel_costs[location])
    return Parcel(
        location=location,
        units=units,
        weight_g=weight_g,
        shipping=int(sent[location, 0]),
        handling=handling,
    )
