"""By when a location must have packed its work, as its carriers and its calendar say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.fulfillment.floor import STOCK, released, seen
from tests.network.samples import location
from tests.orders.shop import collected, open_shop, order
from unisono.core.database import Database, Db
from unisono.fulfillment import deadlines
from unisono.fulfillment.deadlines import Deadlines
from unisono.fulfillment.records import Held
from unisono.network import calendars, carriers, locations, network
from unisono.network.calendars import Interval, NewCalendar, Week
from unisono.network.carriers import CutOff, NewCarrier, Service, Zone
from unisono.network.network import Network

DAY = (Interval(opens="10:00", closes="19:00"),)
STORE = NewCalendar(
    code="STORE",
    name="Monday to Friday",
    weekly=Week(monday=DAY, tuesday=DAY, wednesday=DAY, thursday=DAY, friday=DAY),
    holidays="FR",
)
VAN = NewCarrier(
    code="van",
    name="Van",
    services=(
        Service(
            code="standard",
            name="Standard",
            delivery_option="home_standard",
            parcel_weight_g_max=30_000,
            cut_off="16:00",
            cut_offs=(CutOff(kind="warehouse", at="18:00"),),
            zones=(Zone(code="FR", country="FR", transit_days=2),),
        ),
    ),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def work(place: int, created_at: str, **more: object) -> Held:
    """Work of a location (an id) that the van takes, asked for at a moment in UTC."""
    held = Held(
        order_id=UUID(int=1),
        n=1,
        location=place,
        state="open",
        version=1,
        delivery_option="home_standard",
        carrier="van",
        service="standard",
        reason=None,
        created_at=at(created_at),
        changed_at=at(created_at),
    )
    return replace(held, **more)  # type: ignore[arg-type]


async def known(db: Db) -> Network:
    """Make a store with opening hours, a warehouse that never closes, and the van."""
    await calendars.put(db, calendar=STORE)
    await locations.put(
        db,
        locations=[
            location("STORE", calendar="STORE", collects=True),
            location("WAREHOUSE", kind="warehouse"),
        ],
        currency="EUR",
    )
    await carriers.put(db, carrier=VAN)
    return await network.of(db)


@pytest.mark.parametrize(
    ("place", "asked", "due"),
    [
        ("STORE", "2026-01-05 14:30", "2026-01-05 15:00"),
        ("STORE", "2026-01-05 15:00", "2026-01-06 15:00"),
        # Friday evening waits for Monday; New Year's Day is a Thursday.
        ("STORE", "2026-01-09 16:00", "2026-01-12 15:00"),
        ("STORE", "2025-12-31 15:30", "2026-01-02 15:00"),
        # The van comes to warehouses later, and on every day.
        ("WAREHOUSE", "2026-01-05 15:00", "2026-01-05 17:00"),
        ("WAREHOUSE", "2026-01-09 17:00", "2026-01-10 17:00"),
        # Paris changes its clock in the nights to 29 March and to 25 October.
        ("WAREHOUSE", "2026-03-28 17:00", "2026-03-29 16:00"),
        ("WAREHOUSE", "2026-10-24 16:00", "2026-10-25 17:00"),
    ],
)
async def test_a_parcel_is_due_by_the_next_van(
    database: Database, place: str, asked: str, due: str
) -> None:
    async with database.transaction() as db:
        everywhere = await known(db)
    held = work(everywhere.by_code[place].id, asked)
    assert deadlines.due_at(everywhere, held, collect_ready_minutes=120) == at(due)


@pytest.mark.parametrize(
    ("place", "asked", "due"),
    [
        ("STORE", "2026-01-05 10:00", "2026-01-05 12:00"),
        ("STORE", "2026-01-05 17:30", "2026-01-06 10:30"),
        ("STORE", "2026-01-09 20:00", "2026-01-12 11:00"),
        ("WAREHOUSE", "2026-01-05 23:30", "2026-01-06 01:30"),
    ],
)
async def test_what_is_collected_is_due_after_so_much_opening_time(
    database: Database, place: str, asked: str, due: str
) -> None:
    async with database.transaction() as db:
        everywhere = await known(db)
    held = work(
        everywhere.by_code[place].id,
        asked,
        delivery_option="click_and_collect",
        carrier=None,
        service=None,
    )
    assert deadlines.due_at(everywhere, held, collect_ready_minutes=120) == at(due)


async def test_work_without_a_known_service_has_no_due_time(database: Database) -> None:
    async with database.transaction() as db:
        everywhere = await known(db)
    place = everywhere.by_code["STORE"].id
    for carrier, service in ((None, None), ("van", "gone"), ("gone", "standard")):
        held = work(place, "2026-01-05 10:00", carrier=carrier, service=service)
        assert deadlines.due_at(everywhere, held, collect_ready_minutes=120) is None


async def test_several_works_are_due_as_each_of_them_alone(database: Database) -> None:
    async with database.transaction() as db:
        everywhere = await known(db)
    # Every quarter of an hour of a fortnight, forth and back, at both places, for van and counter.
    moments = [at("2026-03-20 00:00") + timedelta(minutes=15 * n) for n in range(14 * 96)]
    works = [
        replace(work(everywhere.by_code[place].id, "2026-03-20 00:00", **more), created_at=moment)
        for moment in (*moments, *reversed(moments[::7]))
        for place in ("STORE", "WAREHOUSE")
        for more in ({}, {"delivery_option": "click_and_collect"}, {"service": "gone"})
    ]
    together = Deadlines(everywhere, collect_ready_minutes=120)
    assert [together.of(held) for held in works] == [
        deadlines.due_at(everywhere, held, collect_ready_minutes=120) for held in works
    ]


async def test_work_tells_when_it_is_due_as_the_settings_and_the_network_say(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    sent = await released(database, order("A-1", ("CUP", 1)))
    kept = await released(database, collected("A-2", ("CUP", 1), location="S-LYON"))
    shown = await seen(database, sent)
    assert shown.due_at is not None
    waits = shown.due_at - shown.created_at
    assert 0 < waits.total_seconds() <= 25 * 3600
    assert f"{shown.due_at:%M:%S}" == "00:00"
    to_collect = await seen(database, kept)
    assert to_collect.due_at is not None
    minutes = database.settings.collect_ready_minutes
    assert (to_collect.due_at - to_collect.created_at).total_seconds() == minutes * 60
