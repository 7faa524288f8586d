"""Fates: shares of what is unusual, always the same for a seed."""

from collections import Counter
from datetime import timedelta

from unisono.demo.fates import Fate
from unisono.demo.order_plan import plan_orders

SEED = 7
ORDERS = 4000


def test_most_orders_are_usual_and_a_few_of_each_kind_are_not() -> None:
    fates = [order.fate for order in plan_orders(SEED, ORDERS)]
    assert fates == [order.fate for order in plan_orders(SEED, ORDERS)]
    assert sum(fate == Fate() for fate in fates) / ORDERS > 0.85
    kinds = Counter(fate.cancels for fate in fates)
    assert 20 < kinds["everything"] < 60
    assert 20 < kinds["one unit"] < 60
    assert 60 < sum(fate.nobody_opens for fate in fates) < 140
    assert {fate.days_late for fate in fates} == {0, 1, 2, 3}
    assert 80 < sum(fate.days_late > 0 for fate in fates) < 200


def test_only_who_pays_the_retailer_pays_later_and_within_36_hours() -> None:
    later = [each for each in plan_orders(SEED, ORDERS) if each.fate.pays_after is not None]
    assert {each.channel for each in later} == {"web", "app"}
    delays = [each.fate.pays_after for each in later if each.fate.pays_after is not None]
    assert timedelta(0) <= min(delays) < max(delays) < timedelta(hours=36)


def test_what_was_carried_out_of_a_store_has_no_fate() -> None:
    carried_out = [e for e in plan_orders(SEED, ORDERS) if e.delivery_option == "in_store"]
    assert {each.fate for each in carried_out} == {Fate()}
