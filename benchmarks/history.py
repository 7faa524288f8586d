"""A long history: the demo's orders told again, so many times, with every row that belongs to them.

The demo's orders are real: captured, sourced, worked on and delivered by the program itself. What
it made of them is told again under other numbers, references, customers and moments: of finished
orders over the last weeks, of those that are under way within the last hours. Stock, claims and the
ledger are as if that much more had been there from the beginning. That all of it fits together is
proved by the program's own audits and by the verification of the read model.
"""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from unisono.analytics import facts, tallies
from unisono.analytics import verify as read_model
from unisono.analytics.facts import Facts
from unisono.core import ids, listening, positions, queries
from unisono.core.database import Database
from unisono.core.positions import PlacedEvent
from unisono.core.texts import folded
from unisono.demo.places import FAMILY_NAMES, GIVEN_NAMES
from unisono.inventory import audit as stock_audit
from unisono.orders import audit as order_audit
from unisono.orders import search
from unisono.orders.events import OrderCreated
from unisono.workers.subscriptions import SUBSCRIPTIONS

sql = queries.beside(__file__)

UNDER_WAY_SHARE = 0.06
"""Of the further orders, those that are not finished: what two or three days leave behind."""
FINISHED_WITHIN = timedelta(days=60)
UNDER_WAY_WITHIN = timedelta(hours=10)
FIRST_COUNTED_BEFORE = timedelta(days=8)
"""Before the first order was written down: what the demo tells is of its last week."""
FIRST_NUMBER = 200_001
"""The demo stays far below; further orders have ascending numbers from here."""
NUMBERS_OF_A_BLOCK = 1000
AT_ONCE = 5000

_TOLD = (
    *("add_keys", "add_orders", "add_lines", "add_allocations", "add_decisions", "add_notes"),
    *("add_payments", "add_works", "add_packages", "add_tracking_numbers", "add_carrier_facts"),
    *("add_steps", "add_events", "add_batches", "place_batches", "hear_everything", "add_claims"),
    *("set_aside", "raise_levels", "open_ledger", "make_way", "count_more", "count_first"),
    *("add_movements", "close_ledger", "add_order_facts", "add_work_facts", "add_parcel_facts"),
)


class HistoryWrong(Exception):
    """What was told does not fit together: a measure of it would be worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An order of the demo; ``is_finished``: nothing will happen to it any more."""

    id: UUID
    created_at: datetime
    reference: str
    customer: dict[str, Any]
    is_finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """An order told again, everything of it ``shift`` earlier."""

    id: UUID
    template: UUID
    number: int
    shift: timedelta
    reference: str
    customer: dict[str, Any]


async def settle(database: Database) -> None:
    """Let every listener hear everything, and what follows from it."""
    settings = database.settings
    await listening.subscribe(database, SUBSCRIPTIONS)
    moved = 1
    while moved:
        moved = await positions.stamp(database)
        for each in SUBSCRIPTIONS:
            moved += await listening.drain(
                database,
                each,
                limit=settings.drain_events_max,
                attempts_max=settings.drain_attempts_max,
            )


