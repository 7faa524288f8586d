"""Somebody who visits pages: a client of an application with a session."""

import html
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar

from tests.api.connecting import connected
from unisono.console.visits import SESSION_COOKIE
from unisono.core.database import Database
from unisono.identity import people, sessions

PASSWORD = "a password of nobody"


@asynccontextmanager
async def visiting(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a browser of nobody: it asks for pages, and sends forms as pages of the server do."""
    async with connected(app) as client:
        client.headers["accept"] = "text/html"
        client.headers["sec-fetch-site"] = "same-origin"
        yield client


@asynccontextmanager
async def signed_in(
    app: Litestar,
    database: Database,
    *,
    role: str = "administrator",
    name: str = "Zoé Martin",
    locations: Iterable[str] = (),
    language: str = "en",
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield the browser of a new person of that role, whose e-mail address is the role's name."""
    async with database.transaction() as db:
        await people.add(
            db,
            email=f"{role}@shop.example",
            name=name,
            password=PASSWORD,
            role=role,
            locations=locations,
            author="test",
        )
    new = await sessions.sign_in(database, email=f"{role}@shop.example", password=PASSWORD)
    async with visiting(app) as client:
        client.cookies.set(SESSION_COOKIE, new.token)
        client.cookies.set("language", language)
        yield client


def said(page: httpx.Response) -> str:
    """Return the text of a page, without its tags and with single blanks."""
    plain = re.sub(r"<[^>]+>", " ", page.text)
    return " ".join(html.unescape(plain).split())
