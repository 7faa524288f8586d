"""Stock by codes: what other systems say and ask, SKUs and locations named as they name them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.catalog import skus as catalog
from unisono.catalog.skus import Sku, Status
from unisono.core import paging
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.paging import Page
from unisono.core.texts import Code, Line
from unisono.inventory import counts, ledger, levels
from unisono.inventory.counts import UNITS_MAX, Adjustment, Count, Counted
from unisono.inventory.ledger import Movement
from unisono.inventory.levels import Level
from unisono.network import locations, network
from unisono.network.locations import Location

Only = Literal["all", "kept", "out", "short", "negative"]

EXAMINED_MAX = 2500
EXAMINED_AT_ONCE = 500

Units = Annotated[int, Meta(ge=0, le=UNITS_MAX, examples=[12])]


class NewFigure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was counted, and when; without a time, now."""

    on_hand: Units
    as_of: datetime | None = None


class CountRow(NewFigure, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The counted figure of one SKU at one location."""

    sku: Code
    location: Code


class AdjustmentRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units that appeared or vanished at one location, and why."""

    sku: Code
    location: Code
    change: Annotated[int, Meta(ge=-UNITS_MAX, le=UNITS_MAX, examples=[-1])]
    reason: Line | None = None


class LevelView(msgspec.Struct, frozen=True, kw_only=True):
    """The quantities of one SKU at one location, in base units.

    ``available`` is what nobody has claimed, never below 0; ``shortfall`` what is claimed beyond
    what is there.
    """

    sku: str
    location: str
    on_hand: int
    unavailable: int
    reserved: int
    committed: int
    available: int
    shortfall: int
    counted_as_of: datetime | None
    version: int


class RowReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one row of a request did; ``stale`` means that the level was counted later already."""

    sku: str
    location: str
    outcome: Literal["applied", "unchanged", "stale"]
    on_hand: int
    available: int
    version: int


class MovementView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger; ``version`` is that of the level after it.

    ``order_number`` and ``package`` name what it was done for, where it was done for an order.
    """

    id: UUID
    version: int
    cause: str
    on_hand_change: int
    unavailable_change: int
    quantity: int
    document: str | None
    order_number: int | None
    package: int | None
    author: str
    source: str | None
    occurred_at: datetime
    recorded_at: datetime


class SkuMovement(MovementView, frozen=True, kw_only=True):
    """A line of the ledger of a SKU; ``location`` is where it happened."""

    location: str


class StockRow(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a SKU over all locations, or at one, in base units.

    ``locations`` is how many of them have a level of it, ``negative`` how many of these have less
    than nothing on hand. What one location lacks is not taken off what is ``available`` at another.
    """

    sku: str
    name: str
    status: Status
    locations: int
    negative: int
    on_hand: int
    unavailable: int
    reserved: int
    committed: int
    available: int
    shortfall: int


async def count(
    db: Db, *, rows: Sequence[CountRow], author: str, source: str | None
) -> list[RowReport]:
    """Set levels to what was counted; return what each row did, in order.

    Raises InvalidInput for unknown codes, a level that is named twice, a time in the future.
    """
    ids = await _ids(db, [(row.sku, row.location) for row in rows])
    counted = await counts.set_counts(
        db,
        counts=[
            Count(
                sku=sku,
                location=location,
                on_hand=row.on_hand,
                as_of=row.as_of,
                pointer=f"/items/{at}",
            )
            for at, (row, (sku, location)) in enumerate(zip(rows, ids, strict=True))
        ],
        author=author,
        source=source,
    )
    return _reports([(row.sku, row.location) for row in rows], counted)


async def set_level(
    db: Db, *, sku: str, location: str, figure: NewFigure, version: int | None, author: str
) -> LevelView:
    """Set one level to what was counted; ``version`` makes it a compare-and-set.

    Raises UnknownSku, UnknownLocation, VersionMismatch, InvalidInput for a time in the future.
    """
    sku_id, location_id = await _level_ids(db, sku, location)
    await counts.set_counts(
        db,
        counts=[
            Count(
                sku=sku_id,
                location=location_id,
                on_hand=figure.on_hand,
                as_of=figure.as_of,
                version=version,
            )
        ],
        author=author,
    )
    return _view(await levels.at(db, sku=sku_id, location=location_id), sku, location)


async def adjust(
    db: Db, *, rows: Sequence[AdjustmentRow], author: str, source: str | None
) -> list[RowReport]:
    """Add to levels; return what came of each row. Raises InvalidInput for unknown codes."""
    ids = await _ids(db, [(row.sku, row.location) for row in rows])
    adjusted = await counts.adjust(
        db,
        adjustments=[
            Adjustment(
                sku=sku,
                location=location,
                change=row.change,
                reason=row.reason,
                pointer=f"/items/{at}",
            )
            for at, (row, (sku, location)) in enumerate(zip(rows, ids, strict=True))
        ],
        author=author,
        source=source,
    )
    return _reports([(row.sku, row.location) for row in rows], adjusted)


async def adjust_level(
    db: Db,
    *,
    sku: str,
    location: str,
    change: int,
    reason: str | None,
    version: int | None,
    author: str,
) -> LevelView:
    """Add to one level; ``version`` makes it a compare-and-set.

    Raises UnknownSku, UnknownLocation, VersionMismatch, InvalidInput for more than UNITS_MAX.
    """
    sku_id, location_id = await _level_ids(db, sku, location)
    await counts.adjust(
        db,
        adjustments=[
            Adjustment(
                sku=sku_id, location=location_id, change=change, reason=reason, version=version
            )
        ],
        author=author,
    )
    return _view(await levels.at(db, sku=sku_id, location=location_id), sku, location)


async def preview(db: Db, *, sku: str, location: str, on_hand: int) -> LevelView:
    """Return what a level would be if a count found ``on_hand`` now; nothing is written.

    Raises UnknownSku and UnknownLocation.
    """
    sku_id, location_id = await _level_ids(db, sku, location)
    held = await levels.at(db, sku=sku_id, location=location_id)
    return _view(held.with_on_hand(on_hand), sku, location)


async def level(db: Db, *, sku: str, location: str) -> LevelView:
    """Return one level; all zero where nothing was ever counted.

    Raises UnknownSku and UnknownLocation.
    """
    sku_id, location_id = await _level_ids(db, sku, location)
    return _view(await levels.at(db, sku=sku_id, location=location_id), sku, location)


async def everywhere(db: Db, *, sku: str) -> list[LevelView]:
    """Return the levels of a SKU at every location that has one. Raises UnknownSku."""
    found = await catalog.get(db, code=sku)
    places = (await network.of(db)).by_id
    return [
        _view(each, sku, places[each.location].code)
        for each in await levels.of_skus(db, skus=[found.id])
    ]


async def movements(
    db: Db, *, sku: str, location: str, after: str | None, limit: int
) -> Page[MovementView]:
    """Return the ledger of one level, newest first.

    Raises UnknownSku, UnknownLocation, InvalidInput when ``after`` is no cursor of this listing.
    """
    sku_id, location_id = await _level_ids(db, sku, location)
    found = await ledger.of_level(db, sku=sku_id, location=location_id, after=after, limit=limit)
    return Page(
        rows=tuple(MovementView(**_movement(each)) for each in found.rows), after=found.after
    )


async def movements_of_sku(
    db: Db, *, sku: str, after: str | None, limit: int, locations: Iterable[str] | None = None
) -> Page[SkuMovement]:
    """Return the ledger of a SKU, newest first, over all locations, or those of these codes.

    Raises UnknownSku, UnknownLocation, InvalidInput when ``after`` is no cursor of this listing.
    """
    held = await catalog.get(db, code=sku)
    places = (await network.of(db)).by_id
    found = await ledger.of_sku(
        db,
        sku=held.id,
        after=after,
        limit=limit,
        locations=(
            None if locations is None else [(await _place(db, each)).id for each in locations]
        ),
    )
    return Page(
        rows=tuple(
            SkuMovement(location=places[each.location].code, **_movement(each))
            for each in found.rows
        ),
        after=found.after,
    )


async def listing(
    db: Db,
    *,
    after: str | None,
    limit: int,
    search: str | None = None,
    location: str | None = None,
    only: Only = "all",
) -> Page[StockRow]:
    """Return SKUs by code with what there is of them, ``limit`` after the cursor ``after``.

    ``search`` looks in codes and names, whatever the case and the accents. With ``location`` (a
    code) the figures are those of that location. ``only``: ``kept``, SKUs that there is a level of;
    ``out``, active SKUs of which nothing is available, at a location among those that it keeps;
    ``short``, what is claimed beyond what is there; ``negative``, less than nothing on hand
    somewhere.

    Figures are not indexed, because that would make every change of stock dearer: with ``only`` at
    most EXAMINED_MAX SKUs are looked at, so that a page may have fewer rows than ``limit``, even
    none, and still be followed by another. Raises UnknownLocation, InvalidInput when ``after`` is
    no cursor of this listing.
    """
    at = None if location is None else (await _place(db, location)).id
    if only == "all":
        page = await catalog.listing(db, after=after, limit=limit, search=search)
        return Page(rows=tuple(await _stocked(db, page.rows, at)), after=page.after)
    wanted: list[StockRow] = []
    for _ in range(EXAMINED_MAX // EXAMINED_AT_ONCE):
        page = await catalog.listing(
            db,
            after=after,
            limit=EXAMINED_AT_ONCE,
            search=search,
            status="active" if only == "out" else None,
        )
        wanted += [
            row
            for row in await _stocked(db, page.rows, at)
            if _is(row, only, everywhere=at is None)
        ]
        after = page.after
        if len(wanted) > limit or after is None:
            return paging.page(wanted, limit=limit, key=lambda row: row.sku)
    return Page(rows=tuple(wanted), after=after)


async def _stocked(db: Db, skus: Sequence[Sku], location: int | None) -> list[StockRow]:
    totals = await levels.totals(db, skus=[sku.id for sku in skus], location=location)
    return [
        StockRow(
            sku=sku.code,
            name=sku.name,
            status=sku.status,
            locations=found.locations,
            negative=found.negative,
            on_hand=found.on_hand,
            unavailable=found.unavailable,
            reserved=found.reserved,
            committed=found.committed,
            available=found.available,
            shortfall=found.shortfall,
        )
        for sku, found in ((sku, totals[sku.id]) for sku in skus)
    ]


def _is(row: StockRow, only: Only, *, everywhere: bool) -> bool:
    if only == "kept":
        return row.locations > 0
    if only == "out":
        return row.available == 0 and (everywhere or row.locations > 0)
    return row.shortfall > 0 if only == "short" else row.negative > 0


def _movement(movement: Movement) -> dict[str, Any]:
    order_number, package = movement.order or (None, None)
    return {
        "id": movement.id,
        "version": movement.version,
        "cause": movement.cause,
        "on_hand_change": movement.on_hand_change,
        "unavailable_change": movement.unavailable_change,
        "quantity": movement.quantity,
        "document": movement.document,
        "order_number": order_number,
        "package": package,
        "author": movement.author,
        "source": movement.source,
        "occurred_at": movement.occurred_at,
        "recorded_at": movement.recorded_at,
    }


async def _level_ids(db: Db, sku: str, location: str) -> tuple[int, int]:
    found = await catalog.get(db, code=sku)
    return found.id, (await _place(db, location)).id


async def _place(db: Db, location: str) -> Location:
    place = (await network.of(db)).by_code.get(location)
    if place is None:
        raise locations.UnknownLocation(location)
    return place


async def _ids(db: Db, rows: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """Return the ids of (SKU, location) codes; raise InvalidInput with each that is unknown."""
    known = await catalog.known(db, codes={sku for sku, _ in rows})
    places = (await network.of(db)).by_code
    faults = []
    for at, (sku, location) in enumerate(rows):
        row = f"/items/{at}"
        if sku not in known:
            detail = f"there is no SKU “{sku}”"
            faults.append(Fault(pointer=f"{row}/sku", code="unknown_sku", detail=detail))
        if location not in places:
            detail = f"there is no location “{location}”"
            faults.append(Fault(pointer=f"{row}/location", code="unknown_location", detail=detail))
    if faults:
        raise InvalidInput(*faults)
    return [(known[sku].id, places[location].id) for sku, location in rows]


def _reports(rows: Iterable[tuple[str, str]], counted: Iterable[Counted]) -> list[RowReport]:
    return [
        RowReport(
            sku=sku,
            location=location,
            outcome=each.outcome,
            on_hand=each.on_hand,
            available=max(0, each.free),
            version=each.version,
        )
        for (sku, location), each in zip(rows, counted, strict=True)
    ]


def _view(level: Level, sku: str, location: str) -> LevelView:
    return LevelView(
        sku=sku,
        location=location,
        on_hand=level.on_hand,
        unavailable=level.unavailable,
        reserved=level.reserved,
        committed=level.committed,
        available=max(0, level.free),
        shortfall=level.shortfall,
        counted_as_of=level.counted_as_of,
        version=level.version,
    )
