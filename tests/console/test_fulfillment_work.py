"""Doing the work of a location by the forms of its pages, without JavaScript."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest

import unisono.app
from tests.console.forms import Form, actions, form
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import (
    STOCK,
    accepted,
    allocations,
    assert_sound,
    at_lyon,
    cancelled,
    everything,
    figures,
    packed,
    picked,
    released,
    seen,
    shipped,
    to_lyon,
    types,
)
from tests.orders.shop import open_shop, order
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment.records import FulfillmentRef

TIMES = "\N{MULTIPLICATION SIGN}"
LATE = "This work had gone on before your tap arrived, so your tap did nothing."


@asynccontextmanager
async def at_work(
    database: Database, settings: Settings, *, language: str = "en"
) -> AsyncIterator[httpx.AsyncClient]:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(
        app, database, role="store", locations=["S-LYON"], language=language
    ) as browser:
        yield browser


async def show(browser: httpx.AsyncClient, ref: FulfillmentRef, query: str = "") -> httpx.Response:
    page = await browser.get(f"/fulfillment/S-LYON/{ref}{query}")
    assert page.status_code == 200
    return page


async def send(browser: httpx.AsyncClient, wanted: Form, **more: object) -> httpx.Response:
    return await browser.post(wanted.action, data={**wanted.fields, **more})


async def told(browser: httpx.AsyncClient, answer: httpx.Response) -> str:
    """Follow the answer to a form and return what the next page says."""
    assert answer.status_code == 303
    return said(await browser.get(answer.headers["location"]))


async def test_a_parcel_is_sent_in_four_steps(database: Database, settings: Settings) -> None:
    ref = await to_lyon(database, ("CUP", 2), ("LAMP", 1))
    number = (await seen(database, ref)).order_number
    async with at_work(database, settings) as browser:
        queue = await browser.get("/fulfillment/S-LYON")
        answer = await send(browser, form(queue, "/accept"))
        assert answer.headers["location"] == f"/fulfillment/S-LYON/{ref}"
        page = await show(browser, ref)
        assert f"Cup CUP 2 {TIMES}" in said(page)
        answer = await send(browser, form(page, "/pick"))
        page = await show(browser, ref)
        assert "Without one it counts as 1.3 kg" in said(page)
        await send(browser, form(page, "/pack"))
        page = await show(browser, ref)
        assert "Package 1 1.3 kg Post Standard" in said(page)
        # Labels group their numbers by blanks.
        answer = await send(browser, form(page, "/ship"), tracking_number="6A 123 456")
        assert f"Order {number} is shipped." in await told(browser, answer)
        assert "6A123456" in said(await show(browser, ref))
    done = await seen(database, ref)
    assert (done.state, done.version) == ("shipped", 5)
    assert [package.tracking_number for package in done.packages] == ["6A123456"]
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    await assert_sound(database)


async def test_click_and_collect_ends_in_the_hands_of_the_customer(
    database: Database, settings: Settings
) -> None:
    ref = await at_lyon(database, ("CUP", 2))
    number = (await seen(database, ref)).order_number
    async with at_work(database, settings) as browser:
        for step in ("/accept", "/pick", "/pack"):
            answer = await send(browser, form(await show(browser, ref), step))
            assert answer.headers["location"] == f"/fulfillment/S-LYON/{ref}"
        page = await show(browser, ref)
        assert f"marked with order {number} and the name Zoé Martin" in said(page)
        answer = await send(browser, form(page, "/set-out"))
        assert f"Order {number} is ready to collect." in await told(browser, answer)
        page = await show(browser, ref)
        assert "To hand over to Zoé Martin 2 units · 1 package" in said(page)
        answer = await send(browser, form(page, "/hand-over"))
        assert answer.headers["location"] == "/fulfillment/S-LYON/collect"
        assert f"Order {number} is handed over." in await told(browser, answer)
    assert (await seen(database, ref)).state == "closed"
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    await assert_sound(database)


async def test_what_is_short_is_set_aside_with_its_reason(
    database: Database, settings: Settings
) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 3), ("LAMP", 1)))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref), "/pick")
        assert wanted.fields["found"] == ["3", "1"]
        answer = await send(browser, wanted, found=["1", "1"], reason=["damaged", "not_found"])
        page = await told(browser, answer)
        assert "2 units are set aside; another location is asked for them." in page
        assert f"Cup CUP Quantity 1 {TIMES}" in page
    assert await figures(database, "CUP", "S-LYON") == (10, 2, 1)
    assert (await allocations(database, ref.order_id))[-1][1:4] == (2, "open", "short_pick")
    await assert_sound(database)


async def test_when_nothing_is_found_the_work_is_over(
    database: Database, settings: Settings
) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 1)))
    number = (await seen(database, ref)).order_number
    async with at_work(database, settings) as browser:
        answer = await send(browser, form(await show(browser, ref), "/pick"), found="0")
        assert (
            f"Nothing of order {number} was found; another location is asked for it."
            in await told(browser, answer)
        )
        page = await show(browser, ref)
        assert "Another location is asked for it now Nothing of it was found here." in said(page)
        assert actions(page) == []
    assert (await seen(database, ref)).state == "incomplete"


@pytest.mark.parametrize(
    ("language", "given", "reason"),
    [
        ("en", {"reason": "closed"}, "We are closed"),
        ("fr", {"reason": "closed"}, "Nous sommes fermés"),
        ("en", {"reason": "too_much", "note": "sale"}, "There is too much work now (sale)"),
        ("en", {"reason": "other", "note": " flooded "}, "flooded"),
    ],
)
async def test_rejecting_leaves_the_work_to_another_location(
    database: Database, settings: Settings, language: str, given: dict[str, str], reason: str
) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    async with at_work(database, settings, language=language) as browser:
        page = await show(browser, ref)
        answer = await send(browser, form(page, "/reject"), **given)
        assert answer.headers["location"] == "/fulfillment/S-LYON"
        assert reason in said(await show(browser, ref))
    rejected = await seen(database, ref)
    assert (rejected.state, rejected.reason) == ("rejected", reason)
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 0)
    assert (await types(database, ref.order_id))[-1] == "fulfillment_order.rejected"


@pytest.mark.parametrize(
    "given",
    [
        {"reason": "other"},
        {"reason": "no reason of ours"},
        {},
        {"reason": "closed", "note": "x\ty"},
    ],
)
async def test_a_rejection_without_a_reason_changes_nothing(
    database: Database, settings: Settings, given: dict[str, str]
) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref), "/reject")
        before = await everything(database)
        page = await send(browser, wanted, **given)
        assert page.status_code == 422
        assert "Something in the form cannot be accepted. Nothing was changed." in said(page)
        assert await everything(database) == before


async def test_the_second_of_two_people_sees_the_work_as_it_is_now(
    database: Database, settings: Settings
) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    async with at_work(database, settings) as browser:
        page = await show(browser, ref)
        accept, reject = form(page, "/accept"), form(page, "/reject")
        await send(browser, accept)
        before = await everything(database)
        for late, more in ((accept, {}), (reject, {"reason": "closed"})):
            page = await send(browser, late, **more)
            assert page.status_code == 409
            assert f"{LATE} This is how it is now." in said(page)
            # The page goes on from where the work is.
            assert actions(page) == ["pick", "reject"]
        assert await everything(database) == before


async def test_a_page_from_before_a_cancellation_changes_nothing(
    database: Database, settings: Settings
) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 2), ("LAMP", 1)))
    async with at_work(database, settings) as browser:
        pick = form(await show(browser, ref), "/pick")
        await cancelled(database, ref.order_id, (1, None))
        before = await everything(database)
        page = await send(browser, pick)
        assert page.status_code == 409
        assert LATE in said(page)
        assert form(page, "/pick").fields["found"] == ["1"]
        assert await everything(database) == before
        # What nobody wants any more says what to do with the goods.
        await cancelled(database, ref.order_id)
        page = await show(browser, ref)
        assert "Put back what was picked." in said(page)
        assert actions(page) == []


async def test_several_packages_are_filled_by_hand(database: Database, settings: Settings) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 3), ("LAMP", 1)))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref, "?packages=3"), "/fill")
        assert wanted.fields["units"] == ["3", "1", "0", "0", "0", "0"]
        # The second weighs what its SKUs weigh; the third stays empty.
        fields = {"units": ["2", "0", "1", "1", "0", "0"], "weight_g": ["450", "", ""]}
        await send(browser, wanted, **fields)
        page = await show(browser, ref)
        assert form(page, "/ship").fields["package"] == ["1", "2"]
        answer = await send(browser, form(page, "/ship"), tracking_number=["6A1", "6A2"])
        assert answer.status_code == 303
    done = await seen(database, ref)
    assert [(each.package, each.weight_g, each.tracking_number) for each in done.packages] == [
        (1, 450, "6A1"),
        (2, 1100, "6A2"),
    ]
    assert [[item.quantity for item in each.items] for each in done.packages] == [[2], [1, 1]]
    await assert_sound(database)


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (["2", "1", "0", "0"], "Cup: 2 of 3 are in a package"),
        (["3", "1", "1", "0"], "Cup: 4 of 3 are in a package"),
        (["0", "0", "0", "0"], "Lamp: 0 of 1 are in a package"),
    ],
)
async def test_packages_that_do_not_add_up_are_shown_again_as_they_were_filled(
    database: Database, settings: Settings, units: list[str], sentence: str
) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 3), ("LAMP", 1)))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref, "?packages=2"), "/fill")
        before = await everything(database)
        page = await send(browser, wanted, units=units, weight_g=["700", ""])
        assert page.status_code == 422
        assert "Every unit must be in one package. Nothing was changed." in said(page)
        assert sentence in said(page)
        again = form(page, "/fill").fields
        assert (again["units"], again["weight_g"]) == (units, ["700", ""])
        assert await everything(database) == before


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("/pick", {"found": ["1", "1"]}),
        ("/pick", {"found": ["-1"]}),
        ("/pick", {"found": ["9"]}),
        ("/pick", {"reason": ["eaten"]}),
        ("/pick", {"version": "x"}),
        ("/pick", {"version": ""}),
    ],
)
async def test_a_pick_that_is_not_as_it_must_be_changes_nothing(
    database: Database, settings: Settings, step: str, given: dict[str, list[str]]
) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 1)))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref), step)
        before = await everything(database)
        page = await send(browser, wanted, **given)
        assert page.status_code == 422
        assert "Nothing was changed." in said(page)
        assert await everything(database) == before


@pytest.mark.parametrize(
    ("number", "status", "sentence"),
    [
        ("T1", 409, "This tracking number is already on another package."),
        ("", 422, "This is missing."),
        ("--", 422, "This is not written as it must be."),
    ],
)
async def test_a_parcel_without_a_number_of_its_own_does_not_leave(
    database: Database, settings: Settings, number: str, status: int, sentence: str
) -> None:
    await open_shop(database, STOCK)
    await shipped(database, await released(database, order("A-1", ("CUP", 1))), "T1")
    ref = await packed(database, await released(database, order("A-2", ("CUP", 1))))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref), "/ship")
        before = await everything(database)
        page = await send(browser, wanted, tracking_number=number)
        assert page.status_code == status
        assert sentence in said(page)
        assert await everything(database) == before


async def test_a_weight_of_the_scales_is_that_of_the_package(
    database: Database, settings: Settings
) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 1)))
    async with at_work(database, settings) as browser:
        await send(browser, form(await show(browser, ref), "/pack"), weight_g="260")
    [package] = (await seen(database, ref)).packages
    assert package.weight_g == 260


async def test_a_weight_that_no_carrier_takes_is_told(
    database: Database, settings: Settings
) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 1)))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref), "/pack")
        before = await everything(database)
        page = await send(browser, wanted, weight_g="99000")
        assert "No carrier takes a package of this weight to its destination." in said(page)
        assert await everything(database) == before


async def test_what_was_cancelled_after_packing_is_not_asked_for(
    database: Database, settings: Settings
) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 1), ("LAMP", 1)))
    async with at_work(database, settings) as browser:
        wanted = form(await show(browser, ref, "?packages=2"), "/fill")
        await send(browser, wanted, units=["1", "0", "0", "1"])
        await cancelled(database, ref.order_id, (2, None))
        page = await show(browser, ref)
        assert "Package 2 900 g Everything in it was cancelled: it stays here." in said(page)
        answer = await send(browser, form(page, "/ship"), tracking_number="6A1")
        assert answer.status_code == 303
    assert [each.state for each in (await seen(database, ref)).packages] == ["shipped", "cancelled"]


async def test_nobody_acts_on_the_work_of_another_location(
    database: Database, settings: Settings
) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    before = await everything(database)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LILLE"]) as browser:
        for location, status in (("S-LYON", 403), ("S-LILLE", 404)):
            address = f"/fulfillment/{location}/{ref}"
            for step in ("accept", "set-out", "hand-over", "pack"):
                answer = await browser.post(f"{address}/{step}", data={"version": "1"})
                assert answer.status_code == status
    assert await everything(database) == before


async def test_who_may_only_read_is_not_asked_to_act(
    database: Database, settings: Settings
) -> None:
    ref = await to_lyon(database, ("CUP", 1))
    before = await everything(database)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service") as browser:
        page = await show(browser, ref)
        assert f"Cup CUP Quantity 1 {TIMES}" in said(page)
        assert actions(page) == []
        assert actions(await browser.get("/fulfillment/S-LYON")) == ["find"]
        answer = await browser.post(f"/fulfillment/S-LYON/{ref}/accept", data={"version": "1"})
        assert answer.status_code == 403
        assert "Your role does not allow this." in said(answer)
    assert await everything(database) == before


async def test_a_tap_after_the_session_has_ended_is_kept(
    database: Database, settings: Settings
) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 2)))
    before = await everything(database)
    async with at_work(database, settings) as browser:
        pick = form(await show(browser, ref), "/pick")
        browser.cookies.delete(SESSION_COOKIE)
        page = await send(browser, pick, found="1")
        assert page.status_code == 401
        assert "What you entered is kept" in said(page)
        assert re.search(r'name="kept" value="[^"]', page.text)
    assert await everything(database) == before


async def test_work_that_there_is_not_is_told_so(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    async with at_work(database, settings) as browser:
        for named in ("nonsense", f"{UUID(int=1)}.1"):
            page = await browser.get(f"/fulfillment/S-LYON/{named}")
            assert page.status_code == 404
            assert "There is no such work." in said(page)
            answer = await browser.post(
                f"/fulfillment/S-LYON/{named}/accept", data={"version": "1"}
            )
            assert answer.status_code == 404


async def test_the_list_to_pick_by_is_on_paper_with_the_number_large(
    database: Database, settings: Settings
) -> None:
    ref = await to_lyon(database, ("CUP", 2), ("LAMP", 1))
    number = (await seen(database, ref)).order_number
    async with at_work(database, settings) as browser:
        page = await show(browser, ref)
    assert f'<p class="paper-number">{number}</p>' in page.text
    assert "SKU Name Quantity CUP Cup 2 LAMP Lamp 1 In all 3" in said(page)
