"""The network, to read: locations, their opening hours, carriers with services and prices."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from unisono.console.area import Pages
from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.texts import folded
from unisono.network import network
from unisono.network.locations import Location, UnknownLocation


@get("/network", opt=needs("network:read"))
async def list_locations(
    visit: NamedDependency[Visit], search: FromQuery[str] = "", kind: FromQuery[str] = ""
) -> Response[Any]:
    """Every location, by name; a network has hundreds at most, so all are on one page."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    shown = sorted(
        (each for each in everywhere.locations if _is_wanted(each, search, kind)),
        key=lambda location: folded(location.name),
    )
    return page(
        visit,
        "network/locations.html",
        locations=shown,
        total=len(everywhere.locations),
        search=search,
        kind=kind,
    )


@get("/network/locations/{code:str}", opt=needs("network:read"))
async def show_location(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One location: where it is, when it is open, what it does."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    location = everywhere.by_code.get(code)
    if location is None:
        raise UnknownLocation(code)
    return page(
        visit,
        "network/location.html",
        location=location,
        calendar=everywhere.calendars.get(location.calendar or ""),
    )


def _is_wanted(location: Location, search: str, kind: str) -> bool:
    text = folded(f"{location.code} {location.name} {location.city}")
    return folded(search) in text and kind in {"", location.kind}


pages = Pages(name="network", routes=(list_locations, show_location))
