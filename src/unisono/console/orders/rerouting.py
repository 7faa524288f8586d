"""Taking goods from another location: first where they would come from instead, then exactly that.

What is shown was tried: the change is made and undone, so that nothing else can come of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from unisono.console.guard import needs
from unisono.console.orders import why
from unisono.console.orders.order import of_number
from unisono.console.orders.shown import Goods
from unisono.console.orders.why import Decision
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.texts import Line as Sentence
from unisono.fulfillment import reassign
from unisono.fulfillment.reassign import NOT_BEGUN, Reassignment
from unisono.network import network as network_area
from unisono.network.locations import Location
from unisono.network.network import Network
from unisono.orders import reading
from unisono.orders.reading import OrderView
from unisono.orders.reroute import NoOtherLocation


class RerouteForm(Struct, frozen=True, kw_only=True):
    """Which locations should not serve the order, why, and which were shown as left out."""

    version: int
    avoid: Annotated[tuple[str, ...], Meta(max_length=1000)] = ()
    reason: Sentence | None = None
    shown: Annotated[str, Meta(max_length=100_000)] = ""
    preview: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A location with what it has not begun to pick, and whether it is to be avoided."""

    location: Location
    goods: Sequence[Goods]
    allocations: tuple[int, ...]
    avoided: bool


class _TriedError(Exception):
    """Undoes a change that was only tried; carries the decisions that it led to."""

    def __init__(self, decisions: list[Decision]) -> None:
        super().__init__()
        self.decisions = decisions


@get("/orders/{named:str}/reroute", opt=needs("orders:write"))
async def show_reroute(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Show which locations have not begun; the only one is chosen already."""
    async with visit.database.read() as db:
        order = await of_number(db, named)
        network = await network_area.of(db)
    codes = {source.location.code for source in _sources(order, network, ())}
    return await _form(visit, order, network, tuple(codes) if len(codes) == 1 else ())


@post("/orders/{named:str}/reroute", opt=needs("orders:write"), status_code=200)
async def reroute_order(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Take goods from elsewhere, if that is what was shown; show it first if not."""
    given = await visit.filled(RerouteForm)
    async with visit.database.read() as db:
        order = await of_number(db, named)
        network = await network_area.of(db)
    is_seen = bool(given.avoid) and given.shown == _shown(given.avoid)
    if given.preview is not None or not is_seen:
        return await _form(
            visit,
            order,
            network,
            given.avoid,
            reason=given.reason or "",
            is_new=given.preview is None,
        )
    if given.reason is None:
        detail = "whoever loses work is told why"
        raise InvalidInput(Fault(pointer="/reason", code="missing_field", detail=detail))
    reassignment = Reassignment(
        reason=given.reason, allocations=_allocations(_sources(order, network, given.avoid))
    )

    async def work(db: Db) -> None:
        await reassign.reassign(
            db,
            order_id=order.id,
            reassignment=reassignment,
            version=given.version,
            author=visit.person.name,
        )

    await visit.change(work)
    text = visit.language.text("The goods come from elsewhere now.")
    return visit.done(f"/orders/{named}", text)


async def _form(
    visit: Visit,
    order: OrderView,
    network: Network,
    avoid: tuple[str, ...],
    *,
    reason: str = "",
    is_new: bool = False,
) -> Response[Any]:
    """Return the page; ``is_new`` says that what was sent is not what had been shown."""
    sources = _sources(order, network, avoid)
    return page(
        visit,
        "orders/reroute.html",
        order=order,
        sources=sources,
        tried=await _tried(visit, order, network, _allocations(sources)),
        shown=_shown(source.location.code for source in sources if source.avoided),
        reason=reason,
        is_new=is_new,
    )


async def _tried(
    visit: Visit, order: OrderView, network: Network, allocations: tuple[int, ...]
) -> list[Decision] | None:
    """Return the decisions that rerouting would lead to; None when no other location has it."""
    if not allocations:
        return []

    async def work(db: Db) -> None:
        known = await reading.decisions(db, order_id=order.id)
        await reassign.reassign(
            db,
            order_id=order.id,
            reassignment=Reassignment(reason="?", allocations=allocations),
            version=order.version,
            author=visit.person.name,
        )
        new = (await reading.decisions(db, order_id=order.id))[len(known) :]
        raise _TriedError([why.told(each, order, network) for each in new])

    try:
        await visit.change(work)
    except NoOtherLocation:
        return None
    except _TriedError as tried:
        return tried.decisions
    message = "what is tried is always undone"
    raise AssertionError(message)


def _sources(order: OrderView, network: Network, avoid: Sequence[str]) -> list[Source]:
    """Return the locations that have not begun, in the order of the allocations."""
    lines = {each.line: each for each in order.lines}
    found: dict[str, list[tuple[int, Goods]]] = {}
    for each in order.allocations:
        if each.state in NOT_BEGUN and each.location is not None:
            line = lines[each.line]
            goods = Goods(sku=line.sku, name=line.name, quantity=each.quantity)
            found.setdefault(each.location, []).append((each.allocation, goods))
    return [
        Source(
            location=network.by_code[code],
            goods=[goods for _, goods in units],
            allocations=tuple(n for n, _ in units),
            avoided=code in avoid,
        )
        for code, units in found.items()
    ]


def _allocations(sources: Sequence[Source]) -> tuple[int, ...]:
    return tuple(n for source in sources if source.avoided for n in source.allocations)


def _shown(codes: Iterable[str]) -> str:
    """Return locations as one text, to compare what is sent with what was shown."""
    return ",".join(sorted(codes))
