"""Acting on an order from its pages: seen first, then done exactly so, or refused."""

import re
from uuid import UUID

import httpx
import pytest

import unisono.app
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import captured, picked, released, shipped, told
from tests.orders.book import assert_sound, shown, state_of_everything, states
from tests.orders.shop import open_shop, order
from unisono.console.orders.actions import decimal_in
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.orders import notes
from unisono.orders.new_order import NewPayment

STOCK = {("CUP", "S-LYON"): 9, ("LAMP", "S-LYON"): 9, ("CUP", "W-ORLEANS"): 9}


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return what a form sends of itself."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))


async def number_of(database: Database, order_id: UUID) -> int:
    return (await shown(database, order_id)).number


async def test_a_cancellation_shows_first_what_it_would_do(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    ref = await picked(database, await released(database, order("A-1", ("CUP", 2), ("LAMP", 1))))
    number = await number_of(database, ref.order_id)
    before = await state_of_everything(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(f"/orders/{number}/cancel")
        assert hidden(page)["shown"] == "1:2,2:1"
        assert "The order is cancelled: none of its 3 units is sent." in said(page)
        assert "goods for €30.00" in said(page)
        assert "3 units are picked already: the location is told, and puts them back." in said(page)
        form = {**hidden(page), "line-1": "1", "line-2": "0", "reason": "Ordered twice"}
        page = await browser.post(f"/orders/{number}/cancel", data={**form, "preview": "1"})
        assert page.status_code == 200
        assert "1 unit is cancelled; the rest goes on." in said(page)
        # What is sent without having been shown is shown, not done.
        page = await browser.post(f"/orders/{number}/cancel", data=form)
        assert page.status_code == 200
        assert "Nothing is cancelled yet: this is what your choice would do." in said(page)
        assert 'value="Ordered twice"' in page.text
        assert await state_of_everything(database) == before
        answer = await browser.post(f"/orders/{number}/cancel", data={**form, **hidden(page)})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{number}")
        assert "1 unit is cancelled." in said(await browser.get(f"/orders/{number}"))
    assert await states(database, ref.order_id) == [
        (1, 1, "S-LYON", "picked"),
        (2, 1, "S-LYON", "picked"),
        (1, 1, "S-LYON", "cancelled"),
    ]
    [*_, (_, kind, data)] = await told(database, ref.order_id)
    assert (kind, data) == (
        "order.changed",
        {"reason": "Ordered twice", "cancelled": [[1, 1]], "author": "Zoé Martin"},
    )
    await assert_sound(database)


async def test_a_whole_order_is_cancelled(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 2)))
    number = await number_of(database, order_id)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service", language="fr") as browser:
        page = await browser.get(f"/orders/{number}/cancel")
        assert "La commande est annulée : aucune de ses 2 unités ne part." in said(page)
        form = {**hidden(page), "line-1": "2", "reason": "Trop tard"}
        await browser.post(f"/orders/{number}/cancel", data=form)
        page = await browser.get(f"/orders/{number}")
        assert "La commande est annulée." in said(page)
        assert "Motif : Trop tard" in said(page)
        page = await browser.get(f"/orders/{number}/cancel")
        assert "Plus rien ne peut être annulé" in said(page)
    assert (await shown(database, order_id)).state == "cancelled"
    await assert_sound(database)


@pytest.mark.parametrize(
    ("given", "status", "sentence"),
    [
        ({"line-1": "0", "shown": ""}, 200, "Choose at least one unit."),
        ({"shown": ""}, 200, "Choose at least one unit."),
        ({"line-1": "-1"}, 422, "This is not written as it must be."),
        ({"line-1": "2.5"}, 422, "This is not written as it must be."),
        ({"line-x": "2"}, 422, "This is not written as it must be."),
        ({"line-1": "9999999"}, 200, "Nothing is cancelled yet"),
        ({"line-1": "2", "reason": ""}, 422, "This is missing."),
        ({"line-1": "2", "reason": "x" * 201}, 422, "This value is not accepted."),
        ({"line-1": "2", "version": "9"}, 412, "Somebody changed this while you were looking"),
        ({"line-1": "2", "version": ""}, 422, "Something in the form cannot be accepted."),
    ],
)
async def test_a_cancellation_that_is_not_as_it_must_be_changes_nothing(
    database: Database, settings: Settings, given: dict[str, str], status: int, sentence: str
) -> None:
    await open_shop(database, STOCK)
    number = await number_of(database, await captured(database, order("A-1", ("CUP", 2))))
    before = await state_of_everything(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        form = {"version": "1", "shown": "1:2", "reason": "Ordered twice", **given}
        page = await browser.post(f"/orders/{number}/cancel", data=form)
    assert page.status_code == status
    assert sentence in said(page)
    assert await state_of_everything(database) == before


async def test_what_has_left_meanwhile_is_not_cancelled(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    number = await number_of(database, ref.order_id)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(f"/orders/{number}/cancel")
        form = {**hidden(page), "line-1": "2", "reason": "Ordered twice"}
        await shipped(database, ref)
        before = await state_of_everything(database)
        page = await browser.post(f"/orders/{number}/cancel", data=form)
        assert page.status_code == 412
        assert "Look at it as it is now, and decide again." in said(page)
        assert await state_of_everything(database) == before
        page = await browser.get(f"/orders/{number}/cancel")
        assert "Nothing can be cancelled any more" in said(page)


async def test_a_note_is_told_in_the_story_to_who_reads_the_order(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 2)))
    number = await number_of(database, order_id)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        form = {"text": " Called back:\r\nany colour will do "}
        answer = await browser.post(f"/orders/{number}/notes", data=form)
        assert answer.headers["location"] == f"/orders/{number}"
        page = await browser.get(f"/orders/{number}")
        assert "The note is written." in said(page)
        assert "A note was written. Called back: any colour will do" in said(page)
        assert "Zoé Martin" in said(page).partition("What happened")[2]
        before = await state_of_everything(database)
        page = await browser.post(f"/orders/{number}/notes", data={"text": "  "})
        assert page.status_code == 422
        assert "This is too short or too long." in said(page)
        browser.cookies.delete(SESSION_COOKIE)
        page = await browser.post(f"/orders/{number}/notes", data={"text": "kept for me"})
        assert page.status_code == 401
        assert "What you entered is kept" in said(page)
        assert await state_of_everything(database) == before
    async with database.read() as db:
        [note] = (await notes.of_order(db, order_id=order_id)).values()
    assert (note.text, note.author) == ("Called back:\nany colour will do", "Zoé Martin")


