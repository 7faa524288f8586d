"""Orders that need somebody, the most urgent first: behind the figures of the overview."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

Need = Literal["late", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedyOrder:
    """An order, and the moment that counts: by when it was expected, or when it was placed."""

    order_id: UUID
    since: datetime


async def orders(db: Db, *, need: Need, limit: int) -> list[NeedyOrder]:
    """Return late orders or those that wait for stock, ``limit`` at most.

    Late is what was expected by now and is neither there nor ready.
    """
    query = sql.late if need == "late" else sql.waiting
    return await db.rows(NeedyOrder, query, {"limit": limit})
