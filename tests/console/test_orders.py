"""The list of orders and the page of one: what people find, and what they read of it."""

import html
import re
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

import unisono.app
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import accepted, cancelled, captured, released, shipped
from tests.orders.book import shown
from tests.orders.shop import collected, open_shop, order
from unisono.core.database import Database
from unisono.core.positions import PlacedEvent
from unisono.core.settings import Settings
from unisono.orders import search
from unisono.orders.new_order import Customer, NewLine, NewOrder, NewPayment
from unisono.tracking import links

STOCK = {
    ("CUP", "S-LYON"): 900,
    ("CUP", "W-ORLEANS"): 9,
    ("LAMP", "W-ORLEANS"): 9,
    ("CHAIR", "S-LILLE"): 9,
}


async def found(database: Database, new: NewOrder) -> int:
    """Capture an order that searches find, and return its number."""
    order_id = await captured(database, new)
    event = PlacedEvent(
        position=1,
        aggregate=order_id,
        sequence=1,
        type="order.created",
        at=datetime.now(UTC),
        data={},
    )
    async with database.transaction() as db:
        await search.listen(db, [event])
    return (await shown(database, order_id)).number


def plainly(page: httpx.Response) -> str:
    """Return the text of a page with signs of the keyboard for minus and times."""
    return said(page).translate({0x2212: "-", 0xD7: "x"})


def numbers(page: httpx.Response) -> list[int]:
    """Return the orders that a list shows, in order."""
    return [int(n) for n in re.findall(r'main-link" href="/orders/(\d+)"', page.text)]


