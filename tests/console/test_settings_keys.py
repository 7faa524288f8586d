"""API keys: shown once, replaced with an overlap, ended after a look at what stops working."""

import html
import re
from uuid import UUID

import httpx
import pytest

import unisono.app
from tests.console.visiting import said, signed_in
from tests.orders.shop import open_shop
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys
from unisono.identity.keys import KeyFacts, KeyRefused, NewKey, Principal
from unisono.identity.scopes import SCOPES

SHOP = {"name": "Web shop", "scopes": ["orders:read", "orders:write"], "locations": "S-LYON"}


async def _add(database: Database, name: str = "till", **more: list[str]) -> NewKey:
    async with database.transaction() as db:
        return await keys.add(
            db, name=name, scopes=more.get("scopes", ["orders:read"]), locations=["S-LYON"]
        )


async def _living(database: Database) -> list[KeyFacts]:
    async with database.read() as db:
        return await keys.listing(db)


async def _principal(database: Database, key: str) -> Principal:
    return await keys.authenticate(database, key=key.encode(), trust_seconds=5)


def _shown(page: httpx.Response) -> str:
    """The key of a page that shows one."""
    found: set[str] = set(re.findall(r"uk_[\w-]{43}", html.unescape(page.text)))
    [key] = found
    return key


