"""What a fact contributes to the tallies, at the edges of what they tell apart."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from unisono.analytics.facts import OrderFact
from unisono.analytics.tallies import FLOWS, LEADS, NEVER, ORDERS, difference
from unisono.core import ids

PLACED_AT = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
EXPECTED_BY = PLACED_AT + timedelta(days=2)


def fact(**known: object) -> OrderFact:
    """A delivered order, but for what is known."""
    usual: dict[str, object] = {
        "order_id": ids.uuid7(),
        "version": 7,
        "channel": 1,
        "location": None,
        "delivery_option": "home_standard",
        "state": "fulfilled",
        "outcome": "delivered",
        "rerouted": False,
        "placed_at": PLACED_AT,
        "freed_at": PLACED_AT,
        "expected_by": EXPECTED_BY,
        "shipped_at": PLACED_AT + timedelta(hours=4),
        "delivered_at": EXPECTED_BY,
        "kept_at": EXPECTED_BY,
        "due_at": None,
        "carrier": "post",
        "parcels": 1,
        "locations": 1,
        "shipping_cost": 400,
        "handling_cost": 275,
        "short_units": 0,
    }
    return OrderFact(**{**usual, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("late", "days_late"),
    [
        (timedelta(0), 0),
        (timedelta(seconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, seconds=1), 2),
        (-timedelta(hours=23), 0),
        (-timedelta(days=1), -1),
        (timedelta(days=400), 60),
        (-timedelta(days=400), -30),
    ],
)
def test_late_begins_with_the_first_second_and_is_bounded(late: timedelta, days_late: int) -> None:
    kept_at = EXPECTED_BY + late
    [(key, figures)] = LEADS.contribute(fact(kept_at=kept_at))
    day = kept_at.replace(hour=0, minute=0)
    day = day.replace(second=0)
    assert key == (day, "home_standard", "post", days_late)
    assert figures == (1, 172_800, int((kept_at - PLACED_AT).total_seconds()))


def test_what_was_not_expected_or_did_not_come_has_no_lead_time() -> None:
    assert list(LEADS.contribute(fact(expected_by=None))) == []
    assert list(LEADS.contribute(fact(kept_at=None))) == []


def test_orders_flow_in_quarters_of_an_hour_whatever_the_zone_of_their_times() -> None:
    kathmandu = datetime(2026, 1, 5, 16, 59, 59, tzinfo=ZoneInfo("Asia/Kathmandu"))
    flows = list(
        FLOWS.contribute(
            fact(
                placed_at=kathmandu,
                shipped_at=datetime(2026, 1, 5, 23, 45, tzinfo=UTC),
                delivered_at=datetime(2026, 1, 7, 0, 14, 59, 999999, tzinfo=UTC),
            )
        )
    )
    assert flows == [
        ((datetime(2026, 1, 5, 11, 0, tzinfo=UTC),), (1, 0, 0, 0)),
        ((datetime(2026, 1, 5, 23, 45, tzinfo=UTC),), (0, 0, 1, 0)),
        ((datetime(2026, 1, 7, 0, 0, tzinfo=UTC),), (0, 0, 0, 1)),
    ]


def test_what_was_carried_out_is_sold_and_neither_placed_nor_delivered() -> None:
    sold = fact(delivery_option="in_store", outcome="carried_out", shipped_at=None)
    assert list(FLOWS.contribute(sold)) == [((PLACED_AT,), (0, 1, 0, 0))]


def test_a_difference_is_what_came_less_what_was_there() -> None:
    before = fact(outcome="shipped", kept_at=None, due_at=EXPECTED_BY)
    after = fact()
    where = (1, 0, "home_standard", "fulfilled")
    figures = [1, 0, 1, 0, 0, 0, 0, 400, 275]
    assert difference(ORDERS, before=[before], after=[after]) == {
        (*where, "shipped", EXPECTED_BY): [-each for each in figures],
        (*where, "delivered", NEVER): figures,
    }
    assert difference(ORDERS, before=[before], after=[before]) == {}
    assert difference(ORDERS, before=[before, before], after=[before, after]) == {
        (*where, "shipped", EXPECTED_BY): [-each for each in figures],
        (*where, "delivered", NEVER): figures,
    }
