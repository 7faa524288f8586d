"""Which pages the benchmark asks for: every page of the console, each with many addresses."""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from unisono.core import queries
from unisono.fulfillment.records import FulfillmentRef
from unisono.orders.states import ORDER
from unisono.tracking import links

sql = queries.beside(__file__)

DRAWN = 500
"""Orders, SKUs and works that pages are asked of."""
COMMON = ("martin", "zoé", "camille", "le goff", "nguyen", "web", "helene", "mkt")
"""Words that thousands of orders have."""
GOODS = ("white", "heart", "vintage", "christmas", "set of", "blue", "zinc", "lamp")

_FIXED: Mapping[str, str] = {
    "overview": "/",
    "late": "/late",
    "waiting": "/waiting",
    "orders": "/orders",
    "queues": "/fulfillment",
    "inventory": "/inventory",
    "network": "/network",
    "carriers": "/network/carriers",
    "calendars": "/network/calendars",
    "channels": "/channels",
    "people": "/settings/people",
    "keys": "/settings/keys",
    "trail": "/settings/trail",
    "installation": "/settings/installation",
}


def counted(connection: psycopg.Connection) -> dict[str, int]:
    """Return how much there is in the database."""
    cursor = connection.cursor(row_factory=dict_row)
    [found] = cursor.execute(sql.counted).fetchall()
    return found


def addresses(
    connection: psycopg.Connection, *, tracking_key: bytes, seed: int
) -> dict[str, Sequence[str]]:
    """Return the addresses of each page, drawn from what is in the database."""
    chance = random.Random(seed)
    cursor = connection.cursor(binary=True)

    def rows(query: bytes, **parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - a parameter is of any type
        return cursor.execute(query, {"limit": DRAWN, **parameters}).fetchall()

    cursor.execute(sql.repeatably)
    orders = rows(sql.orders)
    levels = rows(sql.levels)
    locations = [code for (code,) in rows(sql.locations)]
    channels = [code for (code,) in rows(sql.channels)]
    return {
        **{page: [path] for page, path in _FIXED.items()},
        **_orders(orders, locations, channels, chance),
        **_of_work(rows(sql.works), locations),
        **_of_stock(levels, locations, chance),
        "order_cancel": [f"/orders/{number}/cancel" for (number,) in rows(sql.cancellable)],
        "location": [f"/network/locations/{code}" for code in locations],
        "channel": [f"/channels/{code}" for code in channels],
        "tracking": [f"/track/{links.token(order[0], key=tracking_key)}" for order in orders],
    }


def _orders(
    orders: Sequence[tuple[UUID, int, str, str, str | None]],
    locations: Sequence[str],
    channels: Sequence[str],
    chance: random.Random,
) -> dict[str, Sequence[str]]:
    names = [name for *_, name, email in orders if email]
    emails = [email for *_, email in orders if email]
    rare = [*names[:100], *emails[:100], *(reference for _, _, reference, *_ in orders[:100])]
    words = [*COMMON, *names[:20]]
    filtered = [
        {name: value for name, value in asked.items() if chance.random() < share}
        for _ in range(DRAWN)
        for asked, share in [
            (
                {
                    "state": chance.choice(ORDER.states),
                    "channel": chance.choice(channels),
                    "location": chance.choice(locations),
                    "search": chance.choice(words),
                },
                0.5,
            )
        ]
    ]
    return {
        "order": [f"/orders/{number}" for _, number, *_ in orders],
        "orders_search": [_asked("/orders", search=each) for each in rare],
        "orders_search_common": [_asked("/orders", search=each) for each in COMMON],
        "orders_filtered": [_asked("/orders", **each) for each in filtered],
    }


def _of_work(
    works: Sequence[tuple[str, UUID, int]], locations: Sequence[str]
) -> dict[str, Sequence[str]]:
    queues = [f"/fulfillment/{code}" for code in locations]
    return {
        "queue": queues,
        "queue_collect": [f"{queue}/collect" for queue in queues],
        "queue_done": [f"{queue}/done" for queue in queues],
        "queue_find": [_asked(f"{queue}/find", code=each) for queue in queues for each in COMMON],
        "work": [
            f"/fulfillment/{location}/{FulfillmentRef(order_id=order_id, n=n)}"
            for location, order_id, n in works
        ],
    }


def _of_stock(
    levels: Sequence[tuple[str, str, str]], locations: Sequence[str], chance: random.Random
) -> dict[str, Sequence[str]]:
    words = [*GOODS, *(name for _, name, _ in levels[:100]), *(sku for sku, *_ in levels[:100])]
    return {
        "inventory_search": [_asked("/inventory", search=each) for each in words],
        "inventory_out": [
            _asked("/inventory", only=only, location=location)
            for only in ("out", "short", "negative")
            for location in ("", *chance.sample(locations, 10))
        ],
        "inventory_location": [_asked("/inventory", location=each) for each in locations],
        "sku": [f"/inventory/{quote(sku)}" for sku, *_ in levels],
        "level": [f"/inventory/{quote(sku)}/{location}" for sku, _, location in levels],
    }


def _asked(path: str, **given: str) -> str:
    """Return an address; what is empty is left out."""
    query = {name: value for name, value in given.items() if value}
    return f"{path}?{urlencode(query)}" if query else path
