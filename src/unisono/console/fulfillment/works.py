"""One work: what it is, its next step, and the list to pick by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from unisono.catalog import skus
from unisono.console.fulfillment import cards
from unisono.console.fulfillment.queues import READ, place_of
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.console.words import mark
from unisono.core import clock
from unisono.fulfillment import queue
from unisono.fulfillment.queue import FulfillmentLine, Package
from unisono.fulfillment.records import FulfillmentRef, unknown
from unisono.network import network
from unisono.network.network import Network

PACKAGES_MAX = 10
"""So many packages can be filled on the page; more than these go through the API."""
REASONS = {
    "closed": mark("We are closed"),
    "too_much": mark("There is too much work now"),
    "cannot_send": mark("It cannot be packed or sent from here"),
    "other": mark("Another reason"),
}
"""Why a location may leave work to another one; goods that are missing are told when picking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Packages that somebody is filling: units by (package, allocation), weights as written.

    ``packed`` are the units of each allocation in all of them, when they were not right.
    """

    packages: int
    units: Mapping[tuple[int, int], int] = field(default_factory=dict)
    weights: Sequence[str] = ()
    packed: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A package with names for codes, and the wanted lines that are in it."""

    package: Package
    carrier: str | None
    service: str | None
    lines: tuple[FulfillmentLine, ...]


@get("/fulfillment/{location:str}/{work:str}", opt=READ)
async def show_work(
    visit: NamedDependency[Visit],
    location: FromPath[str],
    work: FromPath[str],
    packages: FromQuery[int] = 1,
) -> Response[Any]:
    """One work with its next step; ``packages`` are how many it is packed into."""
    filling = Filling(packages=max(1, min(packages, PACKAGES_MAX)))
    return await shown(visit, location, FulfillmentRef.parse(work), filling=filling)


async def shown(
    visit: Visit,
    location: str,
    ref: FulfillmentRef,
    *,
    filling: Filling | None = None,
    is_late: bool = False,
    status: int = 200,
) -> Response[Any]:
    """Return the page of a work; ``is_late``: it had gone on before what was tapped arrived.

    Raises LocationRefused, UnknownLocation, UnknownFulfillmentOrder.
    """
    async with visit.database.read() as db:
        place = await place_of(visit, db, location)
        work = await queue.get(db, ref=ref)
        if work.location != location:
            raise unknown(ref)
        card = cards.card(work, zone=place.time_zone, now=clock.now(), language=visit.language)
        known = await skus.known(db, codes={line.sku for line in card.lines})
        everywhere = await network.of(db)
    return page(
        visit,
        "fulfillment/work.html",
        status=status,
        place=place,
        paper_zone=ZoneInfo(place.time_zone),
        card=card,
        work=work,
        steps=cards.steps(work),
        is_collected=cards.is_collected(work),
        packed=[_packed(each, card.lines, everywhere) for each in work.packages],
        service=_service(everywhere, work.carrier, work.service),
        weight_g=sum(known[line.sku].weight_g * line.quantity for line in card.lines),
        filling=filling or Filling(packages=1),
        packages_max=min(PACKAGES_MAX, card.units),
        reasons=REASONS,
        is_late=is_late,
    )


def _packed(package: Package, lines: Sequence[FulfillmentLine], everywhere: Network) -> Packed:
    inside = {item.allocation for item in package.items}
    carrier = everywhere.carriers.get(package.carrier or "")
    return Packed(
        package=package,
        carrier=package.carrier if carrier is None else carrier.name,
        service=_service(everywhere, package.carrier, package.service),
        lines=tuple(line for line in lines if line.allocation in inside),
    )


def _service(everywhere: Network, carrier: str | None, service: str | None) -> str | None:
    """Return how people call a service; its code when it is not there any more."""
    for each in everywhere.services:
        if (each.carrier, each.code) == (carrier, service):
            return each.name
    return service


routes = (show_work,)
