"""People: who may see the settings, what is shown, and what is refused in which words."""

import re
from uuid import UUID

import httpx
import pytest

import unisono.app
from tests.console.visiting import PASSWORD, said, signed_in
from tests.orders.shop import open_shop
from unisono.console.settings import faults, rights
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.errors import UnisonoError
from unisono.core.settings import Settings
from unisono.identity import people, sessions
from unisono.identity.people import Person
from unisono.identity.roles import ROLES
from unisono.identity.scopes import SCOPES

BOB = {
    "name": "Bob Duval",
    "email": "bob@shop.example",
    "password": "three little words",
    "role": "store",
    "locations": "S-LYON",
}


async def _people(database: Database) -> list[Person]:
    async with database.read() as db:
        return await people.listing(db)


async def _bob(database: Database, role: str = "store") -> Person:
    async with database.transaction() as db:
        return await people.add(
            db,
            email=BOB["email"],
            name=BOB["name"],
            password=BOB["password"],
            role=role,
            locations=["S-LYON"],
            author="test",
        )


async def _stored(database: Database, person_id: UUID) -> str:
    async with database.read() as db:
        query = b"SELECT password_hash FROM identity.person WHERE id = %(id)s::uuid"
        stored: str = await db.value(query, {"id": person_id})
        return stored


def _faulty(page: httpx.Response) -> list[str]:
    """The fields that a page marks as wrong."""
    return re.findall(r'class="field-fault" id="(\w+)-fault"', page.text)


async def test_roles_and_scopes_each_have_one_sentence() -> None:
    assert set(rights.ROLE_MEANINGS) == set(ROLES)
    told = {right.scope: right.sentence for group in rights.GROUPS for right in group.rights}
    assert told == dict(SCOPES)
    assert sum(len(group.rights) for group in rights.GROUPS) == len(SCOPES)


@pytest.mark.parametrize(
    "path", ["", "/people", "/people/new", "/keys", "/keys/new", "/trail", "/installation"]
)
@pytest.mark.parametrize("role", ["operations", "service", "store"])
async def test_only_administrators_see_the_settings(
    database: Database, settings: Settings, path: str, role: str
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role=role, locations=["S-LYON"]) as browser:
        page = await browser.get(f"/settings{path}")
    assert page.status_code == 403
    assert "Your role does not allow this." in said(page)


async def test_only_administrators_change_people(database: Database, settings: Settings) -> None:
    bob = await _bob(database)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="operations") as browser:
        before = await _people(database)
        address = f"/settings/people/{bob.id}"
        forms = {
            "/settings/people": {**BOB, "email": "new@shop.example"},
            address: {"version": "1", "name": "Bob", "role": "administrator"},
            f"{address}/active": {"version": "1", "active": "false"},
            f"{address}/password": {"password": "another long password"},
            f"{address}/sessions": {},
        }
        for action, form in forms.items():
            assert (await browser.post(action, data=form)).status_code == 403
        assert await _people(database) == before


