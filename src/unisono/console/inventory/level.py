"""One SKU at one location: its figures, its ledger, and saying what is really there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct

from unisono.catalog import skus as catalog
from unisono.console.guard import needs
from unisono.console.inventory.authors import names_of_authors
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.texts import Line
from unisono.inventory import stock
from unisono.inventory.counts import UNITS_MAX
from unisono.inventory.stock import LevelView, MovementView, NewFigure, Units
from unisono.network import network
from unisono.network.locations import UnknownLocation

LEDGER_ROWS = 25

Seen = Annotated[int, Meta(ge=0, le=2**62)]
"""The version of the level that the page showed; 0 where nothing was ever counted."""


class CountForm(Struct, frozen=True, kw_only=True):
    """What somebody counted."""

    on_hand: Units
    version: Seen


class AdjustmentForm(Struct, frozen=True, kw_only=True):
    """How many units more or fewer there are, and why."""

    change: Annotated[int, Meta(ge=-UNITS_MAX, le=UNITS_MAX)]
    reason: Line | None = None
    version: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the ledger; ``on_hand`` is what was there after it, as far as that is known."""

    movement: MovementView
    on_hand: int | None


@get("/inventory/{sku:str}/{location:str}", opt=needs("stock:read"))
async def show_level(
    visit: NamedDependency[Visit],
    sku: FromPath[str],
    location: FromPath[str],
    after: FromQuery[str] = "",
    balance: FromQuery[str] = "",
    on_hand: FromQuery[str] = "",
    change: FromQuery[str] = "",
    reason: FromQuery[str] = "",
) -> Response[Any]:
    """A level; with ``on_hand`` or ``change`` also what that would make of it.

    ``after`` turns the pages of the ledger, of which ``balance`` is what was there before.
    """
    visit.person.require_location(location)
    async with visit.database.read() as db:
        place = (await network.of(db)).by_code.get(location)
        if place is None:
            raise UnknownLocation(location)
        held = await catalog.get(db, code=sku)
        level = await stock.level(db, sku=sku, location=location)
        movements = await stock.movements(
            db, sku=sku, location=location, after=after or None, limit=LEDGER_ROWS
        )
        names = await names_of_authors(db)
        counted = await _effect(db, level, _units(on_hand))
        changed = _units(change)
        adjusted = await _effect(db, level, None if changed is None else level.on_hand + changed)
    entries, left = _balanced(movements.rows, level, _units(balance) if after else level.on_hand)
    return page(
        visit,
        "inventory/level.html",
        sku=held,
        place=place,
        level=level,
        entries=entries,
        names=names,
        after=movements.after,
        balance=left,
        is_first=not after,
        given={"on_hand": on_hand, "change": change, "reason": reason},
        counted=counted,
        adjusted=adjusted,
        units_max=UNITS_MAX,
    )


@post("/inventory/{sku:str}/{location:str}/count", opt=needs("stock:write"), status_code=200)
async def count_level(
    visit: NamedDependency[Visit], sku: FromPath[str], location: FromPath[str]
) -> Response[Any]:
    """Set the level to what was counted, if it still is as it was seen."""
    visit.person.require_location(location)
    given = await visit.filled(CountForm)

    async def work(db: Db) -> LevelView:
        return await stock.set_level(
            db,
            sku=sku,
            location=location,
            figure=NewFigure(on_hand=given.on_hand),
            version=given.version,
            author=visit.person.name,
        )

    return _recorded(visit, await visit.change(work))


@post("/inventory/{sku:str}/{location:str}/adjust", opt=needs("stock:write"), status_code=200)
async def adjust_level(
    visit: NamedDependency[Visit], sku: FromPath[str], location: FromPath[str]
) -> Response[Any]:
    """Add units or take them off, if the level still is as it was seen."""
    visit.person.require_location(location)
    given = await visit.filled(AdjustmentForm)

    async def work(db: Db) -> LevelView:
        return await stock.adjust_level(
            db,
            sku=sku,
            location=location,
            change=given.change,
            reason=given.reason,
            version=given.version,
            author=visit.person.name,
        )

    return _recorded(visit, await visit.change(work))


def _recorded(visit: Visit, level: LevelView) -> Response[Any]:
    language = visit.language
    text = language.text(
        "Recorded: %(on_hand)s on hand, %(available)s available.",
        on_hand=language.number(level.on_hand),
        available=language.number(level.available),
    )
    return visit.done(f"/inventory/{level.sku}/{level.location}", text)


def _units(text: str) -> int | None:
    """Return the units that somebody is typing; None while it is no number that is accepted."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(UNITS_MAX))):
        return None
    return int(text)


async def _effect(db: Db, level: LevelView, on_hand: int | None) -> LevelView | None:
    if on_hand is None or abs(on_hand) > UNITS_MAX:
        return None
    return await stock.preview(db, sku=level.sku, location=level.location, on_hand=on_hand)


def _balanced(
    movements: Sequence[MovementView], level: LevelView, balance: int | None
) -> tuple[Sequence[Entry], int | None]:
    """Return lines, newest first, with what was there after each, and what was before the last.

    ``balance`` is what is there after the first. The ledger is only added to, so what was there
    before a line never changes, and the next page can be told it.
    """
    entries = []
    for movement in movements:
        # What happened since the level was read is not in its figure.
        is_known = balance is not None and movement.version <= level.version
        entries.append(Entry(movement=movement, on_hand=balance if is_known else None))
        if balance is not None and is_known:
            balance -= movement.on_hand_change
    return entries, balance
