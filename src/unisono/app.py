"""The one application, and the one process that runs it: API and workers on one event loop."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.routes import HTTPRoute

from unisono.api import errors
from unisono.api.area import Area
from unisono.api.areas import AREAS
from unisono.api.authentication import Authentication
from unisono.api.requests import DEPENDENCIES, Call
from unisono.core.database import Database
from unisono.core.settings import Settings


def build(settings: Settings, database: Database, *, areas: Sequence[Area] = AREAS) -> Litestar:
    """Return the application over an open database; its lifespan runs the gatherers."""
    gatherers = {
        name: gatherer
        for area in areas
        for name, gatherer in area.gatherers(database, settings).items()
    }

    @asynccontextmanager
    async def gathering(_: Litestar) -> AsyncIterator[None]:
        for gatherer in gatherers.values():
            gatherer.start()
        yield
        for gatherer in gatherers.values():
            await gatherer.close()

    app = Litestar(
        route_handlers=[route for area in areas for route in area.routes],
        request_class=Call,
        dependencies=DEPENDENCIES,
        exception_handlers={Exception: errors.answer},
        middleware=[Authentication(database, trust_seconds=settings.key_cache_seconds)],
        request_max_body_size=settings.request_bytes_max,
        state=State({"database": database, "settings": settings, "gatherers": gatherers}),
        lifespan=[gathering],
        logging_config=None,
        openapi_config=None,
    )
    _tell_parameters(app)
    return app


def _tell_parameters(app: Litestar) -> None:
    """Write the names of each route's query parameters where ``authentication`` looks for them."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, parameters in route.route_handler_map.values():
                handler.opt["query"] = frozenset(
                    each.field_alias for each in parameters.expected_query_params
                )
