import asyncio
import hashlib
import threading
from dataclasses import replace
from typing import Literal
from uuid import UUID

import pytest

from tests.identity.staff import PASSWORD, ZOE, CountingHasher, another_process, hire, rows, run
from unisono.core.database import Database
from unisono.core.errors import Overloaded
from unisono.core.settings import Settings
from unisono.identity import keys, passwords, people, sessions
from unisono.identity.roles import ROLES
from unisono.identity.sessions import SignInRefused, Visitor
from unisono.workers.schedule import forget_ended_sessions

LIFE = (
    "SELECT round(extract(epoch FROM expires_at - now()) / 3600),"
    " round(extract(epoch FROM expires_at - created_at) / 3600),"
    " round(extract(epoch FROM now() - last_seen_at) / 60) FROM identity.session"
)
"""Hours that are left, hours in all, minutes since it was seen."""


async def enter(database: Database, email: str = ZOE) -> str:
    """Sign somebody in; the token."""
    return (await sessions.sign_in(database, email=email, password=PASSWORD)).token


async def end(database: Database, token: str) -> None:
    async with database.transaction() as db:
        await sessions.sign_out(db, token=token)


async def age(database: Database, interval: str) -> None:
    """Make every session older by that much."""
    await run(
        database,
        f"UPDATE identity.session SET created_at = created_at - interval '{interval}',"
        f" last_seen_at = last_seen_at - interval '{interval}',"
        f" expires_at = expires_at - interval '{interval}'",
    )


async def test_a_session_is_kept_as_the_sha256_of_its_token_only(database: Database) -> None:
    zoe = await hire(database)
    new = await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    assert len(new.token) == 43
    assert new.token not in repr(new)
    assert await rows(database, "SELECT hash, person FROM identity.session") == [
        (hashlib.sha256(new.token.encode()).digest(), zoe.id)
    ]
    assert await rows(database, LIFE) == [(12, 12, 0)]


async def test_who_signed_in_may_do_what_the_role_says(database: Database) -> None:
    zoe = await hire(database, role="store", locations=["LYON"])
    new = await sessions.sign_in(database, email=" Zoe@Shop.example", password=PASSWORD)
    visitor = await sessions.signed_in(database, token=new.token)
    assert visitor == new.visitor
    assert visitor == Visitor(
        id=zoe.id,
        name="Zoe",
        email=ZOE,
        role="store",
        scopes=ROLES["store"],
        locations=frozenset({"LYON"}),
    )
    assert isinstance(visitor, keys.Principal)
    visitor.require_location("LYON")
    with pytest.raises(keys.LocationRefused, match="“Zoe” may not touch the location “PARIS”"):
        visitor.require_location("PARIS")


@pytest.mark.parametrize("token", ["", "unknown", "\udce9", "a\0b", "x" * 100_000])
async def test_an_unknown_token_is_nobodys(database: Database, token: str) -> None:
    await hire(database)
    await enter(database)
    assert await sessions.signed_in(database, token=token) is None
    await end(database, token)
    assert len(await rows(database, "SELECT 1 FROM identity.session")) == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ZOE, "incorrect horse battery"),
        (ZOE, ""),
        (ZOE, PASSWORD + "\udce9"),
        (ZOE, "x" * 1_000_000),
        ("nobody@shop.example", PASSWORD),
        ("no address", PASSWORD),
        ("nul\0@shop.example", PASSWORD),
        ("gone@shop.example", PASSWORD),
        ("gone@shop.example", "incorrect horse battery"),
    ],
)
async def test_who_may_not_enter_cannot_tell_why_not(
    database: Database, hasher: CountingHasher, email: str, password: str
) -> None:
    await hire(database)
    gone = await hire(database, "gone@shop.example")
    async with database.transaction() as db:
        await people.change(
            db,
            person_id=gone.id,
            name=gone.name,
            role=gone.role,
            locations=[],
            active=False,
            version=1,
            author="test",
        )
    with pytest.raises(SignInRefused) as refused:
        await sessions.sign_in(database, email=email, password=password)
    assert refused.value.detail == "the e-mail address or the password is wrong"
    # As slow as every other: one password was looked at, and none was hashed.
    assert hasher.verified == 1
    assert await rows(database, "SELECT 1 FROM identity.session") == []
    assert await rows(database, "SELECT 1 FROM identity.audit_entry WHERE act = 'signed_in'") == []


