"""Notes: what people write about an order, read by whoever reads the order."""

from uuid import UUID

import pytest

from tests.fulfillment.floor import captured, told
from tests.orders.book import assert_sound, shown, state_of_everything
from tests.orders.shop import open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch
from unisono.orders import notes
from unisono.orders.changing import UnknownOrder


async def noted(
    database: Database,
    order_id: UUID,
    text: str,
    *,
    author: str = "Ana",
    version: int | None = None,
) -> None:
    async with database.transaction() as db:
        await notes.add(db, order_id=order_id, text=text, author=author, version=version)


async def test_notes_are_kept_in_order_with_their_authors(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 1)))
    await noted(database, order_id, "  Called back:\nany colour will do \n")
    await noted(database, order_id, "x" * 2000, author="Bo", version=2)
    seen = await shown(database, order_id)
    assert (seen.version, seen.state) == (3, "open")
    assert [(each.note, each.author, each.text) for each in seen.notes] == [
        (1, "Ana", "Called back:\nany colour will do"),
        (2, "Bo", "x" * 2000),
    ]
    # What was written may name people: the event does not say it.
    assert (await told(database, order_id))[1:] == [
        (2, "order.noted", {"note": 1, "author": "Ana"}),
        (3, "order.noted", {"note": 2, "author": "Bo"}),
    ]
    await assert_sound(database)


async def test_what_is_no_note_is_refused_and_nothing_changes(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 1)))
    before = await state_of_everything(database)
    for text in ("", " \n\t ", "x" * 2001):
        with pytest.raises(InvalidInput) as refused:
            await noted(database, order_id, text)
        assert [each.pointer for each in refused.value.faults] == ["/text"]
    with pytest.raises(VersionMismatch):
        await noted(database, order_id, "late", version=7)
    with pytest.raises(UnknownOrder):
        await noted(database, ids.uuid7(), "to nobody")
    assert await state_of_everything(database) == before
    assert (await shown(database, order_id)).notes == []
