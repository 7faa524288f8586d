"""The replay: every channel sends its orders in the order of the plan, all channels at once."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence

from unisono.demo import payloads
from unisono.demo.client import Client, Refused
from unisono.demo.customers import Customers
from unisono.demo.journal import Journal
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.shelves import Shelves
from unisono.orders.entries import Captured

IN_FLIGHT_MAX = 8
"""Orders of one channel that wait for their answer at the same time."""

_SHORT = frozenset(("stock_short", "not_deliverable"))


async def replay(
    plan: Sequence[PlannedOrder],
    *,
    channels: Mapping[str, Client],
    customers: Customers,
    shelves: Shelves,
    journal: Journal,
    seed: int,
) -> None:
    """Send every order until it is captured or refused. Raises Refused for any other answer."""

    async def send_all(channel: Client, waiting: Iterator[PlannedOrder]) -> None:
        for planned in waiting:
            if planned.delivery_option == "in_store" and planned.store is not None:
                # The customer has left with the goods before the till tells anybody.
                for line in planned.lines:
                    shelves.take(planned.store, line.sku, line.quantity)
            order = payloads.order(planned, seed=seed)
            try:
                captured = await channel.post("/v1/orders", order, Captured)
            except Refused as refusal:
                if refusal.code not in _SHORT:
                    raise
                journal.refused[refusal.code] += 1
            else:
                journal.captured[planned.channel] += 1
                journal.references[captured.id] = planned.reference
                customers.ordered(planned, captured)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for code, client in channels.items():
            waiting = iter([planned for planned in plan if planned.channel == code])
            for _ in range(IN_FLIGHT_MAX):
                group.create_task(send_all(client, waiting))
    journal.capture_seconds = time.monotonic() - began
