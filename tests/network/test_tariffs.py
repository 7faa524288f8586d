import numpy as np
import pytest
from msgspec import structs

from tests.network.samples import LYON, PARIS, SLOW, build
from unisono.core.database import Database
from unisono.network import carriers, network, tariffs
from unisono.network.network import Network
from unisono.network.tariffs import UNREACHABLE, Shipping, Tariff


@pytest.fixture
async def snapshot(database: Database) -> Network:
    async with database.transaction() as db:
        await build(db)
    async with database.read() as db:
        return await network.of(db)


def standard(snapshot: Network, postal_code: str, country: str = "FR") -> Tariff:
    return tariffs.tariff(
        snapshot, option="home_standard", country=country, postal_code=postal_code
    )


def test_distance_from_paris_to_lyon_is_that_of_the_great_circle() -> None:
    [distance] = tariffs.distances_km(np.array([PARIS[0]]), np.array([PARIS[1]]), LYON)
    # 391.5 km: the figure that any great-circle calculator gives for these two points.
    assert round(float(distance), 1) == 391.5


async def test_the_cheapest_service_wins_in_every_bracket_from_every_location(
    snapshot: Network,
) -> None:
    # To Paris: "near" of slow from Paris, "far" of slow from Lyon, post from both.
    tariff = standard(snapshot, "75001")
    assert [service.code for service in snapshot.services] == ["fast", "post", "slow"]
    assert tariff.weights_g.tolist() == [500, 1000, 5000, 30000, tariffs.WEIGHT_G_MAX]
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    lyon = snapshot.index_of[snapshot.by_code["LYON"].id]
    assert tariff.cost[paris].tolist() == [400, 600, 700, 1500, UNREACHABLE]
    assert tariff.service[paris].tolist() == [2, 1, 2, 1, -1]
    assert tariff.cost[lyon].tolist() == [495, 600, 900, 1500, UNREACHABLE]
    # At 600 both carriers cost the same: the first by code is post.
    assert tariff.service[lyon].tolist() == [1, 1, 2, 1, -1]
    assert tariff.rule[lyon].tolist() == [0, 0, 2, 0, -1]


def cost_of(tariff: Tariff, location_index: int, weight_g: int) -> tuple[int, int]:
    """Return cost and service (index into the network's services) of a parcel from a location."""
    at = location_index, tariff.bracket(weight_g)
    return int(tariff.cost[at]), int(tariff.service[at])


async def test_a_bracket_holds_up_to_and_including_its_weight(snapshot: Network) -> None:
    tariff = standard(snapshot, "75001")
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    assert cost_of(tariff, paris, 500) == (400, 2)
    assert cost_of(tariff, paris, 501) == (600, 1)
    assert cost_of(tariff, paris, 5000) == (700, 2)
    assert cost_of(tariff, paris, 5001) == (1500, 1)
    assert cost_of(tariff, paris, 30000) == (1500, 1)
    assert cost_of(tariff, paris, 30001) == (UNREACHABLE, -1)


async def test_the_choice_can_be_told_with_its_carrier_zone_and_days(snapshot: Network) -> None:
    lyon = snapshot.index_of[snapshot.by_code["LYON"].id]
    tariff = standard(snapshot, "75001")
    assert tariffs.shipping(snapshot, tariff, location_index=lyon, weight_g=2000) == Shipping(
        carrier="relay", service="slow", zone="far", transit_days=3, cost=900
    )
    assert tariffs.shipping(snapshot, tariff, location_index=lyon, weight_g=40000) is None


async def test_the_first_rule_that_matches_is_the_zone(snapshot: Network) -> None:
    lyon = snapshot.index_of[snapshot.by_code["LYON"].id]
    tariff = standard(snapshot, "20000")
    # The island's price of slow is 20.00, so post is cheaper in all of its brackets.
    assert tariff.cost[lyon].tolist() == [495, 600, 1500, 1500, UNREACHABLE]
    assert tariff.service[lyon].tolist() == [1, 1, 1, 1, -1]


