"""Restocking: what suppliers deliver before the next orders come, so that the show never runs dry.

Only what is short of the next orders is delivered, so that stock does not grow from day to day; and
a little of it comes too late, so that some orders still meet scarcity.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from unisono.api.answers import Items
from unisono.api.stock import Adjustments
from unisono.demo.client import Client
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.retailer import locations
from unisono.demo.shelves import Shelves
from unisono.demo.stocking import SCARCITY, STORE_GAP, bought_units, over_the_counter, spread
from unisono.inventory.stock import AdjustmentRow, LevelView, RowReport

TOO_LATE_SHARE = 0.03
"""The part of the SKUs that are needed, and are not delivered in time."""
ROWS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arriving:
    """Units of a SKU for a location, of which ``void`` are gone already."""

    sku: str
    location: str
    units: int
    void: int


class Suppliers:
    """Those who deliver; the client is the back office's, which books what arrives."""

    def __init__(self, client: Client, shelves: Shelves, *, seed: int) -> None:
        """Begin with the first delivery."""
        self._client = client
        self._shelves = shelves
        self._random = np.random.default_rng((seed, 3))
        self._deliveries = 0
        self._ordered = Counter[str]()

    def order(self, missing: Mapping[str, int]) -> None:
        """Order units, by SKU, that somebody waits for: the next delivery has them."""
        self._ordered = Counter(missing)

    async def deliver(self, orders: Sequence[PlannedOrder]) -> int:
        """Deliver what these orders will lack, and what was ordered; return how many units."""
        counters = over_the_counter(orders)
        wanted = Counter(self._ordered)
        for order in orders:
            for line in order.lines:
                wanted[line.sku] += line.quantity
        arriving: list[_Arriving] = []
        for sku, units in wanted.items():
            if sku in self._ordered or self._random.random() >= TOO_LATE_SHARE:
                surely = self._ordered[sku]
                arriving += await self._lacking(sku, units, counters[sku], surely=surely)
        self._ordered.clear()
        await self._book(arriving)
        return sum(each.units for each in arriving)

    async def _lacking(
        self, sku: str, units: int, at_counters: Mapping[int, int], *, surely: int
    ) -> list[_Arriving]:
        """Return what has to arrive so that so many units can be sold, some of them at stores.

        Buyers err about what will be sold, but not about what is waited for ``surely``.
        """
        found = await self._client.get(f"/v1/stock/{sku}", Items[LevelView])
        levels = {each.location: each for each in found.items}
        free = Counter({code: _free(level) for code, level in levels.items()})
        everywhere = [location.code for location in locations()]
        arriving = Counter[str]()
        for at, needed in at_counters.items():
            lacking = needed - free[everywhere[at]]
            if lacking > 0 and self._random.random() >= STORE_GAP:
                arriving[everywhere[at]] = lacking
        lacking = math.ceil(SCARCITY * units) - free.total() - arriving.total()
        if lacking > 0:
            bought = max(bought_units(self._random, lacking), surely - free.total())
            spreading = spread(self._random, bought).tolist()
            arriving.update(dict(zip(everywhere, spreading, strict=True)))
        return [
            _Arriving(
                sku=sku,
                location=code,
                units=quantity,
                # What was sold without being there is booked as well, but reaches no shelf.
                void=min(quantity, max(0, -levels[code].on_hand)) if code in levels else 0,
            )
            for code, quantity in arriving.items()
            if quantity
        ]

    async def _book(self, arriving: Sequence[_Arriving]) -> None:
        """Put the goods on their shelves, and say so."""
        if not arriving:
            return
        self._deliveries += 1
        reason = f"delivery {self._deliveries}"
        for at in range(0, len(arriving), ROWS_MAX):
            piece = arriving[at : at + ROWS_MAX]
            rows = tuple(
                AdjustmentRow(
                    sku=each.sku, location=each.location, change=each.units, reason=reason
                )
                for each in piece
            )
            adjustments = Adjustments(items=rows, source="suppliers")
            await self._client.post("/v1/stock/adjustments", adjustments, Items[RowReport])
            for each in piece:
                self._shelves.put_back(each.location, each.sku, each.units - each.void)


def _free(level: LevelView) -> int:
    """Return what nobody has claimed; negative when more is claimed than there is."""
    return level.on_hand - level.unavailable - level.reserved - level.committed
