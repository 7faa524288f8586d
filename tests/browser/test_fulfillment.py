"""The work of a store on a phone: a tap for each step, and one sentence for who comes too late."""

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from tests.browser.browsing import PHONE, Browsing, Person

ASSISTANT = Person(role="store", size=PHONE)
WORK = "/fulfillment/S-LYON/{order_in_preparation}.1"


async def tap(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).first.tap()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
async def test_four_taps_and_a_number_send_an_order(acting: Browsing, *, scripts: bool) -> None:
    page = await acting.person(replace(ASSISTANT, scripts=scripts))
    await acting.open(page, WORK)
    await tap(page, "Accept")
    await expect(page.get_by_role("listitem").filter(has_text="Pick")).to_have_attribute(
        "aria-current", "step"
    )
    await tap(page, "Confirm picking")
    await tap(page, "Confirm packing")
    await page.get_by_label("Tracking number on the label").fill("6A-BY-HAND")
    await tap(page, "Ship")
    number = acting.site.shop.names["number_in_preparation"]
    await expect(page.get_by_role("status")).to_have_text(f"Order {number} is shipped.")
    await acting.open(page, WORK)
    await expect(page.get_by_text("6A-BY-HAND").first).to_be_visible()


async def test_who_comes_too_late_is_told_and_sees_how_it_is(acting: Browsing) -> None:
    acting.announce(409)
    first, second = (
        await acting.person(ASSISTANT),
        await acting.person(replace(ASSISTANT, language="fr")),
    )
    await acting.open(first, WORK)
    await acting.open(second, WORK)
    await tap(first, "Accept")
    await expect(first.get_by_role("button", name="Confirm picking")).to_be_visible()
    await tap(second, "Accepter")
    await expect(second.get_by_role("alert")).to_be_visible()


async def test_a_scanned_number_opens_its_work(acting: Browsing) -> None:
    page = await acting.person(ASSISTANT)
    await acting.open(page, "/fulfillment/S-LYON")
    number = acting.site.shop.names["number_in_preparation"]
    await page.keyboard.press("/")
    await page.keyboard.type(number)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
