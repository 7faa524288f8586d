"""People at browsers, and what is watched while they use them.

A page may ask no other host for anything, fail nowhere, and say nothing in the browser's console;
what a test expects to be refused it announces.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python.base  # type: ignore[import-untyped]
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.serving import Site
from unisono.console.visits import SESSION_COOKIE

WIDE = (1360, 850)
PHONE = (390, 844)
NARROW = (320, 640)
"""What 1280 pixels are at a zoom of 400 %: nothing may need scrolling in two directions."""

LOADING_SECONDS = 15
_AXE = Path(axe_playwright_python.base.AXE_FILE_PATH).read_text(encoding="utf-8")
_ABORTED = "net::ERR_ABORTED"
"""A page was left while it was loading something: a live stream ends like this."""
_STATUS_TOLD = "Failed to load resource"
"""Said in the console of what the watch for statuses tells already."""

# Gives what stands out of the page to the right, without what scrolls inside of its own box.
_SPILLED = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const name = (each) => each.tagName.toLowerCase() + (each.id && "#" + each.id)
        + [...each.classList].map((one) => "." + one).join("");
    return ["the page scrolls by " + (document.documentElement.scrollWidth - width) + " px",
        ...[...document.body.querySelectorAll("*")]
            .filter((each) => each.getBoundingClientRect().right > width + 1)
            .slice(0, 5).map(name)];
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at a browser of their own; without a role nobody is signed in."""

    role: str | None = "administrator"
    language: str = "en"
    size: tuple[int, int] = WIDE
    dark: bool = False
    scripts: bool = True


Profiles = dict[Person, BrowserContext]
"""The browsers that are open; files that pages share are fetched once by each."""


@dataclass(kw_only=True)
class Browsing:
    """Every page that one test opened on one site; the browser's library marks whom it calls."""

    browser: Browser
    site: Site
    profiles: Profiles
    problems: list[str] = field(default_factory=list)
    announced: set[int] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)

    async def person(self, person: Person) -> Page:
        """Return an empty page of somebody's browser."""
        if person not in self.profiles:
            self.profiles[person] = await self._profile(person)
        page = await self.profiles[person].new_page()
        self.pages.append(page)
        page.on("request", self._requested)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        return page

    async def _profile(self, person: Person) -> BrowserContext:
        width, height = person.size
        profile = await self.browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=width < WIDE[0],
            locale={"en": "en-GB", "fr": "fr-FR"}[person.language],
            color_scheme="dark" if person.dark else "light",
            java_script_enabled=person.scripts,
        )
        profile.set_default_timeout(1000 * LOADING_SECONDS)
        if person.role is not None:
            token = self.site.shop.sessions[person.role]
            await profile.add_cookies(
                [{"name": SESSION_COOKIE, "value": token, "url": self.site.address}]
            )
        return profile

    def announce(self, *statuses: int) -> None:
        """Expect answers with these statuses, which are failures otherwise."""
        self.announced |= set(statuses)

    async def open(self, page: Page, path: str) -> int:
        """Go to a page of the site and return its status; see ``Site.at``."""
        answer = await page.goto(self.site.at(path))
        assert answer is not None
        return answer.status

    async def end(self) -> list[str]:
        """Close every page and return what was wrong."""
        for page in self.pages:
            await page.close()
        return self.problems

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and (
            address.netloc != urlsplit(self.site.address).netloc
        ):
            self.problems.append(f"another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _ABORTED:
            self.problems.append(f"no answer: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.announced:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS_TOLD):
            self.problems.append(f"console: {message.text}")


async def violations(page: Page) -> list[str]:
    """Return what axe finds on a page: the rule, what it asks for, and where it is broken."""
    await page.evaluate(_AXE)
    found: dict[str, Any] = await page.evaluate(
        "(options) => axe.run(options)", {"resultTypes": ["violations"]}
    )
    return [
        f"{each['id']} ({each['impact']}): {each['help']}\n"
        + "\n".join(f"    {json.dumps(node['target'])} {_why(node)}" for node in each["nodes"])
        for each in found["violations"]
    ]


def _why(node: dict[str, Any]) -> str:
    """Return what axe measured, for example a contrast."""
    return "; ".join(each["message"] for each in (*node["any"], *node["all"], *node["none"]))


async def spilled(page: Page, size: tuple[int, int]) -> Sequence[str]:
    """Return what makes a page of this size scroll sideways."""
    width, height = size
    await page.set_viewport_size({"width": width, "height": height})
    found: Sequence[str] = await page.evaluate(_SPILLED)
    return found


async def headings(page: Page) -> list[str]:
    """Return the headings that somebody sees, in order."""
    shown = page.locator("h1:visible, h2:visible, h3:visible")
    return [" ".join(text.split()) for text in await shown.all_inner_texts()]
