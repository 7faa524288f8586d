"""The simulated locations: they work their queues through the public API, like real ones would.

Each has its own key, sees only its own work, and knows only its own shelves.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

import msgspec

from unisono.api.answers import Items
from unisono.core import clock
from unisono.demo import left, travel
from unisono.demo.chance import chance
from unisono.demo.client import Client, Refused
from unisono.demo.deliveries import Deliveries
from unisono.demo.fates import Fate
from unisono.demo.journal import Journal, Known
from unisono.demo.retailer import Location, LocationKind
from unisono.demo.shelves import Shelves
from unisono.demo.tempo import Stage, Tempo
from unisono.fulfillment.accept import Acceptance
from unisono.fulfillment.collect import HandOver, Readiness
from unisono.fulfillment.pack import Packing
from unisono.fulfillment.pick import Picked, Picking
from unisono.fulfillment.queue import FulfillmentLine, FulfillmentOrder
from unisono.fulfillment.reject import Rejection
from unisono.fulfillment.ship import Labelled, Shipping

QUEUE_ROWS = 200
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

VISITORS_AFTER = timedelta(seconds=15)
"""Work that nobody knows the order of is a visitor's order, once no answer can be under way."""

_QUEUE = "/v1/fulfillment-orders?" + urlencode(
    [
        *(("state", state) for state in ("open", "accepted", "picking", "packed")),
        ("state", "ready_for_pickup"),
        ("limit", QUEUE_ROWS),
    ]
)
_MOVING = frozenset(("open", "accepted", "picking", "packed", "ready_for_pickup"))
# Somebody changed it since it was read: the next look at the queue shows what is left of it.
_LATE = frozenset((409, 412, 422))


@dataclass(slots=True, kw_only=True)
class World:
    """What all locations share.

    Some of what can be worked on since ``left_since`` or later is left to the visitor.
    """

    tempo: Tempo
    shelves: Shelves
    deliveries: Deliveries
    journal: Journal
    seed: int
    left_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    """When the next step of a piece of work is due that is in a state."""

    state: str
    due: datetime


