"""The pages of the network: locations, the calendars they keep, the carriers that collect there."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import httpx
import pytest

import unisono.app
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import released
from tests.network.samples import build, location, rate
from tests.orders.shop import open_shop, order
from unisono.console.languages import languages
from unisono.console.network import hours
from unisono.console.network.sketch import sketch
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.network import calendars, carriers, locations, network, rates
from unisono.network.calendars import ExceptionalDay, Interval, NewCalendar, Week
from unisono.network.carriers import CutOff, NewCarrier, Service, Zone
from unisono.network.rates import NewRates

# A Wednesday in summer, twelve o'clock in Paris.
NOON = datetime(2026, 7, 8, 10, 0, tzinfo=UTC)
DAY = (Interval(opens="10:00", closes="19:00"),)
DIVIDED = (Interval(opens="09:00", closes="12:30"), Interval(opens="14:00", closes="24:00"))
STORE = NewCalendar(
    code="STORE",
    name="Store hours",
    weekly=Week(
        monday=(Interval(opens="14:00", closes="19:00"),),
        **dict.fromkeys(("tuesday", "wednesday", "thursday", "friday"), DAY),
    ),
    holidays="FR",
    exceptions=(
        ExceptionalDay(date=date(2026, 7, 12), intervals=DIVIDED),
        ExceptionalDay(date=date(2026, 7, 1)),
    ),
)


@pytest.fixture
async def net(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A store in Paris with a calendar, a warehouse in Lyon, a closed shop, two carriers."""
    async with database.transaction() as db:
        await build(db)
        await calendars.put(db, calendar=STORE)
        await locations.put(
            db,
            locations=[
                location(
                    "PARIS",
                    calendar="STORE",
                    collects=True,
                    line_cost="1.25",
                    parcel_cost="1.50",
                    legal_entity="Paris SAS",
                ),
                location("QUIET", (50.6, 3.0), ships=False, status="suspended", city="Lille"),
            ],
            currency="EUR",
        )
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return database


