"""When the orders of the opening were placed: over the last days, at the hours at which people buy.

The hours of buying are invented. Tills sell only while every store is open.
"""

import dataclasses
from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from unisono.demo import payloads
from unisono.demo.chance import chance
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.retailer import CALENDARS, TIME_ZONE
from unisono.network import calendars

HISTORY = timedelta(days=7)
"""How far back the orders of the opening go: a whole week, so that every weekday is in it."""
COUNTED_BEFORE = timedelta(hours=1)
"""How long before the first of them the stock was counted."""

_SLOT = timedelta(hours=1)
# Of 100 orders of a day, by the hour of the clock.
_ONLINE = (1, 1, 0, 0, 0, 0, 1, 2, 4, 5, 6, 6, 7, 6, 5, 5, 5, 5, 6, 8, 10, 9, 6, 2)
_STORES_OPEN = payloads.calendar(
    next(each for each in CALENDARS if each.code == "STORE-MONDAY-AFTERNOON")
)


def dated(
    plan: Sequence[PlannedOrder], *, begin: datetime, end: datetime, seed: int
) -> tuple[PlannedOrder, ...]:
    """Return the orders with new times from ``begin`` to ``end``, sorted by them.

    Those of the tills, and those of all other channels, keep their order among themselves. Where
    no store is open in between, tills sell like the others.
    """
    tills = [each for each in plan if each.channel == "till"]
    others = [each for each in plan if each.channel != "till"]
    slots = list(_slots(begin, end))
    online = [_ONLINE[at.astimezone(ZoneInfo(TIME_ZONE)).hour] * part for at, part in slots]
    open_hours = [
        part if calendars.is_open(_STORES_OPEN, at, TIME_ZONE) else 0.0 for at, part in slots
    ]
    found = [
        *_spread(others, slots, online, seed),
        *_spread(tills, slots, open_hours if any(open_hours) else online, seed),
    ]
    return tuple(sorted(found, key=lambda each: (each.placed_at, each.reference)))


def _slots(begin: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Give hours of the clock, the first and the last cut; with the part of the hour they are."""
    at = begin
    while at < end:
        after = min(at.replace(minute=0, second=0, microsecond=0) + _SLOT, end)
        yield at, (after - at) / _SLOT
        at = after


def _spread(
    orders: Sequence[PlannedOrder],
    slots: Sequence[tuple[datetime, float]],
    weights: Sequence[float],
    seed: int,
) -> Iterator[PlannedOrder]:
    reached = list(accumulate(weights))
    for n, order in enumerate(orders):
        # Somewhere in the n-th of equal parts: in order, but not at equal distances.
        wanted = (n + chance(seed, order.reference, "placed")) / len(orders) * reached[-1]
        at = min(bisect(reached, wanted), len(slots) - 1)
        begins, part = slots[at]
        inside = 1 - (reached[at] - wanted) / weights[at]
        yield dataclasses.replace(order, placed_at=begins + inside * part * _SLOT)
