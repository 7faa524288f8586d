"""The one application, and the one process that runs it: API and workers on one event loop."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from unisono.api import documentation, errors, serving
from unisono.api.area import Area
from unisono.api.areas import AREAS
from unisono.api.authentication import Authentication
from unisono.api.documentation import read_document
from unisono.api.health import live, ready
from unisono.api.metrics import Measuring, Metrics, read_metrics
from unisono.api.problems import explain
from unisono.api.requests import DEPENDENCIES, Call
from unisono.console import pages as console
from unisono.console import rendering
from unisono.console.area import Pages
from unisono.console.pages import PAGES
from unisono.core.batching import Gatherer
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.network import calendars
from unisono.workers import loops
from unisono.workers.subscriptions import SUBSCRIPTIONS

COLLECT_AFTER_CONTAINERS = 50_000
"""Containers made since the last look of the garbage collector, at which it looks again."""


def build(
    settings: Settings,
    database: Database,
    *,
    workers: bool = False,
    areas: Sequence[Area] = AREAS,
    pages: Sequence[Pages] = PAGES,
    ending: asyncio.Event | None = None,
) -> Litestar:
    """Return the application over an open database; its lifespan runs gatherers and workers.

    ``ending`` is set when the process is about to end: streams watch it as ``app.state.ending``.
    """
    gatherers = dict(_gatherers(settings, database, areas))
    ending = ending or asyncio.Event()

    @asynccontextmanager
    async def working(_: Litestar) -> AsyncIterator[None]:
        for gatherer in gatherers.values():
            gatherer.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(loops.follow(database, settings, ending=ending))
            if workers:
                group.create_task(
                    loops.run(database, settings, subscriptions=SUBSCRIPTIONS, ending=ending)
                )
            try:
                yield
            finally:
                ending.set()
                for gatherer in gatherers.values():
                    await gatherer.close()

    metrics = Metrics()
    programs = Router(
        "/",
        route_handlers=[
            *(Router("/", route_handlers=area.routes, tags=[area.tag]) for area in areas),
            live,
            ready,
            read_metrics,
            explain,
            read_document,
            documentation.files(),
        ],
        request_class=Call,
        dependencies=DEPENDENCIES,
        middleware=[Authentication()],
    )
    people = console.router(pages, as_problem=errors.as_problem, status_of=errors.status_of)
    known = {
        "database": database,
        "settings": settings,
        "gatherers": gatherers,
        "metrics": metrics,
        "areas": tuple(areas),
        "ending": ending,
    }
    app = Litestar(
        route_handlers=[programs, people],
        exception_handlers={Exception: _answer(people)},
        middleware=[Measuring(metrics)],
        request_max_body_size=settings.request_bytes_max,
        state=State(known),
        lifespan=[working],
        logging_config=None,
        openapi_config=documentation.config(areas),
    )
    _tell_parameters(app)
    return app


def _answer(
    people: Router,
) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Return what answers exceptions outside of any page: programs get documents, people pages."""
    page = people.exception_handlers[Exception]

    def answer(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
        wanted = request.headers.get("accept", "")
        if request.scope["path"].startswith("/v1/") or "text/html" not in wanted:
            return errors.answer(request, raised)
        return page(request, raised)

    return answer


def _gatherers(
    settings: Settings, database: Database, areas: Sequence[Area]
) -> Iterator[tuple[str, Gatherer[Any, Any]]]:
    for area in areas:
        yield from area.gatherers(database, settings).items()


def _tell_parameters(app: Litestar) -> None:
    """Write the names of each route's query parameters where ``authentication`` looks for them."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, parameters in route.route_handler_map.values():
                handler.opt["query"] = frozenset(
                    each.field_alias for each in parameters.expected_query_params
                )


async def run(
    settings: Settings,
    url: str,
    *,
    workers: bool,
    sockets: Sequence[socket.socket],
    ending: asyncio.Event | None = None,
    on_signal: Callable[[int], None] | None = None,
) -> None:
    """Serve on these sockets until SIGINT or SIGTERM or until ``ending`` is set, then end soon.

    Streams and loops end first, then running requests (after ``serving.GRACE_SECONDS`` at the
    latest), then the queues, then the connections to the database. A second signal changes
    nothing; each is told to ``on_signal`` by its number. Raises DatabaseUnusable when there is no
    database at ``url``.
    """
    ending = ending or asyncio.Event()
    with _ending_on_signals(ending, on_signal):
        async with _open(settings, url) as database:
            app = build(settings, database, workers=workers, ending=ending)
            async with app.lifespan():
                _spare_the_collector()
                warming = asyncio.create_task(asyncio.to_thread(_warm))
                await serving.serve(app, sockets, ending)
                await warming


def _warm() -> None:
    """Do once, beside the first requests, what they would wait for."""
    rendering.warm()
    calendars.warm()


def _spare_the_collector() -> None:
    """Let the garbage collector leave what start-up made alone, and look seldom at the rest.

    Requests make many short-lived containers and hardly a cycle: at its usual threshold the
    collector walks the whole application several times a second to find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_CONTAINERS)


async def work(
    settings: Settings, url: str, *, on_signal: Callable[[int], None] | None = None
) -> None:
    """Run only the loops of the workers, until SIGINT or SIGTERM, told to ``on_signal``.

    Raises DatabaseUnusable when there is no database at ``url``.
    """
    ending = asyncio.Event()
    with _ending_on_signals(ending, on_signal):
        async with _open(settings, url) as database, asyncio.TaskGroup() as group:
            group.create_task(loops.follow(database, settings, ending=ending))
            group.create_task(
                loops.run(database, settings, subscriptions=SUBSCRIPTIONS, ending=ending)
            )


@asynccontextmanager
async def _open(settings: Settings, url: str) -> AsyncIterator[Database]:
    database = Database(settings, url=url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def _ending_on_signals(
    ending: asyncio.Event, on_signal: Callable[[int], None] | None
) -> Iterator[None]:
    """Turn every signal to end, the second as the first, into one event."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def end(number: int) -> None:
        ending.set()
        if on_signal is not None:
            on_signal(number)

    for number in numbers:
        loop.add_signal_handler(number, end, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
