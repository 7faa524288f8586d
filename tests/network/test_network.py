from tests.network.samples import build, location
from unisono.core import revision
from unisono.core.database import Database
from unisono.network import locations, network


async def test_arrays_are_in_the_order_of_locations_and_hold_minor_units(
    database: Database,
) -> None:
    async with database.transaction() as db:
        held = await build(db)
        await locations.put(
            db,
            locations=[location("CLOSED", status="suspended", ships=False)],
            currency="EUR",
        )
    async with database.read() as db:
        snapshot = await network.of(db)
    assert [each.id for each in snapshot.locations] == snapshot.ids.tolist()
    assert snapshot.ids.tolist() == sorted(snapshot.ids.tolist())
    by_code = {each.code: snapshot.index_of[each.id] for each in snapshot.locations}
    paris, lyon, closed = by_code["PARIS"], by_code["LYON"], by_code["CLOSED"]
    assert snapshot.by_code["PARIS"] == held[0]
    assert snapshot.by_id[held[1].id] == held[1]
    assert (snapshot.line_costs[paris], snapshot.parcel_costs[paris]) == (125, 150)
    assert (snapshot.line_costs[lyon], snapshot.parcel_costs[lyon]) == (45, 70)
    assert snapshot.collects[[paris, lyon, closed]].tolist() == [True, False, False]
    assert snapshot.ships[[paris, lyon, closed]].tolist() == [True, True, False]
    assert snapshot.online[[paris, lyon, closed]].tolist() == [True, True, False]


async def test_a_snapshot_is_kept_until_the_network_changes(database: Database) -> None:
    async with database.transaction() as db:
        await build(db)
    async with database.read() as db:
        first = await network.of(db)
        assert await network.of(db, (await revision.current(db))["network"]) is first
    async with database.transaction() as db:
        await locations.put(db, locations=[location("NEW")], currency="EUR")
    async with database.read() as db:
        second = await network.of(db)
    assert "NEW" in second.by_code
    assert "NEW" not in first.by_code
