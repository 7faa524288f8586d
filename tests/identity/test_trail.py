"""Every change of rights leaves who did what to whom, in the transaction that does it."""

import pytest

from tests.identity.staff import PASSWORD, ZOE, hire, rows
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.identity import keys, sessions, trail


async def test_acts_are_told_with_their_actor_newest_first(database: Database) -> None:
    zoe = await hire(database)
    new = await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    async with database.transaction() as db:
        await sessions.sign_out(db, token=new.token)
        await sessions.sign_out(db, token=new.token)
        await sessions.end_all(db, person_id=zoe.id, author="Boss")
        await keys.add(db, name="shop", scopes=["orders:read"])
        await keys.rotate(db, name="shop", overlap_hours=1, author="Boss")
        await keys.end(db, name="shop", author="Boss")
    async with database.read() as db:
        page = await trail.listing(db, after=None, limit=10)
    assert [(entry.actor, entry.act, entry.subject) for entry in page.rows] == [
        ("Boss", "key_ended", "shop"),
        ("Boss", "key_rotated", "shop"),
        ("unisono", "key_added", "shop"),
        ("Zoe", "signed_out", ZOE),
        ("Zoe", "signed_in", ZOE),
        ("test", "person_added", ZOE),
    ]
    assert page.after is None


async def test_the_trail_is_read_page_by_page(database: Database) -> None:
    async with database.transaction() as db:
        for number in range(5):
            await trail.write(db, actor="Boss", act="key_added", subject=str(number))
    pages: list[list[str]] = []
    after: str | None = None
    async with database.read() as db:
        while not pages or after is not None:
            page = await trail.listing(db, after=after, limit=2)
            pages.append([entry.subject for entry in page.rows])
            after = page.after
        with pytest.raises(InvalidInput):
            await trail.listing(db, after="elsewhere", limit=2)
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


async def test_what_is_undone_leaves_no_trace(database: Database) -> None:
    async def undone() -> None:
        async with database.transaction() as db:
            await keys.add(db, name="shop", scopes=["orders:read"])
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await undone()
    assert await rows(database, "SELECT 1 FROM identity.audit_entry") == []