class Floor:
    """One location with its people; ``client`` has the key of this location."""

    def __init__(self, location: Location, client: Client, world: World) -> None:
        """Open the location."""
        self._place = location
        self._client = client
        self._world = world
        self._hands = asyncio.Semaphore(HANDS[location.kind])
        self._next: dict[str, _Next] = {}
        self._left: set[str] = set()
        self.open_work = 0
        self.rests_since: float | None = None
        """When the last look at the queue began, by the event loop's clock, if nothing was due."""

    async def work(self) -> None:
        """Look at the queue for ever, and do everything in it that is due."""
        pause = 0.0
        while True:
            began = asyncio.get_running_loop().time()
            moved = await self._look()
            self.rests_since = None if moved else began
            least, most = self._world.tempo.pauses_seconds
            pause = least if moved or not pause else min(2 * pause, most)
            await asyncio.sleep(pause)

    def change_tempo(self, tempo: Tempo, *, at: datetime) -> None:
        """Work on by another tempo from ``at`` on; the world has it already."""
        self._next = {
            work: _Next(state=each.state, due=tempo.paced(each.due, at))
            for work, each in self._next.items()
        }

    async def _look(self) -> bool:
        """Do what is due, and return whether anything came of it."""
        queue = await self._queue()
        self.open_work = len(queue)
        there = {work.id for work in queue}
        self._next = {work: each for work, each in self._next.items() if work in there}
        for work in sorted(self._left - there):
            self._left.remove(work)
            await self._follow(work)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._carry_out(work)) for work in queue]
        return any(task.result() for task in tasks)

    async def _queue(self) -> list[FulfillmentOrder]:
        found: list[FulfillmentOrder] = []
        following: str | None = f"{_QUEUE}&location={self._place.code}"
        while following is not None:
            page, following = await self._client.page(following, Items[FulfillmentOrder])
            found += page.items
        return found

    async def _carry_out(self, work: FulfillmentOrder) -> bool:
        """Bring a piece of work as far as it goes now; False when nothing came of it."""
        known = self._known(work)
        if known is None or all(line.state == "cancelled" for line in work.lines):
            # Its channel has no answer yet, or the system is about to withdraw it.
            return False
        if self._is_left(work, known):
            return False
        tempo = self._world.tempo
        upcoming = self._next.get(work.id)
        if upcoming is None or upcoming.state != work.state:
            upcoming = self._upcoming(work, known, tempo.begins(known.since))
        moved = False
        while tempo.has_come(upcoming.due):
            async with self._hands:
                try:
                    work = await self._step(work, known, tempo.told(upcoming.due))
                except Refused as refusal:
                    if refusal.status not in _LATE:
                        raise
                    self._world.journal.late[refusal.code] += 1
                    return moved
            moved = True
            if work.state not in _MOVING:
                break
            upcoming = self._upcoming(work, known, upcoming.due)
        return moved

    def _is_left(self, work: FulfillmentOrder, known: Known) -> bool:
        """Return whether a piece of work is the visitor's; once it is, it stays so."""
        if work.id in self._left:
            return True
        since = self._world.left_since
        if since is None or known.since < since or len(self._left) >= left.LEFT_MAX:
            return False
        if not left.is_left(self._world.seed, known.reference, self._place.code):
            return False
        self._left.add(work.id)
        return True

    def _known(self, work: FulfillmentOrder) -> Known | None:
        """Return what is known of the order of a piece of work, None while nothing is."""
        journal = self._world.journal
        if work.order_id not in journal.known and clock.now() - work.created_at > VISITORS_AFTER:
            reference = str(work.order_number)
            journal.remember(
                work.order_id, Known(reference=reference, planned=None, since=work.created_at)
            )
        return journal.known.get(work.order_id)

    def _upcoming(self, work: FulfillmentOrder, known: Known, since: datetime) -> _Next:
        services = [each.service for each in work.packages if each.service is not None]
        stage = Stage(
            state=work.state,
            place=self._place,
            service=next(iter(services), None),
            number=self._chance(known, work, work.state),
        )
        upcoming = _Next(state=work.state, due=self._world.tempo.next_step(stage, since))
        self._next[work.id] = upcoming
        return upcoming

    async def _step(self, work: FulfillmentOrder, known: Known, at: datetime) -> FulfillmentOrder:
        """Take the next step of a piece of work, which happened at a moment; return it then."""
        said = self._world.tempo.reported(at)
        match work.state:
            case "open":
                return await self._take_on(work, known, at)
            case "accepted":
                return await self._pick(work, known, at)
            case "picking":
                return await self._post(work, "pack", Packing(occurred_at=said))
            case "packed" if work.delivery_option == "click_and_collect":
                return await self._post(work, "ready-for-pickup", Readiness(occurred_at=said))
            case "packed":
                return await self._ship(work, known, at)
            case _:
                return await self._post(work, "hand-over", HandOver(occurred_at=said))

    async def _take_on(
        self, work: FulfillmentOrder, known: Known, at: datetime
    ) -> FulfillmentOrder:
        """Accept; a store sometimes has no time, unless the customer comes to this very one."""
        rejects = (
            self._place.kind == "store"
            and work.delivery_option != "click_and_collect"
            and self._chance(known, work, "rejects") < STORE_REJECTS
        )
        said = self._world.tempo.reported(at)
        if not rejects:
            return await self._post(work, "accept", Acceptance(occurred_at=said))
        known.since = at
        rejection = Rejection(reason="too few people today", occurred_at=said)
        rejected = await self._post(work, "reject", rejection)
        self._world.journal.rejected += 1
        return rejected

    async def _pick(self, work: FulfillmentOrder, known: Known, at: datetime) -> FulfillmentOrder:
        wanted = [line for line in work.lines if line.state == "released"]
        picked = []
        for line in wanted:
            quantity = self._world.shelves.take(self._place.code, line.sku, line.quantity)
            picked.append(self._found(line, quantity, known, work))
        missing = sum(
            line.quantity - each.quantity for line, each in zip(wanted, picked, strict=True)
        )
        if missing:
            known.since = at
        picking = Picking(
            picked=tuple(picked) if missing else None,
            occurred_at=self._world.tempo.reported(at),
        )
        try:
            after = await self._post(work, "pick", picking)
        except Refused:
            for line, each in zip(wanted, picked, strict=True):
                self._world.shelves.put_back(self._place.code, line.sku, each.quantity)
            raise
        self._world.journal.short_units += missing
        return after

    def _found(
        self, line: FulfillmentLine, quantity: int, known: Known, work: FulfillmentOrder
    ) -> Picked:
        """Say what came off the shelf; now and then one unit of it is lost or broken."""
        reason: Literal["not_found", "damaged"] = "not_found"
        lost = self._chance(known, work, line.line, "lost") < SHORT_PICKS[self._place.kind]
        if quantity and lost:
            quantity -= 1
            if self._chance(known, work, line.line, "broken") < DAMAGED_SHARE:
                reason = "damaged"
        return Picked(allocation=line.allocation, quantity=quantity, reason=reason)

    async def _ship(self, work: FulfillmentOrder, known: Known, at: datetime) -> FulfillmentOrder:
        wanted = {line.allocation for line in work.lines if line.state == "packed"}
        labels = tuple(
            Labelled(package=each.package, tracking_number=_number(work, each.package))
            for each in work.packages
            if any(item.allocation in wanted for item in each.items)
        )
        shipping = Shipping(packages=labels, occurred_at=self._world.tempo.reported(at))
        shipped = await self._post(work, "ship", shipping)
        self._hand_to_carriers(shipped, known, at)
        return shipped

    def _hand_to_carriers(self, shipped: FulfillmentOrder, known: Known, at: datetime) -> None:
        planned, tempo = known.planned, self._world.tempo
        for each in shipped.packages:
            if each.carrier is None or each.tracking_number is None:
                continue
            if each.service not in travel.SERVICES:
                # The carrier is a visitor's own, and tells for itself.
                continue
            ahead = travel.milestones(
                service=each.service,
                origin=self._place,
                destination=None if planned is None else planned.destination,
                shipped_at=at,
                fate=Fate() if planned is None else planned.fate,
                number=chance(self._world.seed, known.reference, each.package, "round"),
            )
            self._world.deliveries.collect(
                carrier=each.carrier,
                tracking_number=each.tracking_number,
                ahead=[(milestone, tempo.paced(moment, at)) for milestone, moment in ahead],
            )

    async def _follow(self, work_id: str) -> None:
        """Look what became of work that was left to a visitor, and is not in the queue any more."""
        work = await self._client.get(f"/v1/fulfillment-orders/{work_id}", FulfillmentOrder)
        for line in work.lines:
            if line.state in {"shipped", "picked_up"}:
                self._world.shelves.take(self._place.code, line.sku, line.quantity)
        known = self._known(work)
        if work.state == "shipped" and known is not None:
            self._hand_to_carriers(work, known, clock.now())

    async def _post(
        self, work: FulfillmentOrder, act: str, body: msgspec.Struct
    ) -> FulfillmentOrder:
        path = f"/v1/fulfillment-orders/{work.id}/{act}"
        return await self._client.post(path, body, FulfillmentOrder, version=work.version)

    def _chance(self, known: Known, work: FulfillmentOrder, *what: object) -> float:
        # The number of the work tells a second visit at this location from the first.
        return chance(
            self._world.seed, known.reference, self._place.code, work.id.rpartition(".")[2], *what
        )


def open_work(floors: Sequence[Floor]) -> int:
    """Return how much work lies at all locations, as they saw it last."""
    return sum(each.open_work for each in floors)


def _number(work: FulfillmentOrder, package: int) -> str:
    return f"{work.order_number:09d}{package:03d}"
