"""The customer's page: what it says of an order in each state, and what its customer may do."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

import unisono.app
from tests.analytics.listening import settled
from tests.console.visiting import said, signed_in, visiting
from tests.fulfillment.floor import (
    AUTHOR,
    STOCK,
    at_lyon,
    captured,
    everything,
    header,
    packed,
    released,
    shipped,
    to_lyon,
)
from tests.orders.shop import open_shop, order
from unisono.console import tracking
from unisono.console.languages import languages
from unisono.console.visits import SESSION_COOKIE
from unisono.core import clock, ids
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment import deliver
from unisono.fulfillment.collect import ready_for_pickup
from unisono.fulfillment.deliver import CarrierFact
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.ship import Labelled, ship
from unisono.network.calendars import Interval
from unisono.orders.new_order import NewPayment
from unisono.tracking import links
from unisono.tracking.standing import Standing
from unisono.tracking.timeline import CollectionPlace, OpeningDay

Browser = httpx.AsyncClient

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TIMES = "\N{MULTIPLICATION SIGN}"
TO = "\N{THIN SPACE}\N{EN DASH}\N{THIN SPACE}"


@pytest.fixture
def settings() -> Settings:
    return replace(
        Settings(),
        retailer_name="Maison Élan",
        retailer_contact="aide@elan.example",
        time_zone="Europe/Paris",
    )


@pytest.fixture
async def browser(database: Database, settings: Settings) -> AsyncIterator[Browser]:
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        yield browser


async def address(database: Database, ref: FulfillmentRef) -> str:
    """Let everything be heard, and return the page of the order."""
    await settled(database)
    return f"/track/{links.token(ref.order_id, key=await links.key(database))}"


async def version(page: httpx.Response) -> str:
    [found] = re.findall(r'name="version" value="(\d+)"', page.text)
    return str(found)


async def test_whoever_has_the_link_sees_the_order_without_signing_in(
    browser: Browser, database: Database
) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "6A-1")
    page = await browser.get(await address(database, ref))
    assert page.status_code == 200
    text = said(page)
    assert "Order 100001 Your order is on its way Expected by " in text
    assert f"Your package On its way 2 {TIMES} Cup Carrier Post Tracking number 6A-1" in text
    assert "Handed to the carrier in Lyon" in text
    assert "Cancel the order" not in text
    assert "The customer service of Maison Élan helps you." in text
    assert 'href="mailto:aide@elan.example"' in page.text
    assert '<meta name="robots" content="noindex, nofollow">' in page.text
    for private in ("Zoé", "Martin", "rue Bât", "69001", str(ref.order_id)):
        assert private not in page.text


async def test_a_page_in_french_is_french_throughout(browser: Browser, database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "6A-1")
    browser.headers["accept-language"] = "fr-FR,fr;q=0.9,en;q=0.8"
    page = await browser.get(await address(database, ref))
    text = said(page)
    assert '<html lang="fr">' in page.text
    assert "Votre commande est en route Livraison prévue au plus tard " in text
    assert "Vous n’avez rien à faire pour le moment." in text
    assert f"Votre colis En route 2 {TIMES} Cup" in text
    assert "Le service client de Maison Élan vous aide." in text


async def test_the_language_can_be_chosen_on_the_page(browser: Browser, database: Database) -> None:
    path = await address(database, await to_lyon(database, ("CUP", 2)))
    answer = await browser.post("/preferences", data={"to": path, "language": "fr"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert "Nous préparons votre commande" in said(await browser.get(path))


async def test_an_order_on_hold_says_that_it_is_checked(
    browser: Browser, database: Database
) -> None:
    await open_shop(database, STOCK)
    held = order("A-1", ("CUP", 2), payment=NewPayment(status="pending"))
    ref = FulfillmentRef(order_id=await captured(database, held), n=1)
    text = said(await browser.get(await address(database, ref)))
    assert "We have received your order We are checking it before we prepare it." in text
    assert f"What you ordered 2 {TIMES} Cup Cancel the order" in text


async def test_an_order_in_two_parts_tells_each(browser: Browser, database: Database) -> None:
    await open_shop(database, STOCK)
    # Lyon has ten cups: the eleventh comes from Orléans.
    ref = await released(database, order("A-1", ("CUP", 11), ("LAMP", 1)))
    await shipped(database, ref, "6A-1")
    path = await address(database, ref)
    text = said(await browser.get(path))
    assert "A part of your order is on its way" in text
    assert "The rest follows in another package." in text
    assert "Package 1 On its way" in text
    assert "Being prepared" in text
    second = FulfillmentRef(order_id=ref.order_id, n=2)
    await packed(database, second)
    async with database.transaction() as db:
        await ship(
            db,
            ref=second,
            version=None,
            author=AUTHOR,
            packages=[Labelled(package=2, tracking_number="6A-2")],
        )
    text = said(await browser.get(path))
    assert "Your order is on its way" in text
    assert "Package 1 of 2 On its way" in text
    assert "Package 2 of 2 On its way" in text


async def test_an_order_to_collect_says_where_and_when_and_what_to_bring(
    browser: Browser, database: Database
) -> None:
    ref = await packed(database, await at_lyon(database, ("CUP", 2)))
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
    text = said(await browser.get(await address(database, ref)))
    assert "Your order is ready to collect Ready since today, " in text
    assert (
        "Where you collect it Store Lyon 1 rue des Essais 69001 Lyon Opening hours Always open "
        "Bring the order number 100001 and an identity document." in text
    )


async def test_what_a_carrier_could_not_do_comes_first(
    browser: Browser, database: Database
) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "6A-1")
    fact = CarrierFact(
        carrier="post", tracking_number="6A-1", milestone="attempted_delivery", at=clock.now()
    )
    async with database.transaction() as db:
        await deliver.record(db, facts=[fact])
    text = said(await browser.get(await address(database, ref)))
    assert "Order 100001 The carrier tried to deliver" in text
    assert "Look for a notice of the carrier: it says what happens next." in text


async def test_a_long_order_shows_its_first_articles_and_keeps_the_others_closed(
    browser: Browser, database: Database
) -> None:
    await open_shop(database, STOCK)
    many = order("A-1", *(("CUP", 1) for _ in range(9)))
    ref = await released(database, many)
    page = await browser.get(await address(database, ref))
    shown, _, closed = page.text.partition("<details>")
    assert (shown.count(f"1 {TIMES}"), closed.count(f"1 {TIMES}")) == (5, 4)
    assert "4 more articles" in said(page)


async def test_every_link_that_is_none_gets_the_same_friendly_page(
    browser: Browser, database: Database
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    key = await links.key(database)
    good = links.token(ref.order_id, key=key)
    wrong = ["x", good[:-1], good[::-1], links.token(ids.uuid7(), key=key)]
    for tail in ("", "/cancel"):
        answers = [await browser.get(f"/track/{token}{tail}") for token in wrong]
        assert {answer.status_code for answer in answers} == {404}
        for answer in answers:
            assert "We find no order at this address Check that the link is complete" in said(
                answer
            )
    answer = await browser.post(f"/track/{wrong[1]}/cancel", data={"version": "1"})
    assert answer.status_code == 404


async def test_a_customer_cancels_after_a_look_at_what_that_means(
    browser: Browser, database: Database
) -> None:
    ref = await to_lyon(database, ("CUP", 2), ("LAMP", 1))
    path = await address(database, ref)
    assert f'href="{path}/cancel"' in (await browser.get(path)).text
    before = await everything(database)
    asked = await browser.get(f"{path}/cancel")
    assert "Cancel the whole order? Nothing of it has left yet." in said(asked)
    assert f"What would be cancelled 2 {TIMES} Cup 1 {TIMES} Lamp" in said(asked)
    assert await everything(database) == before
    answer = await browser.post(f"{path}/cancel", data={"version": await version(asked)})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert (await header(database, ref.order_id))[0] == "cancelled"
    text = said(await browser.get(path))
    assert "Your order was cancelled Nothing of it will be sent." in text
    assert "Cancel the order" not in text


async def test_after_something_has_left_nothing_is_cancelled_and_the_page_says_whom_to_ask(
    browser: Browser, database: Database
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    path = await address(database, ref)
    asked = await browser.get(f"{path}/cancel")
    await shipped(database, ref)
    before = await everything(database)
    refused = [
        (await browser.post(f"{path}/cancel", data={"version": await version(asked)}), 412),
        (
            await browser.post(
                f"{path}/cancel", data={"version": str((await header(database, ref.order_id))[1])}
            ),
            409,
        ),
        (await browser.get(f"{path}/cancel"), 409),
    ]
    for answer, status in refused:
        assert answer.status_code == status
        assert "Nothing was cancelled Your order has moved on meanwhile." in said(answer)
        assert f'href="{path}">See where it is' in answer.text
    assert await everything(database) == before


@pytest.mark.parametrize("given", [{}, {"version": ""}, {"version": "last"}])
async def test_a_cancellation_without_what_was_seen_is_refused(
    browser: Browser, database: Database, given: dict[str, str]
) -> None:
    path = await address(database, await to_lyon(database, ("CUP", 2)))
    before = await everything(database)
    answer = await browser.post(f"{path}/cancel", data=given)
    assert answer.status_code == 422
    assert await everything(database) == before


async def test_another_site_cannot_cancel(browser: Browser, database: Database) -> None:
    path = await address(database, await to_lyon(database, ("CUP", 2)))
    seen = await version(await browser.get(f"{path}/cancel"))
    before = await everything(database)
    answer = await browser.post(
        f"{path}/cancel", data={"version": seen}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert await everything(database) == before


async def test_somebody_of_the_retailer_sees_what_the_customer_sees(
    database: Database, settings: Settings
) -> None:
    path = await address(database, await to_lyon(database, ("CUP", 2)))
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service") as browser:
        assert SESSION_COOKIE in browser.cookies
        page = await browser.get(path)
    assert "We are preparing your order" in said(page)
    assert "Sign out" not in said(page)


async def test_the_retailers_colour_is_a_style_sheet_that_browsers_keep(
    browser: Browser, database: Database
) -> None:
    page = await browser.get(await address(database, await to_lyon(database, ("CUP", 2))))
    assert 'href="/track/colours/0b6e4f.css"' in page.text
    sheet = await browser.get("/track/colours/0b6e4f.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert sheet.text.startswith(":root{--brand:#0b6e4f;--on-brand:#ffffff;")
    assert (await browser.get("/track/colours/ffffff.css")).status_code == 404


@pytest.mark.parametrize(
    ("given", "href"),
    [
        ("aide@elan.example", "mailto:aide@elan.example"),
        ("https://elan.example/aide", "https://elan.example/aide"),
        ("+33 1 23 45 67 89", "tel:+33123456789"),
        ("the desk at the entrance", None),
    ],
)
def test_a_contact_is_a_link_where_it_can_be_one(given: str, href: str | None) -> None:
    found = tracking._contact(given)
    assert found is not None
    assert found.href == href


def when(stands: Standing, *, code: str = "en", is_fetched: bool = False) -> str | None:
    language = languages()[code]
    return tracking._when(language, stands, is_fetched=is_fetched, zone=UTC, now=NOW)


def stands(kind: str, by: datetime | None = None, at: datetime | None = None) -> Standing:
    return Standing(
        kind=kind,  # type: ignore[arg-type]
        stages=(),
        package=None,
        at=at,
        expected_by=by,
        late=by is not None and by <= NOW,
    )


def test_what_is_expected_by_the_end_of_a_day_is_told_by_its_day() -> None:
    # In Paris the fourth of March ends at 23:00 UTC.
    today = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
    assert when(stands("shipped", today)) == "Expected today"
    assert when(stands("shipped", today + timedelta(days=1))) == "Expected by tomorrow"
    later = when(stands("shipped", today + timedelta(days=2)), code="fr")
    assert later is not None
    assert later.startswith("Livraison prévue au plus tard le ven")
    late = when(stands("shipped", today - timedelta(days=1)))
    assert late is not None
    assert late.startswith("It was expected by Tue")
    assert late.endswith("We are sorry that it takes longer.")


def test_what_is_out_for_delivery_since_today_is_expected_today() -> None:
    by = datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
    assert when(stands("out_for_delivery", by, at=NOW)) == "Expected today"
    assert when(stands("out_for_delivery", by)) != "Expected today"


def test_what_is_collected_is_told_by_the_hour() -> None:
    soon = NOW + timedelta(hours=2)
    assert when(stands("in_preparation", soon), is_fetched=True) == (
        "Probably ready today at 2:00\N{NARROW NO-BREAK SPACE}PM"
    )
    assert when(stands("in_preparation", NOW), is_fetched=True) == (
        "It should be ready by now. We are sorry that it takes longer."
    )
    assert when(stands("picked_up", at=NOW), is_fetched=True, code="fr") == (
        "Retirée aujourd’hui à 12:00"
    )


def test_when_nobody_can_tell_nothing_is_said() -> None:
    assert when(stands("in_preparation")) is None
    assert when(stands("cancelled", at=NOW)) is None


def opening(*days: tuple[int, tuple[Interval, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    place = CollectionPlace(
        name="Store Lyon",
        street="1 rue des Essais",
        postal_code="69001",
        city="Lyon",
        country="FR",
        time_zone="UTC",
        opening=tuple(
            OpeningDay(date=NOW.date() + timedelta(days=n), intervals=hours) for n, hours in days
        ),
    )
    return [(day.name, day.hours) for day in tracking._opening(languages()["fr"], place, NOW)]


def test_opening_hours_are_those_of_today_and_tomorrow() -> None:
    day = (Interval(opens="10:00", closes="12:30"), Interval(opens="14:00", closes="24:00"))
    hours = (f"10:00{TO}12:30", f"14:00{TO}00:00")
    assert opening((0, day), (1, ()), (2, day)) == [("Aujourd’hui", hours), ("Demain", ())]


def test_when_both_days_are_closed_the_next_open_day_is_told() -> None:
    day = (Interval(opens="10:00", closes="19:00"),)
    [today, tomorrow, (name, hours)] = opening((0, ()), (1, ()), (2, ()), (3, day), (4, day))
    assert (today, tomorrow) == (("Aujourd’hui", ()), ("Demain", ()))
    assert name.startswith("sam")
    assert len(hours) == 1
