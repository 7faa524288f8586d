"""What a monitoring system reads: requests by route, queues, and how far behind events are.

Every figure names its process, because with several processes each answers for itself.
"""

import os
import time
from typing import Any, cast

from litestar import Response, get
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from unisono.api.area import Figure
from unisono.api.authentication import needs
from unisono.api.requests import Call
from unisono.core import lag

_TEXT = "text/plain; version=1.0.0"
_BEGAN = "unisono.began"
_BUCKETS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one application in one process."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        # When each series began would double them, and no monitoring needs it.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.process = str(os.getpid())
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "unisono_http_request_seconds",
            "Requests and how long they took, by route and status",
            ("process", "method", "route", "status"),
            buckets=_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self._gauges: dict[str, Gauge] = {}
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, scope: Scope, status: int) -> None:
        """Count a request that was answered with this status; a second call changes nothing."""
        known = cast("dict[str, Any]", scope)
        began: float | None = known.pop(_BEGAN, None)
        if began is None and "path_template" in known:
            return
        method = cast("HTTPScope", scope)["method"]
        key = (method, known.get("path_template", ""), status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._seconds.labels(self.process, *map(str, key))
        # What has no route was never measured; it is counted.
        child.observe(0.0 if began is None else time.perf_counter() - began)

    def show(self, figure: Figure, **labels: str) -> None:
        """Set a figure that is read when somebody asks."""
        gauge = self._gauges.get(figure.name)
        if gauge is None:
            gauge = self._gauges[figure.name] = Gauge(
                figure.name, figure.meaning, ("process", *labels), registry=self.registry
            )
        gauge.labels(self.process, *labels.values()).set(figure.value)


class Measuring(ASGIMiddleware):
    """Counts and times what routes answer; what raises is counted where it is made a problem."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, metrics: Metrics) -> None:
        """Remember where to count."""
        self._metrics = metrics

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request through and count its answer."""
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        cast("dict[str, Any]", scope)[_BEGAN] = time.perf_counter()
        await next_app(scope, receive, noting)
        self._metrics.observe(scope, status)


@get("/metrics", opt=needs("metrics:read"), include_in_schema=False)
async def read_metrics(request: Call) -> Response[bytes]:
    """Figures of this process in the text format of Prometheus."""
    state = request.app.state
    metrics: Metrics = state.metrics
    for name, gatherer in state.gatherers.items():
        waiting = Figure(
            name="unisono_queue_length",
            meaning="Requests that wait to be decided",
            value=gatherer.waiting,
        )
        metrics.show(waiting, queue=name)
    for area in state.areas:
        for figure in area.figures(request.database):
            metrics.show(figure)
    async with request.database.read() as db:
        unplaced = await lag.batches_without_position(db)
        listeners = await lag.of_listeners(db)
    metrics.show(
        Figure(
            name="unisono_batches_without_position",
            meaning="Committed batches of events that wait for their position",
            value=unplaced,
        )
    )
    for each in listeners:
        behind = Figure(
            name="unisono_listener_positions_behind",
            meaning="Positions that a listener has still to read",
            value=each.behind,
        )
        dead = Figure(
            name="unisono_listener_dead_letters",
            meaning="Events that a listener could not digest",
            value=each.dead_letters,
        )
        metrics.show(behind, listener=each.listener)
        metrics.show(dead, listener=each.listener)
    return Response(content=generate_latest(metrics.registry), media_type=_TEXT)
