"""The few orders of the opening that are there so that every page has something to show."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
_NAMED_AGO = timedelta(hours=27)
_UNPAID_AGO = timedelta(hours=20)
_CHANGED_AGO = timedelta(hours=8)
_WAITING_AGO = timedelta(hours=5)
_MANY_LINES_AGO = timedelta(minutes=50)
_COLLECTED_AGO = tuple(timedelta(minutes=n) for n in (25, 19, 11, 4))
_MISSING_UNITS = 5


def marked(orders: Sequence[PlannedOrder], *, now: datetime) -> tuple[PlannedOrder, ...]:
    """Return the orders, with somebody on each of several days who does not open.

    So for one of them a second try is still ahead, on whatever weekday the demo is started.
    """
    changed = list(orders)
    for ago in _ATTEMPTS:
        for at, each in enumerate(changed):
            travels = each.delivery_option == "home_standard"
            if travels and each.fate == Fate() and each.placed_at >= now - ago:
                changed[at] = replace(each, fate=Fate(nobody_opens=True))
                break
    return tuple(changed)


def added(seed: int, planned: Iterable[PlannedOrder], *, now: datetime) -> tuple[PlannedOrder, ...]:
    """Give orders beside the planned, by their times; the first of them waits for its goods.

    One customer has a long name, one does not pay, one wants one unit less, one calls for many
    things, and some collect where the visitor works. Their goods are such as no planned order
    wants, as long as there are such: otherwise they would meet scarcity.
    """
    wanted = {line.sku for order in planned for line in order.lines}
    goods = sorted(
        catalogue(), key=lambda article: (article.sku in wanted, article.demand_units, article.sku)
    )
    rarest, *others = goods[: max(2 * MANY_LINES, len(goods) - len(wanted))]
    waits, named, unpaid, changed, caller, *collectors = Destinations(seed + 1).draw(
        5 + len(_COLLECTED_AGO)
    )
    # More than there is, from a channel that has sold it already.
    too_many = (_line(rarest, rarest.demand_units + _MISSING_UNITS),)
    some = _some(seed, "web", others)
    # The lightest goods, so that one location can send them in one parcel.
    lightest = sorted(others, key=lambda article: (article.weight_g, article.sku))
    many = tuple(_line(article, 1) for article in lightest[:MANY_LINES])
    return (
        _order("MKT-X00001", "marketplace", waits, now - _WAITING_AGO, too_many),
        _order("WEB-X00001", "web", replace(named, recipient=LONG_NAME), now - _NAMED_AGO, some),
        _order("WEB-X00002", "web", unpaid, now - _UNPAID_AGO, some, Fate(pays_after=UNPAID)),
        _order("WEB-X00003", "web", changed, now - _CHANGED_AGO, some, Fate(cancels="one unit")),
        _order("CALL-X00001", "call-centre", caller, now - _MANY_LINES_AGO, many),
        *_collected(seed, collectors, now, others),
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


def _collected(
    seed: int, customers: Sequence[Destination], now: datetime, goods: Sequence[Article]
) -> Iterator[PlannedOrder]:
    """Give orders that are collected at the visitor's store, all of them left to the visitor."""
    named = (f"APP-V{n:05d}" for n in itertools.count(1))
    references = (each for each in named if left.is_left(seed, each, left.STORE))
    for ago, customer, reference in zip(_COLLECTED_AGO, customers, references, strict=False):
        order = _order(reference, "app", customer, now - ago, _some(seed, reference, goods))
        yield replace(order, delivery_option="click_and_collect", store=left.STORE)


def _some(seed: int, what: str, goods: Sequence[Article]) -> tuple[InvoiceLine, ...]:
    """Give two or three lines of two or three units."""
    chosen = {
        int(chance(seed, what, n) * len(goods)) for n in range(2 + int(chance(seed, what) * 2))
    }
    return tuple(
        _line(goods[at], 2 + int(chance(seed, what, goods[at].sku) * 2)) for at in sorted(chosen)
    )


def _line(article: Article, quantity: int) -> InvoiceLine:
    return InvoiceLine(sku=article.sku, quantity=quantity, unit_price_cents=article.price_cents)


def _order(
    reference: str,
    channel: str,
    customer: Destination,
    placed_at: datetime,
    lines: tuple[InvoiceLine, ...],
    fate: Fate | None = None,
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
        fate=fate or Fate(),
    )