async def tell(database: Database, *, orders: int, seed: int) -> None:
    """Bring a settled database to so many orders.

    Raises HistoryWrong when what was told does not fit together.
    """
    began = time.monotonic()
    with psycopg.connect(database.url, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        templates = [
            Template(id=id_, created_at=at, reference=reference, customer=customer, is_finished=end)
            for id_, at, reference, customer, end in cursor.execute(sql.orders_told)
        ]
        made = clones(templates, count=orders - len(templates), seed=seed)
        _write(connection, made)
        _say(began, "rows are written")
        await _hear(database, made)
        _say(began, "searches and figures are up to date")
        connection.execute(sql.vacuum)
    await prove(database)
    _say(began, "audits and verification find nothing wrong")


def clones(templates: Sequence[Template], *, count: int, seed: int) -> list[Clone]:
    """Return so many further orders, by the time at which they were captured."""
    chance = random.Random(seed)
    under_way = round(count * UNDER_WAY_SHARE)
    drawn = [
        *_drawn([each for each in templates if each.is_finished], count - under_way, chance),
        *_drawn([each for each in templates if not each.is_finished], under_way, chance),
    ]
    drawn.sort(key=lambda each: each[0].created_at - each[1])
    return [
        Clone(
            id=_identifier(template.created_at - shift, chance),
            template=template.id,
            number=number,
            shift=shift,
            reference=f"{template.reference.partition('-')[0]}-{number}",
            customer=_somebody(template.customer, chance),
        )
        for number, (template, shift) in enumerate(drawn, FIRST_NUMBER)
    ]


def _drawn(
    templates: Sequence[Template], count: int, chance: random.Random
) -> Iterator[tuple[Template, timedelta]]:
    """Give templates in turn, each time with another shift; whole days keep the time of day."""
    for n in range(count):
        template = templates[n % len(templates)]
        part = chance.random()
        if template.is_finished:
            days = timedelta(days=1 + int(part * FINISHED_WITHIN.days))
            yield template, days + timedelta(minutes=chance.uniform(-30, 30))
        else:
            yield template, timedelta(minutes=1) + part * UNDER_WAY_WITHIN


def _identifier(at: datetime, chance: random.Random) -> UUID:
    """Return a UUIDv7 of a moment."""
    milliseconds = int(at.timestamp() * 1000)
    noise = chance.getrandbits(74)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)


def _somebody(customer: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return another customer; who bought at a till without saying a name stays nameless."""
    if not customer.get("email"):
        return customer
    given, family = chance.choice(GIVEN_NAMES), chance.choice(FAMILY_NAMES)
    mail = f"{folded(given)}.{folded(family).replace(' ', '-')}{chance.randrange(1000):03}"
    return {**customer, "name": f"{given} {family}", "email": f"{mail}@example.org"}


def _write(connection: psycopg.Connection, made: Sequence[Clone]) -> None:
    opened = {"opened": _opened(made)}
    with connection.transaction():
        # Sorting by the new ids keeps tables and indexes in the order of time, as they would be.
        for query in (sql.sort_in_memory, sql.make_room, sql.make_clones, sql.make_identifier):
            connection.execute(query)
        with connection.cursor().copy(sql.copy_clones) as copy:
            for each in made:
                copy.write_row(
                    (
                        each.id,
                        each.template,
                        each.number,
                        each.shift,
                        each.reference,
                        Jsonb(each.customer),
                    )
                )
        for query in (sql.keep_events, sql.keep_movements, sql.sum_up_levels, sql.look_at_clones):
            connection.execute(query)
        for name in _TOLD:
            query = getattr(sql, name)
            connection.execute(query, opened if b"%(opened)" in query else None)
        connection.execute(sql.number_on, {"first": made[-1].number + NUMBERS_OF_A_BLOCK})
        connection.execute(sql.clear_up)


def _opened(made: Sequence[Clone]) -> datetime:
    """Return a moment before everything that is told."""
    return min(ids.made_at(each.id) for each in made) - FIRST_COUNTED_BEFORE


async def _hear(database: Database, made: Sequence[Clone]) -> None:
    """Let search and figures know, by what they do themselves when an order is told."""
    for first in range(0, len(made), AT_ONCE):
        order_ids = [each.id for each in made[first : first + AT_ONCE]]
        async with database.transaction() as db:
            await search.listen(db, [_created(each) for each in order_ids])
            held = await facts.held(db, order_ids=order_ids)
            await tallies.add(db, before=Facts(), after=held)


def _created(order_id: UUID) -> PlacedEvent:
    """Return the event that search listens to, of which it reads only whose it is."""
    return PlacedEvent(
        position=0,
        aggregate=order_id,
        sequence=1,
        type=OrderCreated.name,
        at=ids.made_at(order_id),
        data={},
    )


async def prove(database: Database) -> None:
    """Raise HistoryWrong when orders, stock or figures do not fit together."""
    async with database.read() as db:
        difference = await read_model.verify(db)
        stock_faults = await stock_audit.audit(db)
    order_faults = await order_audit.audit(database)
    wrong = [*([] if difference is None else [difference]), *stock_faults, *order_faults]
    if wrong:
        raise HistoryWrong(str(wrong[0]))


def _say(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:6.1f} s: {what}", file=sys.stderr)
