"""A browser, and a shop with a server for it; where there is no browser, one line says so.

All tests here run on one event loop, that of the browser. A test that only looks takes
``browsing``, a test that changes something ``acting``: each has a site of its own, which is a copy.
"""

import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from psycopg import conninfo

from tests.browser import seeding, serving
from tests.browser.browsing import Browsing, Profiles
from tests.browser.seeding import Shop
from tests.browser.serving import Site
from unisono.core.database import Database

MISSING = "browser tests were skipped: install chromium (Debian: apt-get install chromium)"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of this folder the event loop that the browser speaks on."""
    for item in items:
        if HERE in item.path.parents:
            # Before the mark that every async test gets, which names no loop.
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let all tests that miss the browser miss it at one place: they are told in one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if reason.endswith(MISSING):
            report.longrepr = (str(HERE / "conftest.py"), 0, reason)
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    found = shutil.which("chromium")
    if found is None:
        # A run that decides whether a change may land proves nothing without it.
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING.replace("were skipped", "cannot run"))
        pytest.skip(MISSING)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests of this process; every person has a profile of their own in it."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seeded(chromium: str, server: str, template: str) -> AsyncIterator[tuple[str, Shop]]:
    """The name of a database with the shop in it, to copy, and what is in it."""
    name = f"unisono_shop_{uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    database = Database(serving.SETTINGS, url=conninfo.make_conninfo(server, dbname=name))
    await database.open()
    shop = await seeding.seed(database)
    await database.close()
    yield name, shop
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def site(server: str, seeded: tuple[str, Shop]) -> Iterator[Site]:
    """The shop that nobody changes."""
    yield from _site(server, *seeded)


@pytest.fixture
def own_site(server: str, seeded: tuple[str, Shop]) -> Iterator[Site]:
    """A shop that a test may change."""
    yield from _site(server, *seeded)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profiles(browser: Browser) -> AsyncIterator[Profiles]:
    """The browsers of people who only look, kept from test to test."""
    opened: Profiles = {}
    yield opened
    for each in opened.values():
        await each.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browsing(browser: Browser, site: Site, profiles: Profiles) -> AsyncIterator[Browsing]:
    """People who look at the shop; what went wrong meanwhile fails the test at its end."""
    looking = Browsing(browser=browser, site=site, profiles=profiles)
    yield looking
    assert await looking.end() == []


@pytest_asyncio.fixture(loop_scope="session")
async def acting(browser: Browser, own_site: Site) -> AsyncIterator[Browsing]:
    """People who change a shop that is there for one test; as ``browsing`` otherwise."""
    looking = Browsing(browser=browser, site=own_site, profiles={})
    yield looking
    problems = await looking.end()
    for each in looking.profiles.values():
        await each.close()
    assert problems == []


def _site(server: str, seeded: str, shop: Shop) -> Iterator[Site]:
    name = f"unisono_site_{uuid4().hex[:12]}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{seeded}" STRATEGY FILE_COPY')
    with serving.running(conninfo.make_conninfo(server, dbname=name), shop) as site:
        yield site
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())
