"""The starting stock: enough in all, not everywhere, so that choices matter; repeatable by seed."""

from collections import Counter, defaultdict

from unisono.demo.invoices import catalogue
from unisono.demo.order_plan import PlannedOrder, plan_orders
from unisono.demo.retailer import locations
from unisono.demo.stocking import StockPlacement, starting_stock

SEED = 7
ORDERS = 500

Levels = dict[str, Counter[str]]


def _levels(placements: tuple[StockPlacement, ...]) -> Levels:
    levels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for placement in placements:
        levels[placement.sku][placement.location] += placement.quantity
    return levels


def _serve(order: PlannedOrder, levels: Levels) -> str:
    """Take an order whole, warehouses before stores, or nothing; give how it could be served."""
    wanted = Counter[str]()
    for line in order.lines:
        wanted[line.sku] += line.quantity
    codes = [location.code for location in locations()]
    if order.store is not None and order.delivery_option != "home_standard":
        codes = [order.store]
    whole = [code for code in codes if all(levels[sku][code] >= wanted[sku] for sku in wanted)]
    for sku, quantity in wanted.items():
        if sum(levels[sku][code] for code in codes) < quantity:
            return "short"
    for sku, quantity in wanted.items():
        left = quantity
        for code in whole[:1] or codes:
            taken = min(left, levels[sku][code])
            levels[sku][code] -= taken
            left -= taken
    return "whole" if whole else "split"


def test_the_stock_of_a_seed_is_always_the_same() -> None:
    stock = starting_stock(SEED, ORDERS)
    assert stock == starting_stock(SEED, ORDERS)
    assert stock != starting_stock(SEED + 1, ORDERS)
    assert stock[0] == StockPlacement(sku="10002", location="W-ORLEANS", quantity=1)
    assert len(stock) == 2950
    assert sum(placement.quantity for placement in stock) == 14_548


def test_a_sku_is_placed_once_at_a_location_and_with_at_least_one_unit() -> None:
    stock = starting_stock(SEED, ORDERS)
    assert len({(placement.sku, placement.location) for placement in stock}) == len(stock)
    assert min(placement.quantity for placement in stock) == 1


def test_every_sku_is_somewhere_and_every_location_has_stock() -> None:
    stock = starting_stock(SEED, ORDERS)
    assert {placement.sku for placement in stock} == {article.sku for article in catalogue()}
    assert {placement.location for placement in stock} == {
        location.code for location in locations()
    }


def test_some_skus_are_in_one_place_only_and_some_are_short_of_the_plan() -> None:
    levels = _levels(starting_stock(SEED, ORDERS))
    wanted = Counter[str]()
    for order in plan_orders(SEED, ORDERS):
        for line in order.lines:
            wanted[line.sku] += line.quantity
    assert sum(len(places) == 1 for places in levels.values()) == 954
    assert sum(len(levels[sku]) == 1 for sku in wanted) == 269
    assert sum(levels[sku].total() < units for sku, units in wanted.items()) == 11


def test_a_few_percent_of_the_orders_meet_scarcity_and_others_must_be_split() -> None:
    levels = _levels(starting_stock(SEED, ORDERS))
    outcomes = Counter(_serve(order, levels) for order in plan_orders(SEED, ORDERS))
    assert outcomes == {"whole": 345, "split": 132, "short": 23}


def test_more_stock_is_less_scarcity() -> None:
    short = {}
    for scarcity in (1.0, 1.3, 1.8):
        levels = _levels(starting_stock(SEED, ORDERS, scarcity))
        outcomes = Counter(_serve(order, levels) for order in plan_orders(SEED, ORDERS))
        short[scarcity] = outcomes["short"]
    assert short == {1.0: 122, 1.3: 23, 1.8: 9}


def test_two_rounds_of_the_invoices_need_the_stock_of_two() -> None:
    once = sum(placement.quantity for placement in starting_stock(SEED, 2009))
    twice = sum(placement.quantity for placement in starting_stock(SEED, 2 * 2009))
    assert (once, twice) == (44_823, 89_182)
