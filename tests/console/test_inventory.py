"""The pages of stock: what there is of each SKU, its ledger, and saying what is really there."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx
import pytest

import unisono.app
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import numbered, picked, released, seen
from tests.inventory.shelves import stock
from tests.orders.shop import collected, count, level, open_shop, order
from unisono.catalog import skus
from unisono.catalog.skus import NewSku
from unisono.console.inventory import level as level_page
from unisono.console.inventory import listing, sku
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked
from unisono.fulfillment.ship import ship
from unisono.inventory import stock as stocks
from unisono.inventory.stock import AdjustmentRow
from unisono.orders.capture import capture

STOCK = {
    ("CUP", "S-LYON"): 4,
    ("CUP", "S-LILLE"): 10,
    ("LAMP", "S-LYON"): 0,
    ("CHAIR", "S-LILLE"): 3,
}


@pytest.fixture
async def shop(database: Database) -> Database:
    """Two of four cups in Lyon are claimed, then five are found broken: three are missing."""
    await open_shop(database, STOCK)
    await capture(database, [collected("A-1", ("CUP", 2), location="S-LYON")])
    row = AdjustmentRow(sku="CUP", location="S-LYON", change=-5, reason="fell off")
    async with database.transaction() as db:
        await stocks.adjust(db, rows=[row], author="Ana", source=None)
    return database


@pytest.fixture
async def browser(shop: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who may see and correct all stock."""
    async with signed_in(
        unisono.app.build(settings, shop), shop, role="operations", name="Zoé"
    ) as client:
        yield client


def listed(page: httpx.Response) -> list[str]:
    """Return the addresses that the rows of a list lead to."""
    return re.findall(r'class="main-link" href="([^"]+)"', page.text)


def version(page: httpx.Response) -> str:
    [seen_there, again] = re.findall(r'name="version" value="(\d+)"', page.text)
    assert seen_there == again
    return str(seen_there)


