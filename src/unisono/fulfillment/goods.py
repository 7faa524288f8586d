"""What the work is about: the SKUs of allocations, from the memory of the catalogue."""

from collections.abc import Iterable, Mapping

from unisono.catalog import skus
from unisono.catalog.skus import SkuFacts
from unisono.core.database import Db
from unisono.fulfillment.events import WorkLine
from unisono.orders.changing import Allocation

Goods = Mapping[int, SkuFacts]
"""The facts of SKUs by id."""


async def of(db: Db, allocations: Iterable[Allocation]) -> Goods:
    """Return the facts of the SKUs of these allocations."""
    return await skus.facts(db, ids={each.sku for each in allocations})


def lines(allocations: Iterable[Allocation], goods: Goods) -> list[WorkLine]:
    """Return allocations as events tell them."""
    return [
        WorkLine(line=each.line, sku=goods[each.sku].code, quantity=each.quantity)
        for each in allocations
    ]


def weight_g(allocations: Iterable[Allocation], goods: Goods) -> int:
    """Return what the units of these allocations weigh, in grams."""
    return sum(goods[each.sku].weight_g * each.quantity for each in allocations)
