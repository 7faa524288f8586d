"""A small retailer for tests: a warehouse, two stores, four channels, three SKUs."""

from collections.abc import Mapping

from unisono.catalog import skus
from unisono.catalog.skus import NewSku
from unisono.channels import channels
from unisono.channels.channels import NewChannel
from unisono.core.database import Database
from unisono.inventory import counts, levels
from unisono.inventory.counts import Count
from unisono.inventory.levels import Level
from unisono.network import carriers, locations, network, places, rates
from unisono.network.carriers import NewCarrier, Service, Zone
from unisono.network.locations import NewLocation
from unisono.network.places import NewPlace
from unisono.network.rates import NewRate, NewRates
from unisono.orders.new_order import Customer, Destination, NewLine, NewOrder

PLACES = {
    "W-ORLEANS": ("warehouse", "Orléans", "45000", 47.90, 1.90),
    "S-LYON": ("store", "Lyon", "69001", 45.76, 4.83),
    "S-LILLE": ("store", "Lille", "59000", 50.63, 3.06),
}
WEIGHTS_G = {"CUP": 200, "LAMP": 900, "CHAIR": 4000}


async def open_shop(database: Database, stock: Mapping[tuple[str, str], int]) -> None:
    """Make the retailer, with ``stock`` by (SKU, location)."""
    async with database.transaction() as db:
        await locations.put(db, locations=[_location(code) for code in PLACES], currency="EUR")
        await places.put(
            db,
            places=[
                NewPlace(country="FR", postal_code=p[2], name=p[1], latitude=p[3], longitude=p[4])
                for p in PLACES.values()
            ],
        )
        await carriers.put(db, carrier=_post())
        await rates.replace(db, carrier="post", rates=_rates(), version=None, currency="EUR")
        for channel in _channels():
            await channels.put(db, channel=channel)
        await skus.put(
            db,
            skus=[NewSku(code=c, name=c.title(), weight_g=w) for c, w in WEIGHTS_G.items()],
        )
    await count(database, stock)


async def count(database: Database, stock: Mapping[tuple[str, str], int]) -> None:
    """Set levels by (SKU, location)."""
    async with database.transaction() as db:
        at = (await network.of(db)).by_code
        known = await skus.known(db, codes={sku for sku, _ in stock})
        await counts.set_counts(
            db,
            counts=[
                Count(sku=known[sku].id, location=at[location].id, on_hand=units)
                for (sku, location), units in stock.items()
            ],
            author="test",
        )


async def level(database: Database, sku: str, location: str) -> Level:
    """Return one level by codes."""
    async with database.read() as db:
        found = await skus.get(db, code=sku)
        at = (await network.of(db)).by_code[location].id
        return await levels.at(db, sku=found.id, location=at)


def order(reference: str, *lines: tuple[str, int], **more: object) -> NewOrder:
    """An order of the web site to Lyon, unless told otherwise."""
    fields: dict[str, object] = {
        "channel": "web",
        "reference": reference,
        "currency": "EUR",
        "delivery_option": "home_standard",
        "customer": Customer(name="Zoé Martin", email="zoe@example.org"),
        "destination": Destination(
            name="Zoé Martin", street="1 rue Bât", postal_code="69001", city="Lyon", country="FR"
        ),
        "lines": tuple(
            NewLine(sku=sku, quantity=units, unit_price="10.00") for sku, units in lines
        ),
        **more,
    }
    return NewOrder(**fields)  # type: ignore[arg-type]


def collected(reference: str, *lines: tuple[str, int], location: str, **more: object) -> NewOrder:
    """An order that is collected at, or was carried out of, a store."""
    fields: dict[str, object] = {
        "delivery_option": "click_and_collect",
        "destination": None,
        "location": location,
        **more,
    }
    return order(reference, *lines, **fields)


def _location(code: str) -> NewLocation:
    kind, city, postal_code, latitude, longitude = PLACES[code]
    return NewLocation(
        code=code,
        name=f"{kind.title()} {city}",
        kind="warehouse" if kind == "warehouse" else "store",
        street="1 rue des Essais",
        postal_code=postal_code,
        city=city,
        country="FR",
        latitude=latitude,
        longitude=longitude,
        time_zone="Europe/Paris",
        ships=True,
        collects=kind == "store",
        line_cost="0.45" if kind == "warehouse" else "1.25",
        parcel_cost="0.70" if kind == "warehouse" else "1.50",
    )


def _post() -> NewCarrier:
    standard = Service(
        code="standard",
        name="Standard",
        delivery_option="home_standard",
        parcel_weight_g_max=30_000,
        cut_off="16:00",
        zones=(
            Zone(code="near", country="FR", distance_km_max=100, transit_days=1),
            Zone(code="far", country="FR", transit_days=2),
        ),
    )
    return NewCarrier(code="post", name="Post", services=(standard,))


def _rates() -> NewRates:
    prices = {("near", 1000): "4.00", ("near", 30_000): "9.00", ("far", 1000): "6.00"}
    prices["far", 30_000] = "12.00"
    return NewRates(
        rates=tuple(
            NewRate(service="standard", zone=zone, weight_g_max=weight_g, price=price)
            for (zone, weight_g), price in prices.items()
        )
    )


def _channels() -> list[NewChannel]:
    return [
        NewChannel(code="web", name="Web", kind="web_site", currency="EUR", when_short="refuse"),
        NewChannel(
            code="careful",
            name="Careful",
            kind="app",
            currency="EUR",
            when_short="refuse",
            safety_stock=2,
        ),
        NewChannel(
            code="till", name="Till", kind="store_till", currency="EUR", when_short="accept"
        ),
        NewChannel(
            code="market", name="Market", kind="marketplace", currency="EUR", when_short="accept"
        ),
    ]
