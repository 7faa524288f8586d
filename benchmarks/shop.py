"""The retailer that benchmarks load: 40 locations, 1,000 SKUs, one channel, stock for everybody."""

from unisono.catalog import skus
from unisono.catalog.skus import NewSku
from unisono.channels import channels
from unisono.channels.channels import NewChannel
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.demo import places as french
from unisono.identity import keys
from unisono.network import carriers, locations, places, rates
from unisono.network.carriers import NewCarrier, Service, Zone
from unisono.network.locations import NewLocation
from unisono.network.places import NewPlace
from unisono.network.rates import NewRate, NewRates

LOCATIONS = 40
SKUS = 1000
UNITS_EACH = 100_000_000
DESTINATION = "69001"

_BRACKETS_G = (500, 1000, 2000, 5000, 10_000, 30_000)
_ZONES_KM = (100, 300, 600, 900, None)


async def open_shop(url: str) -> str:
    """Make the retailer in an empty, migrated database; return a key that may capture orders."""
    database = Database(Settings(), url=url)
    await database.open()
    try:
        async with database.transaction() as db:
            await locations.put(db, locations=_locations(), currency="EUR")
            await places.put(
                db,
                places=[
                    NewPlace(
                        country="FR",
                        postal_code=DESTINATION,
                        name="Lyon",
                        latitude=45.76,
                        longitude=4.84,
                    )
                ],
            )
            await carriers.put(db, carrier=_carrier())
            await rates.replace(db, carrier="post", rates=_rates(), version=None, currency="EUR")
            await channels.put(
                db,
                channel=NewChannel(
                    code="web", name="Web", kind="web_site", currency="EUR", when_short="refuse"
                ),
            )
            await skus.put(
                db,
                skus=[
                    NewSku(code=sku_code(n), name=f"Article {n}", weight_g=100 + n % 400)
                    for n in range(SKUS)
                ],
            )
            key = await keys.add(db, name="benchmark", scopes=["orders:write", "orders:read"])
        async with database.transaction() as db:
            await db.execute(_STOCK)
            await db.execute(_LEDGER)
    finally:
        await database.close()
    return key.key


def sku_code(n: int) -> str:
    """Return the code of the nth SKU."""
    return f"ART-{n:04}"


_STOCK = f"""
    INSERT INTO inventory.stock_level (sku, location, on_hand, version)
    SELECT s.id, l.id, {UNITS_EACH}, 1 FROM catalog.sku AS s, network.location AS l
""".encode()  # noqa: S608 - the only thing put in is a constant of this file
_LEDGER = b"""
    INSERT INTO inventory.movement (sku, id, location, version, on_hand_change, unavailable_change,
                                    quantity, cause, author, occurred_at)
    SELECT sku, gen_random_uuid(), location, 1, on_hand, 0, on_hand, 'count', 'benchmark', now()
    FROM inventory.stock_level
"""


def _locations() -> list[NewLocation]:
    return [
        NewLocation(
            code=f"L{n:02}",
            name=f"Store {place.name}",
            kind="store",
            street="1 rue des Mesures",
            postal_code=place.postal_code,
            city=place.name,
            country="FR",
            latitude=place.latitude,
            longitude=place.longitude,
            time_zone="Europe/Paris",
            ships=True,
            collects=True,
            line_cost="1.25",
            parcel_cost="1.50",
        )
        for n, place in enumerate(french.places()[:LOCATIONS])
    ]


def _carrier() -> NewCarrier:
    zones = tuple(
        Zone(code=f"Z{n}", country="FR", distance_km_max=limit, transit_days=1 + n // 2)
        for n, limit in enumerate(_ZONES_KM)
    )
    standard = Service(
        code="standard",
        name="Standard",
        delivery_option="home_standard",
        parcel_weight_g_max=_BRACKETS_G[-1],
        cut_off="16:00",
        zones=zones,
    )
    return NewCarrier(code="post", name="Post", services=(standard,))


def _rates() -> NewRates:
    return NewRates(
        rates=tuple(
            NewRate(
                service="standard",
                zone=f"Z{zone}",
                weight_g_max=weight_g,
                price=f"{4 + zone * 0.7 + bracket * 0.9:.2f}",
            )
            for zone in range(len(_ZONES_KM))
            for bracket, weight_g in enumerate(_BRACKETS_G)
        )
    )
