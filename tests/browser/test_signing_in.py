"""Signing in, as people do it: by keyboard, with and without JavaScript."""

import pytest
from playwright.async_api import expect

from tests.browser.browsing import Browsing, Person
from tests.browser.seeding import PASSWORD


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
async def test_who_signs_in_by_keyboard_goes_on_where_they_were(
    acting: Browsing, *, scripts: bool
) -> None:
    acting.announce(401)
    page = await acting.person(Person(role=None, scripts=scripts))
    assert await acting.open(page, "/network?search=lyon") == 401
    await expect(page.locator("#email")).to_be_focused()
    await page.keyboard.type("service@shop.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/network?search=lyon")
    await expect(page.get_by_role("link", name="Store Lyon")).to_be_visible()


async def test_a_wrong_password_is_told_and_the_address_stays(acting: Browsing) -> None:
    acting.announce(401)
    page = await acting.person(Person(role=None, language="fr"))
    await acting.open(page, "/sign-in")
    await page.get_by_label("Adresse e-mail").fill("service@shop.example")
    await page.get_by_label("Mot de passe").fill("not my password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("mot de passe")
    await expect(page.get_by_label("Adresse e-mail")).to_have_value("service@shop.example")
    await expect(page.get_by_label("Mot de passe")).to_have_value("")
