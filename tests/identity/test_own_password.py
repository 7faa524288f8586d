"""People change their own password, knowing the old one."""

import pytest

from tests.identity.staff import PASSWORD, ZOE, hire, rows, run
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.identity import own_password, sessions, trail
from unisono.identity.sessions import SignInRefused
from unisono.identity.sign_in_tries import SignInSlowed

NEW = "eleven blue bicycles"
STORED = "SELECT password_hash FROM identity.person"


async def _change(database: Database, old: str, new: str = NEW) -> tuple[str, str]:
    """Sign in twice, change the password from the second browser; both tokens."""
    first = await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    second = await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    await own_password.change(
        database, visitor=second.visitor, token=second.token, old=old, new=new
    )
    return first.token, second.token


async def test_the_new_password_opens_and_every_other_session_ends(database: Database) -> None:
    await hire(database)
    other, own = await _change(database, PASSWORD)
    assert await sessions.signed_in(database, token=other) is None
    visitor = await sessions.signed_in(database, token=own)
    assert visitor is not None
    assert visitor.email == ZOE
    with pytest.raises(SignInRefused):
        await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    assert (await sessions.sign_in(database, email=ZOE, password=NEW)).visitor.email == ZOE
    async with database.read() as db:
        entries = (await trail.listing(db, after=None, limit=3)).rows
    assert [(each.actor, each.act, each.subject) for each in entries] == [
        ("Zoe", "signed_in", ZOE),
        ("Zoe", "password_set", ZOE),
        ("Zoe", "sessions_ended", ZOE),
    ]


@pytest.mark.parametrize(
    ("old", "new", "pointer", "code"),
    [
        ("not the old password", NEW, "/old_password", "wrong_password"),
        (PASSWORD, "short", "/password", "wrong_length"),
    ],
)
async def test_without_the_old_password_or_a_long_new_one_nothing_changes(
    database: Database, old: str, new: str, pointer: str, code: str
) -> None:
    await hire(database)
    before = await rows(database, STORED)
    with pytest.raises(InvalidInput) as refused:
        await _change(database, old, new)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]
    assert await rows(database, STORED) == before
    assert await rows(database, "SELECT count(*) FROM identity.session") == [(2,)]


async def test_whoever_finds_a_browser_open_cannot_guess_the_password(database: Database) -> None:
    await hire(database)
    new = await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    before = await rows(database, STORED)
    with pytest.raises(InvalidInput):
        await own_password.change(
            database, visitor=new.visitor, token=new.token, old="a guess", new=NEW
        )
    await run(database, "UPDATE identity.sign_in_try SET wrong = 20")
    with pytest.raises(SignInSlowed):
        await own_password.change(
            database, visitor=new.visitor, token=new.token, old=PASSWORD, new=NEW
        )
    assert await rows(database, STORED) == before
    assert await rows(database, "SELECT wrong FROM identity.sign_in_try") == [(20,)]


async def test_who_was_switched_off_meanwhile_changes_nothing(database: Database) -> None:
    await hire(database)
    new = await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    async with database.transaction() as db:
        await db.execute(b"UPDATE identity.person SET active = false")
    before = await rows(database, STORED)
    with pytest.raises(InvalidInput):
        await own_password.change(
            database, visitor=new.visitor, token=new.token, old=PASSWORD, new=NEW
        )
    assert await rows(database, STORED) == before
