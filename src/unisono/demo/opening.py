"""Opening the retailer: keys for everybody, then reference data and stock through the API."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from unisono.api.answers import Items
from unisono.api.stock import Counts
from unisono.catalog.skus import NewSkus
from unisono.core.database import Database
from unisono.demo import payloads
from unisono.demo.carriers import CARRIERS
from unisono.demo.client import Client
from unisono.demo.invoices import catalogue
from unisono.demo.retailer import CALENDARS, CHANNELS, locations
from unisono.demo.stocking import StockPlacement
from unisono.identity import keys
from unisono.identity.scopes import SCOPES
from unisono.inventory.stock import RowReport
from unisono.network.locations import NewLocations
from unisono.network.places import NewPlaces

T = TypeVar("T")

ROWS_AT_ONCE = 1000

_BACK_OFFICE = (
    *("network:write", "catalog:write", "channels:write"),
    *("stock:read", "stock:write"),
)
_SALES = ("orders:read", "orders:write")
_FLOOR = ("fulfillment:read", "fulfillment:write")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """An API key for each who takes part; ``channels`` and ``locations`` are by code.

    ``reader`` may look at everything and change nothing.
    """

    back_office: str
    carriers: str
    care: str
    reader: str
    channels: Mapping[str, str]
    locations: Mapping[str, str]


async def make_keys(database: Database) -> Keys:
    """Make the keys, each with no more rights than its owner needs."""
    reading = [scope for scope in SCOPES if scope.endswith(":read")]
    async with database.transaction() as db:

        async def made(name: str, scopes: Sequence[str], *only: str) -> str:
            return (await keys.add(db, name=name, scopes=scopes, locations=only)).key

        return Keys(
            back_office=await made("back office", _BACK_OFFICE),
            carriers=await made("carriers", ["tracking:write"]),
            care=await made("customer care", _SALES),
            reader=await made("reader", reading),
            channels={each.code: await made(each.code, _SALES) for each in CHANNELS},
            locations={each.code: await made(each.code, _FLOOR, each.code) for each in locations()},
        )


async def tell_reference_data(client: Client) -> None:
    """Tell locations, calendars, carriers, rates, places, channels and SKUs."""
    for calendar in map(payloads.calendar, CALENDARS):
        await client.put(f"/v1/calendars/{calendar.code}", calendar)
    await client.put(
        "/v1/locations", NewLocations(locations=tuple(map(payloads.location, locations())))
    )
    for carrier in CARRIERS:
        await client.put(f"/v1/carriers/{carrier.code}", payloads.carrier(carrier))
        await client.put(f"/v1/carriers/{carrier.code}/rates", payloads.rates(carrier))
    for channel in map(payloads.channel, CHANNELS):
        await client.put(f"/v1/channels/{channel.code}", channel)
    for places in _pieces(payloads.new_places()):
        await client.put("/v1/places", NewPlaces(places=places))
    for skus in _pieces(map(payloads.sku, catalogue())):
        await client.put("/v1/skus", NewSkus(skus=skus))


async def count_stock(
    client: Client, placements: Iterable[StockPlacement], *, as_of: datetime
) -> None:
    """Tell what lay everywhere at a moment."""
    for rows in _pieces(payloads.count(each, as_of=as_of) for each in placements):
        counts = Counts(items=rows, source="opening count")
        await client.post("/v1/stock/counts", counts, Items[RowReport])


def _pieces(rows: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Cut rows into pieces that one request may have."""
    waiting = iter(rows)
    while piece := tuple(islice(waiting, ROWS_AT_ONCE)):
        yield piece