async def test_people_are_listed_by_name_with_the_names_of_their_locations(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    bob = await _bob(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        assert (await browser.get("/settings")).headers["location"] == "/settings/people"
        page = await browser.get("/settings/people")
        assert page.status_code == 200
        assert "Bob Duval bob@shop.example Store Store Lyon Active" in said(page)
        assert "Zoé Martin administrator@shop.example Administrator All locations" in said(page)
        assert f'href="/settings/people/{bob.id}"' in page.text
        for found in ("?search=DUVAL", "?search=bob@", "?role=store"):
            page = await browser.get(f"/settings/people{found}")
            assert "Bob Duval" in said(page)
            assert "administrator@shop.example" not in said(page)
        assert "Nobody is found" in said(await browser.get("/settings/people?search=nobody"))


async def test_a_person_is_added_and_can_sign_in(database: Database, settings: Settings) -> None:
    await open_shop(database, {})
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get("/settings/people/new")
        assert "Does the work of the locations below" in said(page)
        assert 'value="S-LYON"' in page.text
        answer = await browser.post("/settings/people", data=BOB)
        assert answer.status_code == 303
        page = await browser.get(answer.headers["location"])
        assert "Bob Duval can sign in now." in said(page)
        assert "Bob Duval can sign in now." not in said(
            await browser.get(answer.headers["location"])
        )
    new = await sessions.sign_in(database, email=BOB["email"], password=BOB["password"])
    assert new.visitor.locations == {"S-LYON"}
    async with database.read() as db:
        bob = await people.by_email(db, email=BOB["email"])
    assert (bob.name, bob.role) == ("Bob Duval", "store")


@pytest.mark.parametrize(
    ("wrong", "field", "english", "french"),
    [
        ({"name": " "}, "name", "Write a name.", "Saisissez un nom."),
        (
            {"email": "bob"},
            "email",
            "Write a whole e-mail address, such as zoe@shop.example.",
            "Saisissez une adresse e-mail complète, comme zoe@shop.example.",
        ),
        (
            {"password": "short"},
            "password",
            "A password has 12 to 1000 characters.",
            "Un mot de passe compte de 12 à 1000 caractères.",
        ),
        ({"role": ""}, "role", "Choose a role.", "Choisissez un rôle."),
        (
            {"locations": ""},
            "locations",
            "People of a store need at least one location.",
            "Le personnel d’un magasin a besoin d’au moins un emplacement.",
        ),
        (
            {"locations": "S-NOWHERE"},
            "locations",
            "One of these locations does not exist any more.",
            "L’un de ces emplacements n’existe plus.",
        ),
    ],
)
async def test_what_is_wrong_stands_at_its_field_and_the_rest_stays_filled(
    database: Database,
    settings: Settings,
    wrong: dict[str, str],
    field: str,
    english: str,
    french: str,
) -> None:
    await open_shop(database, {})
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        for language, sentence in (("en", english), ("fr", french)):
            browser.cookies.set("language", language)
            page = await browser.post("/settings/people", data=BOB | wrong)
            assert page.status_code == 422
            assert _faulty(page) == [field]
            assert sentence in said(page)
            given = {**BOB, **wrong}
            assert f'name="name" value="{given["name"].strip()}"' in page.text
            assert f'name="email" value="{given["email"]}"' in page.text
            assert BOB["password"] not in page.text
            if field not in {"role", "locations"}:
                assert 'value="store" checked' in page.text
                assert 'value="S-LYON" checked' in page.text
        assert [each.role for each in await _people(database)] == ["administrator"]


async def test_an_address_that_is_taken_is_told_at_its_field(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    bob = await _bob(database)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, language="fr") as browser:
        page = await browser.post("/settings/people", data=BOB | {"name": "Other"})
        assert page.status_code == 409
        assert _faulty(page) == ["email"]
        assert "Une personne avec cette adresse e-mail existe déjà." in said(page)
    async with database.read() as db:
        assert await people.get(db, person_id=bob.id) == bob


async def test_rights_are_changed_as_they_were_seen(database: Database, settings: Settings) -> None:
    await open_shop(database, {})
    bob = await _bob(database)
    address = f"/settings/people/{bob.id}"
    form = {"version": "1", "name": "Bob D.", "role": "store", "locations": ["S-LYON", "S-LILLE"]}
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(address)
        assert 'name="version" value="1"' in page.text
        assert 'value="S-LYON" checked' in page.text
        answer = await browser.post(address, data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, address)
        assert "Saved." in said(await browser.get(address))
        async with database.read() as db:
            after = await people.get(db, person_id=bob.id)
        assert (after.name, after.locations, after.version) == ("Bob D.", ["S-LILLE", "S-LYON"], 2)

        stale = await browser.post(address, data={**form, "name": "Bobby"})
        assert stale.status_code == 412
        assert "Somebody changed this while you were looking at it." in said(stale)
        wrong = await browser.post(address, data={"version": "2", "name": "Bobby", "role": "store"})
        assert wrong.status_code == 422
        assert _faulty(wrong) == ["locations"]
        assert 'name="name" value="Bobby"' in wrong.text
        async with database.read() as db:
            assert await people.get(db, person_id=bob.id) == after


async def test_who_is_switched_off_is_signed_out_and_can_be_switched_on(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    bob = await _bob(database)
    token = (await sessions.sign_in(database, email=bob.email, password=BOB["password"])).token
    address = f"/settings/people/{bob.id}"
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        await browser.post(f"{address}/active", data={"version": "1", "active": "false"})
        page = await browser.get(address)
        assert "Bob Duval is switched off and signed out." in said(page)
        assert "This person cannot sign in." in said(page)
        assert await sessions.signed_in(database, token=token) is None
        stale = await browser.post(f"{address}/active", data={"version": "1", "active": "true"})
        assert stale.status_code == 412
        assert "Switched off" in said(await browser.get("/settings/people"))
        await browser.post(f"{address}/active", data={"version": "2", "active": "true"})
        assert "Bob Duval can sign in again." in said(await browser.get(address))
    assert (await sessions.sign_in(database, email=bob.email, password=BOB["password"])).token


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Nobody else could change people and keys any more. Nothing was changed."),
        ("fr", "Plus personne ne pourrait gérer les personnes et les clés."),
    ],
)
async def test_the_last_administrator_stays_one(
    database: Database, settings: Settings, language: str, sentence: str
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, language=language) as browser:
        before = await _people(database)
        address = f"/settings/people/{before[0].id}"
        for action, form in (
            (address, {"version": "1", "name": "Zoé Martin", "role": "service"}),
            (f"{address}/active", {"version": "1", "active": "false"}),
        ):
            page = await browser.post(action, data=form)
            assert page.status_code == 409
            assert sentence in said(page)
        assert await _people(database) == before
        assert (await browser.get("/settings/people")).status_code == 200


async def test_who_gives_up_the_settings_is_led_to_the_own_account(
    database: Database, settings: Settings
) -> None:
    await _bob(database, role="administrator")
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        async with database.read() as db:
            zoe = await people.by_email(db, email="administrator@shop.example")
        form = {"version": "1", "name": "Zoé Martin", "role": "service"}
        answer = await browser.post(f"/settings/people/{zoe.id}", data=form)
        assert answer.headers["location"] == "/settings/me"
        assert "Customer service" in said(await browser.get("/settings/me"))
        assert (await browser.get("/settings/people")).status_code == 403


async def test_a_new_password_ends_the_sessions_of_the_old_one(
    database: Database, settings: Settings
) -> None:
    bob = await _bob(database)
    token = (await sessions.sign_in(database, email=bob.email, password=BOB["password"])).token
    address = f"/settings/people/{bob.id}"
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        before = await _stored(database, bob.id)
        wrong = await browser.post(f"{address}/password", data={"password": "short"})
        assert wrong.status_code == 422
        assert _faulty(wrong) == ["password"]
        assert await _stored(database, bob.id) == before
        answer = await browser.post(f"{address}/password", data={"password": "four new long words"})
        assert answer.headers["location"] == address
        page = await browser.get(address)
        assert "Bob Duval has a new password." in said(page)
        assert "four new long words" not in page.text
    assert await sessions.signed_in(database, token=token) is None
    assert (await sessions.sign_in(database, email=bob.email, password="four new long words")).token


async def test_a_person_is_signed_out_everywhere(database: Database, settings: Settings) -> None:
    bob = await _bob(database)
    tokens = [
        (await sessions.sign_in(database, email=bob.email, password=BOB["password"])).token
        for _ in range(2)
    ]
    address = f"/settings/people/{bob.id}"
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        await browser.post(f"{address}/sessions")
        assert "Signed out in 2 places." in said(await browser.get(address))
        await browser.post(f"{address}/sessions")
        assert "Was signed in nowhere." in said(await browser.get(address))
    assert [await sessions.signed_in(database, token=token) for token in tokens] == [None, None]


async def test_a_person_that_there_is_not_says_so(database: Database, settings: Settings) -> None:
    address = "/settings/people/00000000-0000-7000-8000-000000000000"
    forms = {
        "": {"version": "1", "name": "A", "role": "service"},
        "/active": {"version": "1", "active": "true"},
        "/password": {"password": "a long password"},
        "/sessions": {},
    }
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(address)
        assert page.status_code == 404
        assert "There is no such person." in said(page)
        for action, form in forms.items():
            assert (await browser.post(f"{address}{action}", data=form)).status_code == 404


async def test_a_password_is_not_kept_when_the_session_had_ended(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        browser.cookies.delete(SESSION_COOKIE)
        page = await browser.post("/settings/people", data=BOB)
        assert page.status_code == 401
        assert "What you entered is kept" in said(page)
        assert "Bob Duval" in page.text
        assert BOB["password"] not in page.text
        own = {"old_password": PASSWORD, "password": "four new long words"}
        page = await browser.post("/settings/me/password", data=own)
        assert page.status_code == 401
        assert "is kept" not in said(page)
        assert "four new long words" not in page.text
        assert [each.role for each in await _people(database)] == ["administrator"]


async def test_an_error_without_a_field_is_no_fault_of_the_form() -> None:
    with pytest.raises(KeyError):
        faults.told(UnisonoError("something else"))
