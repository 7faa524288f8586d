"""The overview in a browser: its figures move by themselves, and keys lead to other pages."""

import re

from playwright.async_api import expect

from tests.browser.browsing import Browsing, Person


async def test_figures_move_when_orders_do(acting: Browsing) -> None:
    page = await acting.person(Person())
    await acting.open(page, "/")
    cancelled = page.get_by_role("row", name=re.compile("^Cancelled"))
    await expect(cancelled).to_contain_text("1")
    other = await acting.person(Person(role="service"))
    await acting.open(other, "/orders/{number_in_preparation}/cancel")
    await other.get_by_label("Why?").fill("Changed their mind")
    await other.get_by_role("button", name="Cancel what is chosen").click()
    await other.wait_for_url(re.compile(r"/orders/\d+$"))
    # Nobody touched this page.
    await expect(cancelled).to_contain_text("2")


async def test_the_keyboard_leads_everywhere(browsing: Browsing) -> None:
    page = await browsing.person(Person())
    await browsing.open(page, "/")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("o")
    await page.wait_for_url("**/orders")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Order \d+"))


async def test_what_was_entered_outlives_the_session(acting: Browsing) -> None:
    acting.announce(401)
    page = await acting.person(Person(role="service"))
    await acting.open(page, "/orders/{number_in_preparation}")
    await page.get_by_placeholder("A note for your colleagues").fill("Ring twice, please")
    await page.context.clear_cookies(name="session")
    await page.get_by_role("button", name="Add the note").click()
    await expect(page.get_by_role("status")).to_contain_text("What you entered is kept")
    await page.get_by_label("E-mail address").fill("service@shop.example")
    await page.get_by_label("Password").fill("a password of nobody")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Send it now").click()
    await expect(page.get_by_text("Ring twice, please").first).to_be_visible()
