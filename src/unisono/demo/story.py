"""The story of the demo: the retailer opens, a week has passed, and then it goes on before you."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx2
from rich.console import Console

from unisono.analytics import summary as analytics
from unisono.api.answers import Items
from unisono.api.tracking import TrackingLink
from unisono.core import clock, lag
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.demo import cast as casting
from unisono.demo import dating, live, opening, progress, summary, unusual, visitors
from unisono.demo.cast import Cast
from unisono.demo.client import Client, Refused, connections
from unisono.demo.customers import care
from unisono.demo.journal import Journal
from unisono.demo.opening import Keys
from unisono.demo.order_plan import PlannedOrder, endless_orders, plan_orders
from unisono.demo.progress import Shown
from unisono.demo.retailer import locations
from unisono.demo.shelves import Shelves
from unisono.demo.stocking import StockPlacement, starting_stock
from unisono.demo.summary import Result
from unisono.demo.tempo import History, Live
from unisono.demo.visitors import Welcome
from unisono.fulfillment.queue import FulfillmentOrder
from unisono.inventory import audit as stock_audit
from unisono.orders import audit as order_audit

FAILED = 1

LIMIT_SECONDS = 300
LIMIT_SECONDS_PER_ORDER = 0.25
LOOK_SECONDS = 0.5
# Looking at everything costs more with every order: it may take a part of the time only.
LOOK_SHARE = 0.1
IN_FLIGHT_MAX = 32
"""Orders that wait for their answer at the same time, where only speed matters."""
KNOWN_MAX = 5000
"""Orders that the live show knows by their plans, at least; the rest it serves like a visitor's."""

