"""Pictures of every page, with the data of the demo: wide, phone, dark and French.

    .venv/bin/python tools/screenshots.py [FOLDER] [--orders N] [--only NAME ...]

Starts a demo of its own, signs in as its people, and writes one PNG for each page and form into
FOLDER (`screenshots`, which is not kept in the repository). It says so when a page is wider than
its window, writes to the console of the browser, or asks another host.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from playwright.sync_api import Browser, Page, sync_playwright

ADMINISTRATOR = "admin@maison-unisono.example"
STORE = "rivoli@maison-unisono.example"
NOBODY = ""
START_SECONDS = 600
SETTLE_MS = 600
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FORMS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "wide": {"viewport": {"width": 1360, "height": 850}, "locale": "en-GB"},
        "phone": {
            "viewport": {"width": 390, "height": 844},
            "locale": "en-GB",
            "is_mobile": True,
            "has_touch": True,
        },
        "dark": {
            "viewport": {"width": 1360, "height": 850},
            "locale": "en-GB",
            "color_scheme": "dark",
        },
        "french": {"viewport": {"width": 1360, "height": 850}, "locale": "fr-FR"},
    }
)

_PASSWORD = re.compile(r"^\s+password\s+(\S+)$")
_CONSOLE = re.compile(r"^\s+console\s+(http://\S+)/$")
_TRACKING = re.compile(r"^\s+tracking page\s+(http://\S+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demo that runs: its address, the password of its people, a tracking page."""

    address: str
    password: str
    tracking: str


def first(path: str, links: str) -> Callable[[Page, Demo], str]:
    """Return what finds the first link on a page whose address begins like this."""

    def find(page: Page, demo: Demo) -> str:
        page.goto(demo.address + path)
        found = page.locator(f"main a[href^='{links}']").first.get_attribute("href")
        return demo.address + str(found)

    return find


def at(path: str) -> Callable[[Page, Demo], str]:
    """Return what knows an address by itself."""
    return lambda _, demo: demo.address + path


def under(place: Callable[[Page, Demo], str], rest: str) -> Callable[[Page, Demo], str]:
    """Return what goes on from the address that another finds."""
    return lambda page, demo: place(page, demo) + rest


_ORDER = first("/orders?state=open", "/orders/1")
_WORK = first("/fulfillment/S-PARIS-RIVOLI", "/fulfillment/S-PARIS-RIVOLI/0")
_SKU = first("/inventory", "/inventory/")

PICTURES: Mapping[str, tuple[str, Callable[[Page, Demo], str]]] = MappingProxyType(
    {
        "sign-in": (NOBODY, at("/sign-in")),
        "tracking": (NOBODY, lambda _, demo: demo.tracking),
        "overview": (ADMINISTRATOR, at("/")),
        "orders": (ADMINISTRATOR, at("/orders")),
        "orders-none": (ADMINISTRATOR, at("/orders?search=nobody+of+that+name")),
        "order": (ADMINISTRATOR, _ORDER),
        "order-done": (ADMINISTRATOR, first("/orders?state=fulfilled", "/orders/1")),
        "order-cancel": (ADMINISTRATOR, under(_ORDER, "/cancel")),
        "fulfillment": (ADMINISTRATOR, at("/fulfillment")),
        "queue": (STORE, at("/fulfillment/S-PARIS-RIVOLI")),
        "work": (STORE, _WORK),
        "inventory": (ADMINISTRATOR, at("/inventory")),
        "sku": (ADMINISTRATOR, _SKU),
        "level": (ADMINISTRATOR, under(_SKU, "/S-PARIS-RIVOLI")),
        "network": (ADMINISTRATOR, at("/network")),
        "location": (ADMINISTRATOR, at("/network/locations/S-LYON")),
        "calendars": (ADMINISTRATOR, at("/network/calendars")),
        "carriers": (ADMINISTRATOR, at("/network/carriers")),
        "carrier": (ADMINISTRATOR, first("/network/carriers", "/network/carriers/")),
        "channels": (ADMINISTRATOR, at("/channels")),
        "channel": (ADMINISTRATOR, first("/channels", "/channels/")),
        "people": (ADMINISTRATOR, at("/settings")),
        "keys": (ADMINISTRATOR, at("/settings/keys")),
        "trail": (ADMINISTRATOR, at("/settings/trail")),
        "me": (STORE, at("/settings/me")),
    }
)
"""Who looks, and where, by the name of the picture."""


