"""Following: the read model comes after the events of orders.

An order is looked at again when it tells an event that is later than its last look; the difference
goes into the tallies in the same transaction. In which order events come, and how often, does not
matter: what is written is what the order is.
"""

from collections.abc import Sequence

from unisono.analytics import facts, tallies
from unisono.core.database import Db
from unisono.core.outbox import FACTS
from unisono.core.positions import PlacedEvent
from unisono.fulfillment import events as work
from unisono.orders import events as orders

LISTENER = "analytics.follow"
"""The name of the subscription that keeps the read model."""

FOLLOWED = frozenset(
    name
    for name, fact in FACTS.items()
    if fact.__module__ in (orders.__name__, work.__name__) and fact is not work.ShipmentTracked
)
"""Every event of an order's life but where its parcels are, which changes no figure."""


async def follow(db: Db, events: Sequence[PlacedEvent]) -> None:
    """Look again at the orders that these events are of, and count the difference.

    Whoever calls it holds the subscription, so that nobody else writes facts or tallies meanwhile.
    """
    told: dict[object, int] = {}
    for event in events:
        told[event.aggregate] = max(event.sequence, told.get(event.aggregate, 0))
    seen = await facts.held_versions(db, order_ids={event.aggregate for event in events})
    changed = sorted({e.aggregate for e in events if seen.get(e.aggregate, 0) < told[e.aggregate]})
    if not changed:
        return
    before = await facts.held(db, order_ids=changed)
    after = await facts.looked_at(db, order_ids=changed, before=before)
    await facts.write(db, before=before, after=after)
    await tallies.add(db, before=before, after=after)
