import asyncio

import pytest

from unisono.catalog import skus
from unisono.catalog.skus import NewSku, SkuFacts, UnknownSku
from unisono.core import ids, revision
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch, VersionRequired

BALLOON = NewSku(code="B-1", name="Balloon", weight_g=12)
CANDLE = NewSku(
    code="C-1", name="Bougie d'Été", weight_g=300, gtin="04006381333931", category="Home"
)


async def put(database: Database, *given: NewSku) -> list[skus.Sku]:
    async with database.transaction() as db:
        return await skus.put(db, skus=given)


async def told(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as db:
        return await db.tuples(
            b"SELECT aggregate, sequence, type, data #>> '{sku,name}' FROM core.event"
            b" ORDER BY aggregate, sequence"
        )


async def revised(database: Database) -> int:
    async with database.read() as db:
        return (await revision.current(db))["catalog"]


async def test_skus_come_back_in_the_order_given_and_each_tells_its_first_version(
    database: Database,
) -> None:
    stored = await put(database, CANDLE, BALLOON)
    assert [(sku.code, sku.version) for sku in stored] == [("C-1", 1), ("B-1", 1)]
    assert stored[0].gtin == "04006381333931"
    assert sorted(await told(database)) == sorted(
        [
            (ids.named("sku", "B-1"), 1, "sku.changed", "Balloon"),
            (ids.named("sku", "C-1"), 1, "sku.changed", "Bougie d'Été"),
        ]
    )


async def test_what_is_already_as_told_keeps_its_version_and_tells_nothing(
    database: Database,
) -> None:
    await put(database, BALLOON, CANDLE)
    before = await revised(database)
    assert [sku.version for sku in await put(database, BALLOON, CANDLE)] == [1, 1]
    assert await revised(database) == before
    assert len(await told(database)) == 2


async def test_a_change_of_one_of_two_raises_one_version_and_the_revision(
    database: Database,
) -> None:
    await put(database, BALLOON, CANDLE)
    before = await revised(database)
    heavier = NewSku(code="B-1", name="Balloon", weight_g=13)
    assert [sku.version for sku in await put(database, heavier, CANDLE)] == [2, 1]
    assert await revised(database) == before + 1
    assert (ids.named("sku", "B-1"), 2, "sku.changed", "Balloon") in await told(database)
    assert len(await told(database)) == 3


async def test_a_code_given_twice_and_a_wrong_gtin_are_both_named_and_nothing_changes(
    database: Database,
) -> None:
    wrong = NewSku(code="W", name="Wrong", weight_g=1, gtin="04006381333932")
    with pytest.raises(InvalidInput) as refusal:
        await put(database, BALLOON, BALLOON, wrong)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/skus/1/code", "repeated"),
        ("/skus/2/gtin", "wrong_gtin"),
    ]
    assert await told(database) == []


async def test_replacing_needs_the_version_that_was_read(database: Database) -> None:
    async with database.transaction() as db:
        made = await skus.replace(db, code="B-1", sku=BALLOON, version=None)
    renamed = NewSku(code="B-1", name="Red balloon", weight_g=12)
    async with database.transaction() as db:
        with pytest.raises(VersionRequired):
            await skus.replace(db, code="B-1", sku=renamed, version=None)
        with pytest.raises(VersionMismatch):
            await skus.replace(db, code="B-1", sku=renamed, version=2)
        with pytest.raises(VersionMismatch):
            await skus.replace(db, code="C-1", sku=CANDLE, version=1)
    async with database.transaction() as db:
        assert await skus.get(db, code="B-1") == made
        changed = await skus.replace(db, code="B-1", sku=renamed, version=1)
    assert (changed.name, changed.version, changed.id) == ("Red balloon", 2, made.id)


async def test_what_is_put_at_a_code_has_that_code(database: Database) -> None:
    async with database.transaction() as db:
        with pytest.raises(InvalidInput) as refusal:
            await skus.replace(db, code="C-1", sku=BALLOON, version=None)
    assert [fault.pointer for fault in refusal.value.faults] == ["/code"]
    assert await told(database) == []


async def test_a_single_sku_is_pointed_at_from_the_root(database: Database) -> None:
    wrong = NewSku(code="W", name="Wrong", weight_g=1, gtin="04006381333932")
    async with database.transaction() as db:
        with pytest.raises(InvalidInput) as refusal:
            await skus.replace(db, code="W", sku=wrong, version=None)
    assert [fault.pointer for fault in refusal.value.faults] == ["/gtin"]


