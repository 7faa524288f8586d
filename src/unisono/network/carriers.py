"""Carriers: their services, when a parcel must be ready, and the zones that they deliver to."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from unisono.core import ids, paging, queries, revision, versions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.outbox import Event, Fact, add
from unisono.core.paging import Page
from unisono.core.texts import Code, Country, Line
from unisono.network import locations
from unisono.network.calendars import ClockTime
from unisono.network.locations import Kind as LocationKind

sql = queries.beside(__file__)

AREA = "network"

DeliveryOption = Literal["home_standard", "home_express"]
WeightMax = Annotated[int, Meta(ge=1, le=10_000_000)]
PostalPrefix = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{1,10}$(?!\n)", description="Without blanks", examples=["75"])
]


class UnknownCarrier(UnisonoError):
    """There is no such carrier."""

    def __init__(self, carrier: str) -> None:
        """Keep the code that was asked for."""
        super().__init__(f"there is no carrier {carrier}")
        self.carrier = carrier


class Zone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that puts a destination into a zone; several rules may share a zone's code.

    It holds for a country, for postal codes with one of the prefixes (none: all of them), up to and
    including a great-circle distance from the location (None: any).
    """

    code: Annotated[Code, Meta(examples=["1"])]
    country: Country
    transit_days: Annotated[int, Meta(ge=0, le=100)]
    postal_prefixes: Annotated[tuple[PostalPrefix, ...], Meta(max_length=1000)] = ()
    distance_km_max: Annotated[float, Meta(gt=0, le=50_000)] | None = None


class CutOff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another cut-off for the locations of one kind."""

    kind: LocationKind
    at: ClockTime


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to ship. Its zones are rules in order: the first that matches is the zone.

    A parcel that is packed by the cut-off, on the location's clock, leaves that day. ``locations``
    are the codes of the only ones that the carrier collects from; none means all.
    """

    code: Annotated[Code, Meta(examples=["relais-eco"])]
    name: Annotated[Line, Meta(examples=["Éco"])]
    delivery_option: DeliveryOption
    parcel_weight_g_max: WeightMax
    cut_off: ClockTime
    zones: Annotated[tuple[Zone, ...], Meta(min_length=1, max_length=500)]
    cut_offs: Annotated[tuple[CutOff, ...], Meta(max_length=5)] = ()
    locations: Annotated[tuple[Code, ...], Meta(max_length=10_000)] = ()

    def cut_off_of(self, kind: LocationKind) -> str:
        """Return the cut-off for locations of a kind, as ``HH:MM`` on their clock."""
        return next((each.at for each in self.cut_offs if each.kind == kind), self.cut_off)


class NewCarrier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier as it is told."""

    code: Annotated[Code, Meta(examples=["relais"])]
    name: Annotated[Line, Meta(examples=["Relais Éco"])]
    services: Annotated[tuple[Service, ...], Meta(min_length=1, max_length=100)]


class ToldCarrier(NewCarrier, frozen=True, kw_only=True):
    """A carrier as others see it; ``version`` counts the changes of it and its rates from 1."""

    version: int


class Carrier(ToldCarrier, frozen=True, kw_only=True):
    """A carrier as it is held, with the id that stays inside."""

    id: int


class CarrierChanged(Fact, frozen=True, kw_only=True):
    """A carrier was made or changed; it is told whole, without its rates."""

    name: ClassVar = "carrier.changed"
    carrier: NewCarrier


async def put(db: Db, *, carrier: NewCarrier) -> Carrier:
    """Make or change a carrier; as it already is, it keeps its version and tells nothing.

    Rates of services and zones that it has no longer are removed; a zone that has no rates yet is
    not delivered to. Raises InvalidInput naming what is given twice and what is not known.
    """
    faults = [*_faults(carrier), *await _location_faults(db, carrier)]
    if faults:
        raise InvalidInput(*faults)
    version = await db.value(
        sql.put,
        {
            "code": carrier.code,
            "name": carrier.name,
            "services": msgspec.json.encode(carrier.services).decode(),
        },
    )
    stored = await get(db, code=carrier.code)
    if version is not None:
        zones = sorted({(each.code, zone.code) for each in carrier.services for zone in each.zones})
        await db.execute(
            sql.drop_other_rates,
            {
                "carrier": stored.id,
                "services": [service for service, _ in zones],
                "zones": [zone for _, zone in zones],
            },
        )
        await revision.bump(db, AREA)
        aggregate = ids.named("carrier", carrier.code)
        fact = CarrierChanged(carrier=carrier)
        await add(db, [Event(aggregate=aggregate, sequence=version, fact=fact)])
    return stored


async def replace(db: Db, *, code: str, carrier: NewCarrier, version: int | None) -> Carrier:
    """Make this carrier (``version`` None) or change the version that was read, and return it.

    ``code`` is where it is put. Raises VersionRequired, VersionMismatch, and InvalidInput as
    ``put`` does.
    """
    return await versions.replaced(
        db,
        what="carrier",
        addressed=code,
        given=carrier.code,
        version=version,
        lock=sql.lock,
        put=lambda: put(db, carrier=carrier),
    )


async def get(db: Db, *, code: str) -> Carrier:
    """Return a carrier. Raises UnknownCarrier."""
    for row in await db.tuples(sql.by_code, {"code": code}):
        return _carrier(row)
    raise UnknownCarrier(code)


async def listing(db: Db, *, after: str | None, limit: int) -> Page[Carrier]:
    """Return carriers by code, ``limit`` after the cursor ``after``.

    Raises InvalidInput when ``after`` is not a cursor of this listing.
    """
    rows = await db.tuples(
        sql.listing,
        {"after": None if after is None else paging.decode(after, str), "limit": limit + 1},
    )
    carriers = [_carrier(row) for row in rows]
    return paging.page(carriers, limit=limit, key=lambda carrier: carrier.code)


async def every(db: Db) -> list[Carrier]:
    """Return every carrier, for the snapshot of the network."""
    return [_carrier(row) for row in await db.tuples(sql.every)]


def told(carrier: Carrier) -> ToldCarrier:
    """Return a carrier as others see it."""
    fields = {field: getattr(carrier, field) for field in ToldCarrier.__struct_fields__}
    return ToldCarrier(**fields)


def _carrier(row: Sequence[Any]) -> Carrier:
    id_, code, name, services, version = row
    return Carrier(
        id=id_,
        code=code,
        name=name,
        services=msgspec.convert(services, tuple[Service, ...]),
        version=version,
    )


def _faults(carrier: NewCarrier) -> Iterable[Fault]:
    seen: set[str] = set()
    for n, service in enumerate(carrier.services):
        if service.code in seen:
            detail = f"service {service.code} is given twice"
            yield Fault(pointer=f"/services/{n}/code", code="repeated", detail=detail)
        seen.add(service.code)
        kinds: set[str] = set()
        for at, cut_off in enumerate(service.cut_offs):
            if cut_off.kind in kinds:
                pointer = f"/services/{n}/cut_offs/{at}/kind"
                detail = f"the cut-off of {cut_off.kind} is given twice"
                yield Fault(pointer=pointer, code="repeated", detail=detail)
            kinds.add(cut_off.kind)


async def _location_faults(db: Db, carrier: NewCarrier) -> list[Fault]:
    named = {code for service in carrier.services for code in service.locations}
    missing = await locations.unknown(db, codes=named)
    return [
        Fault(
            pointer=f"/services/{n}/locations/{at}",
            code="unknown_location",
            detail=f"there is no location {code}",
        )
        for n, service in enumerate(carrier.services)
        for at, code in enumerate(service.locations)
        if code in missing
    ]
