"""The list of SKUs: what there is of each, everywhere or at one location."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from unisono.catalog import skus as catalog
from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.paging import Page
from unisono.core.texts import folded
from unisono.identity.keys import Principal
from unisono.inventory import stock
from unisono.inventory.stock import Only, StockRow
from unisono.network import network
from unisono.network.locations import Location
from unisono.network.network import Network

ADDRESS = "/inventory"
ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Filters as the address has them; an empty text lets everything through."""

    search: str = ""
    location: str = ""
    only: Only = "all"

    @staticmethod
    def asked(*, search: str, location: str, only: Only | None) -> "Finding":
        """Return what an address asks for; of a location, first what it keeps."""
        return Finding(
            search=search.strip(), location=location, only=only or _first_asked(location)
        )

    @property
    def shows_first(self) -> bool:
        """Whether this is what is shown before anybody asks for only some SKUs."""
        return self.only == _first_asked(self.location)

    def address(self, *, after: str | None = None, **changed: str) -> str:
        """Return the address of this list, with other values for some filters."""
        given = {**asdict(self), **changed, "after": after}
        if self.shows_first and "only" not in changed:
            del given["only"]
        query = {name: value for name, value in given.items() if value}
        return f"{ADDRESS}?{urlencode(query)}" if query else ADDRESS

    def address_of(self, sku: str) -> str:
        """Return the address of a SKU as this list sees it: at its location, if it is of one."""
        return f"{ADDRESS}/{sku}/{self.location}" if self.location else f"{ADDRESS}/{sku}"


@get(ADDRESS, opt=needs("stock:read"))
async def list_stock(
    visit: NamedDependency[Visit],
    search: Annotated[str, QueryParameter(max_length=200)] = "",
    location: FromQuery[str] = "",
    only: FromQuery[Only | None] = None,
    after: FromQuery[str] = "",
) -> Response[Any]:
    """SKUs by code; people of some locations see one of theirs."""
    own = visit.person.locations
    if location:
        visit.person.require_location(location)
    elif len(own) == 1:
        [location] = own
    finding = Finding.asked(search=search, location=location, only=only)
    async with visit.database.read() as db:
        places = offered(await network.of(db), visit.person)
        if own and not location:
            return page(visit, "inventory/choose.html", finding=finding, places=places)
        rows = await stock.listing(
            db,
            after=after or None,
            limit=ROWS,
            search=finding.search or None,
            location=location or None,
            only=finding.only,
        )
        meant = None if after else await _meant(db, finding, rows)
    if meant is not None:
        return visit.onward(finding.address_of(meant))
    return page(
        visit,
        "inventory/list.html",
        finding=finding,
        places=places,
        place_names={each.code: each.name for each in places},
        rows=rows.rows,
        after=rows.after,
        is_first=not after,
        # A page that is not full and is followed by another looked at as many as it may.
        looked_at=stock.EXAMINED_MAX if rows.after and len(rows.rows) < ROWS else None,
    )


def _first_asked(location: str) -> Only:
    return "kept" if location else "all"


def offered(everywhere: Network, person: Principal) -> Sequence[Location]:
    """Return the locations whose stock a person may see, by name."""
    own = person.locations
    return sorted(
        (each for each in everywhere.locations if not own or each.code in own),
        key=lambda each: folded(each.name),
    )


async def _meant(db: Db, finding: Finding, found: Page[StockRow]) -> str | None:
    """Return the SKU that a search names whole, by its code or, as scanners read it, its GTIN."""
    if not (finding.search and finding.shows_first) or len(found.rows) > 1:
        return None
    if found.rows:
        [row] = found.rows
        return row.sku if folded(row.sku) == folded(finding.search) else None
    scanned = await catalog.scanned(db, code=finding.search)
    return scanned[0].code if len(scanned) == 1 else None
