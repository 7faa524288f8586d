"""The history of an order: everything that happened to it, as data for those who tell it in words.

All events of an order's life share its aggregate, whichever area told them, so one sequence has the
whole story. The areas above name their facts here as texts: their types are not known to orders.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from unisono.channels import channels
from unisono.core import money, outbox
from unisono.core.database import Db
from unisono.core.outbox import Told
from unisono.network import network
from unisono.orders import reading
from unisono.orders.notes import NoteView
from unisono.orders.reading import LineView, OrderView


class MomentLine(Struct, frozen=True, kw_only=True):
    """Units of an order line that a moment is about; ``location`` is a code."""

    line: int
    sku: str | None
    name: str | None
    quantity: int
    location: str | None = None
    location_name: str | None = None
    reason: str | None = None


class Moment(Struct, frozen=True, kw_only=True):
    """Something that happened to an order; what a type does not tell is None or empty.

    ``type`` is that of the event. ``at`` is when it happened by the clock of who told it (what the
    system did by itself: no later than what came of it), ``recorded_at`` when it was written.
    ``location``, ``channel`` and ``carrier`` are codes with
    their names beside them; ``amount`` is a decimal string in ``currency``; ``text`` is a note's.
    """

    sequence: int
    type: str
    at: datetime
    recorded_at: datetime
    author: str | None = None
    channel: str | None = None
    channel_name: str | None = None
    reference: str | None = None
    location: str | None = None
    location_name: str | None = None
    fulfillment_order: int | None = None
    delivery_option: str | None = None
    packages: tuple[int, ...] = ()
    carrier: str | None = None
    carrier_name: str | None = None
    service: str | None = None
    tracking_number: str | None = None
    milestone: str | None = None
    payment: str | None = None
    amount: str | None = None
    currency: str | None = None
    holds: tuple[str, ...] = ()
    reason: str | None = None
    nothing_found: bool = False
    note: int | None = None
    text: str | None = None
    lines: tuple[MomentLine, ...] = ()


_Rows = Callable[[Mapping[str, Any]], list[dict[str, Any]]]


def _no_lines(_data: Mapping[str, Any]) -> list[dict[str, Any]]:
    return []


def _named(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return lines that are told with the names of their fields."""
    return [
        {name: each[name] for name in ("line", "quantity", "reason") if name in each}
        for each in data["lines"]
    ]


def _listed(field: str, *columns: str) -> _Rows:
    """Return a reader of lines that are told as lists of columns."""
    return lambda data: [dict(zip(columns, each, strict=True)) for each in data[field]]


_LINES: Mapping[str, _Rows] = {
    "order.created": _no_lines,
    "order.paid": _no_lines,
    "order.noted": _no_lines,
    "order.changed": _listed("cancelled", "line", "quantity"),
    "order.cancelled": _listed("cancelled", "line", "quantity"),
    "order.parked": _listed("waiting", "line", "quantity", "reason"),
    "order.rerouted": _listed("taken", "line", "quantity", "location"),
    "sourcing_plan.created": _listed("allocations", "line", "quantity", "location"),
    "fulfillment_order.created": _named,
    "fulfillment_order.accepted": _no_lines,
    "fulfillment_order.rejected": _named,
    "fulfillment_order.picked": _named,
    "fulfillment_order.short_picked": _named,
    "fulfillment_order.packed": _no_lines,
    "fulfillment_order.ready_for_pickup": _no_lines,
    "fulfillment_order.collected": _no_lines,
    "fulfillment_order.cancelled": _no_lines,
    "shipment.shipped": _named,
    "shipment.tracked": _no_lines,
    "shipment.delivered": _no_lines,
}
"""How each type that is understood tells its lines."""

UNDERSTOOD = frozenset(_LINES)
"""The types that are understood; others pass by their type alone."""

_AS_TOLD = (
    "author",
    "reference",
    "fulfillment_order",
    "delivery_option",
    "service",
    "tracking_number",
    "milestone",
    "payment",
    "currency",
    "reason",
    "note",
)