def main() -> int:
    """Take every picture; 1 when a page complained."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("folder", nargs="?", type=Path, default=Path("screenshots"))
    arguments.add_argument("--orders", type=int, default=300)
    arguments.add_argument("--only", nargs="*", default=sorted(PICTURES), choices=sorted(PICTURES))
    asked = arguments.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is needed (Debian, Ubuntu: apt-get install chromium)", file=sys.stderr)
        return 2
    asked.folder.mkdir(parents=True, exist_ok=True)
    complaints = []
    with running_demo(asked.orders) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        for form in FORMS:
            for complaint in pictures(browser, demo, form, asked.only, asked.folder):
                print(complaint)
                complaints.append(complaint)
        browser.close()
    print(f"{len(asked.only) * len(FORMS)} pictures are in {asked.folder}")
    return 1 if complaints else 0


@contextmanager
def running_demo(orders: int) -> Iterator[Demo]:
    """Run a demo with a data directory of its own until the block ends."""
    with tempfile.TemporaryDirectory(prefix="unisono-screenshots-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "unisono", "demo", "--orders", str(orders)],
            env={**os.environ, "UNISONO_DATA_DIRECTORY": folder + "/data"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _welcome(process.stdout)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _welcome(said: IO[str] | None) -> Demo:
    """Read what the demo tells when it is ready."""
    found: dict[str, str] = {}
    for line in said or ():
        print(line, end="")
        for name, pattern in (("a", _CONSOLE), ("p", _PASSWORD), ("t", _TRACKING)):
            told = pattern.match(line)
            if told is not None:
                found[name] = told[1]
        if len(found) == 3:  # noqa: PLR2004 - address, password, tracking page
            return Demo(address=found["a"], password=found["p"], tracking=found["t"])
    message = "the demo ended before it was ready"
    raise SystemExit(message)


def pictures(
    browser: Browser, demo: Demo, form: str, names: list[str], folder: Path
) -> Iterator[str]:
    """Take pictures in one form, person by person; give what the pages complained about."""
    for person in (NOBODY, ADMINISTRATOR, STORE):
        wanted = [name for name in PICTURES if name in names and PICTURES[name][0] == person]
        if not wanted:
            continue
        page = browser.new_context(**FORMS[form]).new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))  # noqa: B023 - one page at a time
        page.on("pageerror", lambda error: heard.append(str(error)))  # noqa: B023
        page.on("request", lambda asked: heard.extend(_foreign(asked.url, demo)))  # noqa: B023
        if person:
            _sign_in(page, demo, person)
        for name in wanted:
            heard.clear()
            page.goto(PICTURES[name][1](page, demo))
            page.wait_for_timeout(SETTLE_MS)
            page.screenshot(path=folder / f"{name}-{form}.png")
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wider > 0:
                yield f"{name}-{form}: {wider} pixels wider than its window"
            yield from (f"{name}-{form}: {each}" for each in heard)
        page.context.close()


def _foreign(url: str, demo: Demo) -> list[str]:
    return [] if url.startswith((demo.address, "data:")) else [f"asks {url}"]


def _sign_in(page: Page, demo: Demo, person: str) -> None:
    page.goto(demo.address + "/sign-in")
    page.fill("#email", person)
    page.fill("#password", demo.password)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


if __name__ == "__main__":
    sys.exit(main())
