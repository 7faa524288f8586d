"""The few orders of the opening that are there so that every page has something to show."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from unisono.demo import left
from unisono.demo.chance import chance
from unisono.demo.fates import Fate
from unisono.demo.invoices import Article, InvoiceLine, catalogue
from unisono.demo.order_plan import PlannedOrder
from unisono.demo.places import Destination, Destinations
from unisono.demo.stocking import StockPlacement

LONG_NAME = "Marie-Charlotte-Élisabeth de La Rochefoucauld-Montmorency de Saint-Cyr-sur-Loire"
MANY_LINES = 200
UNPAID = timedelta(days=300)
"""Nobody who looks at the demo sees this payment arrive."""

_ATTEMPTS = tuple(timedelta(days=n) for n in range(2, 7))
_COLLECTED_AGO = tuple(timedelta(minutes=n) for n in (25, 19, 11, 4))
_MANY_LINES_AGO = timedelta(minutes=50)
_WAITING_AGO = timedelta(hours=5)
_MISSING_UNITS = 5

_Change = Callable[[PlannedOrder], PlannedOrder]


def marked(orders: Sequence[PlannedOrder], *, now: datetime) -> tuple[PlannedOrder, ...]:
    """Return the orders, with what is seldom put where it can be found.

    Someone has a long name, someone does not pay, someone cancels one of several units; and on
    each of several days somebody does not open, so that for one of them a second try is still
    ahead, on whatever weekday the demo is started.
    """
    changed = list(orders)
    wanted: list[tuple[timedelta, _Change]] = [
        (timedelta(hours=30), _with_a_long_name),
        (timedelta(hours=20), lambda each: replace(each, fate=Fate(pays_after=UNPAID))),
        (timedelta(hours=14), lambda each: replace(each, fate=Fate(cancels="one unit"))),
        *((ago, lambda each: replace(each, fate=Fate(nobody_opens=True))) for ago in _ATTEMPTS),
    ]
    taken: set[int] = set()
    for ago, change in wanted:
        at = _first_usual(changed, taken, since=now - ago)
        if at is not None:
            changed[at] = change(changed[at])
            taken.add(at)
    return tuple(changed)


def added(seed: int, planned: Iterable[PlannedOrder], *, now: datetime) -> tuple[PlannedOrder, ...]:
    """Give orders beside the planned: many lines, goods that are nowhere, work for the visitor.

    They are of goods that no planned order wants, as long as there are such: otherwise they would
    meet scarcity.
    """
    people = Destinations(seed + 1).draw(2 + len(_COLLECTED_AGO))
    wanted = {line.sku for order in planned for line in order.lines}
    goods = sorted(catalogue(), key=lambda article: (article.sku in wanted, article.sku))
    unwanted = goods[: max(2 * MANY_LINES, len(goods) - len(wanted))]
    return (
        _waiting(people[0], now - _WAITING_AGO, unwanted),
        _many_lines(people[1], now - _MANY_LINES_AGO, unwanted),
        *_collected(seed, people[2:], now, unwanted),
    )


def stock_for(
    orders: Iterable[PlannedOrder], stock: Sequence[StockPlacement]
) -> tuple[StockPlacement, ...]:
    """Return the stock with the goods of added orders in it, so that no planned order lacks them.

    What is collected lies in its store, all else in the visitor's warehouse; what is sold by the
    marketplace lies nowhere.
    """
    units = Counter({(each.sku, each.location): each.quantity for each in stock})
    for order in orders:
        if order.channel != "marketplace":
            for line in order.lines:
                units[line.sku, order.store or left.WAREHOUSE] += line.quantity
    return tuple(
        StockPlacement(sku=sku, location=location, quantity=quantity)
        for (sku, location), quantity in units.items()
    )


def _first_usual(
    orders: Sequence[PlannedOrder], taken: AbstractSet[int], *, since: datetime
) -> int | None:
    """Return where the first order since a moment is that travels, and is not taken."""
    for at, each in enumerate(orders):
        if (
            at not in taken
            and each.placed_at >= since
            and each.fate == Fate()
            and each.channel in {"web", "app"}
            and each.delivery_option == "home_standard"
            and sum(line.quantity for line in each.lines) > 1
        ):
            return at
    return None


def _with_a_long_name(order: PlannedOrder) -> PlannedOrder:
    if order.destination is None:
        return order
    return replace(order, destination=replace(order.destination, recipient=LONG_NAME))


def _waiting(customer: Destination, placed_at: datetime, goods: Sequence[Article]) -> PlannedOrder:
    """Give an order of more than there is, from a channel that has sold it already."""
    rarest = min(goods, key=lambda article: (article.demand_units, article.sku))
    line = InvoiceLine(
        sku=rarest.sku,
        quantity=rarest.demand_units + _MISSING_UNITS,
        unit_price_cents=rarest.price_cents,
    )
    return _order("MKT-WAITS", "marketplace", customer, placed_at, (line,))


def _many_lines(
    customer: Destination, placed_at: datetime, goods: Sequence[Article]
) -> PlannedOrder:
    # The lightest goods, so that one location can send them in one parcel.
    lightest = sorted(goods, key=lambda article: (article.weight_g, article.sku))
    lines = tuple(
        InvoiceLine(sku=article.sku, quantity=1, unit_price_cents=article.price_cents)
        for article in lightest[:MANY_LINES]
    )
    return _order("CALL-000001", "call-centre", customer, placed_at, lines)


def _collected(
    seed: int, customers: Sequence[Destination], now: datetime, goods: Sequence[Article]
) -> Iterator[PlannedOrder]:
    """Give orders that wait at the visitor's store, for all of them fall to the visitor."""
    named = (f"APP-V{n:05d}" for n in itertools.count(1))
    references = (each for each in named if left.is_left(seed, each, left.STORE))
    for ago, customer, reference in zip(_COLLECTED_AGO, customers, references, strict=False):
        chosen = {
            goods[int(chance(seed, reference, n) * len(goods))]
            for n in range(1 + int(chance(seed, reference, "lines") * 3))
        }
        lines = tuple(
            InvoiceLine(
                sku=article.sku,
                quantity=1 + int(chance(seed, reference, article.sku) * 3),
                unit_price_cents=article.price_cents,
            )
            for article in sorted(chosen, key=lambda article: article.sku)
        )
        order = _order(reference, "app", customer, now - ago, lines)
        yield replace(order, delivery_option="click_and_collect", store=left.STORE)


def _order(
    reference: str,
    channel: str,
    customer: Destination,
    placed_at: datetime,
    lines: tuple[InvoiceLine, ...],
) -> PlannedOrder:
    return PlannedOrder(
        reference=reference,
        channel=channel,
        invoice=reference,
        placed_at=placed_at,
        delivery_option="home_standard",
        store=None,
        destination=customer,
        lines=lines,
        fate=Fate(),
    )
