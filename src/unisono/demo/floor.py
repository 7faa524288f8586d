"""The simulated locations: they work their queues through the public API, like real ones would.

Each has its own key, sees only its own work, and knows only its own shelves.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import msgspec

from unisono.api.answers import Items
from unisono.demo.chance import chance
from unisono.demo.client import Client, Refused
from unisono.demo.deliveries import Deliveries
from unisono.demo.journal import Journal
from unisono.demo.retailer import Location, LocationKind
from unisono.demo.shelves import Shelves
from unisono.fulfillment.collect import HandOver
from unisono.fulfillment.pack import Packing
from unisono.fulfillment.pick import Picked, Picking
from unisono.fulfillment.queue import FulfillmentLine, FulfillmentOrder
from unisono.fulfillment.reject import Rejection
from unisono.fulfillment.ship import Labelled, Shipping

PAUSE_SECONDS_MIN = 0.3
PAUSE_SECONDS_MAX = 2.4
QUEUE_ROWS = 50
HANDS: Mapping[LocationKind, int] = {"warehouse": 6, "third_party": 3, "store": 1}
"""How many people work at a location."""

STORE_REJECTS = 0.02
SHORT_PICKS: Mapping[LocationKind, float] = {
    "warehouse": 0.003,
    "third_party": 0.003,
    "store": 0.02,
}
"""The part of the lines of which one unit is not there, or is broken."""
DAMAGED_SHARE = 0.25

_QUEUE = "/v1/fulfillment-orders?" + urlencode(
    [
        *(("state", state) for state in ("open", "accepted", "picking", "packed")),
        ("state", "ready_for_pickup"),
        ("limit", QUEUE_ROWS),
    ]
)
# Somebody changed it since it was read: the next look at the queue shows what is left of it.
_LATE = frozenset((409, 412, 422))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What all locations share."""

    shelves: Shelves
    deliveries: Deliveries
    journal: Journal
    seed: int


class Floor:
    """One location with its people; ``client`` has the key of this location."""

    def __init__(self, location: Location, client: Client, world: World) -> None:
        """Open the location."""
        self._code = location.code
        self._kind = location.kind
        self._client = client
        self._world = world
        self._hands = asyncio.Semaphore(HANDS[location.kind])

    async def work(self) -> None:
        """Look at the queue for ever, and do everything that is in it."""
        pause = PAUSE_SECONDS_MIN
        path = f"{_QUEUE}&location={self._code}"
        while True:
            queue = await self._client.get(path, Items[FulfillmentOrder])
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._carry_out(work)) for work in queue.items]
            moved = any(task.result() for task in tasks)
            pause = PAUSE_SECONDS_MIN if moved else min(2 * pause, PAUSE_SECONDS_MAX)
            await asyncio.sleep(pause)

    async def _carry_out(self, work: FulfillmentOrder) -> bool:
        """Bring a piece of work as far as it goes now; False when nothing came of it."""
        reference = self._world.journal.references.get(work.order_id)
        if reference is None or all(line.state == "cancelled" for line in work.lines):
            # Its channel has no answer yet, or the system is about to withdraw it.
            return False
        async with self._hands:
            try:
                if work.state == "ready_for_pickup":
                    await self._post(work, "hand-over", HandOver())
                    return True
                if work.state == "open":
                    work = await self._take_on(work, reference)
                if work.state == "accepted":
                    work = await self._pick(work, reference)
                if work.state == "picking":
                    work = await self._post(work, "pack", Packing())
                if work.state == "packed":
                    await self._finish(work, reference)
            except Refused as refusal:
                if refusal.status not in _LATE:
                    raise
                self._world.journal.late[refusal.code] += 1
                return False
        return True

    async def _take_on(self, work: FulfillmentOrder, reference: str) -> FulfillmentOrder:
        """Accept; a store sometimes has no time, unless the customer comes to this very one."""
        rejects = (
            self._kind == "store"
            and work.delivery_option != "click_and_collect"
            and self._chance(reference, work, "rejects") < STORE_REJECTS
        )
        if not rejects:
            return await self._post(work, "accept", None)
        rejected = await self._post(work, "reject", Rejection(reason="too few people today"))
        self._world.journal.rejected += 1
        return rejected

    async def _pick(self, work: FulfillmentOrder, reference: str) -> FulfillmentOrder:
        wanted = [line for line in work.lines if line.state == "released"]
        picked = []
        for line in wanted:
            quantity = self._world.shelves.take(self._code, line.sku, line.quantity)
            picked.append(self._found(line, quantity, reference, work))
        complete = all(
            each.quantity == line.quantity for each, line in zip(picked, wanted, strict=True)
        )
        try:
            after = await self._post(
                work, "pick", Picking() if complete else Picking(picked=tuple(picked))
            )
        except Refused:
            for line, each in zip(wanted, picked, strict=True):
                self._world.shelves.put_back(self._code, line.sku, each.quantity)
            raise
        self._world.journal.short_units += sum(
            line.quantity - each.quantity for line, each in zip(wanted, picked, strict=True)
        )
        return after

    def _found(
        self, line: FulfillmentLine, quantity: int, reference: str, work: FulfillmentOrder
    ) -> Picked:
        """Say what came off the shelf; now and then one unit of it is lost or broken."""
        reason: Literal["not_found", "damaged"] = "not_found"
        if quantity and self._chance(reference, work, line.line, "lost") < SHORT_PICKS[self._kind]:
            quantity -= 1
            if self._chance(reference, work, line.line, "broken") < DAMAGED_SHARE:
                reason = "damaged"
        return Picked(allocation=line.allocation, quantity=quantity, reason=reason)

    async def _finish(self, work: FulfillmentOrder, reference: str) -> None:
        if work.delivery_option == "click_and_collect":
            await self._post(work, "ready-for-pickup", None)
            return
        wanted = {line.allocation for line in work.lines if line.state == "packed"}
        labels = tuple(
            Labelled(package=each.package, tracking_number=_number(work, each.package))
            for each in work.packages
            if any(item.allocation in wanted for item in each.items)
        )
        shipped = await self._post(work, "ship", Shipping(packages=labels))
        for each in shipped.packages:
            if each.carrier is not None and each.tracking_number is not None:
                self._world.deliveries.collect(
                    carrier=each.carrier,
                    tracking_number=each.tracking_number,
                    reference=reference,
                    package=each.package,
                )

    async def _post(
        self, work: FulfillmentOrder, act: str, body: msgspec.Struct | None
    ) -> FulfillmentOrder:
        path = f"/v1/fulfillment-orders/{work.id}/{act}"
        return await self._client.post(path, body, FulfillmentOrder, version=work.version)

    def _chance(self, reference: str, work: FulfillmentOrder, *what: object) -> float:
        # The number of the work tells a second visit at this location from the first.
        return chance(self._world.seed, reference, self._code, work.id.rpartition(".")[2], *what)


def _number(work: FulfillmentOrder, package: int) -> str:
    return f"{work.order_number:09d}{package:03d}"
