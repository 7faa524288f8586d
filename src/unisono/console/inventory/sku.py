"""One SKU: what it is, what there is of it at each location, and its ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from unisono.catalog import skus as catalog
from unisono.console.guard import needs
from unisono.console.inventory.authors import names_of_authors
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.texts import folded
from unisono.inventory import stock
from unisono.inventory.stock import LevelView
from unisono.network import network
from unisono.network.locations import Location

LEDGER_ROWS = 25
LOCATIONS_SHOWN = 12
"""Of a SKU that lies at more locations, the others are shown when asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """A SKU at a location; ``part`` is what is available of what is where there is most."""

    place: Location
    level: LevelView
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What there is of a SKU over the locations that a person may see, in base units."""

    on_hand: int
    unavailable: int
    reserved: int
    committed: int
    available: int
    shortfall: int

    @staticmethod
    def of(levels: Sequence[LevelView]) -> "Totals":
        """Return the sums; what one location lacks is not taken off what another has."""
        return Totals(
            **{
                name: sum(getattr(each, name) for each in levels)
                for name in Totals.__dataclass_fields__
            }
        )


@get("/inventory/{code:str}", opt=needs("stock:read"))
async def show_sku(
    visit: NamedDependency[Visit],
    code: FromPath[str],
    after: FromQuery[str] = "",
    everywhere: FromQuery[bool] = False,  # noqa: FBT002 - a query has no keyword-only fields
) -> Response[Any]:
    """A SKU; ``after`` turns the pages of its ledger, ``everywhere`` shows every location."""
    own = visit.person.locations
    async with visit.database.read() as db:
        sku = await catalog.get(db, code=code)
        held = await stock.everywhere(db, sku=code)
        movements = await stock.movements_of_sku(
            db, sku=code, after=after or None, limit=LEDGER_ROWS, locations=own or None
        )
        places = (await network.of(db)).by_code
        names = await names_of_authors(db)
    levels = [each for each in held if not own or each.location in own]
    most = max((each.available for each in levels), default=0) or 1
    there = sorted(
        (
            There(place=places[each.location], level=each, part=each.available / most)
            for each in levels
        ),
        key=lambda each: (-each.level.available, -each.level.on_hand, folded(each.place.name)),
    )
    return page(
        visit,
        "inventory/sku.html",
        sku=sku,
        totals=Totals.of(levels),
        there=there if everywhere else there[:LOCATIONS_SHOWN],
        locations=len(there),
        places=places,
        movements=movements.rows,
        names=names,
        after=movements.after,
        is_first=not after,
    )
