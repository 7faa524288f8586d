"""The demo: a retailer opens, sells, fulfills and delivers, all through its own public API."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import uvloop
from rich.console import Console

from unisono import app
from unisono.analytics import summary as analytics
from unisono.analytics.summary import Moving, OutcomeCount
from unisono.api import serving
from unisono.core import embedded, migrate
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.demo import opening, progress, summary
from unisono.demo.client import Client, connections
from unisono.demo.customers import Customers, care
from unisono.demo.deliveries import Deliveries
from unisono.demo.floor import Floor, World
from unisono.demo.journal import Journal
from unisono.demo.opening import Keys
from unisono.demo.order_plan import plan_orders
from unisono.demo.progress import Shown
from unisono.demo.replay import replay
from unisono.demo.retailer import RETAILER_NAME, locations
from unisono.demo.shelves import Shelves
from unisono.demo.stocking import starting_stock
from unisono.demo.summary import Result
from unisono.inventory import audit as stock_audit
from unisono.orders import audit as order_audit

HOST = "127.0.0.1"
DATABASE = "unisono_demo"
"""The database of the demo has a name of its own: it is emptied at each start, nothing else is."""
FAILED = 1

LIMIT_SECONDS = 300
LIMIT_SECONDS_PER_ORDER = 0.25
LOOK_SECONDS = 0.5
# Looking at everything costs more with every order: it may take a part of the time only.
LOOK_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the demo is asked to do; port 0 takes any free one."""

    orders: int
    seed: int
    port: int
    exit_when_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: its settings, its database and its address."""

    settings: Settings
    wanted: Wanted
    url: str
    address: str
    console: Console


def run(
    settings: Settings,
    wanted: Wanted,
    *,
    console: Console,
    on_signal: Callable[[int], None] | None = None,
) -> int:
    """Run the demo and return its exit code: 0 when all is as it must be, else 1.

    It begins with an empty database of its own, in a data directory beside that of ``serve``, on
    this machine only. Raises DataDirectoryInUse while another demo runs, AddressTaken,
    EmbeddedServerFailed.
    """
    known = replace(settings, database_url=None, host=HOST, port=wanted.port)
    with serving.bind(known) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        _say(console, f"{RETAILER_NAME} opens at {address}")
        with embedded.start(data_directory(settings), owner_note=f"demo at {address}") as server:
            url = server.make_empty(DATABASE)
            migrate.migrate(url)
            stage = Stage(settings=known, wanted=wanted, url=url, address=address, console=console)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_serve(stage, listening, on_signal))


def data_directory(settings: Settings) -> Path:
    """Return where the demo keeps its data: beside that of ``serve``."""
    own = (settings.data_directory or embedded.default_data_directory()).resolve()
    return own.with_name("demo" if own.name != "demo" else "demo-of-demo")


async def _serve(
    stage: Stage, listening: socket.socket, on_signal: Callable[[int], None] | None
) -> int:
    """Serve API and workers while the story is told, until it is over or a signal comes."""
    ending = asyncio.Event()
    server = asyncio.create_task(
        app.run(
            stage.settings,
            stage.url,
            workers=True,
            sockets=[listening],
            ending=ending,
            on_signal=on_signal,
        )
    )
    story = asyncio.create_task(_story(stage))
    end = asyncio.create_task(ending.wait())
    try:
        await asyncio.wait((server, story, end), return_when=asyncio.FIRST_COMPLETED)
        return story.result() if story.done() else 0
    finally:
        story.cancel()
        ending.set()
        with suppress(asyncio.CancelledError):
            await story
        await server


async def _story(stage: Stage) -> int:
    """Open, sell until nothing moves any more, and tell; without ``--exit`` go on serving."""
    database = Database(
        replace(stage.settings, database_writers=1, database_readers=2), url=stage.url
    )
    await database.open()
    try:
        async with connections(stage.address) as http:
            keys = await opening.make_keys(database)
            result = await _sell(stage, database, http, keys)
    finally:
        await database.close()
    summary.show(stage.console, result)
    complaints = list(result.complaints())
    for complaint in complaints:
        _say(stage.console, f"wrong: {complaint}")
    if not stage.wanted.exit_when_done:
        _welcome(stage, keys)
        await asyncio.Event().wait()
    return FAILED if complaints else 0


async def _sell(stage: Stage, database: Database, http: httpx2.AsyncClient, keys: Keys) -> Result:
    """Play until nothing moves any more, or the time is over, and return what came of it."""
    wanted = stage.wanted
    began = time.monotonic()
    stock = starting_stock(wanted.seed, wanted.orders)
    back_office = Client(http, keys.back_office)
    await opening.tell_reference_data(back_office)
    await opening.count_stock(back_office, stock)
    _say(stage.console, f"{len(stock)} levels are counted at {len(locations())} locations")
    journal = Journal(planned=wanted.orders)
    limit_seconds = LIMIT_SECONDS + LIMIT_SECONDS_PER_ORDER * wanted.orders
    try:
        async with asyncio.timeout(limit_seconds):
            with progress.shown(stage.console, orders=wanted.orders) as show:
                await _play(stage, database, http, keys, Shelves(stock), journal, show)
    except TimeoutError:
        _say(stage.console, f"not everything came to its end within {limit_seconds:.0f} s")
    async with database.read() as db:
        faults = await stock_audit.audit(db)
        figures = await analytics.summary(db)
    return Result(
        journal=journal,
        summary=figures,
        audit_faults=[*faults, *await order_audit.audit(database)],
        seconds=time.monotonic() - began,
        currency=stage.settings.currency,
    )


async def _play(
    stage: Stage,
    database: Database,
    http: httpx2.AsyncClient,
    keys: Keys,
    shelves: Shelves,
    journal: Journal,
    show: Shown,
) -> None:
    """Let everybody act at once until nobody has anything to do."""
    wanted = stage.wanted
    plan = plan_orders(wanted.seed, wanted.orders)
    team = Client(http, keys.care)
    buyers = Customers(team, seed=wanted.seed, journal=journal)
    deliveries = Deliveries(Client(http, keys.carriers), seed=wanted.seed)
    world = World(shelves=shelves, deliveries=deliveries, journal=journal, seed=wanted.seed)
    floors = [
        Floor(location, Client(http, keys.locations[location.code]), world)
        for location in locations()
    ]
    async with asyncio.TaskGroup() as group:
        actors = [group.create_task(each.work()) for each in floors]
        actors += [group.create_task(deliveries.drive()), group.create_task(buyers.act())]
        selling = group.create_task(
            replay(
                plan,
                channels={code: Client(http, key) for code, key in keys.channels.items()},
                customers=buyers,
                shelves=shelves,
                journal=journal,
                seed=wanted.seed,
            )
        )
        while True:
            sold = selling.done() and buyers.are_content
            moving = await _look(database, journal, show)
            # Who cares for an order sets it in motion again.
            if sold and not moving and not await care(team, journal):
                break
        for actor in actors:
            actor.cancel()


async def _look(database: Database, journal: Journal, show: Shown) -> Moving:
    """Wait a moment, look at everything, show how far it is, and return what moves."""
    began = time.monotonic()
    async with database.read() as db:
        moving = await analytics.moving(db)
        outcomes = await analytics.outcomes(db)
    finished = journal.refused.total() + _finished(outcomes)
    show(answered=journal.answered, finished=finished)
    await asyncio.sleep(max(LOOK_SECONDS, (time.monotonic() - began) / LOOK_SHARE))
    return moving


def _finished(outcomes: list[OutcomeCount]) -> int:
    return sum(e.orders for e in outcomes if e.outcome not in {"at_work", "shipped"})


def _welcome(stage: Stage, keys: Keys) -> None:
    _say(stage.console, f"The demo goes on at {stage.address}, until Ctrl-C")
    _say(stage.console, f"  documentation  {stage.address}/docs")
    _say(stage.console, f"  database       {stage.url}")
    _say(stage.console, "  for example")
    header = f"Authorization: Bearer {keys.reader}"
    _say(stage.console, f"  curl -H '{header}' '{stage.address}/v1/orders?limit=3'")


def _say(console: Console, line: str) -> None:
    # Addresses and keys are copied from here: nothing may be wrapped or coloured into them.
    console.print(line, highlight=False, soft_wrap=True, markup=False)
