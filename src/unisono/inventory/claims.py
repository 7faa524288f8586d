"""Claims: the units of a SKU at a location that an order has taken, one row each while open.

Claim rows and the ``committed`` figure of their level always change in the same transaction.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)


class Claim(Struct, frozen=True, kw_only=True):
    """Units that a holder (an order) has taken; ``n`` is the allocation that they serve."""

    sku: int
    holder: UUID
    n: int
    location: int
    quantity: int


async def holders(db: Db, *, skus: Collection[int], location: int, limit: int) -> list[UUID]:
    """Return who has taken units of these SKUs at a location, the first ids first."""
    rows = await db.tuples(sql.holders, {"skus": list(skus), "location": location, "limit": limit})
    return [holder for (holder,) in rows]


async def insert(db: Db, claims: Sequence[Claim]) -> None:
    """Write the rows of claims whose units were taken from their levels in this transaction."""
    await db.execute(
        sql.insert,
        {
            "skus": [claim.sku for claim in claims],
            "holders": [claim.holder for claim in claims],
            "ns": [claim.n for claim in claims],
            "locations": [claim.location for claim in claims],
            "quantities": [claim.quantity for claim in claims],
        },
    )


async def shrink(db: Db, claims: Sequence[Claim]) -> None:
    """Take these quantities off open claim rows; a row with nothing left is deleted.

    The caller takes the same units off the levels (``ledger.post`` does both).
    """
    parameters = {
        "skus": [claim.sku for claim in claims],
        "holders": [claim.holder for claim in claims],
        "ns": [claim.n for claim in claims],
        "quantities": [claim.quantity for claim in claims],
    }
    await db.execute(sql.delete_whole, parameters)
    await db.execute(sql.shrink, parameters)
