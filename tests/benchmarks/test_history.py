"""The history that pages are measured on: whatever is told again fits together."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from benchmarks import history
from benchmarks.console import best, percentile
from benchmarks.history import FIRST_NUMBER, HistoryWrong
from tests.analytics.listening import settled
from tests.fulfillment.floor import cancelled, captured, shipped
from tests.orders.shop import open_shop, order
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment.records import FulfillmentRef
from unisono.orders import listing
from unisono.orders.listing import OrderFilter

ORDERS = 103
UNDER_WAY = 6
"""Of a hundred further orders."""


@pytest.fixture
async def told(own_database_url: str, settings: Settings) -> AsyncIterator[Database]:
    """Three orders, one under way, one on its way and one cancelled, told again a hundred times."""
    database = Database(settings, url=own_database_url)
    await database.open()
    await open_shop(database, {("CUP", "S-LYON"): 60, ("LAMP", "S-LYON"): 40})
    travels = await _asked(database, "T-1")
    await shipped(database, FulfillmentRef(order_id=travels, n=1), "6A-1")
    await cancelled(database, await _asked(database, "C-1"))
    await _asked(database, "P-1")
    await history.settle(database)
    await history.tell(database, orders=ORDERS, seed=1)
    yield database
    await database.close()


async def _asked(database: Database, reference: str) -> UUID:
    order_id = await captured(database, order(reference, ("CUP", 2), ("LAMP", 1)))
    await settled(database)
    return order_id


async def test_a_history_has_as_many_orders_as_were_asked_for_of_the_states_that_there_were(
    told: Database,
) -> None:
    async with told.read() as db:
        counts = await listing.counts(db, wanted=OrderFilter())
        numbers = await db.tuples(b"SELECT number FROM orders.orders ORDER BY id OFFSET 0")
        dead = await db.tuples(b"SELECT * FROM core.dead_letter")
    assert counts is not None
    finished = ORDERS - 3 - UNDER_WAY
    assert counts["cancelled"] == 1 + finished
    assert counts["open"] + counts["fulfilled"] == 2 + UNDER_WAY
    further = [number for (number,) in numbers if number >= FIRST_NUMBER]
    assert further == list(range(FIRST_NUMBER, FIRST_NUMBER + ORDERS - 3))
    assert dead == []


async def test_no_listener_has_to_hear_what_was_told_again(told: Database) -> None:
    before = await _events(told)
    await history.settle(told)
    assert await _events(told) == before


async def test_what_does_not_fit_together_is_found(told: Database) -> None:
    async with told.transaction() as db:
        await db.execute(b"UPDATE analytics.order_tally SET orders = orders + 1")
    with pytest.raises(HistoryWrong, match="order_tally"):
        await history.prove(told)


async def test_an_order_can_be_captured_after_all_that_was_told(told: Database) -> None:
    # Another process holds no numbers from before.
    told.memory.clear()
    order_id = await captured(told, order("N-1", ("CUP", 2), ("LAMP", 1)))
    async with told.read() as db:
        number = await db.value(
            b"SELECT number FROM orders.orders WHERE id = %(id)b::uuid", {"id": order_id}
        )
    assert number > FIRST_NUMBER + ORDERS


async def _events(database: Database) -> int:
    async with database.read() as db:
        number: int = await db.value(b"SELECT count(*) FROM core.event")
        return number


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 10), (0.94, 19), (0.95, 19), (0.96, 20), (1.0, 20)]
)
def test_a_percentile_is_the_latency_that_so_many_stayed_within(
    share: float, expected: int
) -> None:
    assert percentile([20, *range(1, 20)], share) == expected


def test_the_best_round_of_each_page_counts() -> None:
    rounds = [{"orders": [10.0, 30.0], "sku": [5.04]}, {"orders": [20.0, 20.0], "sku": [9.0]}]
    assert best(rounds, 1.0) == {"orders": 20.0, "sku": 5.0}
