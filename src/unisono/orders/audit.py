"""The audit of orders: their claims against their allocations, their states and amounts.

Claims lie by SKU and allocations by order, on a sharded database on other nodes: both are read as
ordered streams and compared here. On a live system a difference counts only if it is there at a
second look, with the same versions.
"""

from dataclasses import dataclass
from uuid import UUID

from unisono.core import outbox, queries
from unisono.core.database import Database, Db
from unisono.orders.states import rolled_up

sql = queries.beside(__file__)

PAGE = 5000
_CLAIMED = ("allocated", "released", "picked", "packed", "ready_for_pickup")

_Allocation = tuple[int, int, int | None, int, str, int]
"""Number, SKU, location, quantity, state, line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFault:
    """What does not fit in an order, at a version of it."""

    order_id: UUID
    version: int
    detail: str

    def __str__(self) -> str:
        """Say it in one sentence."""
        return f"order {self.order_id} in version {self.version}: {self.detail}"


async def audit(database: Database) -> list[OrderFault]:
    """Return what does not fit in orders, found twice in the same version."""
    first: list[OrderFault] = []
    after = UUID(int=0)
    while True:
        async with database.read() as db:
            found, last = await _page(db, after)
        first += found
        if last is None:
            break
        after = last
    confirmed = []
    for fault in first:
        async with database.read() as db:
            again, _ = await _page(db, UUID(int=fault.order_id.int - 1), limit=1)
        confirmed += [each for each in again if each == fault]
    return confirmed + await _claims_of_nobody(database)


async def _claims_of_nobody(database: Database) -> list[OrderFault]:
    """Return a fault for each holder of claims that is no order."""
    faults: list[OrderFault] = []
    after = UUID(int=0)
    while True:
        async with database.read() as db:
            rows = await db.tuples(sql.holders_after, {"after": after, "limit": PAGE})
            holders = [holder for (holder,) in rows]
            rows = await db.tuples(sql.known_of, {"ids": holders})
            known = {order_id for (order_id,) in rows}
        faults += [
            OrderFault(order_id=holder, version=0, detail="claims are held for it, and it is none")
            for holder in holders
            if holder not in known
        ]
        if len(holders) < PAGE:
            return faults
        after = holders[-1]


async def _page(db: Db, after: UUID, limit: int = PAGE) -> tuple[list[OrderFault], UUID | None]:
    """Compare the next orders; return the faults and the id of the last, None at the end."""
    orders = await db.tuples(sql.orders_after, {"after": after, "limit": limit})
    if not orders:
        return [], None
    ids = [order_id for order_id, *_ in orders]
    allocations: dict[UUID, list[_Allocation]] = {}
    for order_id, n, sku, location, quantity, state, line in await db.tuples(
        sql.allocations_of, {"ids": ids}
    ):
        each = (n, sku, location, quantity, state, line)
        allocations.setdefault(order_id, []).append(each)
    claims: dict[UUID, dict[int, tuple[int, int, int]]] = {}
    for holder, n, sku, location, quantity in await db.tuples(sql.claims_of, {"ids": ids}):
        claims.setdefault(holder, {})[n] = (sku, location, quantity)
    amounts = dict(await db.tuples(sql.amounts_of, {"ids": ids}))
    told = await outbox.told(db, aggregates=ids)
    ordered: dict[UUID, dict[int, int]] = {}
    for order_id, line, quantity in await db.tuples(sql.lines_of, {"ids": ids}):
        ordered.setdefault(order_id, {})[line] = quantity
    faults = []
    for order_id, version, state, holds, goods_amount in orders:
        details = [
            *_claim_faults(allocations.get(order_id, []), claims.get(order_id, {})),
            *_line_faults(allocations.get(order_id, []), ordered.get(order_id, {})),
        ]
        rolled = rolled_up((row[4] for row in allocations.get(order_id, [])), on_hold=bool(holds))
        if rolled != state:
            details.append(f"its state is {state}, its quantities make it {rolled}")
        if told.get(order_id) != (version, version):
            details.append(f"it told {told.get(order_id)} (events, last), not one per version")
        if amounts.get(order_id, 0) != goods_amount:
            details.append(
                f"its goods cost {goods_amount}, its lines make {amounts.get(order_id, 0)}"
            )
        faults += [
            OrderFault(order_id=order_id, version=version, detail=detail) for detail in details
        ]
    return faults, ids[-1]


def _claim_faults(
    allocations: list[_Allocation],
    claims: dict[int, tuple[int, int, int]],
) -> list[str]:
    wanted = {
        n: (sku, location, quantity)
        for n, sku, location, quantity, state, _ in allocations
        if state in _CLAIMED
    }
    return [
        f"allocation {n} wants the claim {wanted.get(n)} and has {claims.get(n)}"
        for n in sorted(wanted.keys() | claims.keys())
        if wanted.get(n) != claims.get(n)
    ]


def _line_faults(allocations: list[_Allocation], ordered: dict[int, int]) -> list[str]:
    allocated: dict[int, int] = {}
    for _, _, _, quantity, _, line in allocations:
        allocated[line] = allocated.get(line, 0) + quantity
    return [
        f"{ordered.get(line, 0)} units of line {line} were ordered,"
        f" {allocated.get(line, 0)} are allocated"
        for line in sorted(allocated.keys() | ordered.keys())
        if allocated.get(line) != ordered.get(line)
    ]
