"""Stock as pages list it: SKUs with what there is of them, and the ledger of a SKU."""

import pytest

from tests.fulfillment.floor import numbered, picked, released, seen
from tests.inventory.shelves import LILLE, LYON, movement, post, stocked
from tests.orders.shop import collected, order
from unisono.catalog import skus
from unisono.catalog.skus import NewSku, UnknownSku
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.paging import Page
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked
from unisono.fulfillment.ship import ship
from unisono.inventory import stock
from unisono.inventory.stock import AdjustmentRow, Only, StockRow
from unisono.network.locations import UnknownLocation
from unisono.orders.capture import capture


async def listed(
    database: Database,
    *,
    only: Only = "all",
    location: str | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[StockRow]:
    async with database.read() as db:
        return await stock.listing(
            db, after=after, limit=limit, search=search, location=location, only=only
        )


def codes(page: Page[StockRow]) -> list[str]:
    return [row.sku for row in page.rows]


async def oversold(database: Database) -> None:
    """Four cups in Lyon, ten in Lille; two of Lyon's are claimed, then five are found broken."""
    await stocked(database, {LYON: 4, LILLE: 10, ("LAMP", "S-LYON"): 0, ("CHAIR", "S-LILLE"): 3})
    await capture(database, [collected("A-1", ("CUP", 2), location="S-LYON")])
    async with database.transaction() as db:
        await stock.adjust(
            db,
            rows=[AdjustmentRow(sku="CUP", location="S-LYON", change=-5, reason="broken")],
            author="Ana",
            source=None,
        )


async def test_a_row_sums_what_there_is_everywhere(database: Database) -> None:
    await oversold(database)
    page = await listed(database)
    assert page.after is None
    assert codes(page) == ["CHAIR", "CUP", "LAMP"]
    assert page.rows[1] == StockRow(
        sku="CUP",
        name="Cup",
        status="active",
        locations=2,
        negative=1,
        on_hand=9,
        unavailable=0,
        reserved=0,
        committed=2,
        available=10,
        shortfall=3,
    )
    assert (page.rows[2].locations, page.rows[2].available) == (1, 0)


async def test_a_row_can_be_that_of_one_location(database: Database) -> None:
    await oversold(database)
    page = await listed(database, location="S-LYON")
    assert [
        (row.sku, row.locations, row.negative, row.on_hand, row.committed, row.available)
        for row in page.rows
    ] == [("CHAIR", 0, 0, 0, 0, 0), ("CUP", 1, 1, -1, 2, 0), ("LAMP", 1, 0, 0, 0, 0)]
    assert [row.shortfall for row in page.rows] == [0, 3, 0]
    with pytest.raises(UnknownLocation):
        await listed(database, location="NOWHERE")


async def test_skus_are_found_by_code_and_by_name(database: Database) -> None:
    await oversold(database)
    async with database.transaction() as db:
        await skus.put(db, skus=[NewSku(code="TH-1", name="Théière Élan", weight_g=100)])
    assert codes(await listed(database, search="th-")) == ["TH-1"]
    assert codes(await listed(database, search="elan")) == ["TH-1"]
    assert codes(await listed(database, search="nothing")) == []


@pytest.mark.parametrize(
    ("only", "location", "found"),
    [
        ("kept", None, ["CHAIR", "CUP", "LAMP"]),
        ("kept", "S-LILLE", ["CHAIR", "CUP"]),
        # What was never counted anywhere is out; at a location, only what it once had.
        ("out", None, ["LAMP", "NEW"]),
        ("out", "S-LYON", ["CUP", "LAMP"]),
        ("out", "S-LILLE", []),
        ("short", None, ["CUP"]),
        ("short", "S-LYON", ["CUP"]),
        ("short", "S-LILLE", []),
        ("negative", None, ["CUP"]),
        ("negative", "S-LILLE", []),
    ],
)
async def test_only_what_needs_a_look_is_listed(
    database: Database, only: Only, location: str | None, found: list[str]
) -> None:
    await oversold(database)
    async with database.transaction() as db:
        await skus.put(
            db,
            skus=[
                NewSku(code="NEW", name="New", weight_g=100),
                NewSku(code="OLD", name="Old", weight_g=100, status="retired"),
            ],
        )
    assert codes(await listed(database, only=only, location=location)) == found


async def test_pages_follow_one_another_without_gap(database: Database) -> None:
    await oversold(database)
    for only, expected in (("all", ["CHAIR", "CUP", "LAMP"]), ("out", ["LAMP"])):
        first = await listed(database, only=only, limit=1)  # type: ignore[arg-type]
        found, after = codes(first), first.after
        while after is not None:
            page = await listed(database, only=only, limit=1, after=after)  # type: ignore[arg-type]
            assert len(page.rows) == 1
            found, after = found + codes(page), page.after
        assert found == expected
    with pytest.raises(InvalidInput):
        await listed(database, after="nonsense")


async def test_a_page_looks_at_so_many_skus_and_goes_on_from_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stocked(database, {LYON: 1})
    async with database.transaction() as db:
        await skus.put(
            db, skus=[NewSku(code=f"N-{n}", name=f"N {n}", weight_g=1) for n in range(5)]
        )
    await capture(database, [order("A-1", ("CUP", 1))])
    async with database.transaction() as db:
        row = AdjustmentRow(sku="CUP", location="S-LYON", change=-1)
        await stock.adjust(db, rows=[row], author="Ana", source=None)
    monkeypatch.setattr(stock, "EXAMINED_AT_ONCE", 1)
    monkeypatch.setattr(stock, "EXAMINED_MAX", 3)
    pages = [await listed(database, only="short")]
    while (after := pages[-1].after) is not None:
        pages.append(await listed(database, only="short", after=after))
    # CHAIR, CUP, LAMP, then three and two that were never counted.
    assert [codes(page) for page in pages] == [["CUP"], [], []]


async def test_the_ledger_of_a_sku_goes_over_all_locations_and_names_orders(
    database: Database,
) -> None:
    keys = await stocked(database, {LYON: 5})
    ref = await released(database, order("A-1", ("CUP", 3)))
    number = (await seen(database, ref)).order_number
    await picked(database, ref, Picked(allocation=1, quantity=2), all_of_it=False)
    async with database.transaction() as db:
        await pack(db, ref=ref, version=None, author="Ana", packages=None)
        await ship(db, ref=ref, version=None, author="Ana", packages=numbered("T1"))
    await post(
        database,
        movement(keys["S-LILLE"], "adjustment", 1, on_hand=1, document=str(number)),
        movement(keys["S-LILLE"], "till_sale", 1, on_hand=-1, document="a note"),
    )
    async with database.read() as db:
        page = await stock.movements_of_sku(db, sku="CUP", after=None, limit=4)
        assert page.after is not None
        rest = await stock.movements_of_sku(db, sku="CUP", after=page.after, limit=4)
        level = await stock.movements(db, sku="CUP", location="S-LYON", after=None, limit=1)
    assert [
        (line.location, line.cause, line.order_number, line.package)
        for line in (*page.rows, *rest.rows)
    ] == [
        ("S-LILLE", "till_sale", None, None),
        ("S-LILLE", "adjustment", None, None),
        ("S-LYON", "shipment", number, 1),
        ("S-LYON", "not_found", number, None),
        ("S-LYON", "count", None, None),
    ]
    assert rest.after is None
    [line] = level.rows
    assert (line.order_number, line.package) == (number, 1)


async def test_the_ledger_of_a_sku_can_be_that_of_some_locations(database: Database) -> None:
    await stocked(database, {LYON: 5, LILLE: 3, ("CUP", "W-ORLEANS"): 1})
    async with database.read() as db:
        page = await stock.movements_of_sku(
            db, sku="CUP", after=None, limit=1, locations=["S-LILLE", "W-ORLEANS"]
        )
        rest = await stock.movements_of_sku(
            db, sku="CUP", after=page.after, limit=5, locations=["S-LILLE", "W-ORLEANS"]
        )
        with pytest.raises(UnknownLocation):
            await stock.movements_of_sku(db, sku="CUP", after=None, limit=1, locations=["NOPE"])
    assert sorted(line.location for line in (*page.rows, *rest.rows)) == ["S-LILLE", "W-ORLEANS"]
    assert (len(page.rows), rest.after) == (1, None)


async def test_the_ledger_of_what_does_not_exist_is_refused(database: Database) -> None:
    await stocked(database, {LYON: 5})
    async with database.read() as db:
        with pytest.raises(UnknownSku):
            await stock.movements_of_sku(db, sku="NOPE", after=None, limit=4)
        with pytest.raises(InvalidInput):
            await stock.movements_of_sku(db, sku="CUP", after="nonsense", limit=4)
