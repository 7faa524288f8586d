"""When goods are expected: cut-offs, weekends, holidays and changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.orders.shop import open_shop
from unisono.core.database import Database
from unisono.network import calendars, expected, locations, network
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.network.locations import NewLocation
from unisono.network.network import Network

DAY = (Interval(opens="10:00", closes="19:00"),)
STORE = NewCalendar(
    code="STORE",
    name="Monday to Saturday",
    weekly=Week(monday=DAY, tuesday=DAY, wednesday=DAY, thursday=DAY, friday=DAY, saturday=DAY),
    holidays="FR",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
async def shop(database: Database) -> Network:
    """The small retailer; its store in Lyon keeps a calendar, its warehouse is always open."""
    await open_shop(database, {})
    async with database.transaction() as db:
        await calendars.put(db, calendar=STORE)
        await locations.put(
            db,
            locations=[
                NewLocation(
                    code="S-LYON",
                    name="Store Lyon",
                    kind="store",
                    street="1 rue des Essais",
                    postal_code="69001",
                    city="Lyon",
                    country="FR",
                    latitude=45.76,
                    longitude=4.83,
                    time_zone="Europe/Paris",
                    calendar="STORE",
                    collects=True,
                )
            ],
            currency="EUR",
        )
    async with database.read() as db:
        return await network.of(db)


@pytest.mark.parametrize(
    ("departed", "transit_days", "arrives"),
    [
        ("2026-01-05", 0, "2026-01-05"),
        ("2026-01-05", 2, "2026-01-07"),
        # Friday, Saturday and Sunday: nobody brings anything before Monday.
        ("2026-01-09", 1, "2026-01-12"),
        ("2026-01-10", 0, "2026-01-12"),
        ("2026-01-11", 1, "2026-01-12"),
        # Easter Monday and 1 May 2026, a Friday, are holidays in France.
        ("2026-04-03", 1, "2026-04-07"),
        ("2026-04-30", 2, "2026-05-05"),
    ],
)
def test_only_working_days_of_the_destination_count(
    departed: str, transit_days: int, arrives: str
) -> None:
    found = expected.arrival_day(
        date.fromisoformat(departed), transit_days=transit_days, country="FR"
    )
    assert found == date.fromisoformat(arrives)


def test_holidays_of_other_countries_do_not_count() -> None:
    # Belgium works on 8 May, France does not; of Atlantis nobody knows the holidays.
    departed = date(2026, 5, 7)
    days = [
        expected.arrival_day(departed, transit_days=1, country=each) for each in ("FR", "BE", "XX")
    ]
    assert days == [date(2026, 5, 11), date(2026, 5, 8), date(2026, 5, 8)]


@pytest.mark.parametrize(
    ("location", "zone", "moment", "arrives_by"),
    [
        # Monday 15:00 in Paris: it leaves at 16:00, and arrives on Tuesday, until midnight.
        ("S-LYON", "near", "2026-01-05 14:00", "2026-01-06 23:00"),
        # The cut-off is missed: it leaves on Tuesday.
        ("S-LYON", "near", "2026-01-05 15:00", "2026-01-07 23:00"),
        ("S-LYON", "far", "2026-01-05 14:00", "2026-01-07 23:00"),
        # Saturday: the store works, the carrier does not bring it before Monday.
        ("S-LYON", "near", "2026-01-10 14:00", "2026-01-12 23:00"),
        # Sunday: the store is closed, the warehouse never is.
        ("S-LYON", "near", "2026-01-11 10:00", "2026-01-13 23:00"),
        ("W-ORLEANS", "near", "2026-01-11 10:00", "2026-01-12 23:00"),
        # The evening before 1 January, a Thursday and a holiday.
        ("S-LYON", "near", "2025-12-31 18:00", "2026-01-05 23:00"),
        ("W-ORLEANS", "near", "2025-12-31 18:00", "2026-01-02 23:00"),
        # The clocks change between the departure and the arrival, to summer and to winter.
        ("S-LYON", "near", "2026-03-28 14:00", "2026-03-30 22:00"),
        ("S-LYON", "near", "2026-10-24 13:00", "2026-10-26 23:00"),
    ],
)
async def test_a_parcel_is_expected_by_the_end_of_its_day_of_arrival(
    shop: Network, location: str, zone: str, moment: str, arrives_by: str
) -> None:
    [service] = shop.services
    found = expected.arrival(
        shop,
        location=shop.by_code[location],
        service=service,
        zone=zone,
        country="FR",
        at=at(moment),
    )
    assert found == at(arrives_by)


async def test_a_zone_that_is_gone_tells_nothing(shop: Network) -> None:
    [service] = shop.services
    store = shop.by_code["S-LYON"]
    found = expected.arrival(
        shop, location=store, service=service, zone="gone", country="FR", at=at("2026-01-05 14:00")
    )
    assert found is None


@pytest.mark.parametrize(
    ("location", "moment", "ready_by"),
    [
        ("S-LYON", "2026-01-05 10:00", "2026-01-05 12:00"),
        # An hour on Saturday evening and one on Monday morning.
        ("S-LYON", "2026-01-10 17:00", "2026-01-12 10:00"),
        # The night in which an hour is left out, on a day on which the store is closed.
        ("S-LYON", "2026-03-28 17:30", "2026-03-30 09:30"),
        ("W-ORLEANS", "2026-01-11 23:30", "2026-01-12 01:30"),
    ],
)
async def test_what_is_collected_is_ready_after_two_opening_hours(
    shop: Network, location: str, moment: str, ready_by: str
) -> None:
    found = expected.collection(
        shop, location=shop.by_code[location], at=at(moment), open_time=timedelta(hours=2)
    )
    assert found == at(ready_by)
