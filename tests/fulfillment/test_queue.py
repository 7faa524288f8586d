"""The queue: the oldest first, of the locations and states that are asked for, page by page."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fulfillment.floor import (
    STOCK,
    accepted,
    cancelled,
    packed,
    picked,
    released,
    seen,
    shipped,
    to_lyon,
)
from tests.orders.shop import collected, open_shop, order
from unisono.catalog import skus
from unisono.catalog.skus import NewSku
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.paging import Page
from unisono.fulfillment import queue, records
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.queue import FulfillmentOrder, State
from unisono.fulfillment.records import FulfillmentRef, NewWork


async def listed(
    database: Database,
    *,
    locations: list[str] | None = None,
    states: list[State] | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[FulfillmentOrder]:
    async with database.read() as db:
        return await queue.listing(db, after=after, limit=limit, locations=locations, states=states)


async def test_the_oldest_order_comes_first_whatever_its_location_and_state(
    database: Database,
) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    lyon = await released(database, order("A-1", ("CUP", 1)))
    lille = await released(database, collected("A-2", ("CUP", 1), location="S-LILLE"))
    again = await released(database, order("A-3", ("CUP", 1)))
    await accepted(database, again)
    every = await listed(database)
    assert [(work.id, work.location) for work in every.rows] == [
        (str(lyon), "S-LYON"),
        (str(lille), "S-LILLE"),
        (str(again), "S-LYON"),
    ]
    at_lyon = await listed(database, locations=["S-LYON"])
    assert [work.id for work in at_lyon.rows] == [str(lyon), str(again)]
    waiting = await listed(database, locations=["S-LYON", "S-LILLE"], states=["open"])
    assert [work.id for work in waiting.rows] == [str(lyon), str(lille)]
    assert (await listed(database, states=["closed"])).rows == ()


async def test_pages_follow_one_another_without_gap(database: Database) -> None:
    await open_shop(database, STOCK)
    refs = [await released(database, order(f"A-{n}", ("CUP", 1))) for n in range(5)]
    found: list[str] = []
    after = None
    for size in (2, 2, 1):
        page = await listed(database, after=after, limit=2)
        assert len(page.rows) == size
        found += [work.id for work in page.rows]
        after = page.after
    assert after is None
    assert found == [str(ref) for ref in refs]


async def test_a_location_that_does_not_exist_is_named(database: Database) -> None:
    await to_lyon(database, ("CUP", 1))
    with pytest.raises(InvalidInput) as refusal:
        await listed(database, locations=["S-NOWHERE"])
    assert [(each.pointer, each.code) for each in refusal.value.faults] == [
        ("/location", "unknown_location")
    ]
    with pytest.raises(InvalidInput):
        await listed(database, after="nonsense")


async def test_one_fulfillment_order_is_seen_as_in_the_queue(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2), ("LAMP", 1))
    [work] = (await listed(database)).rows
    async with database.read() as db:
        assert await queue.get(db, ref=ref) == work
        assert await queue.location_of(db, ref=ref) == "S-LYON"
    assert [(line.sku, line.name, line.quantity) for line in work.lines] == [
        ("CUP", "Cup", 2),
        ("LAMP", "Lamp", 1),
    ]


async def rewound(database: Database, hours: dict[FulfillmentRef, int]) -> datetime:
    """Let work have been asked for hours before noon of a Monday in Paris; return that."""
    noon = datetime(2026, 3, 2, 11, tzinfo=UTC)
    async with database.transaction() as db:
        for ref, before in hours.items():
            await db.execute(
                b"UPDATE fulfillment.fulfillment_order SET created_at = %(at)s::timestamptz"
                b" WHERE order_id = %(order)s::uuid AND n = %(n)s::int",
                {"at": noon - timedelta(hours=before), "order": ref.order_id, "n": ref.n},
            )
    return noon


async def test_what_is_due_first_comes_first_then_the_oldest(database: Database) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    by_van = [await released(database, order(f"V-{n}", ("CUP", 1))) for n in range(3)]
    kept = await released(database, collected("C-1", ("CUP", 1), location="S-LYON"))
    elsewhere = await released(database, collected("C-2", ("CUP", 1), location="S-LILLE"))
    # The van comes at 16:00 in Paris; the first was asked for at 17:00.
    noon = await rewound(
        database, {by_van[0]: -5, by_van[1]: 2, by_van[2]: 19, kept: 1, elsewhere: 3}
    )
    async with database.read() as db:
        todo = await queue.todo(db, location="S-LYON")
        assert [work.id for work in todo] == [
            str(ref) for ref in (kept, by_van[2], by_van[1], by_van[0])
        ]
        assert [work.due_at for work in todo] == [
            noon + timedelta(hours=hours) for hours in (1, 4, 4, 28)
        ]
        assert await queue.todo(db, location="S-LYON", limit=2) == todo[:2]
        assert await queue.todo(db, location="S-LYON", states=["packed"]) == ()
        with pytest.raises(InvalidInput):
            await queue.todo(db, location="S-NOWHERE")


async def test_work_without_a_due_time_comes_last(database: Database) -> None:
    await open_shop(database, STOCK)
    unknown = await released(database, order("A-1", ("CUP", 1)))
    async with database.transaction() as db:
        await db.execute(b"UPDATE fulfillment.fulfillment_order SET service = 'gone'")
    known = await released(database, order("A-2", ("CUP", 1)))
    async with database.read() as db:
        todo = await queue.todo(db, location="S-LYON")
    assert [work.id for work in todo] == [str(known), str(unknown)]
    assert todo[1].due_at is None


async def test_a_page_of_the_queue_is_bounded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(database, STOCK)
    refs = [await released(database, order(f"A-{n}", ("CUP", 1))) for n in range(4)]
    monkeypatch.setattr(queue, "TODO_MAX", 3)
    async with database.read() as db:
        todo = await queue.todo(db, location="S-LYON", limit=1000)
    assert [work.id for work in todo] == [str(ref) for ref in refs[:3]]


async def test_the_most_urgent_work_of_each_location_says_when_it_is_due(
    database: Database,
) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    by_van = [await released(database, order(f"V-{n}", ("CUP", 1))) for n in range(2)]
    kept = await released(database, collected("C-1", ("CUP", 1), location="S-LYON"))
    elsewhere = await released(database, collected("C-2", ("CUP", 1), location="S-LILLE"))
    noon = await rewound(database, {by_van[0]: -5, by_van[1]: 2, kept: 1, elsewhere: 3})
    every = {"S-LYON": noon + timedelta(hours=1), "S-LILLE": noon - timedelta(hours=1)}
    async with database.read() as db:
        assert await queue.earliest_due(db) == every
        assert await queue.earliest_due(db, locations=["S-LILLE", "W-ORLEANS"]) == {
            "S-LILLE": every["S-LILLE"]
        }
        with pytest.raises(InvalidInput):
            await queue.earliest_due(db, locations=["S-NOWHERE"])
    await packed(database, kept)
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=kept, version=None, author="Ana")
    async with database.read() as db:
        # What waits for its customer is not to do any more.
        assert (await queue.earliest_due(db))["S-LYON"] == noon + timedelta(hours=4)


async def test_what_waits_is_counted_by_location_and_state(database: Database) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    for n in range(2):
        await released(database, order(f"A-{n}", ("CUP", 1)))
    await packed(database, await released(database, order("B-1", ("CUP", 1))))
    await shipped(database, await released(database, order("B-2", ("CUP", 1))))
    await released(database, collected("C-1", ("CUP", 1), location="S-LILLE"))
    async with database.read() as db:
        every = await queue.counts(db)
        lille = await queue.counts(db, locations=["S-LILLE"])
    states = ("open", "accepted", "picking", "packed", "ready_for_pickup")
    assert every.keys() == {
        (place, state) for place in ("S-LYON", "S-LILLE", "W-ORLEANS") for state in states
    }
    assert {key: count for key, count in every.items() if count} == {
        ("S-LYON", "open"): 2,
        ("S-LYON", "packed"): 1,
        ("S-LILLE", "open"): 1,
    }
    assert lille == {("S-LILLE", state): int(state == "open") for state in states}


async def test_what_left_since_midnight_is_done_today(database: Database) -> None:
    await open_shop(database, STOCK)
    refs = []
    for n in range(3):
        refs.append(await released(database, order(f"A-{n}", ("CUP", 1))))
        await shipped(database, refs[-1], f"T{n}")
    kept = await released(database, collected("C-1", ("CUP", 1), location="S-LYON"))
    await packed(database, kept)
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=kept, version=None, author="Ana")
    await packed(database, await released(database, order("A-9", ("CUP", 1))))
    async with database.transaction() as db:
        await db.execute(
            b"UPDATE fulfillment.package SET shipped_at = now() - interval '25 hours'"
            b" WHERE tracking_number = 'T1'"
        )
        # What is delivered today has left before.
        await db.execute(
            b"UPDATE fulfillment.package SET delivered_at = now() WHERE tracking_number = 'T1'"
        )
    async with database.read() as db:
        before = await queue.done_today(db, location="S-LYON")
    assert (before.count, [work.id for work in before.works]) == (2, [str(refs[2]), str(refs[0])])
    async with database.transaction() as db:
        await hand_over(db, ref=kept, version=None, author="Ana", occurred_at=None)
    async with database.read() as db:
        after = await queue.done_today(db, location="S-LYON", limit=1)
        nothing = await queue.done_today(db, location="W-ORLEANS")
    assert (after.count, [work.id for work in after.works]) == (3, [str(kept)])
    assert (nothing.count, nothing.works) == (0, ())


async def found(database: Database, code: str, location: str = "S-LYON") -> str | None:
    async with database.read() as db:
        work = await queue.find(db, location=location, code=code)
    return None if work is None else work.id


async def test_a_scanned_code_finds_the_work_that_it_means(database: Database) -> None:
    await open_shop(database, STOCK)
    async with database.transaction() as db:
        lamp = NewSku(code="LAMP", name="Lamp", weight_g=900, gtin="03760123456784")
        await skus.put(db, skus=[lamp])
    gone = await released(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    await shipped(database, gone, "6A 123")
    begun = await picked(database, await released(database, order("A-2", ("LAMP", 1))))
    first = await released(database, order("A-3", ("LAMP", 1)))
    second = await released(database, order("A-4", ("LAMP", 1), ("CUP", 1)))
    number = (await seen(database, second)).order_number
    assert await found(database, f" {begun}\n") == str(begun)
    assert await found(database, "6A 123") == str(gone)
    assert await found(database, str(number)) == str(second)
    # A SKU, by its code or as EAN-13 or GTIN-14: the oldest work that still wants it.
    for code in ("LAMP", "3760123456784", "03760123456784"):
        assert await found(database, code) == str(first)
    assert await found(database, "CUP") == str(second)
    await cancelled(database, first.order_id)
    assert await found(database, "LAMP") == str(second)


async def test_a_code_that_means_nothing_here_finds_nothing(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 1)))
    number = (await seen(database, ref)).order_number
    for code in (str(ref), str(number), "CUP"):
        assert await found(database, code, "S-LYON") == str(ref)
        assert await found(database, code, "S-LILLE") is None
    for code in ("", " ", "NOPE", "9" * 40, "²", "a\x00b", f"{ref.order_id}.7", "CHAIR"):
        assert await found(database, code) is None
    with pytest.raises(InvalidInput):
        await found(database, "CUP", "S-NOWHERE")


async def test_of_several_works_of_an_order_what_waits_is_found(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 1)))
    await shipped(database, ref, "T1")
    number = (await seen(database, ref)).order_number
    async with database.transaction() as db:
        place = (await records.get(db, ref=ref)).location
        later = [
            NewWork(
                order_id=ref.order_id,
                n=n,
                location=place,
                delivery_option="home_standard",
                carrier="post",
                service="standard",
            )
            for n in (2, 3)
        ]
        await records.insert(db, later)
    assert await found(database, str(number)) == f"{ref.order_id}.2"
    async with database.transaction() as db:
        await db.execute(b"UPDATE fulfillment.fulfillment_order SET state = 'rejected' WHERE n > 1")
    assert await found(database, str(number)) == f"{ref.order_id}.3"
