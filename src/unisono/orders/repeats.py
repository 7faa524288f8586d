"""An order that comes again: the same content gets the same answer, other content a conflict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from unisono.core import money, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, UnisonoError
from unisono.orders.new_order import Customer, Destination, NewOrder

sql = queries.beside(__file__)


class ReferenceConflict(UnisonoError):
    """The channel used this reference before, for an order with other content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The order that holds a channel's reference."""

    channel: int
    reference: str
    id: UUID
    content_hash: bytes
    number: int
    currency: str
    total_amount: int

    @property
    def total(self) -> str:
        """What the customer pays, as a decimal string."""
        return money.render(self.total_amount, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    currency: str
    delivery_option: str
    location: str | None
    customer: dict[str, Any]
    destination: dict[str, Any] | None
    delivery_amount: int


async def earlier(db: Db, *, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Earlier]:
    """Return the orders that hold these (channel, reference), as far as they are committed."""
    rows = await db.rows(
        Earlier,
        sql.earlier,
        {
            "channels": [channel for channel, _ in keys],
            "references": [reference for _, reference in keys],
        },
    )
    return {(row.channel, row.reference): row for row in rows}


async def conflict(db: Db, *, new: NewOrder, held: Earlier) -> ReferenceConflict:
    """Return the conflict, with a fault for each field that differs."""
    header = await db.row(_Header, sql.header, {"id": held.id})
    lines = await db.tuples(sql.lines, {"id": held.id})
    faults: list[Fault] = []

    def differ(pointer: str, before: object, now: object) -> None:
        if before != now:
            detail = f"was {_shown(before)}, is {_shown(now)} now"
            faults.append(Fault(pointer=pointer, code="differs", detail=detail))

    if header is not None:
        differ("/currency", header.currency, new.currency)
        differ("/delivery_option", header.delivery_option, new.delivery_option)
        differ("/location", header.location, new.location)
        differ("/customer", msgspec.convert(header.customer, Customer), new.customer)
        before = header.destination
        differ(
            "/destination",
            None if before is None else msgspec.convert(before, Destination),
            new.destination,
        )
        price = money.render(header.delivery_amount, header.currency)
        differ("/delivery_price", price, _normal(new.delivery_price, new.currency))
    before_lines = [
        (sku, units, money.render(price, held.currency), money.render(discount, held.currency))
        for sku, units, price, discount in lines
    ]
    differ("/lines", len(before_lines), len(new.lines))
    for at, (was, line) in enumerate(zip(before_lines, new.lines, strict=False)):
        differ(f"/lines/{at}/sku", was[0], line.sku)
        differ(f"/lines/{at}/quantity", was[1], line.quantity)
        differ(f"/lines/{at}/unit_price", was[2], _normal(line.unit_price, new.currency))
        differ(f"/lines/{at}/unit_discount", was[3], _normal(line.unit_discount, new.currency))
    if not faults:
        faults.append(
            Fault(pointer="", code="differs", detail="payment or time of the order differ")
        )
    message = f"reference “{new.reference}” is order {held.number} already, with other content"
    return ReferenceConflict(message, faults=tuple(faults))


def _normal(amount: str, currency: str) -> str:
    return money.render(money.parse(amount, currency), currency)


def _shown(value: object) -> str:
    """Return a value for the sentence; personal data is not repeated."""
    return "another one" if isinstance(value, msgspec.Struct) else f"“{value}”"