class _Names:
    """What codes and lines are called."""

    def __init__(self, **called: Mapping[str, str]) -> None:
        self._called = called
        self.lines: dict[int, LineView] = {}

    def of(self, kind: str, code: str | None) -> dict[str, Any]:
        """Return a code and its name as fields; a code that is gone has no name."""
        name = None if code is None else self._called[kind].get(code)
        return {kind: code, f"{kind}_name": name}

    def line(self, fields: dict[str, Any]) -> MomentLine:
        """Return a line with its SKU and the name of its location."""
        ordered = self.lines.get(fields["line"])
        return MomentLine(
            sku=None if ordered is None else ordered.sku,
            name=None if ordered is None else ordered.name,
            **{**fields, **self.of("location", fields.get("location"))},
        )


async def of_order(db: Db, *, order_id: UUID) -> list[Moment]:
    """Return everything that happened to an order, as it happened; first, that it came in.

    What is told later than it happened stands where it happened. Raises UnknownOrder.
    """
    order = await reading.get(db, order_id=order_id)
    everywhere = await network.of(db)
    names = _Names(
        location={each.code: each.name for each in everywhere.locations},
        channel={each.code: each.name for each in (await channels.all(db)).by_id.values()},
        carrier={code: each.name for code, each in everywhere.carriers.items()},
    )
    names.lines = {each.line: each for each in order.lines}
    written = {each.note: each for each in order.notes}
    told = await outbox.of_aggregate(db, aggregate=order_id)
    moments = _dated([_moment(each, order, names, written) for each in told])
    return sorted(moments, key=_place)


def _place(moment: Moment) -> tuple[bool, datetime, int]:
    """Return where a moment stands: nothing is before the order, or later than it was written."""
    return moment.sequence > 1, min(moment.at, moment.recorded_at), moment.sequence


def _dated(moments: Sequence[Moment]) -> list[Moment]:
    """Return moments of which what the system did by itself is no later than what came of it.

    A location may tell later what it did before: by then it had been asked, and before that the
    units had been given to it.
    """
    acted: dict[int | None, datetime] = {}
    asked: dict[str | None, datetime] = {}
    dated = []
    for moment in reversed(moments):
        at = moment.at
        if moment.type == "fulfillment_order.created":
            at = min(at, acted.get(moment.fulfillment_order, at))
            asked[moment.location] = at
        elif moment.type == "sourcing_plan.created":
            at = min([at, *(asked.get(line.location, at) for line in moment.lines)])
        elif moment.fulfillment_order is not None:
            acted[moment.fulfillment_order] = min(at, acted.get(moment.fulfillment_order, at))
        dated.append(msgspec.structs.replace(moment, at=at))
    return dated


def _moment(told: Told, order: OrderView, names: _Names, written: Mapping[int, NoteView]) -> Moment:
    if told.type not in _LINES:
        return Moment(sequence=told.sequence, type=told.type, at=told.at, recorded_at=told.at)
    data = told.data
    at = data.get("at")
    amount = data.get("amount", data.get("total"))
    note = written.get(data.get("note", 0))
    return Moment(
        sequence=told.sequence,
        type=told.type,
        at=told.at if at is None else msgspec.convert(at, datetime),
        recorded_at=told.at,
        **{name: data.get(name) for name in _AS_TOLD},
        **names.of("channel", data.get("channel")),
        **names.of("location", data.get("location")),
        **names.of("carrier", data.get("carrier")),
        packages=tuple([data["package"]] if "package" in data else data.get("packages", ())),
        amount=None
        if amount is None
        else money.render(amount, data.get("currency", order.currency)),
        holds=tuple(data.get("holds", ())),
        nothing_found=data.get("nothing_found", False),
        text=None if note is None else note.text,
        lines=tuple(names.line(each) for each in _LINES[told.type](data)),
    )
