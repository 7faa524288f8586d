"""The demo retailer is complete and consistent with the places that it stands at."""

from collections import Counter
from datetime import time

from unisono.demo.places import distance_km, places
from unisono.demo.retailer import CALENDARS, CHANNELS, Location, locations

STORE_SPACING_KM = 15


def _by_code(code: str) -> Location:
    return next(location for location in locations() if location.code == code)


def test_there_are_two_warehouses_one_third_party_and_forty_stores() -> None:
    assert Counter(location.kind for location in locations()) == {
        "warehouse": 2,
        "third_party": 1,
        "store": 40,
    }
    assert len({location.code for location in locations()}) == 43
    assert len({location.name for location in locations()}) == 43


def test_codes_say_the_kind() -> None:
    initials = {"warehouse": "W-", "third_party": "P-", "store": "S-"}
    for location in locations():
        assert location.code.startswith(initials[location.kind])
        assert location.code.isascii()


def test_every_address_is_in_its_place() -> None:
    codes = {(place.name, code): place for place in places() for code in place.postal_codes}
    for location in locations():
        place = codes[location.city, location.postal_code]
        apart = distance_km(place.latitude, place.longitude, location.latitude, location.longitude)
        # Only the stores of Paris stand elsewhere than at the middle of their place.
        assert apart <= (5 if location.city == "Paris" else 0)
        assert location.street[0].isdigit()
        assert (location.country_code, location.time_zone) == ("FR", "Europe/Paris")


def test_stores_are_at_the_largest_places_that_are_15_km_apart() -> None:
    chosen: list[str] = []
    points: list[tuple[float, float]] = []
    for place in places():
        apart = [distance_km(place.latitude, place.longitude, *point) for point in points]
        if all(kilometres >= STORE_SPACING_KM for kilometres in apart):
            chosen.append(place.name)
            points.append((place.latitude, place.longitude))
    cities = [location.city for location in locations() if location.kind == "store"]
    assert list(dict.fromkeys(cities)) == chosen[:38]
    assert [city for city, count in Counter(cities).items() if count > 1] == ["Paris"]
    assert cities.count("Paris") == 3


def test_warehouses_work_on_saturday_mornings_and_stores_until_seven() -> None:
    calendars = {calendar.code: calendar for calendar in CALENDARS}
    warehouse = calendars[_by_code("W-ORLEANS").calendar].hours
    assert [(hours.weekday, hours.opens, hours.closes) for hours in warehouse] == [
        *((weekday, time(6), time(20)) for weekday in range(1, 6)),
        (6, time(6), time(12)),
    ]
    store = calendars[_by_code("S-LYON").calendar].hours
    assert [(hours.weekday, hours.opens, hours.closes) for hours in store] == [
        (weekday, time(10), time(19)) for weekday in range(1, 7)
    ]


def test_some_stores_are_closed_on_monday_morning_and_some_open_on_sunday() -> None:
    assert Counter(location.calendar for location in locations()) == {
        "WAREHOUSE": 2,
        "THIRD-PARTY": 1,
        "STORE": 30,
        "STORE-MONDAY-AFTERNOON": 6,
        "STORE-SUNDAY": 4,
    }
    calendars = {calendar.code: calendar for calendar in CALENDARS}
    limoges = calendars[_by_code("S-LIMOGES").calendar]
    assert [hours.opens for hours in limoges.hours if hours.weekday == 1] == [time(14)]
    nice = calendars[_by_code("S-NICE").calendar]
    assert [hours.closes for hours in nice.hours if hours.weekday == 7] == [time(18)]


def test_calendars_have_one_opening_a_day_and_the_french_holidays() -> None:
    assert {location.calendar for location in locations()} == {
        calendar.code for calendar in CALENDARS
    }
    for calendar in CALENDARS:
        weekdays = [hours.weekday for hours in calendar.hours]
        assert weekdays == sorted(set(weekdays))
        assert all(hours.opens < hours.closes for hours in calendar.hours)
        assert calendar.public_holidays_of == "FR"


def test_a_store_prepares_dearer_than_a_warehouse() -> None:
    costs = {
        code: (
            _by_code(code).cost.pick_cents_per_line,
            _by_code(code).cost.pack_cents_per_parcel,
            _by_code(code).cost.shipping_discount_percent,
        )
        for code in ("W-LYON", "P-LILLE", "S-BORDEAUX")
    }
    assert costs == {"W-LYON": (45, 70, 8), "P-LILLE": (60, 90, 0), "S-BORDEAUX": (125, 150, 0)}


def test_only_tills_and_marketplace_accept_what_is_short() -> None:
    assert [(channel.code, channel.kind, channel.when_short) for channel in CHANNELS] == [
        ("web", "web_site", "refuse"),
        ("app", "app", "refuse"),
        ("till", "store_till", "accept"),
        ("marketplace", "marketplace", "accept"),
        ("call-centre", "call_centre", "refuse"),
    ]
    assert {channel.currency for channel in CHANNELS} == {"EUR"}
