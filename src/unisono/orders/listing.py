"""Listing orders: the newest first, by any mixture of filters, in bounded time.

Without a search or a location the index has the page. Else the newest orders are looked at one by
one, which usually fills it. If not, and few orders match, these are; and only of many that are all
old, sets are compared with sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from unisono.channels import channels as channels_area
from unisono.channels.channels import Channels
from unisono.core import clock, money, paging, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.paging import Page
from unisono.network import network as network_area
from unisono.orders import search
from unisono.orders.states import ORDER, OrderState

sql = queries.beside(__file__)

FEW = 2000
"""Orders that are looked at one by one."""
LOOKED_AT = 30
"""Orders that are looked at among the newest, for each row of a page."""

_LATEST = datetime.max.replace(tzinfo=UTC)
_NO_ID = UUID(int=0)


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a row of a listing."""

    id: UUID
    number: int
    version: int
    channel: str
    reference: str
    state: str
    holds: list[str]
    delivery_option: str
    customer: str
    currency: str
    total: str
    placed_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders to list; None, and no state, let all through.

    ``channel`` and ``location`` are codes; ``location`` keeps the orders with an allocation there.
    ``placed_from`` is included, ``placed_to`` is not. ``search`` is what somebody typed: see
    ``search.condition``.
    """

    channel: str | None = None
    states: tuple[OrderState, ...] = ()
    location: str | None = None
    reference: str | None = None
    number: int | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: UUID
    number: int
    version: int
    channel: int
    reference: str
    state: str
    holds: list[str]
    currency: str
    delivery_option: str
    customer: str
    total_amount: int
    placed_at: datetime
    created_at: datetime


async def listing(
    db: Db, *, wanted: OrderFilter, after: str | None, limit: int
) -> Page[OrderSummary]:
    """Return orders, those placed last first. A code that nobody has finds nothing.

    Raises InvalidInput when ``after`` is not a cursor of this listing, a time has no offset, or the
    search is too long.
    """
    channels = await channels_area.all(db)
    asked = await _asked(db, wanted, channels)
    if asked is None:
        return Page(rows=(), after=None)
    if after is not None:
        at, order_id = paging.decode(after, tuple[datetime, UUID])
        if at.tzinfo is None:
            detail = "this is not a cursor of this listing; start again without one"
            raise InvalidInput(Fault(pointer="/after", code="unknown_cursor", detail=detail))
        if at < asked["before"]:
            asked |= {"before": at, "before_id": order_id}
    newest = await _found(db, {**asked, "limit": limit + 1})
    found = paging.page(newest, limit=limit, key=lambda each: (each[1], each[0]))
    rows = await db.rows(_Row, sql.rows, {"ids": [order_id for order_id, _ in found.rows]})
    return Page(rows=tuple(_summary(row, channels) for row in rows), after=found.after)


async def of_ids(db: Db, *, order_ids: Sequence[UUID]) -> dict[UUID, OrderSummary]:
    """Return these orders by id; one that does not exist is left out."""
    channels = await channels_area.all(db)
    rows = await db.rows(_Row, sql.rows, {"ids": list(order_ids)})
    return {row.id: _summary(row, channels) for row in rows}


async def counts(db: Db, *, wanted: OrderFilter) -> dict[str, int] | None:
    """Return how many orders are in each state, whatever states are wanted, or None.

    None means that FEW or more match a search or were at a location: counting those takes longer
    than a page may. Raises InvalidInput as ``listing`` does.
    """
    counted = dict.fromkeys(ORDER.states, 0)
    asked = await _asked(db, wanted, await channels_area.all(db))
    if asked is None:
        return counted
    asked["states"] = list(ORDER.states)
    if _is_narrowed(asked):
        few = await _few(db, asked)
        if few is None:
            return None
        counted |= dict(await db.tuples(sql.count_few, few))
    else:
        counted |= dict(await db.tuples(sql.count_all, asked))
    return counted


async def _asked(db: Db, wanted: OrderFilter, channels: Channels) -> dict[str, Any] | None:
    """Return a filter as the parameters of every query here; None when nothing can match."""
    faults = []
    for name in ("placed_from", "placed_to"):
        at: datetime | None = getattr(wanted, name)
        if at is not None and at.tzinfo is None:
            detail = "a time needs its offset, for example 2026-11-22T10:00:00Z"
            faults.append(Fault(pointer=f"/{name}", code="time_without_offset", detail=detail))
    if faults:
        raise InvalidInput(*faults)
    words = None if wanted.search is None else search.condition(wanted.search)
    network = await network_area.of(db)
    if (
        (wanted.channel is not None and wanted.channel not in channels.by_code)
        or (wanted.location is not None and wanted.location not in network.by_code)
        or words == ""
    ):
        return None
    return {
        "channels": (
            list(channels.by_id)
            if wanted.channel is None
            else [channels.by_code[wanted.channel].id]
        ),
        "states": list(dict.fromkeys(wanted.states or ORDER.states)),
        "location": None if wanted.location is None else network.by_code[wanted.location].id,
        "number": wanted.number,
        "reference": wanted.reference,
        "words": words,
        "placed_from": wanted.placed_from or clock.EARLIEST,
        # The end of a range, and the row that a page begins after, are one bound.
        "before": wanted.placed_to or _LATEST,
        "before_id": _NO_ID,
    }


def _is_narrowed(asked: Mapping[str, Any]) -> bool:
    return any(asked[name] is not None for name in ("number", "reference", "words", "location"))


async def _found(db: Db, asked: Mapping[str, Any]) -> list[tuple[UUID, datetime]]:
    """Return id and moment of the orders of a page, in order."""
    if not _is_narrowed(asked):
        return await _tuples(db, sql.newest, asked)
    if asked["number"] is None and asked["reference"] is None:
        most = LOOKED_AT * asked["limit"]
        [(ids, moments, looked_at)] = await db.tuples(
            sql.newest_matching, {**asked, "looked_at": most}
        )
        if len(ids) == asked["limit"] or looked_at < most:
            return list(zip(ids, moments, strict=True))
    few = await _few(db, asked)
    if few is not None:
        return await _tuples(db, sql.of_few, few)
    await db.execute(sql.plan_for_these_values)
    if asked["location"] is None:
        return await _tuples(db, sql.of_many_with_words, asked)
    if asked["words"] is None:
        return await _tuples(db, sql.of_many_at_location, asked)
    return await _tuples(db, sql.of_many_with_both, asked)


async def _tuples(db: Db, query: bytes, asked: Mapping[str, Any]) -> list[tuple[UUID, datetime]]:
    return [(order_id, at) for order_id, at in await db.tuples(query, asked)]


async def _few(db: Db, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is asked with the orders that the narrowest filter lets through as ``ids``.

    That filter is not asked again of each of them. None when they are not few.
    """
    if asked["number"] is not None:
        return {**asked, "ids": await db.value(sql.with_number, asked)}
    if asked["reference"] is not None:
        return {**asked, "ids": await db.value(sql.with_reference, asked)}
    for name, query in (("location", sql.at_location), ("words", sql.with_words)):
        if asked[name] is not None:
            found: list[UUID] = await db.value(query, {**asked, "limit": FEW})
            if len(found) < FEW:
                return {**asked, "ids": found, name: None}
    return None


def _summary(row: _Row, channels: Channels) -> OrderSummary:
    return OrderSummary(
        id=row.id,
        number=row.number,
        version=row.version,
        channel=channels.by_id[row.channel].code,
        reference=row.reference,
        state=row.state,
        holds=row.holds,
        delivery_option=row.delivery_option,
        customer=row.customer,
        currency=row.currency,
        total=money.render(row.total_amount, row.currency),
        placed_at=row.placed_at,
        created_at=row.created_at,
    )
