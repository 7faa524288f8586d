"""The live show: orders at a pace that can be set, work and travel that can be watched, for ever.

Nothing of it grows but the database: what is known of orders, the work that is left to a visitor
and what lies on shelves are all bounded.
"""

import asyncio
import dataclasses
import itertools
from collections.abc import Iterator
from datetime import timedelta

from unisono.core import clock
from unisono.demo import floor
from unisono.demo.cast import Cast
from unisono.demo.chance import chance
from unisono.demo.customers import care
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.progress import Figures, Watched

DELIVERED_FOR_ORDERS = 30
"""Orders for which suppliers deliver at once."""
CARE_SECONDS = 60
CARE_AFTER = timedelta(minutes=5)
"""How long an order may be unfinished before customer care looks at it."""

_WATCH_SECONDS = 1.0
_BEHIND_SECONDS_MAX = 5.0


async def go_on(
    cast: Cast, plan: Iterator[PlannedOrder], *, per_minute: int, show: Watched
) -> None:
    """Sell the orders of a plan at a pace, 0 for none, and let everybody act, until cancelled."""
    async with asyncio.TaskGroup() as group:
        cast.acting(group)
        group.create_task(_care(cast))
        group.create_task(_watch(cast, show))
        if per_minute:
            await _sell(cast, plan, per_minute)


async def _sell(cast: Cast, plan: Iterator[PlannedOrder], per_minute: int) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while upcoming := tuple(itertools.islice(plan, DELIVERED_FOR_ORDERS)):
        await cast.suppliers.deliver(upcoming)
        for planned in upcoming:
            # Customers come at random, and what a delivery held up is caught up with.
            random = chance(cast.world.seed, planned.reference, "pause")
            due += 60 / per_minute * (0.4 + 1.2 * random)
            due = max(due, loop.time() - _BEHIND_SECONDS_MAX)
            await asyncio.sleep(due - loop.time())
            await cast.replay.send(dataclasses.replace(planned, placed_at=clock.now()))


async def _care(cast: Cast) -> None:
    """Look now and then at what does not come to its end, and order what is missing."""
    while True:
        await asyncio.sleep(CARE_SECONDS)
        before = clock.now() - CARE_AFTER
        cared = await care(cast.team, cast.journal, placed_before=before)
        cast.suppliers.order(cared.missing)


async def _watch(cast: Cast, show: Watched) -> None:
    began = asyncio.get_running_loop().time()
    while True:
        show(
            Figures(
                seconds=asyncio.get_running_loop().time() - began,
                captured=cast.journal.captured.total(),
                refused=cast.journal.refused.total(),
                open_work=floor.open_work(cast.floors),
                on_the_way=cast.world.deliveries.on_the_way,
            )
        )
        await asyncio.sleep(_WATCH_SECONDS)
