"""The tracking page in a browser: cancelling without JavaScript, and staying as it is now."""

from playwright.async_api import expect

from tests.browser.browsing import PHONE, Browsing, Person


async def test_a_customer_cancels_on_a_phone_without_javascript(acting: Browsing) -> None:
    page = await acting.person(Person(role=None, size=PHONE, scripts=False))
    await acting.open(page, "/track/{track_in_preparation}")
    await page.get_by_role("link", name="Cancel the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Cancel the whole order?")
    await page.get_by_role("button", name="Cancel the order").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your order was cancelled")
    await expect(page.get_by_role("link", name="Cancel the order")).to_have_count(0)


async def test_the_language_is_one_tap_away(acting: Browsing) -> None:
    page = await acting.person(Person(role=None, size=PHONE))
    await acting.open(page, "/track/{track_delivered}")
    await page.get_by_role("button", name="Français").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Votre commande est livrée")


async def test_an_open_page_shows_what_happened_meanwhile(acting: Browsing) -> None:
    page = await acting.person(Person(role=None, size=PHONE))
    await page.clock.install()
    await acting.open(page, "/track/{track_to_collect}")
    headline = page.get_by_role("heading", level=1)
    await expect(headline).to_have_text("We are preparing your order")
    other = await acting.person(Person(role=None))
    await acting.open(other, "/track/{track_to_collect}/cancel")
    await other.get_by_role("button", name="Cancel the order").click()
    await expect(headline).to_have_text("We are preparing your order")
    # Two minutes later: the way of the order has gone, so the page is read anew.
    await page.clock.fast_forward("02:15")
    await expect(headline).to_have_text("Your order was cancelled")
