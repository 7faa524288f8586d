"""Counts are facts about a moment; adjustments add up; what is wrong with them changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.inventory.shelves import LYON, ago, figures, movement, post, stock, stocked
from tests.orders.shop import level
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch
from unisono.inventory import counts
from unisono.inventory.audit import audit
from unisono.inventory.counts import UNITS_MAX, Adjustment, Count, Counted
from unisono.inventory.levels import Key


def counted(
    key: Key, on_hand: int, *, as_of: datetime | None = None, version: int | None = None
) -> Count:
    return Count(
        sku=key[0], location=key[1], on_hand=on_hand, as_of=as_of, version=version, pointer="/it"
    )


def adjusted(key: Key, change: int) -> Adjustment:
    return Adjustment(sku=key[0], location=key[1], change=change, pointer="/it")


async def say(database: Database, *said: Count) -> list[Counted]:
    async with database.transaction() as db:
        return await counts.set_counts(db, counts=said, author="Ana")


async def correct(database: Database, *corrections: Adjustment) -> list[Counted]:
    async with database.transaction() as db:
        return await counts.adjust(db, adjustments=corrections, author="Ana")


async def test_a_count_keeps_what_happened_after_its_moment(database: Database) -> None:
    at = await stocked(database, {})
    await post(database, movement(at["S-LYON"], "till_sale", 2, on_hand=-2, occurred_at=ago(10)))
    # Ten were there half an hour ago; two of them were sold since.
    [done] = await say(database, counted(at["S-LYON"], 10, as_of=ago(30)))
    assert (done.outcome, done.on_hand, done.free) == ("applied", 8, 8)
    assert await figures(database) == (8, 0, 0, 0)


async def test_a_count_overrules_what_happened_before_its_moment(database: Database) -> None:
    at = await stocked(database, {})
    await post(database, movement(at["S-LYON"], "till_sale", 2, on_hand=-2, occurred_at=ago(40)))
    [done] = await say(database, counted(at["S-LYON"], 10, as_of=ago(30)))
    assert (done.outcome, done.on_hand) == ("applied", 10)


async def test_a_count_that_is_older_than_the_last_one_changes_nothing(database: Database) -> None:
    at = await stocked(database, {})
    await say(database, counted(at["S-LYON"], 10, as_of=ago(20)))
    before = await stock(database)
    [stale] = await say(database, counted(at["S-LYON"], 3, as_of=ago(30)))
    assert (stale.outcome, stale.on_hand) == ("stale", 10)
    assert await stock(database) == before
    [again] = await say(database, counted(at["S-LYON"], 9, as_of=ago(10)))
    assert (again.outcome, again.on_hand) == ("applied", 9)


async def test_one_stale_row_does_not_stop_the_others(database: Database) -> None:
    at = await stocked(database, {})
    await say(database, counted(at["S-LYON"], 10, as_of=ago(20)))
    done = await say(
        database,
        counted(at["S-LYON"], 3, as_of=ago(30)),
        counted(at["S-LILLE"], 3, as_of=ago(30)),
    )
    assert [(row.outcome, row.on_hand) for row in done] == [("stale", 10), ("applied", 3)]


async def test_the_same_figure_again_is_remembered_as_a_count(database: Database) -> None:
    at = await stocked(database, {})
    await say(database, counted(at["S-LYON"], 10, as_of=ago(20)))
    moment = ago(10)
    [same] = await say(database, counted(at["S-LYON"], 10, as_of=moment))
    assert (same.outcome, same.on_hand) == ("unchanged", 10)
    assert (await level(database, "CUP", "S-LYON")).counted_as_of == moment


async def test_a_count_in_the_future_is_refused(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    before = await stock(database)
    with pytest.raises(InvalidInput) as refused:
        await say(
            database,
            counted(at["S-LILLE"], 1),
            counted(at["S-LYON"], 9, as_of=clock.now() + timedelta(minutes=2)),
        )
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/it/as_of", "in_the_future")]
    assert await stock(database) == before
    # A clock that is a little ahead is none in the future.
    [done] = await say(
        database, counted(at["S-LYON"], 9, as_of=clock.now() + timedelta(seconds=30))
    )
    assert done.outcome == "applied"


NAIVE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("moment", "code"),
    [(NAIVE, "time_without_offset"), (datetime(1, 1, 1, tzinfo=UTC), "too_long_ago")],
)
async def test_a_moment_that_nobody_can_mean_is_refused(
    database: Database, moment: datetime, code: str
) -> None:
    at = await stocked(database, {LYON: 5})
    before = await stock(database)
    with pytest.raises(InvalidInput) as refused:
        await say(database, counted(at["S-LYON"], 9, as_of=moment))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/it/as_of", code)]
    assert await stock(database) == before


async def test_a_level_is_counted_once_in_a_request(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    before = await stock(database)
    with pytest.raises(InvalidInput) as refused:
        await say(database, counted(at["S-LYON"], 9), counted(at["S-LYON"], 9))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/it", "counted_twice")]
    assert await stock(database) == before


async def test_a_count_of_another_version_changes_nothing(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    read = (await level(database, "CUP", "S-LYON")).version
    before = await stock(database)
    with pytest.raises(VersionMismatch, match=f"at version {read}, not {read + 1}"):
        await say(
            database,
            counted(at["S-LILLE"], 9),
            counted(at["S-LYON"], 9, version=read + 1),
        )
    assert await stock(database) == before
    [done] = await say(database, counted(at["S-LYON"], 9, version=read))
    assert (done.on_hand, done.version) == (9, read + 1)
    with pytest.raises(VersionMismatch):
        await say(database, counted(at["S-LYON"], 9, version=read))


async def test_what_a_count_takes_from_under_claims_is_the_shortfall(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    async with database.transaction() as db:
        await db.execute(b"UPDATE inventory.stock_level SET committed = 4")
    [done] = await say(database, counted(at["S-LYON"], 1))
    assert (done.on_hand, done.free) == (1, -3)
    assert await figures(database) == (1, 0, 4, 3)


async def test_corrections_of_one_level_are_added_up(database: Database) -> None:
    at = await stocked(database, {LYON: 5})
    done = await correct(
        database,
        adjusted(at["S-LYON"], 4),
        adjusted(at["S-LILLE"], 1),
        adjusted(at["S-LYON"], -7),
    )
    assert [row.on_hand for row in done] == [2, 1, 2]
    assert await figures(database) == (2, 0, 0, 0)
    async with database.read() as db:
        assert await audit(db) == []


@pytest.mark.parametrize("sign", [1, -1])
async def test_figures_that_a_level_cannot_hold_are_refused(database: Database, sign: int) -> None:
    at = await stocked(database, {LYON: 5})
    await correct(database, adjusted(at["S-LYON"], sign * UNITS_MAX - 5))
    before = await stock(database)
    with pytest.raises(InvalidInput) as refused:
        await correct(
            database, adjusted(at["S-LILLE"], 1), adjusted(at["S-LYON"], sign * UNITS_MAX)
        )
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/it/change", "too_many")]
    assert await stock(database) == before


async def test_a_count_and_what_happened_since_fit_into_a_level(database: Database) -> None:
    at = await stocked(database, {})
    await correct(database, adjusted(at["S-LYON"], UNITS_MAX))
    before = await stock(database)
    with pytest.raises(InvalidInput) as refused:
        await say(database, counted(at["S-LYON"], UNITS_MAX, as_of=ago(10)))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/it/on_hand", "too_many")]
    assert await stock(database) == before
