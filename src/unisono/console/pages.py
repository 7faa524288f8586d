"""Every area that has pages, and the router of all of them."""

from collections.abc import Sequence

from litestar import Router
from litestar.di import Provide

from unisono.console import (
    channels,
    files,
    fulfillment,
    inventory,
    network,
    orders,
    overview,
    preferences,
    problems,
    settings,
    signing_in,
    tracking,
)
from unisono.console.area import Pages
from unisono.console.guard import Guard
from unisono.console.visits import Visit

PAGES: tuple[Pages, ...] = (
    signing_in.pages,
    preferences.pages,
    overview.pages,
    network.pages,
    inventory.pages,
    channels.pages,
    orders.pages,
    settings.pages,
    fulfillment.pages,
    tracking.pages,
)


def router(
    pages: Sequence[Pages] = PAGES,
    *,
    as_problem: problems.AsProblem,
    status_of: problems.StatusOf,
) -> Router:
    """Return the router of pages.

    The named arguments are what pages share with the API: see ``problems.handler``.
    """
    return Router(
        "/",
        route_handlers=[files.read_file, *(route for each in pages for route in each.routes)],
        request_class=Visit,
        dependencies={"visit": Provide(_visit, sync_to_thread=False)},
        middleware=[Guard()],
        exception_handlers={Exception: problems.handler(as_problem, status_of)},
        include_in_schema=False,
    )


def _visit(request: Visit) -> Visit:
    return request