async def test_no_transaction_is_open_while_a_password_is_hashed(
    database: Database, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hire(database)
    seen: list[int] = []
    loop = asyncio.get_running_loop()

    async def look() -> None:
        (open_ones,) = await rows(
            database,
            "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL",
        )
        seen.append(int(str(open_ones[0])))

    class Looking(CountingHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            asyncio.run_coroutine_threadsafe(look(), loop).result(60)
            return super().verify(hash, password)

        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            asyncio.run_coroutine_threadsafe(look(), loop).result(60)
            return super().hash(password, salt=salt)

    # Other costs, so that the password is hashed anew as well.
    monkeypatch.setattr(passwords, "_hasher", Looking(memory_cost=16))
    await enter(database)
    assert seen == [0, 0]


async def test_nothing_is_counted_where_too_many_sign_in(
    database: Database, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hire(database)
    monkeypatch.setattr(passwords, "_places", threading.BoundedSemaphore(1))
    with passwords.place(), pytest.raises(Overloaded):
        await enter(database)
    assert hasher.verified == 0
    assert await rows(database, "SELECT 1 FROM identity.sign_in_try") == []
    assert await sessions.signed_in(database, token=await enter(database)) is not None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE identity.person SET active = false",
        "UPDATE identity.person SET password_hash = 'another'",
    ],
)
async def test_what_changes_while_the_password_is_hashed_is_noticed(
    database: Database, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    await hire(database)
    matches = passwords.matches

    async def changed_meanwhile(password: str, *, stored: str | None) -> bool:
        right = await matches(password, stored=stored)
        await run(database, change)
        return right

    monkeypatch.setattr(passwords, "matches", changed_meanwhile)
    with pytest.raises(SignInRefused):
        await enter(database)
    assert await rows(database, "SELECT 1 FROM identity.session") == []


async def test_a_password_of_former_costs_is_stored_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hire(database)
    stored = "SELECT substr(password_hash, 1, 26), version FROM identity.person"
    assert await rows(database, stored) == [("$argon2id$v=19$m=8,t=1,p=1", 1)]
    monkeypatch.setattr(passwords, "_hasher", CountingHasher(memory_cost=9))
    await enter(database)
    assert await rows(database, stored) == [("$argon2id$v=19$m=9,t=1,p=1", 1)]
    before = await rows(database, "SELECT password_hash FROM identity.person")
    await enter(database)
    assert await rows(database, "SELECT password_hash FROM identity.person") == before


async def test_a_session_lives_on_by_being_used(database: Database) -> None:
    await hire(database)
    async with another_process(database, key_cache_seconds=0) as process:
        token = await enter(process)
        await age(database, "11 hours")
        assert await rows(database, LIFE) == [(1, 12, 660)]
        assert await sessions.signed_in(process, token=token) is not None
        assert await rows(database, LIFE) == [(12, 23, 0)]


async def test_a_use_is_written_once_a_minute(database: Database) -> None:
    await hire(database)
    async with another_process(database, key_cache_seconds=0) as process:
        token = await enter(process)
        await age(database, "30 seconds")
        before = await rows(database, "SELECT last_seen_at, expires_at FROM identity.session")
        for _ in range(3):
            await sessions.signed_in(process, token=token)
        after = await rows(database, "SELECT last_seen_at, expires_at FROM identity.session")
        assert after == before


async def test_a_session_ends_at_its_last_day_however_often_it_is_used(database: Database) -> None:
    await hire(database)
    async with another_process(database, key_cache_seconds=0) as process:
        token = await enter(process)
        await run(
            database,
            "UPDATE identity.session SET created_at = now() - interval '718 hours',"
            " last_seen_at = now() - interval '2 minutes'",
        )
        assert await sessions.signed_in(process, token=token) is not None
        assert await rows(database, LIFE) == [(2, 720, 0)]


async def test_a_session_that_is_not_used_ends(database: Database, settings: Settings) -> None:
    await hire(database)
    token = await enter(database)
    await age(database, "12 hours")
    assert await sessions.signed_in(database, token=token) is None
    lively = await enter(database)
    await forget_ended_sessions(database, settings)
    assert await rows(database, "SELECT hash FROM identity.session") == [
        (hashlib.sha256(lively.encode()).digest(),)
    ]


async def test_settings_say_how_long_sessions_live(database: Database) -> None:
    await hire(database)
    settings = replace(database.settings, session_hours=72, session_days_max=2)
    brief = Database(settings, url=database.url)
    await brief.open()
    try:
        await enter(brief)
    finally:
        await brief.close()
    assert await rows(database, LIFE) == [(48, 48, 0)]


async def test_signing_out_takes_effect_at_once_here_and_soon_elsewhere(database: Database) -> None:
    await hire(database)
    async with another_process(database) as here, another_process(database) as elsewhere:
        token, kept = await enter(here), await enter(here)
        for process in (here, elsewhere):
            assert await sessions.signed_in(process, token=token) is not None
        await end(here, token)
        assert await sessions.signed_in(here, token=token) is None
        assert await sessions.signed_in(here, token=kept) is not None
        # Elsewhere it is trusted for as long as the setting says, here an hour.
        assert await sessions.signed_in(elsewhere, token=token) is not None
    async with another_process(database, key_cache_seconds=0) as elsewhere:
        assert await sessions.signed_in(elsewhere, token=token) is None


async def test_signing_out_that_is_undone_ends_nothing(database: Database) -> None:
    await hire(database)
    token = await enter(database)
    visitor = await sessions.signed_in(database, token=token)

    async def undone() -> None:
        async with database.transaction() as db:
            await sessions.sign_out(db, token=token)
            assert await sessions.signed_in(database, token=token) == visitor
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        await undone()
    assert await sessions.signed_in(database, token=token) == visitor


async def test_all_sessions_of_one_person_are_ended_at_once(database: Database) -> None:
    zoe = await hire(database)
    await hire(database, "max@shop.example")
    tokens = [await enter(database) for _ in range(3)]
    other = await enter(database, "max@shop.example")
    for token in tokens:
        assert await sessions.signed_in(database, token=token) is not None
    async with database.transaction() as db:
        assert await sessions.end_all(db, person_id=zoe.id, author="test") == 3
        assert await sessions.end_all(db, person_id=UUID(int=1), author="test") == 0
    assert [await sessions.signed_in(database, token=token) for token in tokens] == [None] * 3
    assert await sessions.signed_in(database, token=other) is not None
