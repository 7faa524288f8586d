"""This installation, to read: what it is, how far its background work is, every setting."""

import dataclasses
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from unisono import __version__
from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core import clock, lag, server, settings
from unisono.core.lag import ListenerLag
from unisono.core.settings import Settings, Sourced
from unisono.identity.scopes import PEOPLE


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One kind of background work; ``state`` is a code of ``words.BACKGROUND``."""

    lag: ListenerLag
    state: str


@get("/settings/installation", opt=needs(PEOPLE))
async def show_installation(visit: NamedDependency[Visit]) -> Response[Any]:
    """What runs here, and with which settings."""
    async with visit.database.read() as db:
        listeners = await lag.of_listeners(db)
        held_by = server.of(db)
    return page(
        visit,
        "settings/installation.html",
        version=__version__,
        database=held_by,
        listeners=[
            Listener(lag=each, state=_state(each, visit.settings.listener_lag_seconds_max))
            for each in listeners
        ],
        described=[_as_running(each, visit.settings) for each in settings.described()],
    )


def _state(listener: ListenerLag, seconds_max: int) -> str:
    if listener.dead_letters:
        return "set_aside"
    since = listener.waiting_since
    if since is not None and (clock.now() - since).total_seconds() > seconds_max:
        return "behind"
    return "up_to_date"


def _as_running(described: Sourced, running: Settings) -> Sourced:
    """Return a setting with the value that this process has: its start may have given another."""
    field = next(each for each in dataclasses.fields(Settings) if each.name == described.name)
    if field.metadata["secret"]:
        return described
    value = getattr(running, described.name)
    shown = "" if value is None else str(value)
    if shown == described.value:
        return described
    return dataclasses.replace(described, value=shown, source="start")
