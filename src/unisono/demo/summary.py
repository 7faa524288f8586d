"""What the demo tells in the end: the figures, and whether everything is as it must be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from unisono.analytics.summary import Summary
from unisono.core import money
from unisono.demo.journal import Journal
from unisono.inventory.audit import AuditFault
from unisono.orders.audit import OrderFault

FAULTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was seen, what the system says, and what the audits found.

    ``to_the_end`` says whether everything should have come to its end.
    """

    journal: Journal
    summary: Summary
    audit_faults: Sequence[AuditFault | OrderFault]
    seconds: float
    currency: str
    to_the_end: bool

    @property
    def oversold_by_refusing(self) -> int:
        """Units that were sold without being free, on channels that refuse what is short."""
        return self._sold_short("refuse")

    @property
    def oversold_by_accepting(self) -> int:
        """The same on channels that had sold it already, and at tills what nobody had recorded."""
        return self._sold_short("accept") + self.summary.overdrawn.with_till_sales

    @property
    def lost(self) -> int:
        """How many more orders the channels were told than the system has, by channel."""
        held: dict[str, int] = {}
        for each in self.summary.outcomes:
            held[each.channel] = held.get(each.channel, 0) + each.orders
        channels = held.keys() | self.journal.captured.keys()
        return sum(abs(self.journal.captured[code] - held.get(code, 0)) for code in channels)

    def complaints(self) -> Iterator[str]:
        """Give everything that must not be, as sentences."""
        if self.audit_faults:
            yield f"the audit found {len(self.audit_faults)} faults"
            yield from map(str, self.audit_faults[:FAULTS_SHOWN])
        if self.lost:
            yield f"{self.lost} orders were answered otherwise than they are in the database"
        if self.journal.answered != self.journal.planned:
            missing = self.journal.planned - self.journal.answered
            yield f"{missing} orders have no answer"
        if self.oversold_by_refusing:
            yield f"{self.oversold_by_refusing} units were oversold on channels that refuse"
        if self.summary.overdrawn.without_till_sales:
            units = self.summary.overdrawn.without_till_sales
            yield f"{units} units left that were not there"
        at_work = self.summary.orders("at_work", "shipped")
        if at_work and self.to_the_end:
            yield f"{at_work} orders did not come to their end"

    def _sold_short(self, when_short: str) -> int:
        return sum(
            each.units for each in self.summary.short_orders if each.when_short == when_short
        )


def show(console: Console, result: Result) -> None:
    """Print the figures: a table on a terminal, aligned lines elsewhere."""
    rows = list(_rows(result))
    if console.is_terminal:
        table = Table(title="The demo retailer", show_header=False)
        for label, value, remark in rows:
            table.add_row(label, value, remark)
        console.print(table)
        return
    label_width = max(len(label) for label, _, _ in rows)
    value_width = max(len(value) for _, value, _ in rows)
    for label, value, remark in rows:
        line = f"{label:<{label_width}}  {value:>{value_width}}  {remark}".rstrip()
        console.print(line, highlight=False, soft_wrap=True)


def headline(result: Result) -> str:
    """Return in one line what a week came to so far."""
    summary = result.summary
    arrived = summary.orders("delivered", "collected", "carried_out")
    return (
        f"{summary.orders()} orders of the last days, told in {result.seconds:.0f} s: "
        f"{arrived} arrived, {summary.orders('shipped')} are on their way, "
        f"{summary.orders('at_work')} at work, {summary.orders('waiting')} wait for stock, "
        f"{summary.orders('cancelled')} cancelled, {result.journal.refused.total()} refused; "
        f"audit {_audit(result)}"
    )


def _audit(result: Result) -> str:
    return "clean" if not result.audit_faults else f"{len(result.audit_faults)} faults"


def _rows(result: Result) -> Iterator[tuple[str, str, str]]:
    journal, summary = result.journal, result.summary
    captured = journal.captured.total()
    by_channel = ", ".join(f"{code} {n}" for code, n in sorted(journal.captured.items()))
    refused = ", ".join(f"{code} {n}" for code, n in sorted(journal.refused.items()))
    yield "orders planned", str(journal.planned), ""
    yield "captured", str(captured), by_channel
    yield "refused", str(journal.refused.total()), refused
    yield "  delivered", str(summary.orders("delivered")), "sent to their customers"
    yield "  collected", str(summary.orders("collected")), "in stores"
    yield "  carried out", str(summary.orders("carried_out")), "of stores, at the till"
    yield "  cancelled", str(summary.orders("cancelled")), _cancelled(journal)
    yield "  waiting", str(summary.orders("waiting")), "for stock that was sold without being there"
    yield "  under way", str(summary.orders("at_work", "shipped")), ""
    yield from _work_rows(result)
    yield "oversold", f"{result.oversold_by_refusing} units", "on channels that refuse"
    yield "", f"{result.oversold_by_accepting} units", "on channels that had sold it already"
    yield "audit", _audit(result), "every balance recomputed from its rows"
    rate = captured / journal.capture_seconds if journal.capture_seconds else 0.0
    yield "captured per second", f"{rate:.0f}", "over HTTP, while the locations worked"
    yield "duration", f"{result.seconds:.1f} s", ""


def _work_rows(result: Result) -> Iterator[tuple[str, str, str]]:
    journal, summary = result.journal, result.summary
    rerouted = sum(each.rerouted for each in summary.outcomes)
    parcels = sum(each.parcels for each in summary.parcels)
    shipping = sum(each.shipping_cost for each in summary.parcels)
    handling = sum(each.handling_cost for each in summary.parcels)
    packed = summary.splits.packed_orders
    yield (
        "rerouted",
        str(rerouted),
        f"after {journal.rejected} rejections and {journal.short_units} units not found",
    )
    yield (
        "split",
        str(summary.splits.split_orders),
        (
            f"{parcels} parcels for {packed} orders; "
            f"{summary.splits.orders_of_several_locations} of several locations"
        ),
    )
    each = _amount((shipping + handling) // packed if packed else 0, result.currency)
    yield (
        "logistics cost",
        _amount(shipping + handling, result.currency),
        (
            f"shipping {_amount(shipping, result.currency)}, "
            f"preparation {_amount(handling, result.currency)}; {each} an order"
        ),
    )
    late = ", ".join(f"{code} {n}" for code, n in sorted(journal.late.items()))
    yield "came too late", str(journal.late.total()), late


def _cancelled(journal: Journal) -> str:
    return (
        f"whole; {journal.cancelled_by_customers} customers changed their mind, "
        f"in {journal.cancelled_by_care} orders something was found nowhere"
    )


def _amount(minor: int, currency: str) -> str:
    return f"{money.render(minor, currency)} {currency}"
