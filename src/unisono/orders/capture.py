"""Capturing orders: a list of them decided together, each once, each all or nothing.

First every order is decided on the stock that this process remembers, and one transaction takes the
keys and the stock of all of them by conditional changes. Orders whose stock was gone are put aside
in that transaction and decided again at once, alone, on levels that are locked and true: that
answer is final, so nobody is refused from memory, and nobody waits for another's bad luck.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from psycopg import Error
from psycopg.errors import DataError, IntegrityError, OperationalError

from unisono.core import ids
from unisono.core.database import Database, Db
from unisono.core.errors import Fault, InvalidInput, Unavailable
from unisono.core.logs import reason
from unisono.inventory import image
from unisono.orders import looks
from unisono.orders.deciding import Reference
from unisono.orders.entries import Answer, Entry, Outcome, ReferenceDataMoved
from unisono.orders.new_order import NewOrder, content_hash

log = structlog.get_logger()

ATTEMPTS_MAX = 3

Look = Callable[[Db, Sequence[Entry]], Awaitable[Outcome]]


async def capture(database: Database, orders: Sequence[NewOrder]) -> list[Answer]:
    """Capture orders; return the answer of each, in order: an exception answers its order only.

    Answers: Captured; InvalidInput with every fault; ReferenceConflict; on a channel that refuses
    StockShort or NotDeliverable; Unavailable when the database could not be used.
    """
    entries = [
        Entry(new=new, id=order_id, content_hash=content_hash(new))
        for new, order_id in zip(orders, ids.uuids7(len(orders)), strict=True)
    ]
    waiting = entries
    while waiting:
        # A reference that comes twice is decided once; the second then meets the first.
        first: dict[tuple[str, str], Entry] = {}
        for entry in waiting:
            first.setdefault((entry.new.channel, entry.new.reference), entry)
        chosen = list(first.values())
        waiting = [e for e in waiting if first[e.new.channel, e.new.reference] is not e]
        sales = [entry for entry in chosen if entry.new.delivery_option == "in_store"]
        await _answer(database, sales, looks.sales_look)
        await _answer(database, [e for e in chosen if e not in sales], looks.first_look)
        await _answer(database, [e for e in chosen if e.answer is None], looks.final_look)
    return [_answer_of(entry) for entry in entries]


def _answer_of(entry: Entry) -> Answer:
    if entry.answer is None:
        message = f"order {entry.new.reference} was left without an answer"
        raise RuntimeError(message)
    return entry.answer


async def _answer(database: Database, entries: Sequence[Entry], look: Look) -> None:
    """Answer entries in one transaction: again on what passes by itself, halved on bad data."""
    if not entries:
        return
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            await _write(database, entries, look)
        except ReferenceDataMoved:
            database.memory.pop(Reference, None)
        except (DataError, IntegrityError) as problem:
            await _answer_halves(database, entries, look, problem)
            return
        except (OperationalError, Unavailable) as problem:
            log.warning("capture_tried_again", attempt=attempt, reason=reason(problem))
        else:
            return
    for entry in entries:
        entry.answer = Unavailable("the order could not be written at this moment; send it again")


async def _answer_halves(
    database: Database, entries: Sequence[Entry], look: Look, problem: Error
) -> None:
    if len(entries) == 1:
        log.warning("capture_unwritable", reason=reason(problem))
        detail = "the order holds something that cannot be stored"
        entries[0].answer = InvalidInput(Fault(pointer="", code="not_storable", detail=detail))
        return
    middle = len(entries) // 2
    await _answer(database, entries[:middle], look)
    await _answer(database, entries[middle:], look)


async def _write(database: Database, entries: Sequence[Entry], look: Look) -> None:
    """Take one look in one transaction; only what was committed becomes an answer."""
    remembered = image.of_process(database.memory, database.settings)
    try:
        async with database.pipeline() as db:
            outcome = await look(db, entries)
    except BaseException:
        # What was taken off the remembered stock was not taken from the database.
        remembered.forget({sku for e in entries if e.order is not None for sku in e.order.units})
        raise
    remembered.see(outcome.changed)
    remembered.forget(outcome.doubtful)
    for entry, answer in outcome.answers:
        entry.answer = answer