@pytest.fixture
async def browser(net: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(unisono.app.build(settings, net), net, role="operations") as client:
        yield client


def listed(page: httpx.Response) -> list[str]:
    return re.findall(r'class="main-link" href="/network/([^"]+)"', page.text)


async def test_locations_are_listed_found_and_drawn(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/network")
    assert listed(page) == ["locations/LYON", "locations/PARIS", "locations/QUIET"]
    assert "Place QUIET QUIET Store Lille holds stock Suspended" in said(page)
    assert page.text.count("<title>Place") == 3
    assert listed(await browser.get("/network?search=lille")) == ["locations/QUIET"]
    assert listed(await browser.get("/network?kind=warehouse")) == ["locations/LYON"]
    text = said(await browser.get("/network?search=nowhere"))
    assert "No location is like that" in text


async def test_a_location_tells_its_hours_its_costs_and_its_carriers(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get("/network/locations/PARIS")
    text = said(page)
    assert "Address 1 Rue de la Paix 75001 Paris France" in text
    assert "Local time 12:00 PM Europe/Paris" in text
    assert "Ships parcels, and hands over what customers collect" in text
    assert "€1.25 to pick a line €1.50 to pack a parcel Company Paris SAS" in text
    assert "Opening hours Open now Monday 2:00 PM to 7:00 PM Tuesday" in text
    assert "Saturday Closed Sunday Closed" in text
    assert 'class="is-today" aria-current="date"><dt>Wednesday' in page.text
    assert (
        "Sun, Jul 12 9:00 AM to 12:30 PM, 2:00 PM to midnight Tue, Jul 14 National Day Closed"
    ) in text
    # What was different before today is over.
    assert "Jul 1 " not in text
    assert "Relay, Slow Home, standard, up to 5 kg 4:00 PM in 4 hours" in text
    assert "/fulfillment/PARIS" in page.text
    assert "/inventory?location=PARIS" in page.text


async def test_a_closed_location_says_when_it_opens(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = datetime(2026, 7, 10, 20, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: evening)
    text = said(await browser.get("/network/locations/PARIS"))
    assert "Closed now" in text
    assert "Opens on Sun, Jul 12 at 9:00 AM." in text


async def test_a_location_without_calendar_or_carriers_says_so(
    browser: httpx.AsyncClient,
) -> None:
    text = said(await browser.get("/network/locations/QUIET"))
    assert "It keeps no calendar and counts as always open." in text
    assert "Holds stock only" in text
    assert "No parcels leave from here." in text


async def test_the_work_of_a_location_is_counted_for_those_who_may_know(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 4})
    await released(database, order("A-1", ("CUP", 2)))
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="operations") as somebody:
        text = said(await somebody.get("/network/locations/S-LYON"))
        assert "To accept 1 To pick 0 To pack 0 Packed 0 Ready to collect 0" in text
    async with signed_in(app, database, role="store", locations=["S-LILLE"]) as store:
        page = await store.get("/network/locations/S-LYON")
        assert page.status_code == 200
        assert "To accept" not in said(page)
        assert "Its stock" not in said(page)
        assert "Its work" in said(await store.get("/network/locations/S-LILLE"))


async def test_calendars_are_told_in_words(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/network/calendars")
    assert listed(page) == ["calendars/STORE"]
    text = said(page)
    assert "Mon: 2:00 PM to 7:00 PM Tue to Fri: 10:00 AM to 7:00 PM" in text
    assert "Closed on those of France" in text
    page = await browser.get("/network/calendars/STORE")
    text = said(page)
    assert "Closed on the public holidays of France" in text
    assert "Fri, Dec 25 Christmas Day Closed" in text
    assert "1 location keeps it Place PARIS" in text


async def test_a_carrier_tells_where_it_goes_how_long_and_for_how_much(
    browser: httpx.AsyncClient, net: Database
) -> None:
    page = await browser.get("/network/carriers")
    assert listed(page) == ["carriers/mail", "carriers/relay"]
    text = said(await browser.get("/network/carriers/relay"))
    assert "Code slow Delivery Home, standard Heaviest parcel 5 kg" in text
    assert "near France, up to 100 km away 1 day" in text
    assert "island France, postal codes that begin with 20 and 97 6 days" in text
    assert "far France, everywhere else 3 days" in text
    # Each row is a weight; what a zone asks for the next heavier bracket holds below it too.
    assert "Up to Zone near Zone island Zone far 500 g €4.00 €20.00 €6.00" in text
    assert "1 kg €7.00 €20.00 €6.00 5 kg €7.00 €20.00 €9.00" in text


async def test_a_carrier_with_cut_offs_of_its_own_and_without_prices(
    browser: httpx.AsyncClient, net: Database
) -> None:
    many = tuple(f"{n:02}" for n in range(1, 16))
    service = Service(
        code="van",
        name="Van",
        delivery_option="home_express",
        parcel_weight_g_max=900,
        cut_off="16:00",
        cut_offs=(CutOff(kind="store", at="14:30"),),
        locations=("PARIS", "LYON"),
        zones=(
            Zone(code="a", country="FR", postal_prefixes=many, distance_km_max=2.5, transit_days=0),
            Zone(code="b", country="DE", transit_days=1),
        ),
    )
    async with net.transaction() as db:
        await carriers.put(db, carrier=NewCarrier(code="van", name="Van & Co", services=(service,)))
    text = said(await browser.get("/network/carriers/van"))
    assert "Heaviest parcel 900 g Collects from Place PARIS and Place LYON" in text
    assert "Store 2:30 PM Elsewhere 4:00 PM" in text
    assert "11, 12, and 3 others, up to 2.5 km away 0 days" in text
    assert "b Germany 1 day" in text
    assert "There are no prices yet, so that nothing is sent by this service." in text
    async with net.transaction() as db:
        prices = NewRates(rates=(rate("van", "a", 900, "9.00"), rate("van", "b", 900, "12.00")))
        await rates.replace(db, carrier="van", rates=prices, currency="EUR", version=None)
    text = said(await browser.get("/network/carriers/van"))
    assert "Up to Zone a Zone b 900 g €9.00 €12.00" in text


async def test_what_there_is_not_says_so(browser: httpx.AsyncClient) -> None:
    for address, sentence in (
        ("locations/NOWHERE", "There is no such location."),
        ("calendars/NEVER", "There is no such calendar."),
        ("carriers/nobody", "There is no such carrier."),
    ):
        page = await browser.get(f"/network/{address}")
        assert page.status_code == 404
        assert sentence in said(page)


async def test_an_empty_network_says_how_it_is_filled(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        for address, title in (
            ("/network", "No locations yet"),
            ("/network/calendars", "No calendars yet"),
            ("/network/carriers", "No carriers yet"),
        ):
            assert title in said(await browser.get(address))


async def test_the_network_speaks_french(net: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, net)
    async with signed_in(app, net, role="operations", language="fr") as browser:
        text = said(await browser.get("/network/locations/PARIS"))
        assert "Horaires d’ouverture" in text
        assert "Lundi 14:00 à 19:00 Mardi 10:00 à 19:00" in text
        assert "dim. 12 juil. 09:00 à 12:30, 14:00 à minuit mar. 14 juil. Fête nationale" in text
        text = said(await browser.get("/network/carriers/relay"))
        assert "France, codes postaux commençant par 20 et 97 6 jours" in text


def test_a_week_of_one_kind_of_day_is_one_line() -> None:
    always = NewCalendar(
        code="A", name="A", weekly=Week(**dict.fromkeys(Week.__struct_fields__, DAY))
    )
    english = languages()["en"]
    [row] = hours.summary(english, always)
    assert row.days == "Mon to Sun"
    assert hours.summary(english, NewCalendar(code="N", name="N", weekly=Week())) == []


async def test_a_sketch_keeps_directions_and_distances(net: Database) -> None:
    async with net.read() as db:
        everywhere = (await network.of(db)).locations
    drawn = sketch(everywhere, shown={"LYON"})
    assert drawn is not None
    at = {dot.location.code: dot for dot in drawn.dots}
    # Lille is north of Paris, Lyon south-east of it; north is up.
    assert at["QUIET"].y < at["PARIS"].y < at["LYON"].y
    assert at["PARIS"].x < at["LYON"].x
    assert [dot.faint for dot in drawn.dots] == [True, True, False]
    assert all(0 < dot.x < drawn.width and 0 < dot.y < drawn.height for dot in drawn.dots)
    assert sketch(everywhere[:2], shown=()) is None
