"""Notes: what people write down about an order, for each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.core import clock, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.orders.changing import changing_one
from unisono.orders.events import OrderNoted

sql = queries.beside(__file__)

TEXT_LENGTH_MAX = 2000


class NewNote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something worth knowing about an order."""

    text: Annotated[
        str,
        Meta(
            min_length=1, max_length=TEXT_LENGTH_MAX, examples=["Called back: any colour will do"]
        ),
    ]


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A note as it was written; the text may have several lines."""

    note: int
    at: datetime
    author: str
    text: str


async def add(
    db: Db, *, order_id: UUID, text: str, author: str, version: int | None = None
) -> None:
    """Write a note about an order, without blanks at its ends.

    Its event says that there is one, and not what it says. Raises UnknownOrder, VersionMismatch,
    InvalidInput for a text without a word or of more than TEXT_LENGTH_MAX characters.
    """
    said = text.strip()
    if not 0 < len(said) <= TEXT_LENGTH_MAX:
        detail = f"a note has 1 to {TEXT_LENGTH_MAX} characters"
        raise InvalidInput(Fault(pointer="/text", code="wrong_length", detail=detail))
    async with changing_one(db, order_id, version=version) as change:
        n: int = await db.value(
            sql.insert, {"order": order_id, "at": clock.now(), "author": author, "text": said}
        )
        change.tell(OrderNoted(note=n, author=author))


async def of_order(db: Db, *, order_id: UUID) -> Mapping[int, NoteView]:
    """Return the notes about an order by number, the first first."""
    rows = await db.rows(NoteView, sql.of_order, {"order": order_id})
    return {row.note: row for row in rows}
