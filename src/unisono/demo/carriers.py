"""The carriers of the demo: services, zones, transit days, tariffs and cut-offs, as plain data.

Prices are integer cents of euro for one parcel, by zone and weight. A rate holds up to and
including its weight; a parcel above the last weight of a service is not taken. A zone reaches up
to and including its great-circle distance between sender and recipient. No service goes overseas.
"""

from dataclasses import dataclass
from datetime import time
from typing import Literal

from unisono.demo.retailer import (
    CURRENCY,
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    LocationKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A ring around the sender; without a distance it is all of mainland France and Corsica."""

    code: str
    distance_max_km: int | None
    transit_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one parcel costs in a zone, up to a weight."""

    zone: str
    weight_max_g: int
    price_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """Until when, in local time, a parcel must be packed to leave a kind of location that day."""

    location_kind: LocationKind
    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A way to ship; transit days count days of ``delivery_weekdays`` (ISO, Monday is 1)."""

    code: str
    name: str
    delivery_option: Literal["home_standard", "home_express"]
    currency: str
    zones: tuple[Zone, ...]
    rates: tuple[Rate, ...]
    cut_offs: tuple[CutOff, ...]
    collection_weekdays: tuple[int, ...]
    delivery_weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Who ships."""

    code: str
    name: str
    services: tuple[Service, ...]


# Level of Colissimo for private customers at the counter in about 2023. Like every French domestic
# parcel tariff of that kind it does not depend on distance. Weight in grams, cents of euro.
_LAPOSTE_TARIFF = (
    (250, 495),
    (500, 615),
    (750, 700),
    (1000, 765),
    (2000, 865),
    (5000, 1315),
    (10000, 1920),
    (30000, 2730),
)

# Five zones of 4.40 to 7.90 and 0.30 to 0.95 per kg: those of the generator that sourcing was
# studied with, so that results compare. Zone, distance in km (the last zone is the rest), cents
# per parcel, cents per kg.
_DISTANCE_TARIFF = (
    ("1", 50, 440, 30),
    ("2", 150, 520, 45),
    ("3", 300, 610, 60),
    ("4", 500, 700, 80),
    ("5", None, 790, 95),
)
_RAPIDE_WEIGHTS_G = (500, 1000, 2000, 5000, 10000, 30000)
_RELAIS_WEIGHTS_G = (250, 500, 1000, 2000, 3000, 5000)
# Express is dearer than that tariff, and the slow carrier is cheaper. At 70 percent La Poste still
# wins with the lightest parcels to the farthest zone, so that there is something to choose.
_RAPIDE_PERCENT = 160
_RELAIS_PERCENT = 70


def _distance_zones(transit_days: tuple[int, int, int, int, int]) -> tuple[Zone, ...]:
    return tuple(
        Zone(code=code, distance_max_km=distance_max_km, transit_days=days)
        for (code, distance_max_km, _, _), days in zip(_DISTANCE_TARIFF, transit_days, strict=True)
    )


def _distance_rates(weights_g: tuple[int, ...], percent: int) -> tuple[Rate, ...]:
    """Price each bracket at its upper weight, rounded half up to the cent."""
    return tuple(
        Rate(
            zone=zone,
            weight_max_g=weight_g,
            price_cents=((parcel_cents * 1000 + kg_cents * weight_g) * percent + 50_000) // 100_000,
        )
        for zone, _, parcel_cents, kg_cents in _DISTANCE_TARIFF
        for weight_g in weights_g
    )


def _cut_offs(*, warehouse: time, third_party: time, store: time) -> tuple[CutOff, ...]:
    return (
        CutOff(location_kind="warehouse", at=warehouse),
        CutOff(location_kind="third_party", at=third_party),
        CutOff(location_kind="store", at=store),
    )


_MONDAY_TO_FRIDAY = tuple(range(MONDAY, FRIDAY + 1))
_MONDAY_TO_SATURDAY = tuple(range(MONDAY, SUNDAY))
_TUESDAY_TO_SATURDAY = tuple(range(MONDAY + 1, SATURDAY + 1))

CARRIERS = (
    Carrier(
        code="laposte",
        name="La Poste",
        services=(
            Service(
                code="laposte-domicile",
                name="Domicile",
                delivery_option="home_standard",
                currency=CURRENCY,
                zones=(Zone(code="FR", distance_max_km=None, transit_days=2),),
                rates=tuple(
                    Rate(zone="FR", weight_max_g=weight_g, price_cents=price_cents)
                    for weight_g, price_cents in _LAPOSTE_TARIFF
                ),
                cut_offs=_cut_offs(warehouse=time(17), third_party=time(16), store=time(15, 30)),
                collection_weekdays=_MONDAY_TO_FRIDAY,
                delivery_weekdays=_MONDAY_TO_SATURDAY,
            ),
        ),
    ),
    Carrier(
        code="rapide",
        name="Rapide Express",
        services=(
            Service(
                code="rapide-express",
                name="Express",
                delivery_option="home_express",
                currency=CURRENCY,
                zones=_distance_zones((1, 1, 1, 1, 2)),
                rates=_distance_rates(_RAPIDE_WEIGHTS_G, _RAPIDE_PERCENT),
                cut_offs=_cut_offs(warehouse=time(18), third_party=time(17), store=time(17)),
                collection_weekdays=_MONDAY_TO_FRIDAY,
                delivery_weekdays=_MONDAY_TO_SATURDAY,
            ),
        ),
    ),
    Carrier(
        code="relais",
        name="Relais Éco",
        services=(
            Service(
                code="relais-eco",
                name="Éco",
                delivery_option="home_standard",
                currency=CURRENCY,
                zones=_distance_zones((2, 2, 3, 3, 4)),
                rates=_distance_rates(_RELAIS_WEIGHTS_G, _RELAIS_PERCENT),
                cut_offs=_cut_offs(warehouse=time(16), third_party=time(15), store=time(14)),
                collection_weekdays=_MONDAY_TO_SATURDAY,
                delivery_weekdays=_TUESDAY_TO_SATURDAY,
            ),
        ),
    ),
)
