"""The same reference again: what differs is named, and personal data is not repeated."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.orders.book import state_of_everything
from tests.orders.shop import collected, open_shop, order
from unisono.core.database import Database
from unisono.orders.capture import capture
from unisono.orders.entries import Captured
from unisono.orders.new_order import Customer, Destination, NewOrder, NewPayment, content_hash
from unisono.orders.repeats import ReferenceConflict

FIRST = order("A-1", ("CUP", 2), ("LAMP", 1))
ELSEWHERE = Destination(
    name="Zoé Martin", street="2 rue Bât", postal_code="69001", city="Lyon", country="FR"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    again: NewOrder
    pointers: list[str]
    detail: str


CASES: dict[str, Case] = {
    "quantity": Case(
        again=order("A-1", ("CUP", 3), ("LAMP", 1)),
        pointers=["/lines/0/quantity"],
        detail="was “2”, is “3” now",
    ),
    "another line": Case(
        again=order("A-1", ("CUP", 2), ("LAMP", 1), ("CUP", 1)),
        pointers=["/lines"],
        detail="was “2”, is “3” now",
    ),
    "order of lines": Case(
        again=order("A-1", ("LAMP", 1), ("CUP", 2)),
        pointers=["/lines/0/sku", "/lines/0/quantity", "/lines/1/sku", "/lines/1/quantity"],
        detail="was “CUP”, is “LAMP” now",
    ),
    "delivery price": Case(
        again=msgspec.structs.replace(FIRST, delivery_price="4.90"),
        pointers=["/delivery_price"],
        detail="was “0.00”, is “4.90” now",
    ),
    "address": Case(
        again=msgspec.structs.replace(FIRST, destination=ELSEWHERE),
        pointers=["/destination"],
        detail="was another one, is another one now",
    ),
    "customer": Case(
        again=msgspec.structs.replace(FIRST, customer=Customer(name="Zoé Martin")),
        pointers=["/customer"],
        detail="was another one, is another one now",
    ),
    "payment": Case(
        again=msgspec.structs.replace(FIRST, payment=NewPayment(status="pending")),
        pointers=[""],
        detail="payment or time of the order differ",
    ),
    "time": Case(
        again=msgspec.structs.replace(FIRST, placed_at=datetime(2026, 3, 2, tzinfo=UTC)),
        pointers=[""],
        detail="payment or time of the order differ",
    ),
}


async def sold_and_free(database: Database) -> tuple[Any, ...]:
    """Everything but the versions of levels: a repeat takes its stock and gives it back at once."""
    async with database.read() as db:
        levels = await db.tuples(
            b"SELECT sku, location, on_hand, unavailable, reserved, committed, shortfall,"
            b" counted_as_of FROM inventory.stock_level ORDER BY 1, 2"
        )
        versions = {
            text for (text,) in await db.tuples(b"SELECT l::text FROM inventory.stock_level AS l")
        }
    known = await state_of_everything(database)
    return (levels, *(part for part in known if {row[0] for row in part} != versions))


async def test_what_differs_from_the_first_is_named_and_nothing_changes(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 50, ("LAMP", "S-LYON"): 50})
    [first] = await capture(database, [FIRST])
    assert isinstance(first, Captured)
    before = await sold_and_free(database)
    for name, case in CASES.items():
        [conflict] = await capture(database, [case.again])
        assert isinstance(conflict, ReferenceConflict), name
        assert conflict.detail == (
            f"reference “A-1” is order {first.number} already, with other content"
        )
        assert [fault.pointer for fault in conflict.faults] == case.pointers, name
        assert conflict.faults[0].detail == case.detail
        assert "rue Bât" not in str(conflict.faults)
    assert await sold_and_free(database) == before


async def test_another_store_is_another_content(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5, ("CUP", "S-LILLE"): 5})
    await capture(database, [collected("A-1", ("CUP", 1), location="S-LYON")])
    [conflict] = await capture(database, [collected("A-1", ("CUP", 1), location="S-LILLE")])
    assert isinstance(conflict, ReferenceConflict)
    assert [(fault.pointer, fault.detail) for fault in conflict.faults] == [
        ("/location", "was “S-LYON”, is “S-LILLE” now")
    ]


async def test_references_belong_to_their_channel(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    answers = await capture(
        database,
        [order("A-1", ("CUP", 1)), order("A-1", ("CUP", 1), channel="market")],
    )
    assert [answer.created for answer in answers if isinstance(answer, Captured)] == [True, True]


async def test_a_repeat_is_answered_whatever_became_of_stock_and_order(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    [first] = await capture(database, [order("A-1", ("CUP", 1))])
    [again] = await capture(database, [order("A-1", ("CUP", 1))])
    assert isinstance(first, Captured)
    assert again == msgspec.structs.replace(first, created=False)


def test_what_is_not_given_does_not_count(database: Database) -> None:
    """A field that the format gains later turns no repeat into a conflict."""
    short = {
        name: value
        for name, value in msgspec.to_builtins(FIRST).items()
        if name not in {"delivery_price", "payment", "placed_at", "location"}
    }
    again = msgspec.convert({**short, "delivery_price": "0", "payment": None}, NewOrder)
    assert content_hash(again) == content_hash(FIRST)
    assert content_hash(again) == content_hash(msgspec.convert(short, NewOrder))
    assert len(content_hash(again)) == 16


@pytest.mark.parametrize("written", ["0.0", "0.00"])
def test_the_same_amount_written_otherwise_is_other_content(written: str) -> None:
    """Contents are compared as they were sent: a channel repeats what it sent."""
    other = msgspec.structs.replace(FIRST, delivery_price=written)
    assert content_hash(other) != content_hash(FIRST)
