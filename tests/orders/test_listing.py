"""Listings of orders: the newest first, by any mixture of filters, on every way that there is."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import psycopg
import pytest

from tests.core.stamping import stamped
from tests.fulfillment.floor import captured
from tests.orders.book import cancelled, shown
from tests.orders.shop import collected, open_shop, order
from unisono.core import positions
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.positions import PlacedEvent
from unisono.orders import listing, search
from unisono.orders.listing import OrderFilter
from unisono.orders.new_order import Customer

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STOCK = {
    ("CUP", "S-LYON"): 20,
    ("CUP", "S-LILLE"): 20,
    ("LAMP", "W-ORLEANS"): 20,
}


async def listed(
    database: Database, wanted: OrderFilter, *, after: str | None = None, limit: int = 50
) -> list[str]:
    """Return the references of a listing."""
    async with database.read() as db:
        page = await listing.listing(db, wanted=wanted, after=after, limit=limit)
    return [row.reference for row in page.rows]


async def four(database: Database) -> list[UUID]:
    """Four orders: two of the web, one of them cancelled; one collected; one of the market."""
    await open_shop(database, STOCK)
    made = [
        await captured(database, order("WEB-1", ("CUP", 1), placed_at=AT)),
        await captured(database, order("WEB-2", ("CUP", 1), placed_at=AT + timedelta(days=1))),
        await captured(database, collected("WEB-3", ("CUP", 1), location="S-LILLE")),
        await captured(database, order("M-1", ("LAMP", 1), channel="market")),
    ]
    await cancelled(database, made[1])
    return made


async def kept(database: Database) -> list[PlacedEvent]:
    """Let the listener keep the words of every order."""
    await stamped(database)
    async with database.transaction() as db:
        reading = await positions.read(db, after=0, limit=1000)
        created = [event for event in reading.events if event.type == "order.created"]
        await search.listen(db, created)
    return created


async def test_a_listing_has_the_newest_first_and_can_be_filtered(database: Database) -> None:
    made = await four(database)
    first = await shown(database, made[0])
    everything = ["M-1", "WEB-3", "WEB-2", "WEB-1"]
    filters = [
        (OrderFilter(), everything),
        (OrderFilter(channel="web"), everything[1:]),
        (OrderFilter(channel="nobody"), []),
        (OrderFilter(states=("cancelled",)), ["WEB-2"]),
        (OrderFilter(states=("open",)), ["M-1", "WEB-3", "WEB-1"]),
        (OrderFilter(states=("open", "cancelled")), everything),
        (OrderFilter(states=("on_hold", "fulfilled")), []),
        (OrderFilter(location="S-LILLE"), ["WEB-3"]),
        (OrderFilter(location="S-LYON"), ["WEB-2", "WEB-1"]),
        (OrderFilter(location="nowhere"), []),
        (OrderFilter(reference="WEB-1"), ["WEB-1"]),
        (OrderFilter(reference="WEB-1", channel="market"), []),
        (OrderFilter(number=first.number), ["WEB-1"]),
        (OrderFilter(number=1), []),
        (OrderFilter(placed_to=AT), []),
        (OrderFilter(placed_to=AT + timedelta(days=1)), ["WEB-1"]),
        (OrderFilter(placed_from=AT + timedelta(days=1)), everything[:3]),
        (OrderFilter(location="S-LYON", states=("cancelled",), channel="web"), ["WEB-2"]),
        (OrderFilter(location="S-LYON", placed_to=AT + timedelta(days=1)), ["WEB-1"]),
        (OrderFilter(number=first.number, location="S-LILLE"), []),
        (OrderFilter(placed_from=AT, placed_to=AT + timedelta(days=2)), ["WEB-2", "WEB-1"]),
    ]
    for wanted, found in filters:
        assert await listed(database, wanted) == found, wanted


async def test_pages_follow_each_other_and_new_orders_do_not_disturb_them(
    database: Database,
) -> None:
    await four(database)
    async with database.read() as db:
        page = await listing.listing(db, wanted=OrderFilter(), after=None, limit=3)
    assert [row.reference for row in page.rows] == ["M-1", "WEB-3", "WEB-2"]
    await captured(database, order("WEB-4", ("CUP", 1)))
    assert await listed(database, OrderFilter(), after=page.after, limit=3) == ["WEB-1"]
    async with database.read() as db:
        with pytest.raises(InvalidInput):
            await listing.listing(db, wanted=OrderFilter(), after="nonsense", limit=3)


async def test_a_cursor_of_another_listing_is_refused(database: Database) -> None:
    await four(database)
    for cursor in ("nonsense", "WyIyMDI2LTAzLTAyVDA5OjMwOjAwIiwiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAt"):
        with pytest.raises(InvalidInput) as refused:
            await listed(database, OrderFilter(), after=cursor)
        assert [each.code for each in refused.value.faults] == ["unknown_cursor"]


async def test_an_order_is_found_by_what_people_know_of_it(database: Database) -> None:
    made = await four(database)
    named = Customer(name="Jean-Pierre d’Été O'Neil", email="jp.oneil+x@exemple.fr")
    made.append(await captured(database, order("AMZ-408-7", ("LAMP", 1), customer=named)))
    await kept(database)
    number = (await shown(database, made[4])).number
    everything = ["AMZ-408-7", "M-1", "WEB-3", "WEB-2", "WEB-1"]
    searches: list[tuple[str, list[str]]] = [
        (str(number), ["AMZ-408-7"]),
        (f"#{number}", ["AMZ-408-7"]),
        (str(number)[:-1], []),
        ("amz", ["AMZ-408-7"]),
        ("408-7", ["AMZ-408-7"]),
        ("08-7", []),
        ("WEB-2", ["WEB-2"]),
        ("web", everything[2:]),
        ("zoe", everything[1:]),
        ("ZOÉ mart", everything[1:]),
        ("martin zoe", everything[1:]),
        ("martine", []),
        ("pierre", ["AMZ-408-7"]),
        ("jean-pi", ["AMZ-408-7"]),
        ("ete", ["AMZ-408-7"]),
        ("o'n", ["AMZ-408-7"]),
        ("neil", ["AMZ-408-7"]),
        ("jp.oneil+x@exemple.fr", ["AMZ-408-7"]),
        ("oneil+x@", ["AMZ-408-7"]),
        ("zoe@example.org", everything[1:]),
        ("exemple.fr", []),
        ("lamp", ["AMZ-408-7", "M-1"]),
        ("lam", []),
        ("lamp zoe", ["M-1"]),
        ("lamp cup", []),
        ("   ", everything),
        ("!!", []),
        ("' & zoe", everything[1:]),
        ("\\' | zoe:*", everything[1:]),
        ("zoe\x00martin", everything[1:]),
    ]
    for text, found in searches:
        assert await listed(database, OrderFilter(search=text)) == found, text


async def test_a_search_goes_with_every_other_filter(database: Database) -> None:
    made = await four(database)
    await kept(database)
    number = (await shown(database, made[0])).number
    filters = [
        (OrderFilter(search="zoe", channel="web"), ["WEB-3", "WEB-2", "WEB-1"]),
        (OrderFilter(search="zoe", states=("cancelled",)), ["WEB-2"]),
        (OrderFilter(search="cup", location="S-LYON"), ["WEB-2", "WEB-1"]),
        (OrderFilter(search="lamp", location="S-LYON"), []),
        (OrderFilter(search="cup", placed_to=AT + timedelta(hours=1)), ["WEB-1"]),
        (OrderFilter(search="cup", number=number), ["WEB-1"]),
        (OrderFilter(search="lamp", number=number), []),
        (OrderFilter(search="web", reference="WEB-3"), ["WEB-3"]),
    ]
    for wanted, found in filters:
        assert await listed(database, wanted) == found, wanted
        assert await listed(database, wanted, limit=1) == found[:1], wanted


async def test_keeping_the_words_of_an_order_again_changes_nothing(database: Database) -> None:
    await four(database)
    created = await kept(database)
    assert len(created) == 4
    async with database.transaction() as db:
        before = await db.tuples(b"SELECT order_id, words::text FROM orders.search_entry")
        await search.listen(db, created + created)
        assert await db.tuples(b"SELECT order_id, words::text FROM orders.search_entry") == before


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 201, "wrong_length"), ("a b c d e f g h i", "too_many_words")]
)
async def test_a_search_is_bounded(database: Database, text: str, code: str) -> None:
    for asking in (listed(database, OrderFilter(search=text)), counted(database, search=text)):
        with pytest.raises(InvalidInput) as refused:
            await asking
        assert [(f.pointer, f.code) for f in refused.value.faults] == [("/search", code)]


async def counted(database: Database, **wanted: object) -> dict[str, int] | None:
    """Return the counts of a filter, those that are not 0."""
    async with database.read() as db:
        found = await listing.counts(db, wanted=OrderFilter(**wanted))  # type: ignore[arg-type]
    return None if found is None else {state: n for state, n in found.items() if n}


async def test_orders_are_counted_by_state(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await four(database)
    await kept(database)
    assert await counted(database) == {"open": 3, "cancelled": 1}
    # Which states are wanted does not matter: the counts are to choose among them.
    assert await counted(database, states=("open",)) == {"open": 3, "cancelled": 1}
    assert await counted(database, channel="web") == {"open": 2, "cancelled": 1}
    assert await counted(database, channel="nobody") == {}
    assert await counted(database, placed_to=AT + timedelta(hours=1)) == {"open": 1}
    assert await counted(database, location="S-LYON") == {"open": 1, "cancelled": 1}
    assert await counted(database, search="zoe", location="S-LILLE") == {"open": 1}
    assert await counted(database, search="zoe", channel="market") == {"open": 1}
    monkeypatch.setattr(listing, "FEW", 2)
    assert await counted(database, search="zoe") is None
    assert await counted(database, search="lamp") == {"open": 1}


@pytest.mark.parametrize(("few", "looked_at"), [(2000, 30), (2000, 0), (1, 1), (1, 0)])
async def test_every_way_to_a_page_gives_the_same_page(
    database: Database, monkeypatch: pytest.MonkeyPatch, few: int, looked_at: int
) -> None:
    """One by one, among the newest, or sets by sets: the answer is that of asking each order."""
    await open_shop(database, {})
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(MANY)
    monkeypatch.setattr(listing, "FEW", few)
    monkeypatch.setattr(listing, "LOOKED_AT", looked_at)
    choices = product((None, "zoe", "zoe cup"), (None, "S-LYON"), (None, "web"), (False, True))
    for text, location, channel, is_open in choices:
        wanted = OrderFilter(
            search=text,
            location=location,
            channel=channel,
            states=("open",) if is_open else (),
        )
        expected = [
            f"R-{n}"
            for n in range(60, 0, -1)
            if (text is None or n % 2 == 0)
            and (text != "zoe cup" or n % 3 == 0)
            and (location is None or n % 5 == 0)
            and (channel is None or n % 7 == 0)
            and (not is_open or n <= 30)
        ]
        found: list[str] = []
        after = None
        while True:
            async with database.read() as db:
                page = await listing.listing(db, wanted=wanted, after=after, limit=4)
            found += [row.reference for row in page.rows]
            after = page.after
            if after is None:
                break
        assert found == expected, wanted


MANY = b"""
CREATE TEMP TABLE made AS
SELECT n, lpad(n::text, 32, '0')::uuid AS id, now() - interval '1 day'
       + n / 2 * interval '1 minute' AS at
