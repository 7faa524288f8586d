"""The list of orders: the newest first, found by words and filters."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from unisono.channels import channels as channels_area
from unisono.console.guard import needs
from unisono.console.orders.finding import Finding
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.paging import Page
from unisono.core.texts import folded
from unisono.network import network as network_area
from unisono.orders import listing
from unisono.orders.listing import OrderFilter, OrderSummary

ROWS = 50


@get("/orders", opt=needs("orders:read"))
async def list_orders(
    visit: NamedDependency[Visit], after: FromQuery[str | None] = None
) -> Response[Any]:
    """Show a page of orders; a search that can only mean one order goes straight to it."""
    finding = Finding.asked(visit.query_params)
    wanted = finding.filter(visit.zone)
    async with visit.database.read() as db:
        shown = await listing.listing(db, wanted=wanted, after=after, limit=ROWS)
        is_first = after is None
        meant = await _only_one(db, finding, shown) if is_first else None
        if meant is not None:
            return visit.onward(f"/orders/{meant}")
        counts = await listing.counts(db, wanted=wanted)
        channels = (await channels_area.all(db)).by_code
        locations = (await network_area.of(db)).by_code
    channel_names = {code: each.name for code, each in channels.items()}
    location_names = {code: each.name for code, each in locations.items()}
    return page(
        visit,
        "orders/list.html",
        finding=finding,
        orders=shown.rows,
        after=shown.after,
        is_first=is_first,
        counts=counts,
        chips=finding.chips(visit.language, channels=channel_names, locations=location_names),
        channels=sorted(channel_names.items(), key=lambda each: folded(each[1])),
        channel_names=channel_names,
        locations=sorted(location_names.items(), key=lambda each: folded(each[1])),
    )


async def _only_one(db: Db, finding: Finding, shown: Page[OrderSummary]) -> int | None:
    """Return the number of the order that a search means, if it is one order alone."""
    if not finding.is_only_a_search:
        return None
    if finding.number is not None:
        by_number = OrderFilter(number=finding.number)
        found = await listing.listing(db, wanted=by_number, after=None, limit=1)
        if found.rows:
            return found.rows[0].number
    return shown.rows[0].number if len(shown.rows) == 1 else None
