"""The stock that a decision sees when it must be true: every level locked until the end."""

from collections.abc import Iterable

import numpy as np

from unisono.core.database import Db
from unisono.inventory import levels
from unisono.inventory.image import Units
from unisono.network.network import Network


async def locked_stock(db: Db, *, skus: Iterable[int], network: Network) -> dict[int, Units]:
    """Lock the levels of these SKUs at every location; return the free units by location index."""
    wanted = sorted(set(skus))
    truth = await levels.touch(
        db, keys=[(sku, location.id) for sku in wanted for location in network.locations]
    )
    stock = {sku: np.zeros(len(network.ids), dtype=np.int64) for sku in wanted}
    for (sku, location), level in truth.items():
        stock[sku][network.index_of[location]] = level.free
    return stock
