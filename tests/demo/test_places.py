"""Places are whole and true to the source; customers are drawn by population, repeatably."""

import re
from collections import Counter

import pytest

from unisono.demo.places import Destination, Destinations, Place, distance_km, places

SEED = 7


def test_there_are_1816_places_the_largest_first() -> None:
    populations = [place.population for place in places()]
    assert len(places()) == 1816
    assert sum(populations) == 38_273_033
    assert populations == sorted(populations, reverse=True)
    assert places()[1].name == "Marseille"
    assert places()[1].postal_codes[0] == "13001"


def test_every_place_has_postal_codes_and_its_main_one_is_among_them() -> None:
    for place in places():
        assert place.postal_code in place.postal_codes
        assert all(re.fullmatch(r"\d{5}", code) for code in place.postal_codes)
        assert place.name


def test_name_and_department_together_name_one_place() -> None:
    assert len({(place.name, place.department) for place in places()}) == 1816


def test_corsica_is_served_and_nothing_overseas() -> None:
    corsican = [place.name for place in places() if place.department in {"2A", "2B"}]
    assert corsican == [
        *("Ajaccio", "Bastia", "Porto-Vecchio", "Borgo", "Corte", "Biguglia", "Calvi")
    ]
    assert all(41 < place.latitude < 52 and -6 < place.longitude < 10 for place in places())


def test_distance_is_that_of_the_great_circle() -> None:
    paris, marseille = places()[0], places()[1]
    kilometres = distance_km(
        paris.latitude, paris.longitude, [marseille.latitude], [marseille.longitude]
    )
    assert kilometres.tolist() == [pytest.approx(660.5002009764091, abs=1e-9)]
    assert distance_km(48.0, 2.0, 48.0, 2.0).tolist() == 0.0


def test_the_first_customer_of_a_seed_is_always_the_same() -> None:
    assert Destinations(SEED).draw(1) == (
        Destination(
            recipient="Noémie Durand",
            email="noemie.durand300@example.org",
            phone="+33639988735",
            street="99 Rue de la République",
            postal_code="51200",
            city="Épernay",
            country_code="FR",
            latitude=49.04,
            longitude=3.95922,
        ),
    )


def test_a_series_does_not_depend_on_how_it_is_cut() -> None:
    whole = Destinations(SEED).draw(30)
    in_parts = Destinations(SEED)
    assert in_parts.draw(11) + in_parts.draw(0) + in_parts.draw(19) == whole
    assert Destinations(SEED + 1).draw(30) != whole


def test_customers_live_where_people_live() -> None:
    cities = Counter(customer.city for customer in Destinations(SEED).draw(20_000))
    # By population Paris would have 1,099, Marseille 463, Lyon 271.
    assert cities.most_common(3) == [("Paris", 1123), ("Marseille", 462), ("Lyon", 287)]
    assert len(cities) == 1778


def test_customers_have_an_address_of_their_place_and_nobody_real_is_called() -> None:
    by_point: dict[tuple[float, float], Place] = {
        (place.latitude, place.longitude): place for place in places()
    }
    for customer in Destinations(SEED).draw(2_000):
        place = by_point[customer.latitude, customer.longitude]
        assert customer.city == place.name
        assert customer.postal_code in place.postal_codes
        assert re.fullmatch(r"\+3363998\d{4}", customer.phone)
        assert re.fullmatch(r"[a-z-]+\.[a-z-]+\d{3}@example\.org", customer.email)
        assert re.fullmatch(r"([1-9]\d?|1[01]\d|120) \S.*", customer.street)
