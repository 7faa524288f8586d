import asyncio

import pytest
from msgspec import structs

from tests.network.samples import FAST, MAIL, MAIL_RATES, RELAY, RELAY_RATES, SLOW, build, rate
from unisono.core import ids, revision
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch, VersionRequired
from unisono.network import carriers, network, rates
from unisono.network.carriers import CutOff, NewCarrier, UnknownCarrier
from unisono.network.rates import NewRates


async def test_a_carrier_is_held_as_told_and_unchanged_tells_nothing(database: Database) -> None:
    async with database.transaction() as db:
        made = await carriers.replace(db, code="relay", carrier=RELAY, version=None)
        again = await carriers.put(db, carrier=RELAY)
    assert made == again
    assert (made.services, made.version) == (RELAY.services, 1)
    async with database.read() as db:
        assert await db.tuples(b"SELECT aggregate, sequence, type FROM core.event") == [
            (ids.named("carrier", "relay"), 1, "carrier.changed")
        ]


async def test_a_cut_off_may_differ_by_kind_of_location(database: Database) -> None:
    service = structs.replace(SLOW, cut_offs=(CutOff(kind="store", at="14:00"),))
    async with database.transaction() as db:
        await carriers.put(db, carrier=NewCarrier(code="c", name="C", services=(service,)))
        snapshot = await network.of(db)
    assert service.cut_off_of("store") == "14:00"
    assert snapshot.services[0].cut_off_of("store") == "14:00"
    assert snapshot.services[0].cut_off_of("warehouse") == "16:00"


async def test_faults_of_a_carrier_are_all_named_and_nothing_is_held(database: Database) -> None:
    twice = (CutOff(kind="store", at="14:00"), CutOff(kind="store", at="15:00"))
    wrong = NewCarrier(
        code="c",
        name="C",
        services=(SLOW, structs.replace(SLOW, cut_offs=twice, locations=("NO",))),
    )
    async with database.transaction() as db:
        with pytest.raises(InvalidInput) as refusal:
            await carriers.put(db, carrier=wrong)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/services/1/code", "repeated"),
        ("/services/1/cut_offs/1/kind", "repeated"),
        ("/services/1/locations/0", "unknown_location"),
    ]
    async with database.read() as db:
        with pytest.raises(UnknownCarrier):
            await carriers.get(db, code="c")


async def test_rates_are_replaced_whole_and_raise_the_version_of_their_carrier(
    database: Database,
) -> None:
    async with database.transaction() as db:
        await carriers.put(db, carrier=MAIL)
        held = await rates.replace(
            db, carrier="mail", rates=MAIL_RATES, currency="EUR", version=None
        )
        assert [(each.weight_g_max, each.price) for each in held.rates] == [
            (500, 495),
            (1000, 600),
            (30000, 1500),
        ]
        assert held.version == 2
        before = (await revision.current(db))["network"]
        same = await rates.replace(db, carrier="mail", rates=MAIL_RATES, currency="EUR", version=2)
        assert same == held
        assert (await revision.current(db))["network"] == before
        flat = NewRates(rates=(rate("post", "FR", 30000, "9.9"),))
        held = await rates.replace(db, carrier="mail", rates=flat, currency="EUR", version=2)
        assert [(each.weight_g_max, each.price) for each in held.rates] == [(30000, 990)]
        assert (await revision.current(db))["network"] == before + 1
        assert rates.told(held, currency="EUR").rates == (rate("post", "FR", 30000, "9.90"),)
    async with database.read() as db:
        assert await db.tuples(b"SELECT sequence, type FROM core.event ORDER BY sequence") == [
            (1, "carrier.changed"),
            (2, "rates.changed"),
            (3, "rates.changed"),
        ]


async def test_rates_that_exist_are_replaced_in_the_version_that_was_read(
    database: Database,
) -> None:
    async with database.transaction() as db:
        await build(db)
        with pytest.raises(VersionRequired):
            await rates.replace(db, carrier="mail", rates=MAIL_RATES, currency="EUR", version=None)
        with pytest.raises(UnknownCarrier):
            await rates.replace(db, carrier="no", rates=MAIL_RATES, currency="EUR", version=None)

    async def reprice(price: str) -> int:
        async with database.transaction() as db:
            flat = NewRates(rates=(rate("post", "FR", 30000, price),))
            held = await rates.replace(db, carrier="mail", rates=flat, currency="EUR", version=2)
            return held.version

    answers = await asyncio.gather(reprice("1.00"), reprice("2.00"), return_exceptions=True)
    assert 3 in answers
    assert [type(each) for each in answers if each != 3] == [VersionMismatch]
    async with database.read() as db:
        assert len((await rates.get(db, carrier="mail")).rates) == 1


async def test_every_zone_of_every_service_needs_rates_up_to_its_heaviest_parcel(
    database: Database,
) -> None:
    wrong = NewRates(
        rates=(
            *RELAY_RATES.rates[:1],
            rate("slow", "near", 500, "4.00"),
            rate("slow", "moon", 500, "4.00"),
            rate("rocket", "near", 500, "4.00"),
            rate("slow", "far", 5000, "4.001"),
            rate("fast", "near", 2000, "11.00"),
        )
    )
    async with database.transaction() as db:
        await carriers.put(db, carrier=RELAY)
        with pytest.raises(InvalidInput) as refusal:
            await rates.replace(db, carrier="relay", rates=wrong, currency="EUR", version=1)
        assert (await rates.get(db, carrier="relay")).rates == ()
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/rates/1/weight_g_max", "repeated"),
        ("/rates/2/zone", "unknown_zone"),
        ("/rates/3/service", "unknown_service"),
        ("/rates/4/price", "wrong_amount"),
        ("/rates", "weights_not_covered"),
        ("/rates", "weights_not_covered"),
    ]
    assert refusal.value.faults[-1].detail == (
        "the rates of zone island of slow end at 0 g: a parcel may weigh 5000 g"
    )


async def test_rates_of_a_service_that_goes_go_with_it(database: Database) -> None:
    async with database.transaction() as db:
        await build(db)
        await carriers.put(db, carrier=NewCarrier(code="relay", name="Relay", services=(FAST,)))
        held = await rates.get(db, carrier="relay")
    assert [(each.service, each.zone, each.price) for each in held.rates] == [
        ("fast", "near", 1150)
    ]
    assert held.version == 3


async def test_carriers_are_listed_by_code(database: Database) -> None:
    async with database.transaction() as db:
        await build(db)
        first = await carriers.listing(db, after=None, limit=1)
        rest = await carriers.listing(db, after=first.after, limit=1)
    assert [each.code for each in (*first.rows, *rest.rows)] == ["mail", "relay"]
    assert rest.after is None
