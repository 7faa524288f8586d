"""Payment: what a provider received for an order, and the hold that it releases."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.core import clock, money
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.orders.changing import OrderChange, changing_one
from unisono.orders.events import OrderPaid
from unisono.orders.new_order import Amount
from unisono.payments import payments
from unisono.payments.payments import Payment

HOLD = "payment"


class PaymentDiffers(UnisonoError):
    """The provider's reference was told before, with another amount."""


class PaymentTooLarge(UnisonoError):
    """More would be received than the order costs."""


class NewReceipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount that a provider received for an order, in the order's currency."""

    reference: Annotated[str, Meta(min_length=1, max_length=100, examples=["pi_3Qx7"])]
    amount: Amount
    received_at: datetime | None = None


async def pay(db: Db, *, order_id: UUID, receipt: NewReceipt, author: str | None = None) -> None:
    """Count a payment once; when the order is paid in full, release its payment hold.

    The same reference and amount again change nothing. ``author`` is who told it. Raises
    UnknownOrder, InvalidInput for what is no amount, PaymentDiffers, PaymentTooLarge: nothing
    changed then.
    """
    async with changing_one(db, order_id) as change:
        amount = _amount(receipt, change.order.currency)
        before = {each.reference: each for each in await payments.of_order(db, order_id=order_id)}
        known = before.get(receipt.reference)
        if known is not None:
            if known.amount != amount:
                was = money.render(known.amount, known.currency)
                message = f"payment “{receipt.reference}” was told with {was} before"
                raise PaymentDiffers(message)
            return
        paid = sum(each.amount for each in before.values()) + amount
        if paid > change.order.total_amount:
            total = money.render(change.order.total_amount, change.order.currency)
            message = f"order {change.order.number} costs {total} in all; this would be more"
            raise PaymentTooLarge(message)
        payment = Payment(
            order_id=order_id,
            reference=receipt.reference,
            amount=amount,
            currency=change.order.currency,
            received_at=receipt.received_at or clock.now(),
        )
        await payments.record(db, payments=[payment])
        in_full = paid == change.order.total_amount
        _release(change, payment, in_full=in_full, author=author)


def _amount(receipt: NewReceipt, currency: str) -> int:
    try:
        amount = money.parse(receipt.amount, currency)
    except money.NotAnAmount as problem:
        fault = Fault(pointer="/amount", code="not_an_amount", detail=str(problem))
        raise InvalidInput(fault) from None
    if amount <= 0:
        detail = "a payment is more than nothing"
        raise InvalidInput(Fault(pointer="/amount", code="not_positive", detail=detail))
    if wrong := clock.fault_of(receipt.received_at, pointer="/received_at"):
        raise InvalidInput(wrong)
    return amount


def _release(change: OrderChange, payment: Payment, *, in_full: bool, author: str | None) -> None:
    if in_full and HOLD in change.holds:
        change.holds.remove(HOLD)
    change.tell(
        OrderPaid(
            payment=payment.reference,
            amount=payment.amount,
            currency=payment.currency,
            holds=list(change.holds),
            at=payment.received_at,
            author=author,
        )
    )
