"""Payments: each counted once; in full, they release the hold."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.fulfillment.floor import allocations, captured, types
from tests.orders.book import assert_sound, cancelled, shown, state_of_everything
from tests.orders.shop import open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.fulfillment.release import release
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import NewPayment
from unisono.orders.pay import NewReceipt, PaymentDiffers, PaymentTooLarge, pay

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def pending(database: Database) -> UUID:
    """Capture an order of 30.00 that waits for its payment."""
    await open_shop(database, {("CUP", "S-LYON"): 5})
    waiting = NewPayment(status="pending")
    return await captured(database, order("A-1", ("CUP", 3), payment=waiting))


async def paid(
    database: Database, order_id: UUID, reference: str, amount: str, at: datetime | None = AT
) -> None:
    receipt = NewReceipt(reference=reference, amount=amount, received_at=at)
    async with database.transaction() as db:
        await pay(db, order_id=order_id, receipt=receipt)


async def test_an_order_is_held_until_it_is_paid_in_full(database: Database) -> None:
    order_id = await pending(database)
    seen = await shown(database, order_id)
    assert (seen.state, seen.holds) == ("on_hold", ["payment"])
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    assert [row[2] for row in await allocations(database, order_id)] == ["allocated"]
    await paid(database, order_id, "pi-1", "29.99")
    assert (await shown(database, order_id)).holds == ["payment"]
    await paid(database, order_id, "pi-2", "0.01")
    seen = await shown(database, order_id)
    assert (seen.state, seen.holds, seen.version) == ("open", [], 3)
    assert [(each.reference, each.amount) for each in seen.payments] == [
        ("pi-1", "29.99"),
        ("pi-2", "0.01"),
    ]
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    assert [row[2] for row in await allocations(database, order_id)] == ["released"]
    await assert_sound(database)


async def test_a_payment_that_is_told_twice_counts_once(database: Database) -> None:
    order_id = await pending(database)
    await paid(database, order_id, "pi-1", "10.00")
    before = await state_of_everything(database)
    await paid(database, order_id, "pi-1", "10.00", None)
    await paid(database, order_id, "pi-1", "10")
    assert await state_of_everything(database) == before
    assert (await types(database, order_id)).count("order.paid") == 1


REFUSED: list[tuple[str, str, type[Exception]]] = [
    ("pi-1", "10.01", PaymentDiffers),
    ("pi-2", "20.01", PaymentTooLarge),
    ("pi-2", "0", InvalidInput),
    ("pi-2", "-1.00", InvalidInput),
    ("pi-2", "1.001", InvalidInput),
    ("pi-2", "one", InvalidInput),
]


async def test_what_does_not_fit_is_refused_and_nothing_changes(database: Database) -> None:
    order_id = await pending(database)
    await paid(database, order_id, "pi-1", "10.00")
    before = await state_of_everything(database)
    for reference, amount, refusal in REFUSED:
        with pytest.raises(refusal):
            await paid(database, order_id, reference, amount)
        assert await state_of_everything(database) == before, amount


async def test_a_payment_without_its_order_or_its_time_is_refused(database: Database) -> None:
    order_id = await pending(database)
    before = await state_of_everything(database)
    with pytest.raises(UnknownOrder):
        await paid(database, ids.uuid7(), "pi-1", "1.00")
    with pytest.raises(InvalidInput) as refused:
        await paid(database, order_id, "pi-1", "1.00", AT.replace(tzinfo=None))
    assert [f.pointer for f in refused.value.faults] == ["/received_at"]
    assert await state_of_everything(database) == before


async def test_money_for_a_cancelled_order_is_known_and_revives_nothing(
    database: Database,
) -> None:
    order_id = await pending(database)
    await cancelled(database, order_id)
    await paid(database, order_id, "pi-1", "30.00")
    seen = await shown(database, order_id)
    assert (seen.state, [each.amount for each in seen.payments]) == ("cancelled", ["30.00"])
    await assert_sound(database)


async def test_an_order_that_comes_paid_has_its_payment(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    already = NewPayment(status="paid", reference="pi-9")
    order_id = await captured(database, order("A-1", ("CUP", 1), payment=already, placed_at=AT))
    seen = await shown(database, order_id)
    assert (seen.state, seen.holds) == ("open", [])
    assert [(each.reference, each.amount, each.received_at) for each in seen.payments] == [
        ("pi-9", "10.00", AT)
    ]
    await paid(database, order_id, "pi-9", "10.00")
    assert (await shown(database, order_id)).version == 1
