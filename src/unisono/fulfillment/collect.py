"""Collecting: the packages wait at the store, and are handed to the customer."""

from dataclasses import replace
from datetime import datetime

from msgspec import Struct

from unisono.core.database import Db
from unisono.fulfillment import moments
from unisono.fulfillment.events import (
    FulfillmentOrderCollected,
    FulfillmentOrderReadyForPickup,
)
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.ship import items_of, still_wanted
from unisono.fulfillment.working import working
from unisono.inventory import ledger


class Readiness(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Since when the packages wait for the customer; without ``occurred_at``, now."""

    occurred_at: Moment | None = None


class HandOver(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the goods were handed over; without ``occurred_at``, now."""

    occurred_at: Moment | None = None


async def ready_for_pickup(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    occurred_at: datetime | None = None,
) -> None:
    """The packages wait for the customer.

    Raises InvalidInput for a time in the future, UnknownFulfillmentOrder, VersionMismatch,
    TransitionRefused.
    """
    at = moments.happened(occurred_at)
    async with working(db, ref=ref, version=version) as work:
        work.require_collected(wanted=True)
        work.become("ready_for_pickup", at=at)
        contents = still_wanted(work)
        for inside in contents.values():
            for each in inside:
                work.change.move(each.n, "ready_for_pickup")
        work.tell(
            FulfillmentOrderReadyForPickup(
                fulfillment_order=ref.n,
                location=work.location,
                packages=[n for n, inside in contents.items() if inside],
                at=at,
                author=author,
            )
        )


async def hand_over(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    occurred_at: datetime | None = None,
) -> None:
    """The customer has the goods: they leave the stock, and the work is done.

    What was cancelled meanwhile stays here. Raises InvalidInput for a time in the future,
    UnknownFulfillmentOrder, VersionMismatch, TransitionRefused.
    """
    at = moments.happened(occurred_at)
    async with working(db, ref=ref, version=version) as work:
        work.require_collected(wanted=True)
        work.become("closed", at=at)
        contents = still_wanted(work)
        await ledger.post(
            db,
            movements=[
                work.gone(each, cause="collection", package=n, author=author, at=at)
                for n, inside in contents.items()
                for each in inside
            ],
            closed=[work.claim(each) for inside in contents.values() for each in inside],
        )
        for package in work.packages:
            inside = contents[package.n]
            if not inside:
                work.move_package(package, "cancelled")
                continue
            for each in inside:
                work.change.move(each.n, "picked_up")
            work.move_package(
                replace(package, items=items_of(inside)), "delivered", delivered_at=at
            )
        work.tell(
            FulfillmentOrderCollected(
                fulfillment_order=ref.n,
                location=work.location,
                packages=[n for n, inside in contents.items() if inside],
                at=at,
                author=author,
            )
        )
