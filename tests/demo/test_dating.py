"""Dates of the opening: a week of orders at the hours at which people buy, tills while open."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from unisono.demo.dating import HISTORY, dated
from unisono.demo.order_plan import PlannedOrder, plan_orders

SEED = 7
# A Sunday evening.
NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def week(orders: int = 700) -> tuple[PlannedOrder, ...]:
    return dated(plan_orders(SEED, orders), begin=NOW - HISTORY, end=NOW, seed=SEED)


def test_the_orders_of_a_plan_fill_the_last_week_in_order() -> None:
    orders = week()
    assert orders == week()
    assert {each.reference for each in orders} == {e.reference for e in plan_orders(SEED, 700)}
    times = [each.placed_at for each in orders]
    assert times == sorted(times)
    assert NOW - HISTORY <= times[0] < NOW - HISTORY + timedelta(hours=8)
    assert NOW - timedelta(hours=1) < times[-1] <= NOW


def test_no_till_sells_while_a_store_is_closed() -> None:
    tills = Counter[tuple[int, int]]()
    for each in week():
        if each.channel == "till":
            at = each.placed_at.astimezone(PARIS)
            tills[at.isoweekday(), at.hour] += 1
    # Monday from 14, else 10 to 19, never on Sunday.
    assert {day for day, _ in tills} == {1, 2, 3, 4, 5, 6}
    assert min(hour for day, hour in tills if day == 1) == 14
    assert (min(hour for _, hour in tills), max(hour for _, hour in tills)) == (10, 18)


def test_online_more_is_bought_in_the_evening_than_at_night() -> None:
    hours = Counter(
        each.placed_at.astimezone(PARIS).hour for each in week() if each.channel != "till"
    )
    assert hours[20] > 3 * (hours[2] + hours[3] + hours[4])
    assert hours.total() == sum(each.channel != "till" for each in week())


def test_tills_sell_like_the_others_where_no_store_opens_in_between() -> None:
    begin = NOW - timedelta(hours=3)
    orders = dated(plan_orders(SEED, 100), begin=begin, end=NOW, seed=SEED)
    assert all(begin <= each.placed_at <= NOW for each in orders)
    assert len(orders) == 100