async def test_a_payment_releases_the_order_that_waits_for_it(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    new = order("A-1", ("CUP", 2), payment=NewPayment(status="pending"))
    order_id = await captured(database, new)
    number = await number_of(database, order_id)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        assert "Record a payment" in said(await browser.get(f"/orders/{number}"))
        page = await browser.get(f"/orders/{number}/payment")
        assert 'value="20.00"' in page.text
        await browser.post(
            f"/orders/{number}/payment", data={"amount": "12,50", "reference": "VIR-1"}
        )
        page = await browser.get(f"/orders/{number}")
        assert "The payment is recorded." in said(page)
        assert "€7.50 to be paid" in said(page)
        before = await state_of_everything(database)
        for form, status, sentence in (
            ({"amount": "7.51", "reference": "VIR-2"}, 409, "More would be received"),
            ({"amount": "7.50", "reference": "VIR-1"}, 409, "with another amount."),
            ({"amount": "1,234.50", "reference": "VIR-2"}, 422, "This is not an amount"),
            ({"amount": "0", "reference": "VIR-2"}, 422, "This must be more than nothing."),
            ({"amount": "7.50", "reference": " "}, 422, "This is missing."),
        ):
            page = await browser.post(f"/orders/{number}/payment", data=form)
            assert page.status_code == status
            assert sentence in said(page)
        assert await state_of_everything(database) == before
        await browser.post(
            f"/orders/{number}/payment", data={"amount": "7.50", "reference": "VIR-2"}
        )
        page = await browser.get(f"/orders/{number}")
        assert f"Order {number} Open" in said(page)
        assert "Total €20.00 Paid" in said(page)
    assert (await shown(database, order_id)).holds == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.50", "12.50"),
        ("12,50", "12.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1,234.50", "1,234.50"),
        ("1.234,50", "1.234,50"),
        ("1,234,567", "1,234,567"),
    ],
)
def test_only_a_comma_alone_is_a_decimal_one(text: str, expected: str) -> None:
    assert decimal_in(text) == expected


async def test_rerouting_is_tried_and_shown_before_it_is_done(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    number = await number_of(database, ref.order_id)
    before = await state_of_everything(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(f"/orders/{number}/reroute")
        # The only location is chosen already.
        assert hidden(page)["shown"] == "S-LYON"
        assert "Warehouse Orléans €7.15" in said(page)
        assert "The location could not serve these units before. Store Lyon" in said(page)
        form = {**hidden(page), "avoid": "S-LYON", "reason": "Strike"}
        page = await browser.post(f"/orders/{number}/reroute", data={**form, "shown": ""})
        assert "Nothing is changed yet: this is what your choice would do." in said(page)
        page = await browser.post(f"/orders/{number}/reroute", data={**form, "avoid": ""})
        assert "Choose at least one location." in said(page)
        page = await browser.post(f"/orders/{number}/reroute", data={**form, "reason": ""})
        assert page.status_code == 422
        page = await browser.post(f"/orders/{number}/reroute", data={**form, "version": "9"})
        assert page.status_code == 412
        assert await state_of_everything(database) == before
        answer = await browser.post(f"/orders/{number}/reroute", data=form)
        assert answer.headers["location"] == f"/orders/{number}"
        text = said(await browser.get(f"/orders/{number}"))
        assert "The goods come from elsewhere now." in text
        assert "When its goods needed a new location" in text
        assert "2 units were taken away from their location. Reason: Strike" in text
    assert await states(database, ref.order_id) == [(1, 2, "W-ORLEANS", "allocated")]
    await assert_sound(database)


async def test_goods_that_only_one_location_has_stay_there(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("LAMP", 2)))
    number = await number_of(database, ref.order_id)
    before = await state_of_everything(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = await browser.get(f"/orders/{number}/reroute")
        assert "No other location has these goods and can bring them there." in said(page)
        form = {**hidden(page), "avoid": "S-LYON", "reason": "Strike"}
        page = await browser.post(f"/orders/{number}/reroute", data=form)
        assert page.status_code == 409
        assert "Leave the order as it is, or cancel what cannot come." in said(page)
        assert await state_of_everything(database) == before
        await picked(database, ref)
        page = await browser.get(f"/orders/{number}/reroute")
        assert "Nothing can be rerouted" in said(page)
