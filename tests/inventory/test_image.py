"""The image of free stock: newer wins, nothing is missed, bounded, and never the only truth."""

import asyncio
from typing import Any

import pytest

from tests.inventory.shelves import LILLE, LYON, apply, stocked, take
from tests.orders.shop import count, order
from unisono.catalog import skus as catalog
from unisono.core import positions
from unisono.core.database import Database, Db, Parameters
from unisono.core.settings import Settings
from unisono.inventory import counts, image
from unisono.inventory.counts import Adjustment
from unisono.inventory.image import Image
from unisono.inventory.levels import Changed, Key
from unisono.orders.capture import capture
from unisono.orders.entries import Captured


async def free(database: Database, held: Image, *keys: Key) -> list[int]:
    """What the image says of levels; the index of a location is its place in ``INDEX``."""
    async with database.read() as db:
        shown = await held.of(db, skus={sku for sku, _ in keys}, index_of=INDEX)
    return [int(shown[sku][INDEX[location]]) for sku, location in keys]


INDEX: dict[int, int] = {}


@pytest.fixture
def held(settings: Settings) -> Image:
    return Image(skus_max=10, age_ms_max=60_000)


@pytest.fixture
async def at(database: Database) -> dict[str, Key]:
    keys = await stocked(database, {LYON: 5, LILLE: 2, ("LAMP", "S-LYON"): 3})
    INDEX.clear()
    INDEX.update({location: n for n, (_, location) in enumerate(keys.values())})
    return keys


def changed(key: Key, version: int, units: int) -> Changed:
    return Changed(sku=key[0], location=key[1], version=version, free=units)


async def test_a_sku_is_read_once(database: Database, held: Image, at: dict[str, Key]) -> None:
    assert await free(database, held, at["S-LYON"], at["S-LILLE"]) == [5, 2]
    await apply(database, at["S-LYON"], on_hand=1)
    assert await free(database, held, at["S-LYON"]) == [5]
    held.forget([at["S-LYON"][0]])
    assert await free(database, held, at["S-LYON"]) == [6]
    assert len(held) == 1


async def test_only_what_is_newer_is_taken_over(
    database: Database, held: Image, at: dict[str, Key]
) -> None:
    await free(database, held, at["S-LYON"])
    held.see([changed(at["S-LYON"], 7, 70)])
    held.see([changed(at["S-LYON"], 6, 60), changed(at["S-LYON"], 7, 71)])
    assert await free(database, held, at["S-LYON"]) == [70]
    held.see([changed(at["S-LYON"], 8, 80), changed((99, 99), 1, 1)])
    assert await free(database, held, at["S-LYON"]) == [80]
    assert len(held) == 1


async def test_what_changes_while_a_sku_is_being_read_is_kept(
    database: Database, held: Image, at: dict[str, Key], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Db.tuples

    async def slow(
        db: Db, query: bytes, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        rows = await read(db, query, parameters)
        if query == image.sql.free_of_skus:
            # A newer figure of one level, and one that was read already of the other.
            held.see([changed(at["S-LYON"], 9, 90), changed(at["S-LILLE"], 0, 77)])
        return rows

    monkeypatch.setattr(Db, "tuples", slow)
    assert await free(database, held, at["S-LYON"], at["S-LILLE"]) == [90, 2]


async def test_the_least_recently_used_are_forgotten(
    database: Database, at: dict[str, Key]
) -> None:
    held = Image(skus_max=2, age_ms_max=60_000)
    async with database.read() as db:
        known = await catalog.known(db, codes={"CUP", "LAMP", "CHAIR"})
    cup, lamp, chair = (known[code].id for code in ("CUP", "LAMP", "CHAIR"))
    lyon = at["S-LYON"][1]
    await free(database, held, (cup, lyon))
    await free(database, held, (lamp, lyon))
    await free(database, held, (cup, lyon))
    assert await free(database, held, (chair, lyon)) == [0]
    assert len(held) == 2
    await apply(database, (cup, lyon), on_hand=1)
    await apply(database, (lamp, lyon), on_hand=1)
    # The lamp was not used for longest: it is read again, the cup is remembered.
    assert await free(database, held, (cup, lyon)) == [5]
    assert await free(database, held, (lamp, lyon)) == [4]
    # A question about more than may be remembered is answered all the same.
    assert await free(database, held, (cup, lyon), (lamp, lyon), (chair, lyon)) == [5, 4, 0]
    assert len(held) == 2


async def test_what_another_process_changes_is_followed(
    database: Database, held: Image, at: dict[str, Key]
) -> None:
    async def follow() -> int:
        async with database.read() as db:
            return await held.follow(db)

    await positions.stamp(database)
    assert await follow() == 0
    assert await free(database, held, at["S-LYON"], at["S-LILLE"]) == [5, 2]
    other = Database(database.settings, url=database.url)
    await other.open()
    await count(other, {LYON: 9})
    async with other.transaction() as db:
        sku, location = at["S-LILLE"]
        correction = Adjustment(sku=sku, location=location, change=-1)
        await counts.adjust(db, adjustments=[correction], author="Ana")
    [sold] = await capture(other, [order("A-1", ("CUP", 4))])
    assert isinstance(sold, Captured)
    await other.close()
    # Nothing is known before it has its position.
    assert await follow() == 0
    assert await free(database, held, at["S-LYON"]) == [5]
    await positions.stamp(database)
    assert await follow() == 3
    assert await free(database, held, at["S-LYON"], at["S-LILLE"]) == [5, 1]
    assert await follow() == 0


async def test_the_first_time_it_begins_where_the_others_are(
    database: Database, held: Image, at: dict[str, Key]
) -> None:
    await free(database, held, at["S-LYON"])
    await apply(database, at["S-LYON"], on_hand=1)
    await positions.stamp(database)
    # Positions before are never read, so what was remembered before is not either.
    async with database.read() as db:
        assert await held.follow(db) == 0
    assert await free(database, held, at["S-LYON"]) == [6]


async def test_an_image_that_is_too_old_is_read_again(
    database: Database, at: dict[str, Key]
) -> None:
    held = Image(skus_max=10, age_ms_max=1)
    assert await free(database, held, at["S-LYON"]) == [5]
    await apply(database, at["S-LYON"], on_hand=1)
    await asyncio.sleep(0.01)
    assert held.age_ms > 1
    assert await free(database, held, at["S-LYON"]) == [6]


async def test_other_locations_begin_it_anew(
    database: Database, held: Image, at: dict[str, Key]
) -> None:
    assert await free(database, held, at["S-LYON"], at["S-LILLE"]) == [5, 2]
    turned = {location: 1 - index for location, index in INDEX.items()}
    async with database.read() as db:
        shown = await held.of(db, skus=[at["S-LYON"][0]], index_of=turned)
    assert shown[at["S-LYON"][0]].tolist() == [2, 5]


async def test_a_claim_on_remembered_stock_still_meets_the_truth(
    database: Database, held: Image, at: dict[str, Key]
) -> None:
    """The image guards nothing: what others took since is refused by the database."""
    await free(database, held, at["S-LYON"])
    assert len(await take(database, {at["S-LYON"]: (5, 5)})) == 1
    assert await free(database, held, at["S-LYON"]) == [5]
    assert await take(database, {at["S-LYON"]: (1, 1)}) == []
