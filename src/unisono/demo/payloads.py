"""The retailer and its orders in the words of the public API."""

from collections.abc import Iterator
from datetime import datetime

from unisono.catalog.skus import NewSku
from unisono.channels.channels import NewChannel
from unisono.core import money
from unisono.demo import carriers, invoices, places, retailer, stocking
from unisono.demo.order_plan import DeliveryOption, PlannedOrder
from unisono.inventory.stock import CountRow
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.network.carriers import CutOff, NewCarrier, Service, Zone
from unisono.network.locations import NewLocation
from unisono.network.places import NewPlace
from unisono.network.rates import NewRate, NewRates
from unisono.orders.new_order import Customer, Destination, NewLine, NewOrder, NewPayment

COUNTRY = "FR"

_PAID_BY_US = frozenset(("web", "app", "call-centre"))
_DELIVERY_CENTS: dict[DeliveryOption, int] = {
    "home_standard": 490,
    "home_express": 990,
    "click_and_collect": 0,
    "in_store": 0,
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def calendar(planned: retailer.Calendar) -> NewCalendar:
    """Return an opening calendar."""
    weekly: dict[str, tuple[Interval, ...]] = {}
    for hours in planned.hours:
        day = _WEEKDAYS[hours.weekday - 1]
        interval = Interval(opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")
        weekly[day] = (*weekly.get(day, ()), interval)
    return NewCalendar(
        code=planned.code,
        name=planned.name,
        weekly=Week(**weekly),
        holidays=planned.public_holidays_of,
    )


def location(planned: retailer.Location) -> NewLocation:
    """Return a location; every one ships, and customers collect in stores."""
    return NewLocation(
        code=planned.code,
        name=planned.name,
        kind=planned.kind,
        street=planned.street,
        postal_code=planned.postal_code,
        city=planned.city,
        country=planned.country_code,
        latitude=planned.latitude,
        longitude=planned.longitude,
        time_zone=planned.time_zone,
        calendar=planned.calendar,
        ships=True,
        collects=planned.kind == "store",
        line_cost=euros(planned.cost.pick_cents_per_line),
        parcel_cost=euros(planned.cost.pack_cents_per_parcel),
    )


def carrier(planned: carriers.Carrier) -> NewCarrier:
    """Return a carrier with its services."""
    return NewCarrier(
        code=planned.code,
        name=planned.name,
        services=tuple(
            Service(
                code=service.code,
                name=service.name,
                delivery_option=service.delivery_option,
                parcel_weight_g_max=max(rate.weight_max_g for rate in service.rates),
                # The earliest one holds for kinds of locations that the retailer does not have.
                cut_off=f"{min(cut_off.at for cut_off in service.cut_offs):%H:%M}",
                cut_offs=tuple(
                    CutOff(kind=cut_off.location_kind, at=f"{cut_off.at:%H:%M}")
                    for cut_off in service.cut_offs
                ),
                zones=tuple(
                    Zone(
                        code=zone.code,
                        country=COUNTRY,
                        transit_days=zone.transit_days,
                        distance_km_max=zone.distance_max_km,
                    )
                    for zone in service.zones
                ),
            )
            for service in planned.services
        ),
    )


def rates(planned: carriers.Carrier) -> NewRates:
    """Return every rate of a carrier."""
    return NewRates(
        rates=tuple(
            NewRate(
                service=service.code,
                zone=rate.zone,
                weight_g_max=rate.weight_max_g,
                price=euros(rate.price_cents),
            )
            for service in planned.services
            for rate in service.rates
        )
    )


def new_places() -> Iterator[NewPlace]:
    """Give every postal code once, at the largest of the places that share it."""
    seen: set[str] = set()
    for place in places.places():
        for postal_code in place.postal_codes:
            if postal_code not in seen:
                seen.add(postal_code)
                yield NewPlace(
                    country=COUNTRY,
                    postal_code=postal_code,
                    name=place.name,
                    latitude=place.latitude,
                    longitude=place.longitude,
                )


def channel(planned: retailer.Channel) -> NewChannel:
    """Return a channel."""
    return NewChannel(
        code=planned.code,
        name=planned.name,
        kind=planned.kind,
        currency=planned.currency,
        when_short=planned.when_short,
    )


def sku(article: invoices.Article) -> NewSku:
    """Return a SKU."""
    return NewSku(code=article.sku, name=article.name.strip(), weight_g=article.weight_g)


def count(placement: stocking.StockPlacement, *, as_of: datetime) -> CountRow:
    """Return the first count of a level."""
    return CountRow(
        sku=placement.sku,
        location=placement.location,
        on_hand=placement.quantity,
        as_of=as_of,
    )


def order(planned: PlannedOrder) -> NewOrder:
    """Return an order as its channel sends it."""
    customer = planned.destination
    travels = planned.delivery_option in {"home_standard", "home_express"}
    return NewOrder(
        channel=planned.channel,
        reference=planned.reference,
        currency=retailer.CURRENCY,
        delivery_option=planned.delivery_option,
        delivery_price=euros(_DELIVERY_CENTS[planned.delivery_option]),
        customer=(
            Customer(name="Client au comptoir")
            if customer is None
            else Customer(name=customer.recipient, email=customer.email, phone=customer.phone)
        ),
        lines=tuple(
            NewLine(sku=line.sku, quantity=line.quantity, unit_price=euros(line.unit_price_cents))
            for line in planned.lines
        ),
        destination=(
            Destination(
                name=customer.recipient,
                street=customer.street,
                postal_code=customer.postal_code,
                city=customer.city,
                country=customer.country_code,
            )
            if customer is not None and travels
            else None
        ),
        location=None if travels else planned.store,
        payment=_payment(planned),
        placed_at=planned.placed_at,
    )


def payment_reference(planned: PlannedOrder) -> str:
    """Return the payment provider's name of an order's payment."""
    return f"pay-{planned.reference}"


def euros(cents: int) -> str:
    """Return cents as the decimal amount that the API takes."""
    return money.render(cents, retailer.CURRENCY)


def _payment(planned: PlannedOrder) -> NewPayment | None:
    if planned.fate.pays_after is not None:
        return NewPayment(status="pending")
    if planned.channel not in _PAID_BY_US:
        return None
    return NewPayment(status="paid", reference=payment_reference(planned))
