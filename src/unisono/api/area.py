"""What an area's file in ``api`` offers to the application."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar.handlers import HTTPRouteHandler

from unisono.core.batching import Gatherer
from unisono.core.database import Database
from unisono.core.settings import Settings

Gatherers = Mapping[str, Gatherer[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of this process for ``/metrics``; the name says the unit at its end."""

    name: str
    meaning: str
    value: float


def _none(database: Database, settings: Settings) -> Gatherers:  # noqa: ARG001 - the form of all
    return {}


def _no_figures(database: Database) -> Sequence[Figure]:  # noqa: ARG001 - the form of all
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The routes of an area, and the queues in front of its hot use cases.

    ``tag`` groups the routes in the documentation; ``meaning`` is the sentence shown there. Every
    path begins at ``/v1``. ``gatherers`` are found by name in ``app.state.gatherers``; the
    application starts and closes them. ``figures`` is asked at every look at ``/metrics``.
    """

    tag: str
    meaning: str
    routes: Sequence[HTTPRouteHandler]
    gatherers: Callable[[Database, Settings], Gatherers] = _none
    figures: Callable[[Database], Sequence[Figure]] = _no_figures
