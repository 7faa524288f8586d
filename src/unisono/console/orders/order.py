"""One order: what was asked for, what became of it, why, and what can be done about it."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from unisono.channels import channels as channels_area
from unisono.console import story
from unisono.console.guard import needs
from unisono.console.orders import shown, why
from unisono.console.orders.finding import number_in
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.fulfillment import records
from unisono.network import network as network_area
from unisono.orders import history, listing, reading
from unisono.orders.changing import UnknownOrder
from unisono.orders.listing import OrderFilter
from unisono.orders.reading import OrderView
from unisono.tracking import links


@get("/orders/{named:str}", opt=needs("orders:read"))
async def show_order(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Show an order by its number; the address by its id leads there."""
    async with visit.database.read() as db:
        if number_in(named) is None:
            return visit.onward(f"/orders/{await _number(db, named)}")
        order = await of_number(db, named)
        network = await network_area.of(db)
        channel = (await channels_area.all(db)).by_code[order.channel]
        held = await records.packages_of_orders(db, order_ids=[order.id])
        decisions = await reading.decisions(db, order_id=order.id)
        moments = await history.of_order(db, order_id=order.id)

    def works(location: str, n: int) -> str:
        return f"/fulfillment/{quote(location, safe='')}/{order.id}.{n}"

    token = links.token(order.id, key=await links.key(visit.database))
    return page(
        visit,
        "orders/order.html",
        order=order,
        channel=channel,
        place=None if order.location is None else network.by_code[order.location],
        lines=shown.lines(order, network, visit.language),
        packages=shown.packages(order, held, network, visit.settings.currency),
        sums=shown.sums(order),
        decisions=[why.told(each, order, network) for each in decisions],
        moments=story.tell(
            visit.language,
            moments,
            works=works if "fulfillment:read" in visit.person.scopes else None,
        ),
        tracking=f"/track/{token}",
    )


async def of_number(db: Db, text: str) -> OrderView:
    """Return the order with a number, as addresses have it. Raises UnknownOrder."""
    number = number_in(text)
    if number is not None:
        wanted = OrderFilter(number=number)
        found = await listing.listing(db, wanted=wanted, after=None, limit=1)
        if found.rows:
            return await reading.get(db, order_id=found.rows[0].id)
    message = f"there is no order {text}"
    raise UnknownOrder(message)


async def _number(db: Db, text: str) -> int:
    """Return the number of the order with an id. Raises UnknownOrder."""
    try:
        order_id = UUID(text)
    except ValueError:
        message = f"there is no order {text}"
        raise UnknownOrder(message) from None
    return (await reading.get(db, order_id=order_id)).number
