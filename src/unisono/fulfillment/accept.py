"""Accepting: a location says that it will do the work."""

from datetime import datetime

from msgspec import Struct

from unisono.core.database import Db
from unisono.fulfillment import moments
from unisono.fulfillment.events import FulfillmentOrderAccepted
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.working import working


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the work was taken on; without ``occurred_at``, now."""

    occurred_at: Moment | None = None


async def accept(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    occurred_at: datetime | None = None,
) -> None:
    """The location takes the work on.

    ``version`` is that of the fulfillment order as it was read, None: any. Raises InvalidInput for
    a time in the future, UnknownFulfillmentOrder, VersionMismatch, TransitionRefused.
    """
    at = moments.happened(occurred_at)
    async with working(db, ref=ref, version=version) as work:
        work.become("accepted", at=at)
        work.tell(
            FulfillmentOrderAccepted(
                fulfillment_order=ref.n, location=work.location, at=at, author=author
            )
        )
