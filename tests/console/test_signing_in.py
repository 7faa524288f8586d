"""Signing in, and what happens to an action whose session has ended."""

import html
import re

import pytest

import unisono.app
from tests.console.visiting import PASSWORD, said, signed_in, visiting
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import people


async def _zoe(database: Database) -> None:
    async with database.transaction() as db:
        await people.add(
            db, email="zoe@shop.example", name="Zoé", password=PASSWORD, role="operations"
        )


async def test_a_page_without_a_session_asks_to_sign_in_and_goes_on_there(
    database: Database, settings: Settings
) -> None:
    await _zoe(database)
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        page = await browser.get("/network?search=lyon")
        assert page.status_code == 401
        assert 'name="to" value="/network?search=lyon"' in page.text
        form = {"email": "ZOE@shop.example ", "password": PASSWORD, "to": "/network?search=lyon"}
        answer = await browser.post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/network?search=lyon")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert (await browser.get("/network?search=lyon")).status_code == 200


async def test_nobody_is_sent_to_another_site(database: Database, settings: Settings) -> None:
    await _zoe(database)
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        for to in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"):
            form = {"email": "zoe@shop.example", "password": PASSWORD, "to": to}
            answer = await browser.post("/sign-in", data=form)
            assert answer.headers["location"] == "/"


async def test_a_wrong_password_says_so_and_then_has_to_wait(
    database: Database, settings: Settings
) -> None:
    await _zoe(database)
    form = {"email": "zoe@shop.example", "password": "not my password"}
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        for _ in range(3):
            page = await browser.post("/sign-in", data=form)
            assert page.status_code == 401
            assert "The e-mail address or the password is not right." in said(page)
            assert 'value="zoe@shop.example"' in page.text
            assert "not my password" not in page.text
        page = await browser.post("/sign-in", data={**form, "password": PASSWORD})
        assert page.status_code == 429
        assert "Too many wrong tries. Wait 2 seconds, then try again." in said(page)
        assert SESSION_COOKIE not in browser.cookies


async def test_what_was_sent_when_the_session_had_ended_is_kept(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        browser.cookies.delete(SESSION_COOKIE)
        referer = {"referer": "http://shop/orders/1001"}
        note = {"text": 'He said "ring twice"', "version": "3"}
        page = await browser.post("/sign-out", data=note, headers=referer)
        assert page.status_code == 401
        assert "What you entered is kept" in said(page)
        [kept] = re.findall(r'name="kept" value="([^"]*)"', page.text)
        form = {
            "email": "administrator@shop.example",
            "password": PASSWORD,
            "to": "/orders/1001",
            "kept": html.unescape(kept),
        }
        again = await browser.post("/sign-in", data=form)
        assert again.status_code == 200
        assert 'action="/sign-out"' in again.text
        assert 'name="version" value="3"' in again.text
        assert "ring twice" in said(again)
        assert 'href="/orders/1001"' in again.text
        assert (await browser.get("/network")).status_code == 200


async def test_what_another_site_sent_is_not_kept(database: Database, settings: Settings) -> None:
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        browser.headers["sec-fetch-site"] = "cross-site"
        page = await browser.post("/sign-out", data={"text": "cancel everything"})
        assert page.status_code == 403
        assert "cancel everything" not in page.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://shop"}, 303),
        ({"origin": "http://shop.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_form_is_only_taken_from_a_page_of_this_server(
    database: Database, settings: Settings, headers: dict[str, str], status: int
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        del browser.headers["sec-fetch-site"]
        answer = await browser.post("/sign-out", headers=headers)
        assert answer.status_code == status
        left = await browser.get("/network")
        assert left.status_code == (401 if status == 303 else 200)


async def test_after_signing_out_the_cookie_opens_nothing(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        token = browser.cookies[SESSION_COOKIE]
        answer = await browser.post("/sign-out")
        assert answer.headers["location"] == "/sign-in"
        browser.cookies.set(SESSION_COOKIE, token)
        assert (await browser.get("/network")).status_code == 401


async def test_an_address_without_a_page_says_so(database: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="service", language="fr") as browser:
        page = await browser.get("/nowhere")
        assert page.status_code == 404
        assert "Il n’y a rien à cette adresse." in said(page)


async def test_pages_carry_the_headers_that_keep_other_sites_out(
    database: Database, settings: Settings
) -> None:
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        page = await browser.get("/sign-in")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_programs_still_get_problem_documents(database: Database, settings: Settings) -> None:
    async with visiting(unisono.app.build(settings, database, areas=())) as browser:
        browser.headers["accept"] = "*/*"
        answer = await browser.get("/nowhere")
        assert answer.headers["content-type"] == "application/problem+json"
        answer = await browser.get("/v1/nowhere", headers={"accept": "text/html"})
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "address",
    ["/inventory/%00", "/orders?search=%00", "/orders/%00", "/fulfillment/%00", "/track/%00"],
)
async def test_no_address_holds_what_no_text_can(
    database: Database, settings: Settings, address: str
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        assert (await browser.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/inventory/%ff", 404),
        ("/orders?search=%ff", 200),
        ("/orders?search=%ed%a0%80", 200),
        ("/orders/%f0%9f%9b%92", 404),
        ("/inventory?after=garbage", 422),
        ("/orders?placed_from=nonsense", 422),
        ("/settings/people/nobody", 404),
        ("/fulfillment/NOWHERE", 404),
    ],
)
async def test_a_strange_address_is_answered_with_a_sentence(
    database: Database, settings: Settings, address: str, status: int
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        page = await browser.get(address)
        assert page.status_code == status
        assert "Something failed" not in said(page)


async def test_a_form_holds_no_text_that_nobody_can_keep(
    database: Database, settings: Settings
) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        page = await browser.post("/settings/people", data={"name": "A\0B"})
        assert page.status_code == 422
