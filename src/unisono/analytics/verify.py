"""Verifying the read model: facts against the truth, tallies against facts, counted anew."""

from dataclasses import dataclass

from unisono.analytics import follow
from unisono.core import lag, queries
from unisono.core.database import Db

sql = queries.beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row of the read model that is not what it should be; None where there is no such row."""

    table: str
    key: str
    held: str | None
    truth: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    key: str
    held: str | None
    truth: str | None


async def verify(db: Db) -> Difference | None:
    """Return the first difference, or None; ``db`` is one view, so that nothing moves meanwhile.

    Orders that told something which the read model has not heard of yet are left out; their facts
    still have to be in the tallies.
    """
    has_heard_all = any(
        each.listener == follow.LISTENER and each.waiting_since is None
        for each in await lag.of_listeners(db)
    )
    heard = {"has_heard_all": has_heard_all}
    checks = [
        ("order_fact", await db.row(_Row, sql.order_facts, heard)),
        ("order_fact", await db.row(_Row, sql.order_parcels, heard)),
        ("work_fact", await db.row(_Row, sql.work_facts, heard)),
        ("parcel_fact", await db.row(_Row, sql.parcel_facts, heard)),
        ("order_tally", await db.row(_Row, sql.order_tally)),
        ("work_tally", await db.row(_Row, sql.work_tally)),
        ("parcel_tally", await db.row(_Row, sql.parcel_tally)),
        ("flow_tally", await db.row(_Row, sql.flow_tally)),
        ("lead_tally", await db.row(_Row, sql.lead_tally)),
    ]
    for table, row in checks:
        if row is not None:
            return Difference(table=table, key=row.key, held=row.held, truth=row.truth)
    return None
