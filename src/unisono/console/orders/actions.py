"""Acting on an order at once: a note about it, a payment for it.

Neither is refused because the order moved on meanwhile: a note takes nothing away, and a payment is
counted once by its reference.
"""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from unisono.console.guard import needs
from unisono.console.orders.order import of_number
from unisono.console.orders.shown import sums
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.orders import notes, pay
from unisono.orders.pay import NewReceipt


class NoteForm(Struct, frozen=True, kw_only=True):
    """What somebody wants the others to know."""

    text: str = ""


class PaymentForm(Struct, frozen=True, kw_only=True):
    """What a provider received; the amount as people write it."""

    amount: Annotated[str, Meta(max_length=40)] = ""
    reference: Annotated[str, Meta(max_length=100)] = ""


@post("/orders/{named:str}/notes", opt=needs("orders:write"), status_code=200)
async def write_note(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Write a note about an order."""
    given = await visit.filled(NoteForm)

    async def work(db: Db) -> None:
        order = await of_number(db, named)
        await notes.add(db, order_id=order.id, text=given.text, author=visit.person.name)

    await visit.change(work)
    return visit.done(f"/orders/{named}", visit.language.text("The note is written."))


@get("/orders/{named:str}/payment", opt=needs("orders:write"))
async def show_payment(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Ask for what was received."""
    async with visit.database.read() as db:
        order = await of_number(db, named)
    return page(visit, "orders/payment.html", order=order, sums=sums(order))


@post("/orders/{named:str}/payment", opt=needs("orders:write"), status_code=200)
async def record_payment(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Count a payment; an order that is paid in full is held for it no longer."""
    given = await visit.filled(PaymentForm)
    if not given.reference:
        detail = "a payment is counted once by its reference"
        raise InvalidInput(Fault(pointer="/reference", code="missing_field", detail=detail))
    receipt = NewReceipt(reference=given.reference, amount=decimal_in(given.amount))

    async def work(db: Db) -> None:
        order = await of_number(db, named)
        await pay.pay(db, order_id=order.id, receipt=receipt, author=visit.person.name)

    await visit.change(work)
    return visit.done(f"/orders/{named}", visit.language.text("The payment is recorded."))


def decimal_in(text: str) -> str:
    """Return an amount as people write it, “1 234,50”, as the decimal string that it means.

    Only a comma alone is a decimal one: what could be read in two ways stays as it is, and is
    refused.
    """
    plain = "".join(text.split())
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
