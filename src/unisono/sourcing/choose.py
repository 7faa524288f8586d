"""The choice of locations for one order: constraints remove candidates, the cheapest plan wins.

The cost of a parcel is what the carrier asks for its zone and weight, plus preparing its lines and
packing it; every parcel beyond the first adds the split cost. Up to EXACT_SKUS_MAX SKUs the best
partition into parcels is found exactly: the cheapest location of every subset of the SKUs, then a
dynamic program over partitions. Beyond that, and where no single location has all units of a SKU,
locations are taken one by one, the one that completes most first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from unisono.network.tariffs import UNREACHABLE, Tariff

EXACT_SKUS_MAX = 8

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What an order needs, by different SKU: units, and grams of one unit; never empty."""

    units: Sequence[int]
    unit_weights_g: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What the locations offer; every array is over locations.

    ``free`` has one array per SKU of the demand, what must be left is taken off already.
    ``allowed`` says which locations no constraint removed. ``tariff`` is None when nothing travels:
    the customer comes to the goods. Costs are in minor units of the cost currency.
    """

    free: Sequence[Numbers]
    allowed: Mask
    line_costs: Numbers
    parcel_costs: Numbers
    tariff: Tariff | None
    split_cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one location sends: units by index of the SKU in the demand, and what it costs."""

    location: int
    units: Mapping[int, int]
    weight_g: int
    shipping: int
    handling: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The chosen parcels and their total; ``whole`` is what each location would ask for everything.

    ``whole`` is over locations, at least UNREACHABLE where one location alone cannot serve.
    ``method`` is ``exact`` or ``spread``.
    """

    parcels: tuple[Parcel, ...]
    cost: int
    whole: Numbers
    method: str


def choose(demand: Demand, supply: Supply) -> Plan | None:
    """Return the cheapest plan for the whole demand, or None when the locations cannot serve it.

    Deterministic: of equal plans the one with the lowest location indexes.
    """
    if len(demand.units) == 1:
        plan = _one_sku(demand, supply)
    elif len(demand.units) <= EXACT_SKUS_MAX:
        plan = _exact(demand, supply)
    else:
        plan = None
    return plan or _spread(demand, supply)


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


def _one_sku(demand: Demand, supply: Supply) -> Plan | None:
    weight_g = demand.units[0] * demand.unit_weights_g[0]
    sent = shipping(supply.tariff, np.array([weight_g]), len(supply.allowed))[:, 0]
    able = supply.allowed & (supply.free[0] >= demand.units[0])
    whole = np.where(able, sent + supply.line_costs + supply.parcel_costs, UNREACHABLE)
    location = int(whole.argmin())
    cost = int(whole[location])
    if cost >= UNREACHABLE:
        return None
    shipped = int(sent[location])
    parcel = Parcel(
        location=location,
        units={0: demand.units[0]},
        weight_g=weight_g,
        shipping=shipped,
        handling=cost - shipped,
    )
    return Plan(parcels=(parcel,), cost=cost, whole=whole, method="exact")


def _exact(demand: Demand, supply: Supply) -> Plan | None:
    skus = len(demand.units)
    members = _members(skus)
    units = np.array(demand.units)
    weights_g = (units * np.array(demand.unit_weights_g)) @ members
    sent = shipping(supply.tariff, weights_g[1:], len(supply.allowed))
    able = (np.stack(supply.free) >= units[:, None]) & supply.allowed
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
    return Plan(parcels=tuple(parcels), cost=cost, whole=total[:, -1], method="exact")


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


def _spread(demand: Demand, supply: Supply) -> Plan | None:
    """Take locations one by one: next is who completes most SKUs, then who gives most units."""
    open_units = np.array(demand.units)
    unit_weights_g = np.array(demand.unit_weights_g)
    if supply.tariff is not None and int(unit_weights_g.max()) > heaviest_parcel_g(supply.tariff):
        return None
    free = np.where(supply.allowed, np.maximum(np.stack(supply.free), 0), 0)
    if supply.tariff is not None:
        free = np.where(supply.tariff.cost[:, 0] < UNREACHABLE, free, 0)
    parcels: list[Parcel] = []
    while open_units.any():
        given = np.minimum(free, open_units[:, None])
        amount = given.sum(axis=0)
        if not amount.any():
            return None
        complete = ((given == open_units[:, None]) & (given > 0)).sum(axis=0)
        sent = shipping(
            supply.tariff, np.maximum(unit_weights_g @ given, 1), len(supply.allowed)
        ).diagonal()
        order = np.lexsort((sent + supply.parcel_costs, -amount, -complete))
        location = int(order[0])
        parcels.append(_parcel(location, given[:, location], unit_weights_g, supply))
        open_units = open_units - given[:, location]
        free[:, location] = 0
    cost = sum(parcel.shipping + parcel.handling for parcel in parcels)
    if cost >= UNREACHABLE:
        return None
    return Plan(
        parcels=tuple(parcels),
        cost=cost + supply.split_cost * (len(parcels) - 1),
        whole=np.full(len(supply.allowed), UNREACHABLE),
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
