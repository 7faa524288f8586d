"""Withdrawing: work of which nothing is wanted any more ends."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from unisono.core import clock
from unisono.core.database import Db
from unisono.core.positions import PlacedEvent
from unisono.fulfillment import records
from unisono.fulfillment.events import FulfillmentOrderCancelled
from unisono.fulfillment.records import Held
from unisono.fulfillment.states import FULFILLMENT_ORDER
from unisono.network import network
from unisono.orders.changing import OrderChange, changing


async def listen(db: Db, events: Sequence[PlacedEvent]) -> None:
    """Withdraw what these events made pointless."""
    await withdraw(db, order_ids=[event.aggregate for event in events])


async def withdraw(db: Db, *, order_ids: Iterable[UUID]) -> None:
    """Cancel fulfillment orders whose every allocation was cancelled, and their packages.

    Safe to repeat: a second call finds nothing to cancel and tells nothing.
    """
    async with changing(db, order_ids) as changes:
        ended = [
            held
            for held in await records.of_orders(db, order_ids=changes)
            if FULFILLMENT_ORDER.allows(held.state, "cancelled")
            and _is_unwanted(changes[held.order_id], held)
        ]
        if not ended:
            return
        refs = {held.ref for held in ended}
        everywhere = await network.of(db)
        await records.change(
            db,
            [replace(held, state="cancelled", changed_at=clock.now()) for held in ended],
        )
        packages = await records.packages_of_orders(db, order_ids={ref.order_id for ref in refs})
        await records.put_packages(
            db,
            [
                replace(package, state="cancelled")
                for package in packages
                if package.state == "packed"
                and records.FulfillmentRef(order_id=package.order_id, n=package.fulfillment_order)
                in refs
            ],
        )
        for held in ended:
            changes[held.order_id].tell(
                FulfillmentOrderCancelled(
                    fulfillment_order=held.n, location=everywhere.by_id[held.location].code
                )
            )


def _is_unwanted(change: OrderChange, held: Held) -> bool:
    return all(each.state == "cancelled" for each in change.of_fulfillment_order(held.n))
