"""Customers after their order: some pay a little later, some change their mind; and their care.

Care is the team that looks after orders which nobody can fulfill any more.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from unisono.api.answers import Items
from unisono.demo import payloads
from unisono.demo.chance import chance
from unisono.demo.client import Client, Refused
from unisono.demo.journal import Journal
from unisono.demo.order_plan import PlannedOrder
from unisono.orders.cancel import Cancellation, CancelledLine
from unisono.orders.entries import Captured
from unisono.orders.pay import NewReceipt
from unisono.orders.reading import OrderSummary, OrderView

CANCEL_SHARE = 0.01
DELAY_SECONDS_MAX = 2.0
PAUSE_SECONDS = 0.1
PAGE_ROWS = 200

# What a location gave back and no other has; what was never in stock waits for a delivery.
_GIVEN_BACK = frozenset(("rejected", "short_pick"))
_LATE = frozenset((409, 412))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Intention:
    """What a customer will do at a moment of the event loop's clock."""

    due: float
    reference: str
    pays: bool = field(compare=False)
    planned: PlannedOrder = field(compare=False)
    captured: Captured = field(compare=False)


class Customers:
    """Everybody who ordered; the client is the web shop's, on behalf of its customers."""

    def __init__(self, client: Client, *, seed: int, journal: Journal) -> None:
        """Begin with nobody."""
        self._client = client
        self._seed = seed
        self._journal = journal
        self._intentions: list[_Intention] = []
        self._doing = False

    @property
    def are_content(self) -> bool:
        """Whether nobody is going to do anything any more."""
        return not self._intentions and not self._doing

    def ordered(self, planned: PlannedOrder, captured: Captured) -> None:
        """Let a customer think about the order that was captured just now."""
        pays = payloads.is_paid_later(planned, seed=self._seed)
        cancels = (
            planned.delivery_option != "in_store"
            and chance(self._seed, planned.reference, "cancels") < CANCEL_SHARE
        )
        if pays or cancels:
            delay = chance(self._seed, planned.reference, "thinks") * DELAY_SECONDS_MAX
            intention = _Intention(
                due=asyncio.get_running_loop().time() + delay,
                reference=planned.reference,
                pays=pays,
                planned=planned,
                captured=captured,
            )
            heapq.heappush(self._intentions, intention)

    async def act(self) -> None:
        """Do for ever what is due."""
        while True:
            now = asyncio.get_running_loop().time()
            while self._intentions and self._intentions[0].due <= now:
                self._doing = True
                await self._do(heapq.heappop(self._intentions))
                self._doing = False
            await asyncio.sleep(PAUSE_SECONDS)

    async def _do(self, intention: _Intention) -> None:
        captured = intention.captured
        if intention.pays:
            receipt = NewReceipt(
                reference=payloads.payment_reference(intention.planned), amount=captured.total
            )
            await self._client.post(f"/v1/orders/{captured.id}/payments", receipt, OrderView)
            self._journal.paid_later += 1
        elif await cancel(
            self._client, str(captured.id), Cancellation(reason="changed their mind"), self._journal
        ):
            self._journal.cancelled_by_customers += 1


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


async def care(client: Client, journal: Journal) -> int:
    """Cancel units that a location gave back and no other has; return of how many orders."""
    cared = 0
    async for order in _unfinished(client):
        # What was never in stock was sold by a channel that had to: it waits for a delivery.
        units: dict[int, int] = {}
        for each in (await client.get(f"/v1/orders/{order.id}", OrderView)).allocations:
            if each.state == "open" and each.reason in _GIVEN_BACK:
                units[each.line] = units.get(each.line, 0) + each.quantity
        if not units:
            continue
        cancellation = Cancellation(
            reason="no location has it any more",
            lines=tuple(CancelledLine(line=line, quantity=n) for line, n in units.items()),
        )
        if await cancel(client, str(order.id), cancellation, journal):
            journal.cancelled_by_care += 1
            cared += 1
    return cared


async def _unfinished(client: Client) -> AsyncIterator[OrderSummary]:
    for state in ("open", "partially_fulfilled"):
        following: str | None = f"/v1/orders?state={state}&limit={PAGE_ROWS}"
        while following is not None:
            page, following = await client.page(following, Items[OrderSummary])
            for order in page.items:
                yield order
