"""The overview: figures that fit the orders, what needs somebody, and a stream that follows."""

import asyncio

import httpx
from litestar import Litestar

import unisono.app
from tests.analytics.listening import settled
from tests.console.visiting import said, signed_in
from tests.fulfillment.floor import STOCK, cancelled, captured
from tests.orders.shop import open_shop, order
from unisono.console import live
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.core.settings import Settings


async def test_an_empty_installation_says_what_will_appear(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = said(await browser.get("/"))
    assert "Nothing needs you now." in page
    assert "Orders appear here as soon as a channel sends one." in page
    assert "Lead times appear when the first orders have arrived." in page


async def test_figures_are_those_of_the_orders(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    await captured(database, order("A-1", ("CUP", 1)))
    await cancelled(database, await captured(database, order("A-2", ("CUP", 1))))
    await settled(database)
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        page = said(await browser.get("/"))
    assert "In progress 1 1 piece of work open" in page
    assert "Orders by state 2" in page
    assert "Cancelled 1" in page
    assert "Web 2" in page


async def test_the_overview_speaks_french(database: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, language="fr") as browser:
        page = said(await browser.get("/"))
    assert "Vue d’ensemble" in page
    assert "Rien à traiter pour le moment." in page


async def test_people_of_a_store_go_on_to_their_own_work(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, STOCK)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database, role="store", locations=["S-LYON"]) as browser:
        answer = await browser.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/fulfillment")
        assert (await browser.get("/live")).status_code == 403


async def test_nothing_late_and_nothing_waiting_is_said(
    database: Database, settings: Settings
) -> None:
    async with signed_in(unisono.app.build(settings, database, areas=()), database) as browser:
        assert "No order is late" in said(await browser.get("/late"))
        assert "No order waits for stock" in said(await browser.get("/waiting"))


async def _streamed(app: Litestar, cookie: str, messages: int, between: asyncio.Event) -> list[str]:
    """Read messages of the stream as the server sends them, and set an event after the first."""
    heard: list[str] = []
    over = asyncio.Event()
    text = ""

    async def send(message: dict[str, object]) -> None:
        nonlocal text
        body = message.get("body", b"")
        assert isinstance(body, bytes)
        text += body.decode()
        if message["type"] == "http.response.body" and not message["more_body"]:
            over.set()
        while "\n\n" in text:
            event, _, text = text.partition("\n\n")
            heard.append(event)
            between.set()
            if len(heard) == messages:
                over.set()

    async def receive() -> dict[str, object]:
        await over.wait()
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/live",
        "raw_path": b"/live",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"shop"), (b"cookie", f"{SESSION_COOKIE}={cookie}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("shop", 80),
    }
    await asyncio.wait_for(app(scope, receive, send), 30)  # type: ignore[arg-type]
    return heard


async def test_the_stream_tells_when_figures_change(database: Database, settings: Settings) -> None:
    await open_shop(database, STOCK)
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        first = asyncio.Event()
        stream = asyncio.create_task(_streamed(app, browser.cookies[SESSION_COOKIE], 2, first))
        await first.wait()
        await captured(database, order("A-1", ("CUP", 1)))
        await settled(database)
        before, after = await stream
    assert "In progress" in before
    assert before != after


async def test_no_more_streams_than_allowed(database: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        app.state["streams"] = live.Streams(count=settings.streams_max)
        page: httpx.Response = await browser.get("/live")
        assert page.status_code == 503


async def test_a_stream_ends_with_the_session(database: Database, settings: Settings) -> None:
    app = unisono.app.build(settings, database, areas=())
    async with signed_in(app, database) as browser:
        first = asyncio.Event()
        stream = asyncio.create_task(_streamed(app, browser.cookies[SESSION_COOKIE], 99, first))
        await first.wait()
        await browser.post("/sign-out")
        # The client never hangs up: the server does.
        assert await stream