async def test_express_does_not_reach_beyond_its_distance(snapshot: Network) -> None:
    tariff = tariffs.tariff(snapshot, option="home_express", country="FR", postal_code="69001")
    assert tariff.weights_g.tolist() == [2000, tariffs.WEIGHT_G_MAX]
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    lyon = snapshot.index_of[snapshot.by_code["LYON"].id]
    assert tariff.cost[lyon].tolist() == [1150, UNREACHABLE]
    assert tariff.cost[paris].tolist() == [UNREACHABLE, UNREACHABLE]


async def test_an_unknown_postal_code_lies_in_the_middle_of_its_department(
    snapshot: Network,
) -> None:
    latitude, longitude = snapshot.regions["FR", "78"]
    assert (round(latitude, 6), round(longitude, 6)) == (48.85, 2.11)
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    assert cost_of(standard(snapshot, "78999"), paris, 100) == (400, 2)


async def test_without_any_place_only_rules_without_a_distance_match(snapshot: Network) -> None:
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    tariff = standard(snapshot, "33000")
    assert tariffs.shipping(snapshot, tariff, location_index=paris, weight_g=2000) == Shipping(
        carrier="relay", service="slow", zone="far", transit_days=3, cost=900
    )


async def test_no_service_takes_a_parcel_to_a_country_without_a_rule(snapshot: Network) -> None:
    assert set(standard(snapshot, "1000", "BE").cost.ravel().tolist()) == {UNREACHABLE}


async def test_the_same_postal_code_however_written_is_remembered(snapshot: Network) -> None:
    assert standard(snapshot, "75 001") is standard(snapshot, "75001")


async def test_the_longest_unused_tariff_is_forgotten(
    snapshot: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tariffs, "REMEMBERED_CELLS_MAX", 0)
    kept, dropped = standard(snapshot, "10000"), standard(snapshot, "10001")
    for n in range(2, 64):
        standard(snapshot, f"{10000 + n}")
    assert standard(snapshot, "10000") is kept
    standard(snapshot, "99999")
    assert standard(snapshot, "10000") is kept
    assert standard(snapshot, "10001") is not dropped
    assert len(snapshot.tariffs) == 64


async def test_a_carrier_collects_only_where_it_says(database: Database) -> None:
    async with database.transaction() as db:
        await build(db)
        only_lyon = structs.replace(SLOW, locations=("LYON",))
        await carriers.put(
            db, carrier=carriers.NewCarrier(code="relay", name="Relay", services=(only_lyon,))
        )
    async with database.read() as db:
        snapshot = await network.of(db)
    assert [each.code for each in snapshot.carriers["relay"].services] == ["slow"]
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    assert cost_of(standard(snapshot, "75001"), paris, 500) == (495, 0)
    lyon = snapshot.index_of[snapshot.by_code["LYON"].id]
    assert cost_of(standard(snapshot, "69001"), lyon, 500) == (400, 1)


async def test_a_zone_without_rates_is_not_delivered_to(database: Database) -> None:
    async with database.transaction() as db:
        await build(db)
        await carriers.put(
            db, carrier=carriers.NewCarrier(code="new", name="New", services=(SLOW,))
        )
    async with database.read() as db:
        snapshot = await network.of(db)
    new = next(service for service in snapshot.services if service.carrier == "new")
    assert new.brackets == {"near": (), "island": (), "far": ()}
    paris = snapshot.index_of[snapshot.by_code["PARIS"].id]
    assert cost_of(standard(snapshot, "75001"), paris, 500) == (400, 3)


async def test_an_empty_network_has_tariffs_too(database: Database) -> None:
    async with database.read() as db:
        snapshot = await network.of(db)
    tariff = standard(snapshot, "75001")
    assert (tariff.cost.shape, tariff.bracket(10**9)) == ((0, 1), 0)


async def test_arrays_of_a_snapshot_cannot_be_changed(snapshot: Network) -> None:
    with pytest.raises(ValueError, match="read-only"):
        snapshot.line_costs[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        standard(snapshot, "75001").cost[0, 0] = 1
