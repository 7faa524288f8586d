"""The plan of orders: shares of channels and options, one reference each, repeatable by seed."""

import re
from collections import Counter
from datetime import timedelta
from itertools import islice

from unisono.demo.invoices import invoices
from unisono.demo.order_plan import PlannedOrder, endless_orders, plan_orders
from unisono.demo.places import distance_km
from unisono.demo.retailer import locations

SEED = 7
STORES = {location.code: location for location in locations() if location.kind == "store"}


def _store_distances(order: PlannedOrder) -> dict[str, float]:
    assert order.destination is not None
    kilometres = distance_km(
        order.destination.latitude,
        order.destination.longitude,
        [store.latitude for store in STORES.values()],
        [store.longitude for store in STORES.values()],
    )
    return dict(zip(STORES, kilometres.tolist(), strict=True))


def test_the_plan_of_a_seed_is_always_the_same() -> None:
    plan = plan_orders(SEED, 500)
    assert plan == plan_orders(SEED, 500)
    assert plan != plan_orders(SEED + 1, 500)
    assert sum(line.quantity for order in plan for line in order.lines) == 7715
    first = plan[0]
    assert (first.reference, first.invoice, first.delivery_option, first.store) == (
        "TILL-000001",
        "536365",
        "in_store",
        "S-REIMS",
    )


def test_a_longer_plan_begins_with_the_shorter_one() -> None:
    assert plan_orders(SEED, 600)[:500] == plan_orders(SEED, 500)
    assert plan_orders(SEED, 0) == ()


def test_the_plan_goes_on_for_ever_where_a_shorter_one_ended() -> None:
    rest = islice(endless_orders(SEED), 500, None)
    assert tuple(islice(rest, 700)) == plan_orders(SEED, 1200)[500:]


def test_channels_and_options_have_their_shares() -> None:
    plan = plan_orders(SEED, 2009)
    assert Counter((order.channel, order.delivery_option) for order in plan) == {
        ("web", "home_standard"): 578,
        ("web", "home_express"): 138,
        ("web", "click_and_collect"): 198,
        ("app", "home_standard"): 258,
        ("app", "home_express"): 63,
        ("app", "click_and_collect"): 92,
        ("till", "in_store"): 302,
        ("till", "home_standard"): 84,
        ("marketplace", "home_standard"): 296,
    }


def test_when_the_invoices_end_they_start_again_with_new_references_54_weeks_later() -> None:
    plan = plan_orders(SEED, 2 * 2009 + 1)
    assert len({order.reference for order in plan}) == 4019
    assert plan[2009].lines == plan[0].lines == plan[4018].lines
    assert plan[2009].placed_at - plan[0].placed_at == timedelta(weeks=54)
    assert plan[4018].placed_at - plan[0].placed_at == timedelta(weeks=108)
    times = [order.placed_at for order in plan]
    assert times == sorted(times)


def test_an_order_has_the_lines_of_its_invoice_also_a_sku_twice() -> None:
    plan = plan_orders(SEED, 2009)
    assert [order.lines for order in plan] == [invoice.lines for invoice in invoices()]
    assert sum(len({line.sku for line in o.lines}) < len(o.lines) for o in plan) == 11


def test_a_reference_says_the_channel_and_the_number() -> None:
    prefixes = {"web": "WEB", "app": "APP", "till": "TILL", "marketplace": "MKT"}
    for number, order in enumerate(plan_orders(SEED, 200), start=1):
        assert re.fullmatch(r"[A-Z]+-\d{6}", order.reference)
        assert order.reference == f"{prefixes[order.channel]}-{number:06d}"


def test_only_what_is_delivered_or_collected_has_a_customer() -> None:
    for order in plan_orders(SEED, 2009):
        assert (order.destination is None) == (order.delivery_option == "in_store")
        assert (order.store is None) == (
            order.channel != "till" and order.delivery_option != "click_and_collect"
        )


def test_orders_are_collected_at_one_of_the_three_nearest_stores() -> None:
    chosen = Counter[int]()
    for order in plan_orders(SEED, 2009):
        if order.delivery_option != "click_and_collect":
            continue
        assert order.store is not None
        distances = _store_distances(order)
        rank = sorted(distances, key=lambda code: distances[code]).index(order.store)
        chosen[rank] += 1
        assert distances[order.store] <= min(distances.values()) + 15
    assert chosen == {0: 207, 1: 39, 2: 44}


def test_nobody_collects_who_lives_more_than_60_km_from_every_store() -> None:
    for order in plan_orders(SEED, 2009):
        if order.delivery_option == "click_and_collect":
            assert min(_store_distances(order).values()) <= 60