async def test_a_new_key_is_shown_once_and_nowhere_else(
    database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    await open_shop(database, {})
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.post("/settings/keys", data=SHOP)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert "set-cookie" not in page.headers
        assert "This key is shown only now." in said(page)
        key = _shown(page)
        assert f"curl -H 'Authorization: Bearer {key}' 'http://shop/v1/orders'" in html.unescape(
            page.text
        )
        for address in ("keys", "trail", "people"):
            assert key not in (await browser.get(f"/settings/{address}")).text
        assert key not in caplog.text
    principal = await _principal(database, key)
    assert principal.name == "Web shop"
    assert principal.scopes == {"orders:read", "orders:write"}
    assert principal.locations == {"S-LYON"}


@pytest.mark.parametrize("locations", [[], ["S-LYON"]])
async def test_the_line_to_try_a_key_works_for_every_right(
    database: Database, settings: Settings, locations: list[str]
) -> None:
    await open_shop(database, {})
    tried = []
    async with signed_in(unisono.app.build(settings, database), database) as browser:
        for scope in SCOPES:
            form = {"name": scope, "scopes": scope, "locations": locations}
            page = await browser.post("/settings/keys", data=form)
            header = f"Bearer {_shown(page)}"
            said_there = html.unescape(page.text)
            assert f"Authorization: {header}" in said_there
            for address in set(re.findall(r"'(http://shop/[^']+)'", said_there)):
                answer = await browser.get(address, headers={"Authorization": header})
                assert answer.status_code == 200
                tried.append(scope)
    assert tried == [scope for scope in SCOPES if scope.endswith(":read")]


async def test_keys_are_listed_in_words(database: Database, settings: Settings) -> None:
    await open_shop(database, {})
    await _add(database, "till", scopes=["orders:read", "orders:write", "stock:read"])
    await _add(database, "import", scopes=["catalog:write"])
    await _add(database, "all", scopes=list(SCOPES))
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = said(await browser.get("/settings/keys"))
        assert "till Orders: read and change · Stock: read Store Lyon" in page
        assert "import Catalog: change Store Lyon" in page
        assert "all Everything Store Lyon" in page
        assert page.count("Never") == 3
        found = said(await browser.get("/settings/keys?search=IMP"))
        assert "import" in found
        assert "till Orders" not in found
        assert "No key is found" in said(await browser.get("/settings/keys?search=x"))


async def test_without_keys_the_list_says_what_they_are_for(
    database: Database, settings: Settings
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, language="fr") as browser:
        page = said(await browser.get("/settings/keys"))
    assert "Aucune clé d’API pour l’instant" in page
    assert "Donnez à chacun la sienne." in page


@pytest.mark.parametrize(
    ("wrong", "status", "field", "sentence"),
    [
        ({"name": ""}, 422, "name", "Write a name."),
        ({"name": "till"}, 409, "name", "A living key has this name."),
        ({"scopes": []}, 422, "scopes", "Choose at least one right."),
        ({"scopes": "everything"}, 422, "scopes", "There is no such right."),
        (
            {"locations": "S-NOWHERE"},
            422,
            "locations",
            "One of these locations does not exist any more.",
        ),
    ],
)
async def test_a_key_that_cannot_be_made_is_told_at_its_field(
    database: Database,
    settings: Settings,
    wrong: dict[str, str],
    status: int,
    field: str,
    sentence: str,
) -> None:
    await open_shop(database, {})
    await _add(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        before = await _living(database)
        page = await browser.post("/settings/keys", data=SHOP | wrong)
        assert page.status_code == status
        assert f'id="{field}-fault"' in page.text
        assert sentence in said(page)
        if field == "name":
            assert 'value="orders:write" checked' in page.text
            assert 'value="S-LYON" checked' in page.text
        else:
            assert 'name="name" value="Web shop"' in page.text
        assert await _living(database) == before


async def test_a_key_is_replaced_and_the_old_one_works_on_for_a_while(
    database: Database, settings: Settings
) -> None:
    old = await _add(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        asked = await browser.get(f"/settings/keys/{old.id}/rotate")
        assert '<option value="24" selected>in 24 hours</option>' in asked.text
        page = await browser.post(
            f"/settings/keys/{old.id}/rotate", data={"overlap_hours": str(24 * 7)}
        )
        assert page.headers["cache-control"] == "no-store"
        assert "The old key lives on for 7 days." in said(page)
        key = _shown(page)
        assert (await _principal(database, key)).scopes == {"orders:read"}
        assert (await _principal(database, old.key)).id == old.id

        # Sending it again, as a browser does that loads the page anew, makes no further key.
        again = await browser.post(
            f"/settings/keys/{old.id}/rotate", data={"overlap_hours": str(24 * 7)}
        )
        assert again.status_code == 404
        assert len(await _living(database)) == 2
        assert "was replaced already" in said(await browser.get(f"/settings/keys/{old.id}/rotate"))


async def test_a_key_that_others_saw_ends_as_soon_as_it_is_replaced(
    database: Database, settings: Settings
) -> None:
    old = await _add(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.post(f"/settings/keys/{old.id}/rotate", data={"overlap_hours": "0"})
        assert "The old key has ended." in said(page)
        assert (await _principal(database, _shown(page))).name == "till"
    with pytest.raises(KeyRefused):
        await _principal(database, old.key)


async def test_an_overlap_that_is_too_long_replaces_nothing(
    database: Database, settings: Settings
) -> None:
    old = await _add(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        for hours in ("-1", "100000", "soon"):
            page = await browser.post(
                f"/settings/keys/{old.id}/rotate", data={"overlap_hours": hours}
            )
            assert page.status_code == 422
        assert [each.id for each in await _living(database)] == [old.id]


async def test_before_a_key_ends_the_page_says_what_stops_working(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    old = await _add(database, scopes=["stock:write", "orders:read"])
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        asked = said(await browser.get(f"/settings/keys/{old.id}/end"))
        assert "Read orders. Set and adjust stock." in asked
        assert "At these locations: Store Lyon." in asked
        assert "Other processes may trust it for 5 seconds more." in asked
        assert (await _principal(database, old.key)).id == old.id
        answer = await browser.post(f"/settings/keys/{old.id}/end")
        assert answer.headers["location"] == "/settings/keys"
        assert "The key “till” has ended." in said(await browser.get("/settings/keys"))
        again = await browser.post(f"/settings/keys/{old.id}/end")
        assert again.status_code == 404
        assert "There is no living key of that name." in said(again)
    with pytest.raises(KeyRefused):
        await _principal(database, old.key)


async def test_an_old_key_can_end_before_its_time_while_the_new_one_lives(
    database: Database, settings: Settings
) -> None:
    old = await _add(database)
    async with database.transaction() as db:
        new = await keys.rotate(db, name="till", overlap_hours=24)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        asked = said(await browser.get(f"/settings/keys/{old.id}/end"))
        assert "A newer key of this name lives on." in asked
        await browser.post(f"/settings/keys/{old.id}/end")
    assert [each.id for each in await _living(database)] == [new.id]


@pytest.mark.parametrize("act", ["rotate", "end"])
async def test_a_key_that_there_is_not_says_so(
    database: Database, settings: Settings, act: str
) -> None:
    address = f"/settings/keys/{UUID(int=7)}/{act}"
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        assert (await browser.get(address)).status_code == 404
        assert (await browser.post(address)).status_code == 404


@pytest.mark.parametrize("act", ["", "/rotate", "/end"])
async def test_only_administrators_touch_keys(
    database: Database, settings: Settings, act: str
) -> None:
    old = await _add(database)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="operations") as browser:
        address = "/settings/keys" + (f"/{old.id}{act}" if act else "")
        assert (await browser.post(address, data=SHOP)).status_code == 403
    assert [each.expires_at for each in await _living(database)] == [None]
