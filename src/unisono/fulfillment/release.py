"""Releasing: what sourcing gave to locations becomes work that they are asked to do."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from unisono.core.database import Db
from unisono.core.positions import PlacedEvent
from unisono.fulfillment import carriage, goods, records
from unisono.fulfillment.events import FulfillmentOrderCreated
from unisono.fulfillment.goods import Goods
from unisono.fulfillment.records import NewWork
from unisono.network import network
from unisono.network.network import Network
from unisono.orders.changing import OrderChange, changing


async def listen(db: Db, events: Sequence[PlacedEvent]) -> None:
    """Release what these events made releasable."""
    await release(db, order_ids=[event.aggregate for event in events])


async def release(db: Db, *, order_ids: Iterable[UUID]) -> None:
    """Ask locations to prepare what orders that are not on hold have allocated there.

    The allocations of one order at one location become one new fulfillment order; its carrier and
    service are those that its goods will probably travel by. Safe to repeat: a second call finds
    nothing to release and tells nothing.
    """
    async with changing(db, order_ids) as changes:
        waiting = [
            change
            for change in changes.values()
            if not change.holds
            and any(each.state == "allocated" for each in change.allocations.values())
        ]
        if not waiting:
            return
        last: dict[UUID, int] = {}
        for held in await records.of_orders(db, order_ids=[each.order.id for each in waiting]):
            last[held.order_id] = held.n
        everywhere = await network.of(db)
        known = await goods.of(
            db, [each for change in waiting for each in change.allocations.values()]
        )
        await records.insert(
            db,
            [
                work
                for change in waiting
                for work in _released(change, everywhere, known, last.get(change.order.id, 0))
            ],
        )


def _released(change: OrderChange, everywhere: Network, known: Goods, last: int) -> list[NewWork]:
    """Release an order location by location; ``last`` is its last number until now."""
    by_location: dict[int, list[int]] = {}
    for each in change.allocations.values():
        if each.state == "allocated" and each.location is not None:
            by_location.setdefault(each.location, []).append(each.n)
    works = []
    for n, (location, numbers) in enumerate(by_location.items(), last + 1):
        asked = [
            change.move(number, "released", fulfillment_order=n, reason=None) for number in numbers
        ]
        sent = carriage.of(everywhere, change.order, location=location).planned(
            goods.weight_g(asked, known)
        )
        work = NewWork(
            order_id=change.order.id,
            n=n,
            location=location,
            delivery_option=change.order.delivery_option,
            carrier=None if sent is None else sent.carrier,
            service=None if sent is None else sent.service,
        )
        change.tell(
            FulfillmentOrderCreated(
                fulfillment_order=n,
                location=everywhere.by_id[location].code,
                delivery_option=work.delivery_option,
                carrier=work.carrier,
                service=work.service,
                lines=goods.lines(asked, known),
            )
        )
        works.append(work)
    return works
