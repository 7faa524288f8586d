"""Cancelling as the customer may: the whole order, by its link, while nothing of it has left."""

from uuid import UUID

from unisono.core.database import Db
from unisono.core.errors import UnisonoError
from unisono.orders import cancel as orders
from unisono.orders import recipients
from unisono.orders.cancel import Cancellation
from unisono.tracking import links

REASON = "cancelled by the customer on the tracking page"


class TooLateToCancel(UnisonoError):
    """Something of the order has left, so that its customer cannot cancel it any more."""


async def cancel(db: Db, *, order_id: UUID, version: int) -> None:
    """Cancel an order whole; ``version`` is what its customer saw.

    Raises UnknownTracking, VersionMismatch, NothingToCancel when everything has left or was
    cancelled before, TooLateToCancel when a part has left: the transaction must not be committed
    then.
    """
    if order_id not in await recipients.recipients(db, order_ids=[order_id]):
        raise links.unknown()
    cancellation = Cancellation(reason=REASON)
    await orders.cancel(db, order_id=order_id, version=version, cancellation=cancellation)
    # Only now is the order locked, and nothing can leave before this is decided.
    order = (await recipients.recipients(db, order_ids=[order_id]))[order_id]
    if order.state != "cancelled":
        message = f"a part of order {order.number} has left"
        raise TooLateToCancel(message)
