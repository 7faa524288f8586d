"""The carriers of the demo: complete tariffs, and a choice that weight and distance decide."""

from datetime import time

import pytest

from unisono.demo.carriers import CARRIERS, Service

SERVICES = {service.code: service for carrier in CARRIERS for service in carrier.services}


def _price(service: Service, zone: str, weight_g: int) -> int:
    return next(
        rate.price_cents
        for rate in service.rates
        if rate.zone == zone and weight_g <= rate.weight_max_g
    )


def test_there_are_three_carriers() -> None:
    assert [
        (carrier.code, service.code, service.delivery_option)
        for carrier in CARRIERS
        for service in carrier.services
    ] == [
        ("laposte", "laposte-domicile", "home_standard"),
        ("rapide", "rapide-express", "home_express"),
        ("relais", "relais-eco", "home_standard"),
    ]


@pytest.mark.parametrize(
    ("code", "zones", "brackets", "weight_max_g"),
    [
        ("laposte-domicile", 1, 8, 30_000),
        ("rapide-express", 5, 6, 30_000),
        ("relais-eco", 5, 6, 5_000),
    ],
)
def test_every_zone_has_every_weight_and_heavier_is_never_cheaper(
    code: str, zones: int, brackets: int, weight_max_g: int
) -> None:
    service = SERVICES[code]
    assert len(service.zones) == zones
    assert len(service.rates) == zones * brackets
    for zone in service.zones:
        rates = [rate for rate in service.rates if rate.zone == zone.code]
        assert len(rates) == brackets
        assert rates[-1].weight_max_g == weight_max_g
        assert [rate.weight_max_g for rate in rates] == sorted(
            {rate.weight_max_g for rate in rates}
        )
        assert [rate.price_cents for rate in rates] == sorted(rate.price_cents for rate in rates)


@pytest.mark.parametrize("code", ["rapide-express", "relais-eco"])
def test_zones_reach_ever_farther_the_last_everywhere_and_farther_is_dearer(code: str) -> None:
    service = SERVICES[code]
    assert [zone.distance_max_km for zone in service.zones] == [50, 150, 300, 500, None]
    days = [zone.transit_days for zone in service.zones]
    assert days == sorted(days)
    for weight_g in {rate.weight_max_g for rate in service.rates}:
        prices = [_price(service, zone.code, weight_g) for zone in service.zones]
        assert prices == sorted(set(prices))


def test_express_is_the_distance_tariff_and_60_percent() -> None:
    # 4.40 + 0.30 a kg in the nearest zone, 7.90 + 0.95 a kg in the farthest; 1.6 times.
    express = SERVICES["rapide-express"]
    assert _price(express, "1", 1_000) == 752
    assert _price(express, "5", 30_000) == 5_824
    assert [zone.transit_days for zone in express.zones] == [1, 1, 1, 1, 2]


def test_the_post_does_not_ask_how_far_and_is_cheapest_only_for_light_and_far() -> None:
    post, eco = SERVICES["laposte-domicile"], SERVICES["relais-eco"]
    assert [rate.price_cents for rate in post.rates] == [
        *(495, 615, 700, 765, 865, 1315, 1920, 2730)
    ]
    assert (_price(post, "FR", 250), _price(eco, "5", 250)) == (495, 570)
    assert (_price(post, "FR", 2_000), _price(eco, "5", 2_000)) == (865, 686)
    assert (_price(post, "FR", 250), _price(eco, "1", 250)) == (495, 313)


def test_express_leaves_latest_and_stores_close_their_parcels_before_warehouses() -> None:
    cut_offs = {
        code: {cut_off.location_kind: cut_off.at for cut_off in service.cut_offs}
        for code, service in SERVICES.items()
    }
    assert {code: at["warehouse"] for code, at in cut_offs.items()} == {
        "laposte-domicile": time(17),
        "rapide-express": time(18),
        "relais-eco": time(16),
    }
    for at in cut_offs.values():
        assert at.keys() == {"warehouse", "third_party", "store"}
        assert at["store"] <= at["third_party"] < at["warehouse"]
