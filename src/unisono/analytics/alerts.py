"""Alerts: what needs a person now, as data; pages make sentences and links of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from unisono.analytics import stock
from unisono.core import clock, lag, queries
from unisono.core.database import Db

sql = queries.beside(__file__)

Kind = Literal[
    "late_orders",
    "late_work",
    "orders_on_hold",
    "orders_waiting_for_stock",
    "stock_oversold",
    "dead_letters",
    "listener_lagging",
]
Target = Literal["orders", "fulfillment_orders", "stock", "listeners"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that needs a person: how much of it there is, and since when the oldest waits.

    ``target`` is the kind of list that shows it. ``subject`` is the listener that it is about; None
    of anything else. ``oldest`` is when it became late, was placed, or was set aside; None when
    nobody knows.
    """

    kind: Kind
    count: int
    oldest: datetime | None
    target: Target
    subject: str | None = None


async def alerts(db: Db) -> list[Alert]:
    """Return what needs a person, the most urgent kind first; what does not occur is left out.

    A listener lags when what it has not heard of is older than ``listener_lag_seconds_max``; it is
    counted in positions. Documents are as far as the read model has come, stock as of its figures.
    """
    shelves = await stock.figures(db)
    listeners = await lag.of_listeners(db)
    lagging_since = clock.now() - timedelta(seconds=db.settings.listener_lag_seconds_max)
    found = [
        await _counted(db, sql.late_orders, "late_orders", "orders"),
        await _counted(db, sql.late_work, "late_work", "fulfillment_orders"),
        await _counted(db, sql.orders_on_hold, "orders_on_hold", "orders"),
        await _counted(db, sql.orders_waiting, "orders_waiting_for_stock", "orders"),
        Alert(
            kind="stock_oversold",
            count=shelves.oversold_levels,
            oldest=None,
            target="stock",
        ),
        *(
            Alert(
                kind="dead_letters",
                count=each.dead_letters,
                oldest=each.dead_since,
                target="listeners",
                subject=each.listener,
            )
            for each in listeners
        ),
    ]
    # What has no position yet is behind no listener: it is the stamper that lags, for all of them.
    lagging = [
        Alert(
            kind="listener_lagging",
            count=max(each.behind, 1),
            oldest=each.waiting_since,
            target="listeners",
            subject=each.listener,
        )
        for each in listeners
        if each.waiting_since is not None and each.waiting_since < lagging_since
    ]
    return [alert for alert in found if alert.count] + lagging


async def _counted(db: Db, query: bytes, kind: Kind, target: Target) -> Alert:
    [(count, oldest)] = await db.tuples(query)
    return Alert(kind=kind, count=count, oldest=oldest, target=target)
