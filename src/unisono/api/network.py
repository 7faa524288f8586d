"""Locations, calendars, carriers, rates and places over HTTP."""

from functools import partial
from typing import Annotated

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area
from unisono.api.authentication import needs
from unisono.api.lists import bounded, shown
from unisono.api.requests import Call, Paging, once
from unisono.core.database import Database, Db
from unisono.network import calendars, carriers, locations, places, rates
from unisono.network.calendars import Calendar, NewCalendar
from unisono.network.carriers import NewCarrier, ToldCarrier
from unisono.network.locations import NewLocation, NewLocations, ToldLocation
from unisono.network.places import NewPlaces, Place
from unisono.network.rates import NewRates, ToldRates


@get("/v1/locations", opt=needs("network:read"))
async def list_locations(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    kind: FromQuery[locations.Kind | None] = None,
    status: FromQuery[locations.Status | None] = None,
    search: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> Response[Items[ToldLocation]]:
    """Locations in the order of their codes; search looks in codes and names."""
    async with database.read() as db:
        page = await locations.listing(
            db, after=paging.after, limit=paging.limit, kind=kind, status=status, search=search
        )
    told = partial(locations.told, currency=request.settings.currency)
    return listed(request, shown(page, told), paging)


@put("/v1/locations", opt=needs("network:write"))
async def put_locations(
    request: Call, data: JSONBody[NewLocations]
) -> Response[Items[ToldLocation]]:
    """Make or change many locations, all or none; no version is asked for."""
    rows = bounded(request, data.locations, field="locations")
    currency = request.settings.currency

    async def work(db: Db) -> Items[ToldLocation]:
        stored = await locations.put(db, locations=rows, currency=currency)
        return Items(items=tuple(locations.told(each, currency=currency) for each in stored))

    return await once(request, work)


@get("/v1/locations/{code:str}", opt=needs("network:read"))
async def read_location(
    request: Call, database: NamedDependency[Database], code: FromPath[str]
) -> Response[ToldLocation]:
    """One location."""
    async with database.read() as db:
        held = await locations.get(db, code=code)
    return tagged(locations.told(held, currency=request.settings.currency))


@put("/v1/locations/{code:str}", opt=needs("network:write"))
async def put_location(
    request: Call,
    code: FromPath[str],
    data: JSONBody[NewLocation],
    if_match: NamedDependency[int | None],
) -> Response[ToldLocation]:
    """Make a location, or replace the version that was read."""
    currency = request.settings.currency

    async def work(db: Db) -> ToldLocation:
        stored = await locations.replace(
            db, code=code, location=data, version=if_match, currency=currency
        )
        return locations.told(stored, currency=currency)

    return await once(request, work, headers=etag)


@get("/v1/calendars", opt=needs("network:read"))
async def list_calendars(
    request: Call, database: NamedDependency[Database], paging: NamedDependency[Paging]
) -> Response[Items[Calendar]]:
    """Opening calendars in the order of their codes."""
    async with database.read() as db:
        page = await calendars.listing(db, after=paging.after, limit=paging.limit)
    return listed(request, page, paging)


@get("/v1/calendars/{code:str}", opt=needs("network:read"))
async def read_calendar(
    database: NamedDependency[Database], code: FromPath[str]
) -> Response[Calendar]:
    """One opening calendar."""
    async with database.read() as db:
        return tagged(await calendars.get(db, code=code))


@put("/v1/calendars/{code:str}", opt=needs("network:write"))
async def put_calendar(
    request: Call,
    code: FromPath[str],
    data: JSONBody[NewCalendar],
    if_match: NamedDependency[int | None],
) -> Response[Calendar]:
    """Make an opening calendar, or replace the version that was read."""

    async def work(db: Db) -> Calendar:
        return await calendars.replace(db, code=code, calendar=data, version=if_match)

    return await once(request, work, headers=etag)


@get("/v1/carriers", opt=needs("network:read"))
async def list_carriers(
    request: Call, database: NamedDependency[Database], paging: NamedDependency[Paging]
) -> Response[Items[ToldCarrier]]:
    """Carriers with their services, in the order of their codes."""
    async with database.read() as db:
        page = await carriers.listing(db, after=paging.after, limit=paging.limit)
    return listed(request, shown(page, carriers.told), paging)


@get("/v1/carriers/{code:str}", opt=needs("network:read"))
async def read_carrier(
    database: NamedDependency[Database], code: FromPath[str]
) -> Response[ToldCarrier]:
    """One carrier with its services."""
    async with database.read() as db:
        return tagged(carriers.told(await carriers.get(db, code=code)))


@put("/v1/carriers/{code:str}", opt=needs("network:write"))
async def put_carrier(
    request: Call,
    code: FromPath[str],
    data: JSONBody[NewCarrier],
    if_match: NamedDependency[int | None],
) -> Response[ToldCarrier]:
    """Make a carrier, or replace the version that was read; rates of zones that go, go too."""

    async def work(db: Db) -> ToldCarrier:
        stored = await carriers.replace(db, code=code, carrier=data, version=if_match)
        return carriers.told(stored)

    return await once(request, work, headers=etag)


@get("/v1/carriers/{code:str}/rates", opt=needs("network:read"))
async def read_rates(
    request: Call, database: NamedDependency[Database], code: FromPath[str]
) -> Response[ToldRates]:
    """Every rate of a carrier; the version is the carrier's."""
    async with database.read() as db:
        held = await rates.get(db, carrier=code)
    return tagged(rates.told(held, currency=request.settings.currency))


@put("/v1/carriers/{code:str}/rates", opt=needs("network:write"))
async def put_rates(
    request: Call,
    code: FromPath[str],
    data: JSONBody[NewRates],
    if_match: NamedDependency[int | None],
) -> Response[ToldRates]:
    """Replace every rate of a carrier; once it has rates, its version is asked for."""
    currency = request.settings.currency

    async def work(db: Db) -> ToldRates:
        stored = await rates.replace(
            db, carrier=code, rates=data, currency=currency, version=if_match
        )
        return rates.told(stored, currency=currency)

    return await once(request, work, headers=etag)


@get("/v1/places", opt=needs("network:read"))
async def list_places(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    country: Annotated[str | None, QueryParameter(pattern="^[A-Z]{2}$")] = None,
) -> Response[Items[Place]]:
    """Places in the order of country and postal code."""
    async with database.read() as db:
        page = await places.listing(db, after=paging.after, limit=paging.limit, country=country)
    return listed(request, page, paging)


@put("/v1/places", opt=needs("network:write"))
async def put_places(request: Call, data: JSONBody[NewPlaces]) -> Response[Items[Place]]:
    """Make or change many places, all or none; no version is asked for."""
    rows = bounded(request, data.places, field="places")

    async def work(db: Db) -> Items[Place]:
        return Items(items=tuple(await places.put(db, places=rows)))

    return await once(request, work)


@get("/v1/places/{country:str}/{postal_code:str}", opt=needs("network:read"))
async def read_place(
    database: NamedDependency[Database], country: FromPath[str], postal_code: FromPath[str]
) -> Response[Place]:
    """One place."""
    async with database.read() as db:
        return tagged(await places.get(db, country=country, postal_code=postal_code))


area = Area(
    tag="network",
    meaning="Where goods lie and how they travel.",
    routes=(
        list_locations,
        put_locations,
        read_location,
        put_location,
        list_calendars,
        read_calendar,
        put_calendar,
        list_carriers,
        read_carrier,
        put_carrier,
        read_rates,
        put_rates,
        list_places,
        put_places,
        read_place,
    ),
)
