"""The trail, this installation, and one's own account."""

import dataclasses
import re
from typing import get_args

import pytest

import unisono.app
from tests.console.visiting import PASSWORD, said, signed_in
from tests.orders.shop import open_shop
from unisono import __version__
from unisono.console.settings import trail as trail_page
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import people, sessions, trail

NEW = "four new long words"


async def test_the_trail_tells_who_did_what_to_whom_the_newest_first(
    database: Database, settings: Settings
) -> None:
    async with database.transaction() as db:
        await trail.write(db, actor="unisono", act="key_added", subject="till")
        await trail.write(db, actor="Ada", act="password_set", subject="gone@shop.example")
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = said(await browser.get("/settings/trail"))
    acts = [
        "Zoé Martin Signed in Zoé Martin",
        "test Added a person Zoé Martin",
        "Ada Set a new password gone@shop.example",
        "A command on the machine Made an API key till",
    ]
    places = [page.index(each) for each in acts]
    assert places == sorted(places)


async def test_the_trail_goes_on_page_by_page(database: Database, settings: Settings) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        async with database.transaction() as db:
            for number in range(trail_page.ROWS):
                await trail.write(db, actor="Ada", act="key_added", subject=f"key-{number}")
        first = await browser.get("/settings/trail")
        assert "key-49" in first.text
        assert "Signed in" not in said(first)
        [older] = re.findall(r'href="(/settings/trail\?after=[^"]+)"', first.text)
        second = await browser.get(older)
        assert "Signed in" in said(second)
        assert "key-" not in second.text
        assert 'rel="next"' not in second.text
        assert 'href="/settings/trail"' in second.text
        wrong = await browser.get("/settings/trail?after=nonsense")
        assert wrong.status_code == 422
        assert "This page of the list is not there any more." in said(wrong)


async def test_every_act_has_words() -> None:
    assert set(trail_page.ACTS) == set(get_args(trail.Act))


async def test_the_installation_shows_what_runs_and_hides_secrets(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNISONO_DATABASE_URL", "postgresql://somebody:hush@db.example/shop")
    monkeypatch.setenv("UNISONO_STREAMS_MAX", "7")
    running = dataclasses.replace(
        settings,
        database_url="postgresql://somebody:hush@db.example/shop",
        retailer_name="Maison Élan",
        streams_max=7,
    )
    async with signed_in(unisono.app.build(running, database), database) as browser:
        answer = await browser.get("/settings/installation")
    page = said(answer)
    assert "Retailer Maison Élan" in page
    assert f"Version unisono {__version__}" in page
    assert "UNISONO_DATABASE_URL (hidden) Environment" in page
    assert "UNISONO_STREAMS_MAX 7 Environment Pages that are kept live" in page
    assert "UNISONO_RETAILER_NAME Maison Élan Given at the start Name of the retailer" in page
    assert "UNISONO_PORT 8400 Default Port on which HTTP is served" in page
    assert "hush" not in answer.text
    for each in dataclasses.fields(Settings):
        assert f"UNISONO_{each.name.upper()} " in page


async def test_a_secret_given_at_the_start_is_hidden_too(
    database: Database, settings: Settings
) -> None:
    running = dataclasses.replace(settings, database_url="postgresql://somebody:hush@db.example/")
    async with signed_in(unisono.app.build(running, database), database) as browser:
        answer = await browser.get("/settings/installation")
    assert answer.status_code == 200
    assert "hush" not in answer.text


async def test_background_work_is_told_by_how_far_it_is(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = said(await browser.get("/settings/installation"))
        assert "No background work has run yet" in page
        async with database.transaction() as db:
            await db.execute(
                b"INSERT INTO core.subscription (name, position) VALUES ('orders.search', 0)"
            )
        browser.cookies.set("language", "fr")
        page = said(await browser.get("/settings/installation"))
        assert "orders.search À jour 0 0" in page
        assert "Port sur lequel HTTP est servi" in page


async def test_everybody_has_an_account_and_finds_it_in_the_menu(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        page = await browser.get("/settings/me")
        assert 'href="/settings/me"' in page.text
        assert "Name Zoé Martin E-mail address store@shop.example Role Store" in said(page)
        assert "Locations Store Lyon" in said(page)
        assert "An administrator can change it." in said(page)
        assert 'href="/settings/people' not in page.text


async def test_a_new_password_of_ones_own_leaves_this_browser_signed_in(
    database: Database, settings: Settings
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service") as browser:
        other = await sessions.sign_in(database, email="service@shop.example", password=PASSWORD)
        form = {"old_password": PASSWORD, "password": NEW}
        answer = await browser.post("/settings/me/password", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/settings/me")
        page = await browser.get("/settings/me")
        assert "You have a new password. Everywhere else you are signed out." in said(page)
        assert await sessions.signed_in(database, token=other.token) is None
    assert (await sessions.sign_in(database, email="service@shop.example", password=NEW)).token


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        (
            {"old_password": "not my password", "password": NEW},
            "old_password",
            "Ce n’est pas votre mot de passe actuel.",
        ),
        ({"password": NEW}, "old_password", "Ce n’est pas votre mot de passe actuel."),
        (
            {"old_password": PASSWORD, "password": "short"},
            "password",
            "Un mot de passe compte de 12 à 1000 caractères.",
        ),
    ],
)
async def test_a_password_is_not_changed_without_the_old_one(
    database: Database, settings: Settings, form: dict[str, str], field: str, sentence: str
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service", language="fr") as browser:
        page = await browser.post("/settings/me/password", data=form)
        assert page.status_code == 422
        assert f'id="{field}-fault"' in page.text
        assert sentence in said(page)
        assert PASSWORD not in page.text
        assert NEW not in page.text
    assert (await sessions.sign_in(database, email="service@shop.example", password=PASSWORD)).token


async def test_guessing_the_old_password_has_to_wait(
    database: Database, settings: Settings
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service") as browser:
        form = {"old_password": "a guess", "password": NEW}
        assert (await browser.post("/settings/me/password", data=form)).status_code == 422
        async with database.transaction() as db:
            await db.execute(b"UPDATE identity.sign_in_try SET wrong = 20")
        form = {"old_password": PASSWORD, "password": NEW}
        page = await browser.post("/settings/me/password", data=form)
        assert page.status_code == 429
        assert 'id="old_password-fault"' in page.text
        assert re.search(r"Too many wrong tries. Wait \d+ seconds?, then try again.", said(page))


async def test_signing_out_everywhere_ends_this_session_too(
    database: Database, settings: Settings
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service") as browser:
        own = browser.cookies[SESSION_COOKIE]
        other = await sessions.sign_in(database, email="service@shop.example", password=PASSWORD)
        answer = await browser.post("/settings/me/sessions")
        assert answer.headers["location"] == "/sign-in"
        assert "You are signed out everywhere." in said(await browser.get("/sign-in"))
        assert (await browser.get("/settings/me")).status_code == 401
    for token in (own, other.token):
        assert await sessions.signed_in(database, token=token) is None


async def test_nobody_without_a_session_has_an_account(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        token = browser.cookies[SESSION_COOKIE]
        browser.cookies.delete(SESSION_COOKIE)
        assert (await browser.get("/settings/me")).status_code == 401
        assert (await browser.post("/settings/me/sessions")).status_code == 401
        form = {"old_password": PASSWORD, "password": NEW}
        assert (await browser.post("/settings/me/password", data=form)).status_code == 401
    assert await sessions.signed_in(database, token=token) is not None
    async with database.read() as db:
        [person] = await people.listing(db)
    assert person.version == 1
