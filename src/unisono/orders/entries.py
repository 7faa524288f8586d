"""Orders on their way through capture: what came, what was made of it, and the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from unisono.catalog import skus as catalog
from unisono.core import money
from unisono.core.database import Db
from unisono.core.errors import InvalidInput
from unisono.inventory.levels import Changed, Key
from unisono.orders.deciding import Reference
from unisono.orders.new_order import CheckedOrder, NewOrder, check
from unisono.orders.records import Record


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a captured order; a repeat gets the same, but for ``created``."""

    id: UUID
    number: int
    channel: str
    reference: str
    currency: str
    total: str
    created: bool


Answer = Captured | Exception


class ReferenceDataMoved(Exception):
    """Reference data changed since it was remembered: decide again."""


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """An order on its way: the id that it will have, and in the end its answer.

    ``order`` is there after the check; ``record`` and ``claims`` (units by level) after a decision.
    """

    new: NewOrder
    id: UUID
    content_hash: bytes
    order: CheckedOrder | None = None
    record: Record | None = None
    claims: Mapping[Key, int] = field(default_factory=dict)
    answer: Answer | None = None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a look did: the answers that hold once it is committed, and the levels it changed.

    ``doubtful`` are SKUs whose remembered stock no longer agrees with what was written.
    """

    answers: list[tuple[Entry, Answer]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    doubtful: set[int] = field(default_factory=set)


async def check_all(
    db: Db, entries: Sequence[Entry], reference: Reference, outcome: Outcome
) -> list[tuple[Entry, CheckedOrder]]:
    """Resolve what the orders name; return those without faults, the others are answered."""
    known = await catalog.known(
        db,
        codes={line.sku for entry in entries for line in entry.new.lines},
        revision=reference.revisions["catalog"],
    )
    checked = []
    for entry in entries:
        try:
            entry.order = check(
                entry.new,
                network=reference.network,
                channels=reference.channels,
                skus=known,
                lines_max=db.settings.order_lines_max,
            )
        except InvalidInput as problem:
            outcome.answers.append((entry, problem))
        else:
            checked.append((entry, entry.order))
    return checked


def captured(record: Record) -> Captured:
    """Return the answer to an order that was written now."""
    order = record.order
    return Captured(
        id=record.id,
        number=record.number,
        channel=order.new.channel,
        reference=order.new.reference,
        currency=order.new.currency,
        total=money.render(order.total_amount, order.new.currency),
        created=True,
    )
