"""Travel: parcels take the days of their zone, on days on which their carrier delivers."""

from datetime import UTC, datetime

from unisono.demo.fates import Fate
from unisono.demo.order_plan import plan_orders
from unisono.demo.places import Destination
from unisono.demo.retailer import locations
from unisono.demo.travel import Told, milestones

PLACES = {location.code: location for location in locations()}
# A Thursday, five in the afternoon in Paris.
THURSDAY = datetime(2026, 11, 19, 16, tzinfo=UTC)


def someone(latitude: float, longitude: float) -> Destination:
    found = plan_orders(1, 10)[1].destination
    assert found is not None
    return Destination(
        **{
            **{name: getattr(found, name) for name in found.__slots__},
            "latitude": latitude,
            "longitude": longitude,
        }
    )


NEAR = someone(45.76, 4.84)
FAR = someone(48.39, -4.49)


def told(
    service: str,
    to: Destination | None,
    fate: Fate | None = None,
    shipped_at: datetime = THURSDAY,
) -> tuple[Told, ...]:
    return milestones(
        service=service,
        origin=PLACES["W-LYON"],
        destination=to,
        shipped_at=shipped_at,
        fate=fate or Fate(),
        number=0.5,
    )


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_parcel_is_told_of_on_its_way_and_at_the_door() -> None:
    assert told("laposte-domicile", NEAR) == (
        ("in_transit", at(19, 19)),
        ("out_for_delivery", at(21, 6, 30)),
        ("delivered", at(21, 12, 30)),
    )


def test_the_farther_zone_takes_longer_and_days_without_delivery_do_not_count() -> None:
    # Neither on Sunday nor on Monday does the slow carrier deliver.
    assert told("relais-eco", NEAR)[-1] == ("delivered", at(21, 12, 30))
    assert told("relais-eco", FAR)[-1] == ("delivered", at(25, 12, 30))
    assert told("rapide-express", NEAR)[-1] == ("delivered", at(20, 12, 30))


def test_nothing_is_delivered_on_a_public_holiday() -> None:
    christmas_eve = datetime(2026, 12, 24, 16, tzinfo=UTC)
    delivered = told("rapide-express", NEAR, shipped_at=christmas_eve)[-1]
    assert delivered == ("delivered", datetime(2026, 12, 26, 12, 30, tzinfo=UTC))


def test_without_a_destination_it_goes_as_far_as_the_service_does() -> None:
    assert told("relais-eco", None) == told("relais-eco", FAR)


def test_a_late_parcel_is_told_to_be_late() -> None:
    assert told("laposte-domicile", NEAR, Fate(days_late=2)) == (
        ("in_transit", at(19, 19)),
        ("delayed", at(21, 8)),
        ("out_for_delivery", at(24, 6, 30)),
        ("delivered", at(24, 12, 30)),
    )


def test_where_nobody_opens_it_comes_again_on_the_next_day() -> None:
    assert told("rapide-express", NEAR, Fate(nobody_opens=True)) == (
        ("in_transit", at(19, 19)),
        ("out_for_delivery", at(20, 6, 30)),
        ("attempted_delivery", at(20, 12, 30)),
        ("out_for_delivery", at(21, 6, 30)),
        ("delivered", at(21, 12, 30)),
    )
