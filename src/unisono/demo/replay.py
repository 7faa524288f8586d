"""The replay: the channels send their orders in the order in which they were placed."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unisono.demo import payloads
from unisono.demo.client import Client, Refused
from unisono.demo.customers import Customers
from unisono.demo.journal import Journal, Known
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.shelves import Shelves
from unisono.orders.entries import Captured

_SHORT = frozenset(("stock_short", "not_deliverable"))
_DECLINED = frozenset((409, 422))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Everybody who takes part in a sale; ``channels`` by code.

    Where a visitor may have changed what is sold, and by whom, no refusal is a surprise.
    """

    channels: Mapping[str, Client]
    customers: Customers
    shelves: Shelves
    journal: Journal
    visited: bool

    async def sell(self, orders: Iterable[PlannedOrder], *, in_flight_max: int) -> None:
        """Send orders, so many at once, until each is captured or refused.

        With one at a time they are captured in exactly this order. Raises Refused for any other
        answer.
        """
        waiting = iter(orders)

        async def send_all() -> None:
            for planned in waiting:
                await self.send(planned)

        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight_max):
                group.create_task(send_all())
        self.journal.capture_seconds += time.monotonic() - began

    async def send(self, planned: PlannedOrder) -> None:
        """Send one order. Raises Refused unless it is captured or short."""
        if planned.delivery_option == "in_store" and planned.store is not None:
            # The customer has left with the goods before the till tells anybody.
            for line in planned.lines:
                self.shelves.take(planned.store, line.sku, line.quantity)
        order = payloads.order(planned)
        try:
            captured = await self.channels[planned.channel].post("/v1/orders", order, Captured)
        except Refused as refusal:
            if refusal.code not in _SHORT and not (self.visited and refusal.status in _DECLINED):
                raise
            self.journal.refused[refusal.code] += 1
            return
        self.journal.captured[planned.channel] += 1
        self.journal.remember(
            captured.id,
            Known(reference=planned.reference, planned=planned, since=planned.placed_at),
        )
        self.customers.ordered(planned, captured)
