"""Carriers: their services, where these go, how long it takes and what it costs."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from unisono.console.guard import needs
from unisono.console.languages import Language
from unisono.console.network import hours
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.texts import folded
from unisono.network import network
from unisono.network.carriers import Carrier, Service, UnknownCarrier, Zone
from unisono.network.locations import Location
from unisono.network.network import Network, NetworkService

PREFIXES_SAID_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A zone's rule in words."""

    zone: str
    where: str
    transit_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownService:
    """A service with everything in words.

    ``cut_offs`` has a time for each kind of location that has one of its own, ``cut_off`` is for
    the others. ``prices`` has a row for each weight (grams, at most), and in it a price in minor
    units for each of ``zones``; None where a zone has no price. ``places`` are the only locations
    that it collects from; none means all.
    """

    service: Service
    cut_off: str
    cut_offs: Sequence[tuple[str, str]]
    rules: Sequence[Rule]
    zones: Sequence[str]
    prices: Sequence[tuple[int, Sequence[int | None]]]
    places: Sequence[Location]


@get("/network/carriers", opt=needs("network:read"))
async def list_carriers(visit: NamedDependency[Visit]) -> Response[Any]:
    """Every carrier, by name."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    return page(
        visit,
        "network/carriers.html",
        carriers=sorted(everywhere.carriers.values(), key=lambda each: folded(each.name)),
    )


@get("/network/carriers/{code:str}", opt=needs("network:read"))
async def show_carrier(visit: NamedDependency[Visit], code: FromPath[str]) -> Response[Any]:
    """One carrier with its services."""
    async with visit.database.read() as db:
        everywhere = await network.of(db)
    carrier = everywhere.carriers.get(code)
    if carrier is None:
        raise UnknownCarrier(code)
    return page(
        visit,
        "network/carrier.html",
        carrier=carrier,
        services=[_shown(visit.language, everywhere, carrier, each) for each in carrier.services],
    )


def _shown(
    language: Language, everywhere: Network, carrier: Carrier, service: Service
) -> ShownService:
    priced = next(
        each
        for each in everywhere.services
        if (each.carrier, each.code) == (carrier.code, service.code)
    )
    zones = list(dict.fromkeys(zone.code for zone in service.zones))
    return ShownService(
        service=service,
        cut_off=hours.clock_time(language, service.cut_off),
        cut_offs=[(each.kind, hours.clock_time(language, each.at)) for each in service.cut_offs],
        rules=[
            Rule(
                zone=zone.code,
                where=_where(language, zone, is_rest=_is_rest(service.zones[:n], zone)),
                transit_days=zone.transit_days,
            )
            for n, zone in enumerate(service.zones)
        ],
        zones=zones,
        prices=_prices(priced, zones),
        places=[everywhere.by_code[code] for code in service.locations],
    )


def _prices(
    service: NetworkService, zones: Sequence[str]
) -> Sequence[tuple[int, Sequence[int | None]]]:
    weights_g = sorted({weight_g for zone in zones for weight_g, _ in service.brackets[zone]})
    return [
        (weight_g, [_price(service.brackets[zone], weight_g) for zone in zones])
        for weight_g in weights_g
    ]


def _price(brackets: Sequence[tuple[int, int]], weight_g: int) -> int | None:
    at = bisect_left(brackets, (weight_g, 0))
    return brackets[at][1] if at < len(brackets) else None


def _is_rest(before: Sequence[Zone], zone: Zone) -> bool:
    """Whether a rule takes what earlier rules left of its country."""
    is_bound = bool(zone.postal_prefixes) or zone.distance_km_max is not None
    return not is_bound and any(each.country == zone.country for each in before)


def _where(language: Language, zone: Zone, *, is_rest: bool) -> str:
    country = str(language.locale.territories.get(zone.country, zone.country))
    codes = _prefixes(language, zone.postal_prefixes)
    if is_rest:
        return language.text("%(country)s, everywhere else", country=country)
    if zone.distance_km_max is None:
        if not zone.postal_prefixes:
            return country
        return language.text(
            "%(country)s, postal codes that begin with %(codes)s", country=country, codes=codes
        )
    km = language.number(zone.distance_km_max)
    if not zone.postal_prefixes:
        return language.text("%(country)s, up to %(km)s km away", country=country, km=km)
    return language.text(
        "%(country)s, postal codes that begin with %(codes)s, up to %(km)s km away",
        country=country,
        codes=codes,
        km=km,
    )


def _prefixes(language: Language, prefixes: Sequence[str]) -> str:
    said = list(prefixes[:PREFIXES_SAID_MAX])
    if len(prefixes) > len(said):
        left = len(prefixes) - len(said)
        said.append(language.plural("%(num)s other", "%(num)s others", left))
    return language.several(said)
