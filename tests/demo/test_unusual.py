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
def test_on_each_of_five_days_somebody_does_not_open(days: int) -> None:
    now = SUNDAY + timedelta(days=days)
    before, after = week(now), unusual.marked(week(now), now=now)
    changed = [new for old, new in zip(before, after, strict=True) if new != old]
    assert [each.fate for each in changed] == [Fate(nobody_opens=True)] * 5
    assert [(now - each.placed_at).days for each in changed] == [5, 4, 3, 2, 1]


def test_the_long_name_has_80_characters() -> None:
    assert len(unusual.LONG_NAME) == 80


def test_what_every_page_needs_to_show_something_is_added() -> None:
    added = unusual.added(SEED, week(SUNDAY), now=SUNDAY)
    assert [(each.channel, each.delivery_option, each.fate) for each in added] == [
        ("marketplace", "home_standard", Fate()),
        ("web", "home_standard", Fate()),
        ("web", "home_standard", Fate(pays_after=unusual.UNPAID)),
        ("web", "home_standard", Fate(cancels="one unit")),
        ("call-centre", "home_standard", Fate()),
        *[("app", "click_and_collect", Fate())] * 4,
    ]
    assert added[1].destination is not None
    assert added[1].destination.recipient == unusual.LONG_NAME
    assert added[3].lines[0].quantity > 1
    assert len({line.sku for line in added[4].lines}) == 200
    assert len({each.reference for each in added}) == 9
    assert all(SUNDAY - HISTORY < each.placed_at < SUNDAY for each in added)
    assert all(left.is_left(SEED, each.reference, left.STORE) for each in added[5:])
    assert unusual.added(SEED, week(SUNDAY), now=SUNDAY) == added


def test_their_goods_are_there_for_them_alone_but_one_order_must_wait() -> None:
    planned = week(SUNDAY)
    added = unusual.added(SEED, planned, now=SUNDAY)
    before = starting_stock(SEED, ORDERS)
    placements = unusual.stock_for(added, before)
    stock = {(each.sku, each.location): each.quantity for each in placements}
    wanted = {line.sku for order in planned for line in order.lines}
    (missing,) = added[0].lines
    needed = Counter[tuple[str, str]]()
    for each in added[1:]:
        assert {line.sku for line in each.lines}.isdisjoint({*wanted, missing.sku})
        for line in each.lines:
            needed[line.sku, each.store or left.WAREHOUSE] += line.quantity
    assert all(stock[level] >= units for level, units in needed.items())
    assert sum(stock.values()) == sum(each.quantity for each in before) + needed.total()
    there = sum(units for (sku, _), units in stock.items() if sku == missing.sku)
    assert 0 < there < missing.quantity