FROM generate_series(1, 60) AS n;
INSERT INTO orders.orders (id, number, channel, reference, state, currency, delivery_option,
                           customer, goods_amount, delivery_amount, total_amount, placed_at)
SELECT made.id, n, c.id, 'R-' || n, CASE WHEN n <= 30 THEN 'open' ELSE 'fulfilled' END,
       'EUR', 'home_standard', '{"name": "Zo"}', 1, 0, 1, at
FROM made
JOIN channels.channel AS c ON c.code = CASE WHEN n % 7 = 0 THEN 'web' ELSE 'market' END;
INSERT INTO orders.allocation (order_id, n, line, sku, quantity, location, state)
SELECT made.id, part, 1, 1, 1, l.id, 'shipped'
FROM made, generate_series(1, 2) AS part, network.location AS l
WHERE l.code = CASE WHEN made.n % 5 = 0 THEN 'S-LYON' ELSE 'S-LILLE' END;
INSERT INTO orders.search_entry (order_id, words)
SELECT id, array_to_tsvector(ARRAY['r-' || n, CASE WHEN n % 2 = 0 THEN 'zoe' ELSE 'ada' END,
                                   CASE WHEN n % 3 = 0 THEN '=cup' ELSE '=lamp' END])
FROM made
"""
"""Sixty orders, two of each minute."""