async def test_the_list_is_found_by_filters_that_can_be_taken_away(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    first = await found(
        database, order("A-1", ("CUP", 1), placed_at=datetime(2026, 3, 2, tzinfo=UTC))
    )
    held = await found(database, order("A-2", ("CUP", 1), payment=NewPayment(status="pending")))
    fetched = await found(
        database, collected("A-3", ("CUP", 2), location="S-LYON", channel="market")
    )
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get("/orders")
        assert numbers(page) == [fetched, held, first]
        assert "All 3 On hold 1 Open 2 Partly fulfilled 0 Fulfilled 0 Cancelled 0" in said(page)
        assert "On hold: Payment" in said(page)
        assert "Click & collect €20.00" in said(page)
        assert numbers(await browser.get("/orders?state=on_hold")) == [held]
        assert numbers(await browser.get("/orders?channel=market")) == [fetched]
        assert numbers(await browser.get("/orders?location=S-LYON&state=open")) == [fetched, first]
        assert numbers(await browser.get("/orders?placed_to=2026-03-02")) == [first]
        assert numbers(await browser.get("/orders?placed_from=2026-03-03")) == [fetched, held]
        page = await browser.get("/orders?search=zoe&channel=web&state=open")
        assert numbers(page) == [first]
        assert "Remove: “zoe” Remove: Channel: Web Remove all" in said(page)
        assert 'href="/orders?state=open&amp;channel=web"' in page.text
        assert 'href="/orders?search=zoe&amp;state=open"' in page.text
        assert (await browser.get("/orders?placed_from=tomorrow")).status_code == 422


async def test_a_search_that_means_one_order_goes_straight_to_it(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    cup = await found(database, order("A-1", ("CUP", 1)))
    await found(database, order("A-2", ("LAMP", 1)))
    # A search by number does not wait for the words to be kept.
    fresh = (await shown(database, await captured(database, order("A-3", ("LAMP", 1))))).number
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        for text, number in ((f"{fresh}", fresh), (f"%23{cup}", cup), ("cup", cup)):
            answer = await browser.get(f"/orders?search={text}")
            assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{number}")
        assert len(numbers(await browser.get("/orders?search=zo%C3%A9"))) == 2
        assert numbers(await browser.get("/orders?search=cup&state=open")) == [cup]


async def test_a_long_list_goes_on_where_it_ended(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    orders = [
        (await shown(database, await captured(database, order(f"A-{n}", ("CUP", 1))))).number
        for n in range(52)
    ]
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get("/orders?state=open")
        assert numbers(page) == orders[:1:-1]
        [rest] = re.findall(r'href="([^"]*)" rel="next"', page.text)
        page = await browser.get(html.unescape(rest))
        assert numbers(page) == orders[1::-1]
        assert 'rel="next"' not in page.text
        assert "Newest" in said(page)
        assert (await browser.get("/orders?after=nonsense")).status_code == 422


async def test_an_empty_list_says_what_will_appear(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        page = await browser.get("/orders")
        assert "Each order appears here as soon as a channel sends it" in said(page)
        assert "No order is in this state" in said(await browser.get("/orders?state=open"))
        assert "Each word must begin a word" in said(await browser.get("/orders?search=nobody"))
        page = await browser.get("/orders?channel=web")
        assert "Take a filter away to see more." in said(page)


async def test_only_who_may_read_orders_sees_them(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    number = (await shown(database, await captured(database, order("A-1", ("CUP", 1))))).number
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        for path in ("/orders", f"/orders/{number}", f"/orders/{number}/cancel"):
            page = await browser.get(path)
            assert page.status_code == 403
            assert "zoe@example.org" not in page.text
        assert (
            await browser.post(f"/orders/{number}/notes", data={"text": "x"})
        ).status_code == 403


async def test_an_order_shows_what_was_asked_and_what_became_of_it(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    lines = (
        NewLine(sku="CUP", quantity=3, unit_price="10.50", unit_discount="0.50"),
        NewLine(sku="LAMP", quantity=1, unit_price="20"),
    )
    new = order("A-1", lines=lines, delivery_price="4.90")
    # Both from Orléans: Lyon has no lamp, and one parcel is cheaper than two.
    ref = await shipped(database, await released(database, new), "T-77")
    number = (await shown(database, ref.order_id)).number
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(f"/orders/{number}")
        assert page.status_code == 200
        text = plainly(page)
        assert f"Order {number} Fulfilled Web · A-1" in text
        assert "Total €54.90 Units 4 in 2 lines Sent or handed over 4 of 4 Packages 1" in text
        assert "Cup CUP On the way Warehouse Orléans 3 €10.50 -€0.50 €30.00" in text
        assert "Goods €50.00 Delivery €4.90 Total €54.90" in text
        assert "Package 1 On the way" in text
        assert "Carrier Post · Standard Tracking number T-77" in text
        assert (
            "Weight 1.5 kg Cost €12.00 to send, €1.60 to prepare 3 x Cup CUP 1 x Lamp LAMP" in text
        )
        assert "1 rue Bât 69001 Lyon FR Customer Zoé Martin zoe@example.org French" in text
        token = links.token(ref.order_id, key=await links.key(database))
        assert f'value="http://shop/track/{token}"' in page.text
        assert f"GET /v1/orders/{ref.order_id}" in text
        # Everything has left: nothing is offered that would be refused.
        assert "Cancel…" not in text
        assert "Reroute…" not in text
        assert (await browser.get(f"/orders/{ref.order_id}")).headers["location"] == (
            f"/orders/{number}"
        )


async def test_the_story_is_told_newest_first_with_links(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    ref = await accepted(database, await released(database, order("A-1", ("CUP", 2))))
    await cancelled(database, ref.order_id, (1, 1))
    number = (await shown(database, ref.order_id)).number
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        page = await browser.get(f"/orders/{number}")
        story = plainly(page).partition("What happened")[2]
        assert re.findall(
            r"1 unit was cancelled\. Reason: not wanted 1 x Cup .*? Store Lyon accepted the work\."
            r".*? Store Lyon was asked to prepare 2 units\. .*? The order came in from Web\.",
            story,
        )
        assert f'<a href="/fulfillment/S-LYON/{ref}">Store Lyon</a> accepted' in page.text
        browser.cookies.set("language", "fr")
        story = said(await browser.get(f"/orders/{number}"))
        assert "1 unité a été annulée. Motif : not wanted" in story
        assert "La commande est arrivée : Web." in story


async def test_why_this_stock_is_told_in_money_and_names(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    number = (await shown(database, await captured(database, order("A-1", ("CUP", 2))))).number
    store = collected("A-2", ("CUP", 1), location="S-LYON")
    fetched = (await shown(database, await captured(database, store))).number
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        text = said(await browser.get(f"/orders/{number}"))
        assert "Store Lyon €6.75 €4.00 for Post · Standard, €2.75 to prepare; 400 g" in text
        assert "The runner-up was Warehouse Orléans: €7.15, €0.40 more." in text
        assert (
            "It would have cost more from there. Warehouse Orléans €7.15 +€0.40 "
            "Not everything was there, or no carrier takes it from there. Store Lille"
        ) in text
        text = said(await browser.get(f"/orders/{fetched}"))
        assert "The customer collects here, so no other location was asked." in text
        assert "€2.75 to prepare; the customer comes for it" in text
        assert "Reroute…" not in text
        assert "Customers cannot collect there. Warehouse Orléans" in text
        assert "The customer collects at another location. Store Lille" in text


async def test_what_was_carried_out_of_a_store_waits_for_nothing(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    sale = collected(
        "T-1",
        ("CUP", 1),
        location="S-LYON",
        delivery_option="in_store",
        channel="till",
        customer=Customer(name=""),
    )
    number = (await shown(database, await captured(database, sale))).number
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        text = said(await browser.get(f"/orders/{number}"))
        assert "Sent or handed over 1 of 1 Packages 0 Lines" in text
        assert "No name was given" in text
        assert "The goods were carried out of the store, so nothing had to be chosen." in text


async def test_a_long_order_shows_its_first_lines_and_folds_the_rest(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    new = order("A-1", *[("CUP", 1)] * 200, customer=Customer(name="x" * 80))
    number = (await shown(database, await captured(database, new))).number
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(f"/orders/{number}")
        first, folded = page.text.split("Show all 200 lines")
        assert first.count('class="line-item"') == 20
        assert folded.count('class="line-item"') == 180
        assert "x" * 80 in page.text


@pytest.mark.parametrize(
    "named", ["999999", "nobody", "0199a1b2-0000-7000-8000-000000000000", "9" * 30]
)
async def test_an_order_that_there_is_not_is_told_so(
    database: Database, settings: Settings, named: str
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        for path in (f"/orders/{named}", f"/orders/{named}/cancel", f"/orders/{named}/reroute"):
            page = await browser.get(path)
            assert page.status_code == 404
            assert "There is no such order. Search for its number or its customer." in said(page)


async def test_what_people_wrote_is_never_taken_for_markup(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    evil = Customer(name="<script>alert(1)</script>")
    new = order("<b>A</b>", ("CUP", 1), customer=evil)
    order_id: UUID = await captured(database, new)
    number = (await shown(database, order_id)).number
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        await browser.post(f"/orders/{number}/notes", data={"text": "<i>%(location)s</i>"})
        page = await browser.get(f"/orders/{number}")
        assert "<script>alert" not in page.text
        assert "<b>A" not in page.text
        assert "&lt;i&gt;%(location)s&lt;/i&gt;" in page.text
        assert "<script>alert" not in (await browser.get("/orders")).text
