"""A small network whose figures can be checked by hand."""

from typing import Any

from unisono.core.database import Db
from unisono.network import carriers, locations, places, rates
from unisono.network.carriers import NewCarrier, Service, Zone
from unisono.network.locations import Location, NewLocation
from unisono.network.places import NewPlace
from unisono.network.rates import NewRate, NewRates

PARIS = (48.8566, 2.3522)
LYON = (45.764, 4.8357)

SLOW = Service(
    code="slow",
    name="Slow",
    delivery_option="home_standard",
    parcel_weight_g_max=5000,
    cut_off="16:00",
    zones=(
        Zone(code="near", country="FR", distance_km_max=100, transit_days=1),
        Zone(code="island", country="FR", postal_prefixes=("20", "97"), transit_days=6),
        Zone(code="far", country="FR", transit_days=3),
    ),
)
POST = Service(
    code="post",
    name="Post",
    delivery_option="home_standard",
    parcel_weight_g_max=30000,
    cut_off="17:00",
    zones=(Zone(code="FR", country="FR", transit_days=2),),
)
FAST = Service(
    code="fast",
    name="Fast",
    delivery_option="home_express",
    parcel_weight_g_max=2000,
    cut_off="18:00",
    zones=(Zone(code="near", country="FR", distance_km_max=100, transit_days=1),),
)
RELAY = NewCarrier(code="relay", name="Relay", services=(SLOW, FAST))
MAIL = NewCarrier(code="mail", name="Mail", services=(POST,))


def location(code: str, at: tuple[float, float] = PARIS, **more: object) -> NewLocation:
    fields: dict[str, Any] = {
        "code": code,
        "name": f"Place {code}",
        "kind": "store",
        "street": "1 Rue de la Paix",
        "postal_code": "75001",
        "city": "Paris",
        "country": "FR",
        "latitude": at[0],
        "longitude": at[1],
        "time_zone": "Europe/Paris",
        **more,
    }
    return NewLocation(**fields)


def rate(service: str, zone: str, weight_g_max: int, price: str) -> NewRate:
    return NewRate(service=service, zone=zone, weight_g_max=weight_g_max, price=price)


RELAY_RATES = NewRates(
    rates=(
        rate("slow", "near", 500, "4.00"),
        rate("slow", "near", 5000, "7.00"),
        rate("slow", "far", 1000, "6.00"),
        # Reaches beyond the heaviest parcel, where it must not count.
        rate("slow", "far", 9000, "9.00"),
        rate("slow", "island", 5000, "20.00"),
        rate("fast", "near", 2000, "11.50"),
    )
)
MAIL_RATES = NewRates(
    rates=(
        rate("post", "FR", 500, "4.95"),
        rate("post", "FR", 1000, "6.00"),
        rate("post", "FR", 30000, "15.00"),
    )
)


async def build(db: Db) -> list[Location]:
    """Put a store in Paris and a warehouse in Lyon, two carriers with rates, and places."""
    held = await locations.put(
        db,
        locations=[
            location("PARIS", PARIS, line_cost="1.25", parcel_cost="1.50", collects=True),
            location("LYON", LYON, kind="warehouse", line_cost="0.45", parcel_cost="0.70"),
        ],
        currency="EUR",
    )
    for carrier, prices in ((RELAY, RELAY_RATES), (MAIL, MAIL_RATES)):
        await carriers.put(db, carrier=carrier)
        await rates.replace(db, carrier=carrier.code, rates=prices, currency="EUR", version=None)
    await places.put(
        db,
        places=[
            NewPlace(country="FR", postal_code=code, name=code, latitude=lat, longitude=lon)
            for code, lat, lon in (
                ("75001", *PARIS),
                ("69001", *LYON),
                ("20000", 41.92, 8.74),
                ("78000", 48.8, 2.13),
                ("78100", 48.9, 2.09),
            )
        ],
    )
    return held
