"""The queues of locations: who sees which, in what order, and what a scanned code opens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import unisono.app
from tests.console.forms import actions
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import (
    AUTHOR,
    STOCK,
    accepted,
    at_lyon,
    packed,
    picked,
    released,
    seen,
    shipped,
    to_lyon,
)
from tests.orders.shop import collected, open_shop, order
from unisono.console.fulfillment import time_left
from unisono.console.fulfillment.time_left import Until
from unisono.console.languages import languages
from unisono.console.words import Tone
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment.collect import ready_for_pickup
from unisono.orders.new_order import Customer

TIMES = "\N{MULTIPLICATION SIGN}"
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("until", "left", "expected", "tone"),
    [
        ("van", timedelta(minutes=18), "18 min to the van", Tone.AT_RISK),
        ("van", timedelta(minutes=30), "30 min to the van", Tone.WAITING),
        ("van", timedelta(hours=3, minutes=59), "3 hr 59 min to the van", Tone.WAITING),
        ("van", timedelta(hours=4), "Van at 4:00\u202fPM", Tone.WAITING),
        ("van", timedelta(hours=28), "Van tomorrow at 4:00\u202fPM", Tone.WAITING),
        (
            "van",
            timedelta(hours=52),
            "Van on Wed, Mar 4 at 4:00\u202fPM",
            Tone.WAITING,
        ),
        ("van", timedelta(minutes=-25), "25 min late", Tone.BROKEN),
        ("pickup", timedelta(minutes=10), "Ready by 12:10\u202fPM", Tone.AT_RISK),
        ("pickup", timedelta(hours=21), "Ready by tomorrow, 9:00\u202fAM", Tone.WAITING),
        ("pickup", timedelta(hours=-26), "1 day 2 hr late", Tone.BROKEN),
        ("anything", timedelta(minutes=45), "45 min left", Tone.WAITING),
        ("anything", timedelta(hours=5), "By 5:00\u202fPM", Tone.WAITING),
    ],
)
def test_the_time_left_is_told_in_words(
    until: Until, left: timedelta, expected: str, tone: Tone
) -> None:
    # The clock is that of the location, whatever zone the moments come in.
    told = time_left.told(
        (NOON + left).astimezone(UTC),
        until=until,
        now=NOON.astimezone(UTC),
        zone=ZoneInfo("Europe/Paris"),
        language=languages()["en"],
    )
    assert (told.text, told.tone) == (expected, tone)


def test_the_time_left_is_told_in_french() -> None:
    told = time_left.told(
        NOON + timedelta(minutes=18),
        until="van",
        now=NOON,
        zone=ZoneInfo("Europe/Paris"),
        language=languages()["fr"],
    )
    assert told.text == "Camion dans 18\N{NO-BREAK SPACE}min"


async def test_people_of_all_locations_see_what_each_has_to_do(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    await released(database, order("A-1", ("CUP", 1)))
    await accepted(database, await released(database, order("A-2", ("CUP", 1))))
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="operations") as browser:
        page = said(await browser.get("/fulfillment"))
        assert "Store Lyon Store · Lyon" in page
        assert "2 locations have nothing to do Store Lille Warehouse Orléans" in page
        assert "To do 2 Locations that are late 0 Ready to collect 0" in page
        found = said(await browser.get("/fulfillment?search=orléans"))
        assert "1 location has nothing to do Warehouse Orléans" in found
        assert "Store Lyon" not in found
        nothing = said(await browser.get("/fulfillment?search=nowhere"))
        assert "No location is like that" in nothing


async def test_people_of_one_store_go_straight_to_its_work(
    database: Database, settings: Settings
) -> None:
    await to_lyon(database, ("CUP", 1))
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        answer = await browser.get("/fulfillment")
        assert (answer.status_code, answer.headers["location"]) == (303, "/fulfillment/S-LYON")


async def test_people_of_several_stores_choose_among_theirs(
    database: Database, settings: Settings
) -> None:
    await to_lyon(database, ("CUP", 1))
    app = unisono.app.build(settings, database, areas=())
    both = ["S-LYON", "S-LILLE"]
    async with signed_in(app, database, role="store", locations=both) as browser:
        page = said(await browser.get("/fulfillment"))
        assert "Store Lyon" in page
        assert "Store Lille" in page
        assert "Orléans" not in page


async def test_each_work_has_one_next_step(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    opened = await released(database, order("A-1", ("CUP", 2), ("LAMP", 1), ("CHAIR", 1)))
    await accepted(database, await released(database, order("A-2", ("CUP", 1))))
    await picked(database, await released(database, order("A-3", ("CUP", 1))))
    await packed(database, await released(database, order("A-4", ("CUP", 1))))
    await packed(
        database, await released(database, collected("C-1", ("CUP", 1), location="S-LYON"))
    )
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        page = await browser.get("/fulfillment/S-LYON")
    text = said(page)
    assert f"4 units 2 {TIMES} Cup 1 {TIMES} Lamp and 1 more Home, standard Accept" in text
    assert f"1 unit 1 {TIMES} Cup Home, standard Pick" in text
    assert f"1 unit 1 {TIMES} Cup Home, standard Pack" in text
    assert f"1 unit 1 {TIMES} Cup Home, standard Ship" in text
    assert f"1 unit 1 {TIMES} Cup Click & collect Zoé Martin Set out" in text
    # Accepting is done from the list; everything else is looked at first.
    assert actions(page) == ["find", "accept"]
    assert f'href="/fulfillment/S-LYON/{opened}"' in page.text


async def test_a_queue_without_work_says_what_will_appear(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        assert "All done New work appears here" in said(await browser.get("/fulfillment/S-LYON"))
        collect = said(await browser.get("/fulfillment/S-LYON/collect"))
        assert "Nobody is expected" in collect
        assert "Nothing has left today" in said(await browser.get("/fulfillment/S-LYON/done"))


async def test_what_waits_for_customers_is_listed_by_their_names(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    for number, name in enumerate(("Zélie Roux", "Émile Zola", "Ada Bernard")):
        customer = Customer(name=name, email="someone@example.org")
        ref = await released(
            database,
            collected(f"C-{number}", ("CUP", 1), location="S-LYON", customer=customer),
        )
        await packed(database, ref)
        async with database.transaction() as db:
            await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        page = said(await browser.get("/fulfillment/S-LYON/collect"))
        names = ("Ada Bernard", "Émile Zola", "Zélie Roux")
        assert sorted(names, key=page.index) == list(names)
        assert "Collect 3" in page
        # A customer says a name, and its order is there.
        answer = await browser.get("/fulfillment/S-LYON/find?code=zola")
        assert answer.status_code == 303
        assert "Émile Zola" in said(await browser.get(answer.headers["location"]))
        several = said(await browser.get("/fulfillment/S-LYON/find?code=a"))
        assert "2 orders wait for “a”" in several


async def test_what_left_today_is_listed(database: Database, settings: Settings) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 1)), "6A1")
    number = (await seen(database, ref)).order_number
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        page = said(await browser.get("/fulfillment/S-LYON/done"))
        assert f"1 order has left today Order {number} Shipped" in page


async def test_a_scanned_code_opens_its_work(database: Database, settings: Settings) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    number = (await seen(database, ref)).order_number
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        for code in (str(number), f" {number} ", "CUP"):
            answer = await browser.get("/fulfillment/S-LYON/find", params={"code": code})
            assert answer.headers["location"] == f"/fulfillment/S-LYON/{ref}"
        for code in ("LAMP", "<b>&", ""):
            page = await browser.get("/fulfillment/S-LYON/find", params={"code": code})
            assert page.status_code == 200
            assert f"Nothing here is “{code}”" in said(page)
            assert "<b>" not in page.text.replace('<b class="', "")


async def test_work_of_another_location_is_not_shown(
    database: Database, settings: Settings
) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LILLE"]) as browser:
        for path in ("", "/collect", "/done", "/find?code=CUP", f"/{ref}"):
            page = await browser.get(f"/fulfillment/S-LYON{path}")
            assert page.status_code == 403
            assert "This belongs to a location that is not yours." in said(page)
            assert "Cup" not in said(page)
        # Nor by the address of one's own location.
        page = await browser.get(f"/fulfillment/S-LILLE/{ref}")
        assert page.status_code == 404
        assert "There is no such work." in said(page)
        assert (await browser.get("/fulfillment/S-NOWHERE")).status_code == 403


async def test_a_location_that_does_not_exist_is_told_so(
    database: Database, settings: Settings
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        page = await browser.get("/fulfillment/S-NOWHERE")
        assert page.status_code == 404
        assert "There is no such location." in said(page)


async def test_a_queue_is_read_in_french(database: Database, settings: Settings) -> None:
    ref = await at_lyon(database, ("CUP", 2))
    number = (await seen(database, ref)).order_number
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(
        app, database, role="store", locations=["S-LYON"], language="fr"
    ) as browser:
        page = said(await browser.get("/fulfillment/S-LYON"))
    assert "À faire 1" in page
    assert f"Commande {number}" in page
    assert f"2 unités 2 {TIMES} Cup Click & collect Zoé Martin Accepter" in page
    assert "Fait aujourd’hui" in page
