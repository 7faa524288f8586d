"""Accepting: a location says that it will do the work."""

from unisono.core.database import Db
from unisono.fulfillment.events import FulfillmentOrderAccepted
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.working import working


async def accept(db: Db, *, ref: FulfillmentRef, version: int | None, author: str) -> None:
    """The location takes the work on.

    ``version`` is that of the fulfillment order as it was read, None: any. Raises
    UnknownFulfillmentOrder, VersionMismatch, TransitionRefused.
    """
    async with working(db, ref=ref, version=version) as work:
        work.become("accepted")
        work.tell(
            FulfillmentOrderAccepted(fulfillment_order=ref.n, location=work.location, author=author)
        )
