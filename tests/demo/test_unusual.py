"""Unusual orders: what is seldom is there on every day on which the demo is started."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from unisono.demo import left, unusual
from unisono.demo.dating import HISTORY, dated
from unisono.demo.fates import Fate
from unisono.demo.order_plan import PlannedOrder, plan_orders
from unisono.demo.stocking import starting_stock

SEED = 1
ORDERS = 400
SUNDAY = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)


def week(now: datetime) -> tuple[PlannedOrder, ...]:
    return dated(plan_orders(SEED, ORDERS), begin=now - HISTORY, end=now, seed=SEED)


@pytest.mark.parametrize("days", range(7))
def test_on_every_day_something_unusual_can_be_found(days: int) -> None:
    now = SUNDAY + timedelta(days=days)
    before, after = week(now), unusual.marked(week(now), now=now)
    changed = [new for old, new in zip(before, after, strict=True) if new != old]
    assert (
        sum(
            each.destination is not None and each.destination.recipient == unusual.LONG_NAME
            for each in changed
        )
        == 1
    )
    assert Counter(each.fate for each in changed) == {
        Fate(): 1,
        Fate(pays_after=unusual.UNPAID): 1,
        Fate(cancels="one unit"): 1,
        Fate(nobody_opens=True): 5,
    }


def test_the_long_name_has_80_characters() -> None:
    assert len(unusual.LONG_NAME) == 80


def test_an_order_of_200_lines_one_that_waits_and_work_for_the_visitor_are_added() -> None:
    added = unusual.added(SEED, week(SUNDAY), now=SUNDAY)
    assert [(each.channel, each.delivery_option, len(each.lines) > 3) for each in added] == [
        ("marketplace", "home_standard", False),
        ("call-centre", "home_standard", True),
        *[("app", "click_and_collect", False)] * 4,
    ]
    assert len({line.sku for line in added[1].lines}) == 200
    assert len({each.reference for each in added}) == 6
    assert all(each.placed_at < SUNDAY for each in added)
    assert all(left.is_left(SEED, each.reference, left.STORE) for each in added[2:])
    assert unusual.added(SEED, week(SUNDAY), now=SUNDAY) == added


def test_their_goods_are_there_and_nobody_else_wants_them_but_one_order_must_wait() -> None:
    planned = week(SUNDAY)
    added = unusual.added(SEED, planned, now=SUNDAY)
    before = starting_stock(SEED, ORDERS)
    stock = {(each.sku, each.location): each.quantity for each in unusual.stock_for(added, before)}
    wanted = {line.sku for order in planned for line in order.lines}
    for each in added:
        assert {line.sku for line in each.lines}.isdisjoint(wanted)
    for each in added[1:]:
        place = each.store or left.WAREHOUSE
        assert all(stock[line.sku, place] >= line.quantity for line in each.lines)
    (line,) = added[0].lines
    assert sum(units for (sku, _), units in stock.items() if sku == line.sku) < line.quantity
    assert sum(stock.values()) == sum(each.quantity for each in before) + sum(
        line.quantity for each in added[1:] for line in each.lines
    )