_NEWEST_AGO = timedelta(minutes=2)
_LEFT_AGO = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the demo is asked to do; port 0 takes any free one, ``pace`` is orders a minute."""

    orders: int
    seed: int
    port: int
    pace: int
    exit_when_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays: its settings, its database and its address."""

    settings: Settings
    wanted: Wanted
    url: str
    address: str
    console: Console

    def say(self, line: str) -> None:
        """Print a line as it is."""
        # Addresses and keys are copied from here: nothing may be wrapped or coloured into them.
        self.console.print(line, highlight=False, soft_wrap=True, markup=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    """What the opening tells: orders by the time they were placed, and the stock before."""

    now: datetime
    orders: Sequence[PlannedOrder]
    stock: Sequence[StockPlacement]
    counted_as_of: datetime


async def tell(stage: Stage) -> int:
    """Tell the story and return the exit code; without ``exit_when_done`` it has no end.

    What nobody can go on from, such as an API key that a visitor ended, ends it with a line.
    """
    known = replace(stage.settings, database_writers=1, database_readers=2)
    database = Database(known, url=stage.url)
    await database.open()
    try:
        async with connections(stage.address) as http:
            return await _tell(stage, database, http)
    except* Refused as refusals:
        stage.say(f"wrong: the demo cannot go on: {_first(refusals)}")
    finally:
        await database.close()
    return FAILED


async def _tell(stage: Stage, database: Database, http: httpx2.AsyncClient) -> int:
    wanted = stage.wanted
    keys = await opening.make_keys(database)
    script = _script(wanted)
    cast = casting.gather(
        http,
        keys,
        tempo=History(now=script.now, to_the_end=wanted.exit_when_done),
        shelves=Shelves(script.stock),
        journal=Journal(planned=len(script.orders), known_max=max(KNOWN_MAX, len(script.orders))),
        seed=wanted.seed,
        left_since=None if wanted.exit_when_done else script.now - _LEFT_AGO,
    )
    result = await _open(stage, database, Client(http, keys.back_office), cast, script)
    complaints = list(result.complaints())
    if wanted.exit_when_done:
        summary.show(stage.console, result)
    else:
        stage.say(summary.headline(result))
    for complaint in complaints:
        stage.say(f"wrong: {complaint}")
    if not wanted.exit_when_done:
        password = await visitors.admit(database)
        await _go_on(stage, cast, Client(http, keys.reader), keys, password)
    return FAILED if complaints else 0


def _script(wanted: Wanted) -> _Script:
    """Return a week that ends now; with a show to come, a few unusual orders are in it."""
    now = clock.now()
    begin = now - dating.HISTORY
    orders = dating.dated(
        plan_orders(wanted.seed, wanted.orders),
        begin=begin,
        end=now - _NEWEST_AGO,
        seed=wanted.seed,
    )
    stock = starting_stock(wanted.seed, wanted.orders)
    if not wanted.exit_when_done:
        added = unusual.added(wanted.seed, orders, now=now)
        orders = tuple(
            sorted(
                (*unusual.marked(orders, now=now), *added),
                key=lambda each: (each.placed_at, each.reference),
            )
        )
        stock = unusual.stock_for(added, stock)
    return _Script(now=now, orders=orders, stock=stock, counted_as_of=begin - dating.COUNTED_BEFORE)


async def _open(
    stage: Stage, database: Database, back_office: Client, cast: Cast, script: _Script
) -> Result:
    """Tell everything up to now, or until the time is over, and return what came of it."""
    began = time.monotonic()
    await opening.tell_reference_data(back_office)
    await opening.count_stock(back_office, script.stock, as_of=script.counted_as_of)
    stage.say(f"{len(script.stock)} levels are counted at {len(locations())} locations")
    limit_seconds = LIMIT_SECONDS + LIMIT_SECONDS_PER_ORDER * len(script.orders)
    play = _play_to_the_end if stage.wanted.exit_when_done else _play_until_now
    try:
        async with asyncio.timeout(limit_seconds):
            with progress.shown(stage.console, orders=len(script.orders)) as show:
                await play(database, cast, script.orders, show)
    except TimeoutError:
        stage.say(f"not everything came to its end within {limit_seconds:.0f} s")
    async with database.read() as db:
        faults = await stock_audit.audit(db)
        figures = await analytics.summary(db)
    return Result(
        journal=cast.journal,
        summary=figures,
        audit_faults=[*faults, *await order_audit.audit(database)],
        seconds=time.monotonic() - began,
        currency=stage.settings.currency,
        to_the_end=stage.wanted.exit_when_done,
    )


async def _play_to_the_end(
    database: Database, cast: Cast, orders: Sequence[PlannedOrder], show: Shown
) -> None:
    """Let everybody act at once until nobody has anything to do."""
    async with asyncio.TaskGroup() as group:
        actors = cast.acting(group)
        selling = group.create_task(cast.replay.sell(orders, in_flight_max=IN_FLIGHT_MAX))
        while True:
            sold = selling.done() and cast.customers.are_content
            await _look(database, cast.journal, show)
            async with database.read() as db:
                moving = await analytics.moving(db)
            # Who cares for an order sets it in motion again.
            if sold and not moving and not (await care(cast.team, cast.journal)).orders:
                break
        _end(actors)


async def _play_until_now(
    database: Database, cast: Cast, orders: Sequence[PlannedOrder], show: Shown
) -> None:
    """Let everybody act until nothing is due any more: the rest will happen later.

    Orders are told one by one, so that listings have them in the order of their times; and before
    anything else, because one by one they wait for everything else.
    """
    async with asyncio.TaskGroup() as group:
        selling = group.create_task(cast.replay.sell(orders, in_flight_max=1))
        while not selling.done():
            show(answered=cast.journal.answered, finished=0)
            await asyncio.sleep(LOOK_SECONDS)
        actors = cast.acting(group)
        quiet_since: float | None = None
        while True:
            await _look(database, cast.journal, show)
            if not (cast.is_resting and await _is_digested(database)):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = asyncio.get_running_loop().time()
            # Every location has looked at its queue since, and found nothing to do.
            elif all(
                each.rests_since is not None and each.rests_since > quiet_since
                for each in cast.floors
            ):
                if not (await care(cast.team, cast.journal)).orders:
                    break
                quiet_since = None
        _end(actors)


def _end(actors: Sequence[asyncio.Task[None]]) -> None:
    for actor in actors:
        actor.cancel()


async def _look(database: Database, journal: Journal, show: Shown) -> None:
    """Wait a moment, look at everything, and show how far it is."""
    began = time.monotonic()
    async with database.read() as db:
        outcomes = await analytics.outcomes(db)
    finished = sum(each.orders for each in outcomes if each.outcome not in {"at_work", "shipped"})
    show(answered=journal.answered, finished=journal.refused.total() + finished)
    await asyncio.sleep(max(LOOK_SECONDS, (time.monotonic() - began) / LOOK_SHARE))


async def _is_digested(database: Database) -> bool:
    """Return whether the system has drawn all consequences of what it was told."""
    async with database.read() as db:
        if await lag.batches_without_position(db):
            return False
        return not any(each.behind for each in await lag.of_listeners(db))


async def _go_on(stage: Stage, cast: Cast, reader: Client, keys: Keys, password: str) -> None:
    """Greet the visitor, and go on for ever."""
    welcome = Welcome(
        address=stage.address,
        password=password,
        reader=keys.reader,
        tracking=await _tracking(reader),
        database=stage.url,
        per_minute=stage.wanted.pace,
    )
    for line in visitors.lines(welcome):
        stage.say(line)
    cast.change_tempo(Live(), at=clock.now())
    rest = itertools.islice(endless_orders(stage.wanted.seed), stage.wanted.orders, None)
    with progress.status(stage.console) as show:
        await live.go_on(cast, rest, per_minute=stage.wanted.pace, show=show)


async def _tracking(reader: Client) -> str | None:
    """Return the path of the tracking page of the newest order that is on its way."""
    path = "/v1/fulfillment-orders?state=shipped&limit=200"
    found = (await reader.get(path, Items[FulfillmentOrder])).items
    if not found:
        return None
    link = await reader.get(f"/v1/orders/{found[-1].order_id}/tracking-link", TrackingLink)
    return f"/track/{link.token}"


def _first(refusals: BaseExceptionGroup[Refused]) -> BaseException:
    """Return one of the refusals of a group of groups."""
    at: BaseException = refusals
    while isinstance(at, BaseExceptionGroup):
        at = at.exceptions[0]
    return at
