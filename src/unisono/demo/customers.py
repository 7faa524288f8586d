"""Customers after their order: some pay a little later, some change their mind; and their care.

Care is the team that looks after orders which nobody can fulfill any more.
"""

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from unisono.api.answers import Items
from unisono.demo import payloads
from unisono.demo.chance import chance
from unisono.demo.client import Client, Refused
from unisono.demo.journal import Journal
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.tempo import Tempo
from unisono.orders.cancel import Cancellation, CancelledLine
from unisono.orders.entries import Captured
from unisono.orders.pay import NewReceipt
from unisono.orders.reading import OrderView

DELAY_SECONDS_MAX = 2.0
PAUSE_SECONDS = 0.1
PAGE_ROWS = 200

# What a location gave back and no other has; what was never in stock waits for a delivery.
_GIVEN_BACK = frozenset(("rejected", "short_pick"))
_LATE = frozenset((409, 412))


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an order in a listing as is needed to read it."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Intention:
    """What a customer will do at a moment of the tempo, but not before one of the event loop."""

    due: datetime
    reference: str
    not_before: float = field(compare=False)
    pays: bool = field(compare=False)
    planned: PlannedOrder = field(compare=False)
    captured: Captured = field(compare=False)


class Customers:
    """Everybody who ordered; the client is the web shop's, on behalf of its customers."""

    def __init__(self, client: Client, tempo: Tempo, *, seed: int, journal: Journal) -> None:
        """Begin with nobody."""
        self._client = client
        self._tempo = tempo
        self._seed = seed
        self._journal = journal
        self._intentions: list[_Intention] = []
        self._doing = False

    @property
    def are_content(self) -> bool:
        """Whether nobody is going to do anything now."""
        return not self._doing and not (
            self._intentions and self._tempo.has_come(self._intentions[0].due)
        )

    def ordered(self, planned: PlannedOrder, captured: Captured) -> None:
        """Let a customer think about the order that was captured just now."""
        fate = planned.fate
        if fate.pays_after is not None:
            after = fate.pays_after
        elif fate.cancels != "nothing":
            after = fate.cancels_after
        else:
            return
        # A real moment as well, so that where time flies some change their mind too late.
        wait = chance(self._seed, planned.reference, "thinks") * DELAY_SECONDS_MAX
        intention = _Intention(
            due=self._tempo.paced(planned.placed_at + after, planned.placed_at),
            not_before=asyncio.get_running_loop().time() + wait,
            reference=planned.reference,
            pays=fate.pays_after is not None,
            planned=planned,
            captured=captured,
        )
        heapq.heappush(self._intentions, intention)

    def change_tempo(self, tempo: Tempo, *, at: datetime) -> None:
        """Go on by another tempo from ``at`` on."""
        self._tempo = tempo
        # Short days keep the order of moments, so this is still a heap.
        self._intentions = [
            replace(each, due=tempo.paced(each.due, at)) for each in self._intentions
        ]

    async def act(self) -> None:
        """Do for ever what is due."""
        while True:
            now = asyncio.get_running_loop().time()
            while not self.are_content and self._intentions[0].not_before <= now:
                self._doing = True
                await self._do(heapq.heappop(self._intentions))
                self._doing = False
            await asyncio.sleep(PAUSE_SECONDS)

    async def _do(self, intention: _Intention) -> None:
        captured = intention.captured
        if intention.pays:
            await self._pay(intention)
            return
        one = (CancelledLine(line=1, quantity=1),)
        cancellation = Cancellation(
            reason="changed their mind",
            lines=one if intention.planned.fate.cancels == "one unit" else (),
        )
        if await cancel(self._client, str(captured.id), cancellation, self._journal):
            self._journal.cancelled_by_customers += 1

    async def _pay(self, intention: _Intention) -> None:
        at = self._tempo.told(intention.due)
        receipt = NewReceipt(
            reference=payloads.payment_reference(intention.planned),
            amount=intention.captured.total,
            received_at=at,
        )
        path = f"/v1/orders/{intention.captured.id}/payments"
        known = self._journal.known.get(intention.captured.id)
        if known is not None:
            # Nobody works on an order before it is paid.
            known.since = at
        try:
            await self._client.post(path, receipt, OrderView)
        except Refused as refusal:
            # A visitor of the demo may have told the payment before.
            if refusal.status not in _LATE:
                raise
            self._journal.late[refusal.code] += 1
        else:
            self._journal.paid_later += 1


async def cancel(
    client: Client, order_id: str, cancellation: Cancellation, journal: Journal
) -> bool:
    """Cancel what is named; False when it is too late for that, which is noted."""
    try:
        await client.post(f"/v1/orders/{order_id}/cancellations", cancellation, OrderView)
    except Refused as refusal:
        if refusal.status not in _LATE:
            raise
        journal.late[refusal.code] += 1
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cared:
    """What care found: how many orders it changed, and the units by SKU that others wait for."""

    orders: int
    missing: Mapping[str, int]


async def care(client: Client, journal: Journal, *, placed_before: datetime | None = None) -> Cared:
    """Cancel units that a location gave back and no other has; tell what else is missing.

    ``placed_before`` leaves newer orders alone.
    """
    cared = 0
    missing = Counter[str]()
    async for order in _unfinished(client, placed_before):
        units: dict[int, int] = {}
        whole = await client.get(f"/v1/orders/{order.id}", OrderView)
        skus = {line.line: line.sku for line in whole.lines}
        for each in whole.allocations:
            if each.state != "open":
                continue
            if each.reason in _GIVEN_BACK:
                units[each.line] = units.get(each.line, 0) + each.quantity
            else:
                # What was never in stock was sold by a channel that had to: it waits for goods.
                missing[skus[each.line]] += each.quantity
        if not units:
            continue
        cancellation = Cancellation(
            reason="no location has it any more",
            lines=tuple(CancelledLine(line=line, quantity=n) for line, n in units.items()),
        )
        if await cancel(client, str(order.id), cancellation, journal):
            journal.cancelled_by_care += 1
            cared += 1
    return Cared(orders=cared, missing=missing)


async def _unfinished(client: Client, placed_before: datetime | None) -> AsyncIterator[_Found]:
    for state in ("open", "partially_fulfilled"):
        wanted = {"state": state, "limit": str(PAGE_ROWS)}
        if placed_before is not None:
            wanted["placed_to"] = placed_before.isoformat()
        following: str | None = f"/v1/orders?{urlencode(wanted)}"
        while following is not None:
            page, following = await client.page(following, Items[_Found])
            for order in page.items:
                yield order
