"""The pages of channels: where sales are made, and what happens when stock is short."""

from collections.abc import AsyncIterator

import httpx
import pytest

import unisono.app
from tests.console.visiting import said, signed_in
from tests.orders.shop import open_shop
from unisono.channels import channels
from unisono.channels.channels import NewChannel
from unisono.core.database import Database
from unisono.core.settings import Settings


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, {})
    async with database.transaction() as db:
        await channels.put(
            db,
            channel=NewChannel(
                code="outlet",
                name="An outlet <& more>",
                kind="marketplace",
                currency="EUR",
                when_short="accept",
                status="closed",
                safety_stock=3,
                locations=("W-ORLEANS", "S-LYON"),
                brand="Second hand",
                legal_entity="Outlet SAS",
            ),
        )
    return database


@pytest.fixture
async def browser(shop: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(unisono.app.build(settings, shop), shop, role="service") as client:
        yield client


async def test_every_channel_is_listed_the_closed_ones_last(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/channels")
    assert page.status_code == 200
    text = said(page)
    assert "Web web Web site Refuses the order All locations 0 Active" in text
    assert (
        "An outlet <& more> outlet · Second hand Marketplace Accepts the order "
        "Warehouse Orléans and Store Lyon 3 Closed"
    ) in text
    names = ["Careful", "Market", "Till", "Web", "An outlet"]
    assert [text.index(f" {name}") for name in names] == sorted(
        text.index(f" {name}") for name in names
    )
    assert "GET /v1/channels" in text


async def test_a_channel_says_in_words_what_it_does(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/channels/outlet")
    text = said(page)
    assert "Kind Marketplace Currency Euro (EUR) Brand Second hand Company Outlet SAS" in text
    assert "what is not there waits for stock." in text
    assert "3 units of each SKU are left at each location and not sold here." in text
    assert 'href="/network/locations/S-LYON">Store Lyon</a>' in page.text
    assert 'href="/orders?channel=outlet"' in page.text
    text = said(await browser.get("/channels/web"))
    assert "An order that cannot be served whole is refused" in text
    assert "there is no safety stock." in text
    assert "All 3 locations." in text


async def test_a_channel_that_there_is_not_says_so(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/channels/nowhere")
    assert page.status_code == 404
    assert "There is no such channel. Choose one in the list of channels." in said(page)


async def test_channels_are_not_for_people_of_a_store(shop: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="store", locations=["S-LYON"]) as store:
        assert (await store.get("/channels")).status_code == 403
        assert (await store.get("/channels/web")).status_code == 403


async def test_no_channels_yet(database: Database, settings: Settings) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        assert "No channels yet" in said(await browser.get("/channels"))


async def test_channels_speak_french(shop: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="operations", language="fr") as browser:
        text = said(await browser.get("/channels"))
        assert "Place de marché Accepte la commande" in text
        text = said(await browser.get("/channels/outlet"))
        assert "3 unités de chaque SKU restent dans chaque emplacement" in text