async def test_of_two_who_replace_the_same_version_one_is_told_that_it_changed(
    database: Database,
) -> None:
    await put(database, BALLOON)

    async def rename(name: str) -> int:
        async with database.transaction() as db:
            changed = NewSku(code="B-1", name=name, weight_g=12)
            return (await skus.replace(db, code="B-1", sku=changed, version=1)).version

    answers = await asyncio.gather(rename("Red"), rename("Blue"), return_exceptions=True)
    assert sorted(str(type(answer).__name__) for answer in answers) == ["VersionMismatch", "int"]
    async with database.read() as db:
        assert (await skus.get(db, code="B-1")).version == 2


async def test_of_two_who_make_the_same_sku_one_is_told_that_it_exists(database: Database) -> None:
    made, waiting = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.transaction() as db:
            await skus.replace(db, code="B-1", sku=BALLOON, version=None)
            made.set()
            await asyncio.wait_for(waiting.wait(), 10)

    async def second() -> None:
        await asyncio.wait_for(made.wait(), 10)
        async with database.transaction() as db:
            asyncio.get_running_loop().call_later(0.1, waiting.set)
            await skus.replace(
                db, code="B-1", sku=NewSku(code="B-1", name="Other", weight_g=1), version=None
            )

    answers = await asyncio.gather(first(), second(), return_exceptions=True)
    assert [type(answer).__name__ for answer in answers] == ["NoneType", "VersionRequired"]
    async with database.read() as db:
        assert (await skus.get(db, code="B-1")).name == "Balloon"


async def test_an_unknown_sku_is_named(database: Database) -> None:
    async with database.read() as db:
        with pytest.raises(UnknownSku, match="there is no SKU nothing"):
            await skus.get(db, code="nothing")


async def test_a_listing_is_by_code_and_its_cursor_goes_on_after_the_last(
    database: Database,
) -> None:
    await put(database, *(NewSku(code=f"S{n}", name=f"Thing {n}", weight_g=1) for n in (3, 1, 2)))
    async with database.read() as db:
        first = await skus.listing(db, after=None, limit=2)
        assert [sku.code for sku in first.rows] == ["S1", "S2"]
        rest = await skus.listing(db, after=first.after, limit=2)
        assert ([sku.code for sku in rest.rows], rest.after) == (["S3"], None)


async def test_a_search_ignores_case_and_accents_and_filters_combine(database: Database) -> None:
    await put(database, BALLOON, CANDLE)
    async with database.read() as db:
        cases: list[tuple[str | None, skus.Status | None, str | None, list[str]]] = [
            ("ÉTÉ", None, None, ["C-1"]),
            ("ete", "active", "Home", ["C-1"]),
            ("ete", "retired", None, []),
            ("b-1", None, None, ["B-1"]),
            (None, None, "Home", ["C-1"]),
        ]
        for search, status, category, codes in cases:
            page = await skus.listing(
                db, after=None, limit=9, status=status, category=category, search=search
            )
            assert [sku.code for sku in page.rows] == codes


async def test_known_skus_are_remembered_until_the_catalogue_changes(database: Database) -> None:
    [balloon] = await put(database, BALLOON)
    facts = SkuFacts(id=balloon.id, code="B-1", weight_g=12, active=True)
    async with database.read() as db:
        assert await skus.known(db, codes=["B-1", "nothing"]) == {"B-1": facts}
        assert await skus.codes(db, ids=[balloon.id, 0]) == {balloon.id: "B-1"}
        assert await skus.names(db, ids=[balloon.id]) == {balloon.id: "Balloon"}
        at = (await revision.current(db))["catalog"]
        again = await skus.known(db, codes=["B-1"], revision=at)
        assert again["B-1"] is (await skus.known(db, codes=["B-1"], revision=at))["B-1"]
    await put(database, NewSku(code="B-1", name="Balloon", weight_g=15, status="retired"))
    async with database.read() as db:
        assert await skus.known(db, codes=["B-1"]) == {
            "B-1": SkuFacts(id=balloon.id, code="B-1", weight_g=15, active=False)
        }


async def test_memory_is_bounded_and_forgets_the_longest_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(skus, "REMEMBERED_MAX", 4)
    await put(database, *(NewSku(code=f"S{n}", name="Thing", weight_g=1) for n in range(6)))
    async with database.read() as db:
        for n in range(5):
            await skus.known(db, codes=[f"S{n}"])
        memory = database.memory["catalog.skus"]
        assert list(memory.by_code) == ["S2", "S3", "S4"]
        assert len(memory.by_id) == 3
        assert len(await skus.known(db, codes=[f"S{n}" for n in range(6)])) == 6