async def test_skus_are_listed_with_what_there_is_of_them(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/inventory")
    assert page.status_code == 200
    assert listed(page) == ["/inventory/CHAIR", "/inventory/CUP", "/inventory/LAMP"]
    text = said(page)
    assert "At 3 locations" in text
    assert "Cup CUP Short by 3 9 0 2 10 9 on hand 2" in text
    assert "Lamp LAMP Out of stock 0 0 0 0 0 on hand 1" in text
    assert "GET /v1/stock" in text


async def test_filters_stand_in_the_address(browser: httpx.AsyncClient) -> None:
    for query, found in (
        ("search=up", ["/inventory/CUP"]),
        ("only=out", ["/inventory/LAMP"]),
        ("only=short", ["/inventory/CUP"]),
        ("only=negative", ["/inventory/CUP"]),
        ("location=S-LILLE", ["/inventory/CHAIR/S-LILLE", "/inventory/CUP/S-LILLE"]),
        ("location=S-LILLE&only=short", []),
        (
            "location=S-LILLE&only=all",
            ["/inventory/CHAIR/S-LILLE", "/inventory/CUP/S-LILLE", "/inventory/LAMP/S-LILLE"],
        ),
    ):
        assert listed(await browser.get(f"/inventory?{query}")) == found


async def test_a_filter_is_taken_away_alone(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/inventory?search=up&location=S-LILLE&only=short")
    chips = re.findall(r'class="chip" href="([^"]+)"', page.text)
    assert [each.replace("&amp;", "&") for each in chips] == [
        "/inventory?location=S-LILLE&only=short",
        "/inventory?search=up&only=short",
    ]


async def test_a_whole_code_or_gtin_leads_to_its_sku(
    browser: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as db:
        await skus.put(
            db, skus=[NewSku(code="TEA", name="Teapot", weight_g=900, gtin="03760123456784")]
        )
    for query, address in (
        ("search=cup", "/inventory/CUP"),
        ("search=3760123456784", "/inventory/TEA"),
        ("search=CUP&location=S-LYON", "/inventory/CUP/S-LYON"),
        # What a location does not keep is still found by its code.
        ("search=TEA&location=S-LYON", "/inventory/TEA/S-LYON"),
    ):
        answer = await browser.get(f"/inventory?{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert (await browser.get("/inventory?search=pot")).status_code == 200


async def test_an_empty_list_says_what_would_be_there(browser: httpx.AsyncClient) -> None:
    for query, title in (
        ("search=nothing", "No SKU is like that"),
        ("search=nothing&location=S-LYON", "None of these SKUs is like that"),
        ("location=W-ORLEANS", "Nothing is kept here yet"),
        ("location=S-LILLE&only=out", "Nothing is out of stock"),
        ("location=S-LILLE&only=short", "Nothing is short"),
        ("location=S-LILLE&only=negative", "Nothing is below zero"),
    ):
        assert title in said(await browser.get(f"/inventory?{query}"))


async def test_pages_go_on_and_say_how_many_were_looked_at(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS", 2)
    first = await browser.get("/inventory")
    [further] = re.findall(r'href="([^"]+)" rel="next"', first.text)
    assert "Next page" in said(first)
    assert listed(await browser.get(further)) == ["/inventory/LAMP"]
    monkeypatch.setattr(stocks, "EXAMINED_MAX", 1)
    monkeypatch.setattr(stocks, "EXAMINED_AT_ONCE", 1)
    none = await browser.get("/inventory?only=short")
    assert "None among 1 SKU" in said(none)
    [further] = re.findall(r'href="([^"]+)" rel="next"', none.text)
    some = await browser.get(further.replace("&amp;", "&"))
    assert listed(some) == ["/inventory/CUP"]
    assert "1 SKU was looked at for this page." in said(some)


async def test_a_cursor_of_nothing_is_refused_in_words(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/inventory?after=nonsense")
    assert page.status_code == 422
    assert "This page of the list is not there any more." in said(page)


async def test_a_sku_tells_its_totals_and_its_locations(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/inventory/CUP")
    text = said(page)
    assert listed(page) == ["/inventory/CUP/S-LILLE", "/inventory/CUP/S-LYON"]
    assert "SKU CUP Weight 200 g" in text
    assert "Available 10 at 2 locations On hand 9 Committed 2" in text
    assert "Short 3 claimed or set aside, not there" in text
    assert "Adjusted fell off Store Lyon -5 Ana" in text
    assert "Counted 10 units were there Store Lille +10 test" in text
    page = await browser.get("/inventory/NOPE")
    assert page.status_code == 404
    assert "There is no such SKU." in said(page)


async def test_a_sku_at_many_locations_shows_the_rest_when_asked(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sku, "LOCATIONS_SHOWN", 1)
    page = await browser.get("/inventory/CUP")
    assert listed(page) == ["/inventory/CUP/S-LILLE"]
    assert "Show all 2 locations" in said(page)
    page = await browser.get("/inventory/CUP?everywhere=true")
    assert listed(page) == ["/inventory/CUP/S-LILLE", "/inventory/CUP/S-LYON"]


async def test_the_ledger_names_the_orders_and_who_it_was(
    shop: Database, settings: Settings
) -> None:
    await count(shop, {("LAMP", "S-LYON"): 3})
    ref = await released(shop, order("A-2", ("LAMP", 2)))
    number = (await seen(shop, ref)).order_number
    await picked(shop, ref, Picked(allocation=1, quantity=1), all_of_it=False)
    async with shop.transaction() as db:
        # Keys are often named by the code of the location they are for.
        await pack(db, ref=ref, version=None, author="S-LYON", packages=None)
        await ship(db, ref=ref, version=None, author="S-LYON", packages=numbered("T1"))
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="service") as service:
        page = await service.get("/inventory/LAMP")
        assert f'<a href="/orders/{number}">{number}</a>' in page.text
        assert f"Shipped Store Lyon -1 {number} package 1 Store Lyon" in said(page)
        assert "Not found 1 unit set aside Store Lyon 0" in said(page)
    async with signed_in(app, shop, role="store", locations=["S-LYON"]) as store:
        page = await store.get("/inventory/LAMP/S-LYON")
        # People of a store may not open orders.
        assert f'"/orders/{number}"' not in page.text
        assert f"Shipped -1 2 then 2 {number} package 1" in said(page)


async def test_the_ledger_of_a_level_tells_what_was_there_on_every_page(
    browser: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(level_page, "LEDGER_ROWS", 1)
    page = await browser.get("/inventory/CUP/S-LYON")
    assert "Adjusted fell off -5 -1 then -1" in said(page)
    [older] = re.findall(r'href="([^"]+)" rel="next"', page.text)
    await count(database, {("CUP", "S-LYON"): 7})
    page = await browser.get(older.replace("&amp;", "&"))
    assert "Counted 4 units were there +4 4 then 4" in said(page)
    # Without the figure that the page before knew, it is not told.
    page = await browser.get(re.sub(r"&amp;balance=[^#]*", "", older))
    assert "then" not in said(page).split("Movements here")[1].split("Order Who")[1]


async def test_an_effect_is_shown_before_anything_is_recorded(
    browser: httpx.AsyncClient, database: Database
) -> None:
    before = await stock(database)
    text = said(await browser.get("/inventory/CUP/S-LYON?on_hand=9"))
    assert "On hand -1 becomes 9 Available 0 becomes 7" in text
    text = said(await browser.get("/inventory/CUP/S-LYON?change=-1&reason=lost"))
    assert "On hand -1 becomes -2 Available 0 becomes 0" in text
    assert "4 units that are claimed or set aside would not be there." in text
    for nonsense in ("on_hand=many", "change=9999999999", "change=1.5", "change=-"):
        page = await browser.get(f"/inventory/CUP/S-LYON?{nonsense}")
        assert page.status_code == 200
        assert "becomes" not in said(page)
    assert await stock(database) == before


async def test_a_count_is_recorded_with_the_name_of_who_counted(
    browser: httpx.AsyncClient, database: Database
) -> None:
    page = await browser.get("/inventory/CUP/S-LYON")
    form = {"on_hand": "6", "version": version(page)}
    answer = await browser.post("/inventory/CUP/S-LYON/count", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inventory/CUP/S-LYON")
    text = said(await browser.get("/inventory/CUP/S-LYON"))
    assert "Recorded: 6 on hand, 4 available." in text
    assert "Counted 6 units were there +7 6 then 6 Zoé" in text
    assert (await level(database, "CUP", "S-LYON")).on_hand == 6


async def test_what_was_never_counted_can_be_counted(
    browser: httpx.AsyncClient, database: Database
) -> None:
    page = await browser.get("/inventory/CHAIR/W-ORLEANS")
    assert "It was never counted here." in said(page)
    assert "Nothing has moved here yet" in said(page)
    form = {"on_hand": "2", "version": version(page)}
    assert (await browser.post("/inventory/CHAIR/W-ORLEANS/count", data=form)).status_code == 303
    assert (await level(database, "CHAIR", "W-ORLEANS")).on_hand == 2


async def test_an_adjustment_is_recorded_with_its_reason(
    browser: httpx.AsyncClient, database: Database
) -> None:
    page = await browser.get("/inventory/CUP/S-LILLE")
    form = {"change": "-3", "reason": "Broken", "version": version(page)}
    answer = await browser.post("/inventory/CUP/S-LILLE/adjust", data=form)
    assert answer.status_code == 303
    text = said(await browser.get("/inventory/CUP/S-LILLE"))
    assert "Recorded: 7 on hand, 7 available." in text
    assert "Adjusted Broken -3 7 then 7 Zoé" in text


async def test_what_changed_meanwhile_is_not_overwritten(
    browser: httpx.AsyncClient, database: Database
) -> None:
    stale = version(await browser.get("/inventory/CUP/S-LYON"))
    await count(database, {("CUP", "S-LYON"): 2})
    before = await stock(database)
    for action, form in (("count", {"on_hand": "6"}), ("adjust", {"change": "1"})):
        page = await browser.post(
            f"/inventory/CUP/S-LYON/{action}", data={**form, "version": stale}
        )
        assert page.status_code == 412
        assert "Somebody changed this while you were looking at it." in said(page)
    assert await stock(database) == before


async def test_a_form_that_says_nothing_possible_changes_nothing(
    browser: httpx.AsyncClient, database: Database
) -> None:
    before = await stock(database)
    wrong: Sequence[tuple[str, Mapping[str, str]]] = (
        ("count", {"on_hand": "-1", "version": "1"}),
        ("count", {"on_hand": "many", "version": "1"}),
        ("count", {"on_hand": "2000000000", "version": "1"}),
        ("count", {"version": "1"}),
        ("count", {"on_hand": "1"}),
        ("adjust", {"change": "1.5", "version": "1"}),
        ("adjust", {"change": "1", "reason": "x" * 201, "version": "1"}),
        ("adjust", {"change": "1", "version": "99999999999999999999"}),
    )
    for action, form in wrong:
        page = await browser.post(f"/inventory/CUP/S-LYON/{action}", data=form)
        assert page.status_code == 422
        assert "Something in the form cannot be accepted." in said(page)
        assert await stock(database) == before


async def test_people_of_a_store_see_its_stock_alone(shop: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="store", locations=["S-LILLE"]) as store:
        page = await store.get("/inventory")
        assert listed(page) == ["/inventory/CHAIR/S-LILLE", "/inventory/CUP/S-LILLE"]
        assert "Store Lyon" not in said(page)
        page = await store.get("/inventory/CUP")
        assert listed(page) == ["/inventory/CUP/S-LILLE"]
        assert "Available 10 at 1 location On hand 10" in said(page)
        assert "fell off" not in said(page)
        for address in ("/inventory?location=S-LYON", "/inventory/CUP/S-LYON"):
            page = await store.get(address)
            assert page.status_code == 403
            assert "This belongs to a location that is not yours." in said(page)
        assert "Record the count" not in said(await store.get("/inventory/CUP/S-LILLE"))
        before = await stock(shop)
        form = {"on_hand": "1", "version": "1"}
        page = await store.post("/inventory/CUP/S-LILLE/count", data=form)
        assert page.status_code == 403
        assert "Your role does not allow this." in said(page)
        assert await stock(shop) == before


async def test_people_of_several_stores_choose_one(shop: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="store", locations=["S-LILLE", "S-LYON"]) as store:
        page = await store.get("/inventory")
        assert "Whose stock do you want to see?" in said(page)
        for code in ("S-LILLE", "S-LYON"):
            assert f'href="/inventory?location={code}"' in page.text
        assert listed(await store.get("/inventory?location=S-LYON")) == [
            "/inventory/CUP/S-LYON",
            "/inventory/LAMP/S-LYON",
        ]
        assert listed(await store.get("/inventory/CUP")) == [
            "/inventory/CUP/S-LILLE",
            "/inventory/CUP/S-LYON",
        ]


async def test_a_foreign_location_is_not_corrected(shop: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="operations", locations=["S-LILLE"]) as somebody:
        before = await stock(shop)
        for action, form in (("count", {"on_hand": "1"}), ("adjust", {"change": "1"})):
            page = await somebody.post(
                f"/inventory/CUP/S-LYON/{action}", data={**form, "version": "3"}
            )
            assert page.status_code == 403
        assert await stock(shop) == before


async def test_a_count_that_was_sent_too_late_is_kept(
    browser: httpx.AsyncClient, database: Database
) -> None:
    seen_there = version(await browser.get("/inventory/CUP/S-LYON"))
    before = await stock(database)
    browser.cookies.delete(SESSION_COOKIE)
    form = {"on_hand": "6", "version": seen_there}
    page = await browser.post("/inventory/CUP/S-LYON/count", data=form)
    assert page.status_code == 401
    assert "What you entered is kept" in said(page)
    assert "/inventory/CUP/S-LYON/count" in page.text
    assert await stock(database) == before


async def test_stock_speaks_french(shop: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, shop)
    async with signed_in(app, shop, role="operations", language="fr") as browser:
        text = said(await browser.get("/inventory"))
        assert "Tous les SKU En rupture Manquant Négatif" in text
        assert "Cup CUP Manque 3" in text
        text = said(await browser.get("/inventory/CUP/S-LYON?on_hand=1"))
        assert "Enregistrer le comptage" in text
        assert "Ajusté fell off -5" in text
        page = await browser.get("/inventory/CUP/S-LYON")
        form = {"change": "2", "version": version(page)}
        await browser.post("/inventory/CUP/S-LYON/adjust", data=form)
        text = said(await browser.get("/inventory/CUP/S-LYON"))
        assert "Enregistré : 1 en stock, 0 disponibles." in text
