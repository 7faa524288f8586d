"""Accepting: once, by one of those who try, against the version that was read."""

import asyncio

import pytest

from tests.fulfillment.floor import (
    AT,
    AUTHOR,
    accepted,
    assert_sound,
    everything,
    seen,
    to_lyon,
    told,
    types,
)
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import VersionMismatch
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.accept import accept
from unisono.fulfillment.records import FulfillmentRef, UnknownFulfillmentOrder


async def test_a_location_takes_the_work_on(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    await accepted(database, ref, at=AT)
    work = await seen(database, ref)
    assert (work.state, work.version) == ("accepted", 2)
    assert (await told(database, ref.order_id))[-1] == (
        3,
        "fulfillment_order.accepted",
        {
            "fulfillment_order": 1,
            "location": "S-LYON",
            "at": "2026-03-02T09:30:00Z",
            "author": AUTHOR,
        },
    )
    await assert_sound(database)


async def test_work_is_accepted_once(database: Database) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 2)))
    before = await everything(database)
    with pytest.raises(TransitionRefused, match="is accepted and cannot become accepted"):
        await accepted(database, ref)
    assert await everything(database) == before


async def test_of_two_who_accept_at_once_one_wins(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    answers = await asyncio.gather(
        *(accepted(database, ref) for _ in range(5)), return_exceptions=True
    )
    assert sum(answer == ref for answer in answers) == 1
    assert sum(isinstance(answer, TransitionRefused) for answer in answers) == 4
    assert await types(database, ref.order_id) == [
        "order.created",
        "fulfillment_order.created",
        "fulfillment_order.accepted",
    ]
    await assert_sound(database)


async def test_a_version_that_was_not_read_is_refused(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    before = await everything(database)
    with pytest.raises(VersionMismatch):
        async with database.transaction() as db:
            await accept(db, ref=ref, version=2, author=AUTHOR)
    assert await everything(database) == before
    async with database.transaction() as db:
        await accept(db, ref=ref, version=1, author=AUTHOR)
    assert (await seen(database, ref)).state == "accepted"


async def test_work_that_does_not_exist_cannot_be_accepted(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    before = await everything(database)
    for missing in (
        FulfillmentRef(order_id=ref.order_id, n=2),
        FulfillmentRef(order_id=ids.uuid7(), n=1),
    ):
        with pytest.raises(UnknownFulfillmentOrder):
            await accepted(database, missing)
    assert await everything(database) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "nonsense.1",
        "0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42",
        "0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42.",
        "0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42.0",
        "0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42.-1",
        "0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42.01",
        "0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42.2147483648",
        "0197A2B4-6C1E-7A35-9D1C-3F0C5A7E9B42.1",
        "0197a2b46c1e7a359d1c3f0c5a7e9b42.1",
    ],
)
def test_what_is_written_in_another_way_names_nothing(text: str) -> None:
    with pytest.raises(UnknownFulfillmentOrder):
        FulfillmentRef.parse(text)


def test_a_reference_is_read_as_it_is_written() -> None:
    ref = FulfillmentRef(order_id=ids.uuid7(), n=12)
    assert FulfillmentRef.parse(str(ref)) == ref
