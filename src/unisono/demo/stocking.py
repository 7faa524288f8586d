"""The stock that the demo starts with: enough in all, but not everywhere, so that choices matter.

The rule is that of the generator that sourcing was studied with: stock is scarcity times demand,
allocated over the locations with a lognormal error of sigma 0.6. It is made for the orders of a
plan: what is carried out at a till, or collected, is nearly always in that very store.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unisono.demo.invoices import Article, catalogue, invoices
from unisono.demo.order_plan import PlannedOrder, plan_orders
from unisono.demo.retailer import locations

SCARCITY = 1.3
# Error of the quantity bought of a SKU, and of its allocation to each location. With the first
# and the gap below, about 4 of 100 orders of a plan of 500 cannot be served in full.
FORECAST_SIGMA = 0.15
ALLOCATION_SIGMA = 0.6
# The part of the SKUs that a store will sell over its counter, but does not have in full.
STORE_GAP = 0.015

# How often a location carries a SKU at all, and its share of the stock if those carry it that do.
_CARRIES = {"W-ORLEANS": 0.95, "W-LYON": 0.50, "P-LILLE": 0.20}
_STORE_CARRIES = 0.06
_SHARES = {"W-ORLEANS": 0.60, "W-LYON": 0.25, "P-LILLE": 0.10}
_STORE_SHARE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPlacement:
    """Units of a SKU that are at a location when the demo begins; at least one."""

    sku: str
    location: str
    quantity: int


def starting_stock(
    seed: int, order_count: int, scarcity: float = SCARCITY
) -> tuple[StockPlacement, ...]:
    """Give the stock for ``plan_orders(seed, order_count)``, by SKU and by the order of locations.

    Every SKU of the catalogue has at least one unit somewhere. What the plan does not ask for is
    there by its share of the demand of all invoices.
    """
    random = np.random.default_rng((seed, 2))
    plan = plan_orders(seed, order_count)
    demand = Counter[str]()
    for order in plan:
        for line in order.lines:
            demand[line.sku] += line.quantity
    counters = over_the_counter(plan)
    everywhere = locations()
    placements = []
    for article in catalogue():
        expected = demand[article.sku] or _expected_units(article, order_count)
        quantities = np.zeros(len(everywhere), dtype=np.int64)
        for at, units in counters[article.sku].items():
            gap = random.random() < STORE_GAP
            quantities[at] = random.integers(units) if gap else units
        bought = bought_units(random, scarcity * expected)
        rest = max(bought - int(quantities.sum()), 0)
        quantities += spread(random, rest)
        placements += [
            StockPlacement(sku=article.sku, location=location.code, quantity=quantity)
            for location, quantity in zip(everywhere, quantities.tolist(), strict=True)
            if quantity
        ]
    return tuple(placements)


def over_the_counter(plan: Sequence[PlannedOrder]) -> defaultdict[str, Counter[int]]:
    """Count the units that leave through the door of a store, by SKU and index of location."""
    index = {location.code: at for at, location in enumerate(locations())}
    units: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for order in plan:
        if order.store is None or order.delivery_option == "home_standard":
            continue
        for line in order.lines:
            units[line.sku][index[order.store]] += line.quantity
    return units


def _expected_units(article: Article, order_count: int) -> float:
    return article.demand_units * order_count / len(invoices())


def bought_units(random: np.random.Generator, wanted: float) -> int:
    """Give whole units, at least one: wanted units with a forecast error of mean 1, rounded.

    Rounding is up as often as the fraction says, so that slow sellers are not all rounded up.
    """
    error = random.lognormal(-(FORECAST_SIGMA**2) / 2, FORECAST_SIGMA)
    return max(int(wanted * error + random.random()), 1)


def spread(random: np.random.Generator, units: int) -> NDArray[np.int64]:
    """Spread units over the locations, in their order, as a buyer would who errs a little."""
    everywhere = locations()
    shares = np.array([_SHARES.get(location.code, _STORE_SHARE) for location in everywhere])
    carries = np.array([_CARRIES.get(location.code, _STORE_CARRIES) for location in everywhere])
    carried = random.random(len(carries)) < carries
    if not carried.any():
        carried[int(random.integers(len(carries)))] = True
    parts = shares * random.lognormal(0, ALLOCATION_SIGMA, len(shares)) * carried
    return np.asarray(random.multinomial(units, parts / parts.sum()), dtype=np.int64)
