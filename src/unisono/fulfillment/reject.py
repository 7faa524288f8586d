"""Rejecting: a location cannot do the work, so another one must."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from unisono.core.database import Db
from unisono.core.texts import Line
from unisono.fulfillment import moments
from unisono.fulfillment.events import FulfillmentOrderRejected
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.working import working
from unisono.inventory import ledger


class Rejection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a location cannot do the work, and when it said so; without ``occurred_at``, now."""

    reason: Annotated[Line, Meta(examples=["closed for stocktaking"])]
    occurred_at: Moment | None = None


async def reject(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    reason: str,
    occurred_at: datetime | None = None,
) -> None:
    """Give the units back to sourcing, which does not ask this location again for them.

    Their claims here end; the goods stay on hand. Raises InvalidInput for a time in the future,
    UnknownFulfillmentOrder, VersionMismatch, TransitionRefused.
    """
    at = moments.happened(occurred_at)
    async with working(db, ref=ref, version=version) as work:
        work.become("rejected", at=at, reason=reason)
        await ledger.post(db, closed=[work.claim(each) for each in work.wanted])
        for each in work.wanted:
            work.reopen(each.n, reason="rejected")
        work.tell(
            FulfillmentOrderRejected(
                fulfillment_order=ref.n,
                location=work.location,
                reason=reason,
                lines=work.lines(work.wanted),
                at=at,
                author=author,
            )
        )
