"""Orders over HTTP: what is wrong is named and changes nothing; the rest is answered exactly."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.connecting import connected
from tests.core.stamping import stamped
from tests.fulfillment.floor import everything
from tests.orders.shop import collected, count, level, open_shop, order
from unisono import app
from unisono.catalog import skus
from unisono.catalog.skus import NewSku
from unisono.channels import channels
from unisono.channels.channels import NewChannel
from unisono.core import positions
from unisono.core.database import Database
from unisono.identity import keys
from unisono.orders import search

JSON = {"Content-Type": "application/json"}
GOOD: dict[str, Any] = msgspec.to_builtins(order("A-1", ("CUP", 1), ("LAMP", 1)))


def changed(**fields: object) -> dict[str, Any]:
    return {**GOOD, **fields}


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != field}


def line(**fields: object) -> dict[str, Any]:
    """The good order with another second line."""
    return changed(lines=[GOOD["lines"][0], {**GOOD["lines"][1], **fields}])


SHAPES: dict[str, tuple[object, str]] = {
    "quantity 0": (line(quantity=0), "/lines/1/quantity"),
    "negative quantity": (line(quantity=-1), "/lines/1/quantity"),
    "quantity not whole": (line(quantity=1.5), "/lines/1/quantity"),
    "quantity as text": (line(quantity="1"), "/lines/1/quantity"),
    "quantity true": (line(quantity=True), "/lines/1/quantity"),
    "quantity null": (line(quantity=None), "/lines/1/quantity"),
    "more than a million": (line(quantity=1_000_001), "/lines/1/quantity"),
    "quantity beyond 64 bits": (line(quantity=2**64), "/lines/1/quantity"),
    "price as number": (line(unit_price=10.5), "/lines/1/unit_price"),
    "endless price": (line(unit_price="1" * 25), "/lines/1/unit_price"),
    "unknown field": (changed(colour="red"), "/colour"),
    "unknown field of a line": (line(colour="red"), "/lines/1/colour"),
    "no lines": (changed(lines=[]), "/lines"),
    "lines missing": (without("lines"), "/lines"),
    "customer missing": (without("customer"), "/customer"),
    "empty reference": (changed(reference=""), "/reference"),
    "long reference": (changed(reference="x" * 101), "/reference"),
    "blank in a code": (changed(channel="web shop"), "/channel"),
    "line end in a code": (changed(channel="web\n"), "/channel"),
    "unknown option": (changed(delivery_option="drone"), "/delivery_option"),
    "small currency": (changed(currency="eur"), "/currency"),
    "no time": (changed(placed_at="yesterday"), "/placed_at"),
    "no object": ([], ""),
    "U+0000 in a reference": (changed(reference="A\x001"), ""),
    "U+0000 in a name": (changed(customer={"name": "Zo\x00"}), ""),
}

CONTENTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "unknown SKU": (line(sku="NOPE"), [("/lines/1/sku", "unknown_sku")]),
    "retired SKU": (line(sku="OLD"), [("/lines/1/sku", "retired_sku")]),
    "unknown channel": (changed(channel="nope"), [("/channel", "unknown_channel")]),
    "closed channel": (changed(channel="gone"), [("/channel", "closed_channel")]),
    "unknown location": (
        msgspec.to_builtins(collected("A-1", ("CUP", 1), location="NOWHERE")),
        [("/location", "unknown_location")],
    ),
    "location that does not collect": (
        msgspec.to_builtins(collected("A-1", ("CUP", 1), location="W-ORLEANS")),
        [("/location", "location_does_not_collect")],
    ),
    "collected nowhere": (
        changed(delivery_option="click_and_collect", destination=None),
        [("/location", "location_missing")],
    ),
    "sent from a place of the customer's choice": (
        changed(location="S-LYON"),
        [("/location", "location_not_wanted")],
    ),
    "sent nowhere": (without("destination"), [("/destination", "destination_missing")]),
    "currency not of the channel": (
        changed(currency="USD"),
        [("/currency", "currency_not_of_channel")],
    ),
    "too many decimals": (line(unit_price="10.005"), [("/lines/1/unit_price", "not_an_amount")]),
    "negative price": (line(unit_price="-1.00"), [("/lines/1/unit_price", "negative_amount")]),
    "price in words": (line(unit_price="NaN"), [("/lines/1/unit_price", "not_an_amount")]),
    "price with an exponent": (line(unit_price="1e3"), [("/lines/1/unit_price", "not_an_amount")]),
    "price in other digits": (
        line(unit_price="\u0661"),
        [("/lines/1/unit_price", "not_an_amount")],
    ),
    "delivery price": (changed(delivery_price="x"), [("/delivery_price", "not_an_amount")]),
    "enormous price": (
        line(unit_price="9" * 16),
        [("/lines/1/unit_price", "not_an_amount")],
    ),
    "enormous total": (
        line(unit_price="9999999999999.99", quantity=1_000_000),
        [("/lines", "amount_too_large")],
    ),
    "discount above the price": (
        line(unit_discount="10.01"),
        [("/lines/1/unit_discount", "discount_too_large")],
    ),
    "paid without a reference": (
        changed(payment={"status": "paid"}),
        [("/payment/reference", "reference_missing")],
    ),
    "time without an offset": (
        changed(placed_at="2026-03-02T09:30:00"),
        [("/placed_at", "time_without_offset")],
    ),
    "the end of the calendar": (
        changed(placed_at="9999-12-31T23:59:59-14:00"),
        [("/placed_at", "in_the_future")],
    ),
    "its beginning": (
        changed(placed_at="0001-01-01T00:00:00+14:00"),
        [("/placed_at", "too_long_ago")],
    ),
    "2,001 lines": (changed(lines=GOOD["lines"][:1] * 2001), [("/lines", "too_many_lines")]),
    "everything at once": (
        {**line(sku="NOPE", unit_price="1.001"), "channel": "nope", "location": "S-LYON"},
        [
            ("/channel", "unknown_channel"),
            ("/location", "location_not_wanted"),
            ("/lines/1/sku", "unknown_sku"),
            ("/lines/1/unit_price", "not_an_amount"),
        ],
    ),
}

RAW: dict[str, tuple[bytes, int, str]] = {
    "malformed JSON": (b'{"channel": "web",', 400, "malformed_json"),
    "nothing": (b"", 400, "malformed_json"),
    "10 MB": (b" " * 10_000_000 + msgspec.json.encode(GOOD), 413, "body_too_large"),
    "no UTF-8": (msgspec.json.encode(GOOD).replace(b"A-1", b"\xff"), 400, "malformed_json"),
    "half a surrogate": (
        msgspec.json.encode(GOOD).replace(b"A-1", b"\\ud800"),
        400,
        "malformed_json",
    ),
}


async def key(database: Database, *scopes: str) -> str:
    async with database.transaction() as db:
        return (await keys.add(db, name=" ".join(scopes), scopes=scopes)).key


async def shop(database: Database) -> None:
    """The shop with a cup and a lamp, a SKU that is not sold any more and a closed channel."""
    await open_shop(database, {("CUP", "S-LYON"): 5, ("LAMP", "S-LYON"): 5})
    async with database.transaction() as db:
        await skus.put(db, skus=[NewSku(code="OLD", name="Old", weight_g=1, status="retired")])
        gone = NewChannel(
            code="gone",
            name="Gone",
            kind="app",
            currency="EUR",
            when_short="refuse",
            status="closed",
        )
        await channels.put(db, channel=gone)


async def known(database: Database) -> tuple[Any, ...]:
    """Everything that an order can change, its references included."""
    async with database.read() as db:
        references = await db.tuples(b"SELECT k::text FROM orders.order_key AS k ORDER BY 1")
    return (*await everything(database), references)


def told(answer: httpx.Response) -> list[tuple[str, str]]:
    """The faults of a problem document."""
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() == {"type", "title", "status", "detail", "code", "errors"}
    assert problem["status"] == answer.status_code
    return [(each["pointer"], each["code"]) for each in problem["errors"]]


async def test_what_is_wrong_with_an_order_is_named_and_nothing_changes(
    database: Database,
) -> None:
    await shop(database)
    before = await known(database)
    built = app.build(database.settings, database, pages=())
    async with connected(built, key=await key(database, "orders:write")) as client:
        for case, (body, pointer) in SHAPES.items():
            answer = await client.post("/v1/orders", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), case
            assert [where for where, _ in told(answer)] == [pointer], case
        for case, (body, faults) in CONTENTS.items():
            answer = await client.post("/v1/orders", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), case
            assert told(answer) == faults, case
        for case, (raw, status, code) in RAW.items():
            answer = await client.post("/v1/orders", content=raw, headers=JSON)
            assert (answer.status_code, answer.json()["code"]) == (status, code), case
            assert told(answer) == []
        assert await known(database) == before
        # The same connection, queue and memory go on as if nothing had been.
        answer = await client.post("/v1/orders", json=GOOD)
        assert answer.status_code == 201


async def test_who_may_not_sell_changes_nothing(database: Database) -> None:
    await shop(database)
    before = await known(database)
    built = app.build(database.settings, database, pages=())
    async with connected(built, key=await key(database, "orders:read")) as client:
        answer = await client.post("/v1/orders", json=GOOD)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        assert "orders:write" in answer.json()["detail"]
        for given in ("", "Bearer uk_wrong", "Basic eDp5"):
            answer = await client.post("/v1/orders", json=GOOD, headers={"Authorization": given})
            assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")
    assert await known(database) == before


async def test_one_bad_order_of_a_batch_does_not_stop_the_others(database: Database) -> None:
    """Requests that come together are decided together, and answered one by one."""
    await shop(database)
    built = app.build(database.settings, database, pages=())
    bodies = [
        changed(reference="A-1"),
        changed(reference="A-2", channel="nope"),
        changed(reference="A-3", lines=[{**GOOD["lines"][0], "quantity": 9}]),
        changed(reference="A-4"),
    ]
    async with connected(built, key=await key(database, "orders:write")) as client:
        answers = await asyncio.gather(*(client.post("/v1/orders", json=body) for body in bodies))
    assert [answer.status_code for answer in answers] == [201, 422, 409, 201]
    assert answers[2].json()["code"] == "stock_short"
    assert told(answers[2]) == [("/lines/0/quantity", "stock_short")]
    assert (await level(database, "CUP", "S-LYON")).committed == 2


async def test_an_order_is_captured_repeated_and_contradicted(database: Database) -> None:
    await shop(database)
    built = app.build(database.settings, database, pages=())
    async with connected(built, key=await key(database, "orders:write", "orders:read")) as client:
        first = await client.post("/v1/orders", json=GOOD)
        again = await client.post("/v1/orders", json=GOOD)
        other = await client.post("/v1/orders", json=changed(delivery_price="4.90"))
        assert [each.status_code for each in (first, again, other)] == [201, 200, 409]
        assert first.json() == {**again.json(), "created": True}
        assert again.json()["created"] is False
        assert first.headers["location"] == again.headers["location"]
        assert told(other) == [("/delivery_price", "differs")]
        shown = await client.get(first.headers["location"])
        assert (shown.status_code, shown.headers["etag"]) == (200, '"v1"')
        assert shown.json()["total"] == first.json()["total"] == "20.00"


@pytest.mark.parametrize("field", ["placed_from", "placed_to"])
async def test_a_listing_needs_the_offset_of_its_times(database: Database, field: str) -> None:
    await shop(database)
    built = app.build(database.settings, database, pages=())
    async with connected(built, key=await key(database, "orders:read")) as client:
        refused = await client.get(f"/v1/orders?{field}=2026-03-02T09:30:00")
        assert refused.status_code == 422
        assert told(refused) == [(f"/{field}", "time_without_offset")]
        taken = await client.get(f"/v1/orders?{field}=2026-03-02T09:30:00Z")
        assert (taken.status_code, taken.json()["items"]) == (200, [])


async def test_a_listing_takes_several_states_and_a_search(database: Database) -> None:
    await shop(database)
    built = app.build(database.settings, database, pages=())
    async with connected(built, key=await key(database, "orders:write", "orders:read")) as client:
        made = (await client.post("/v1/orders", json=GOOD)).json()

        async def found(query: str) -> list[str]:
            answer = await client.get(f"/v1/orders?{query}")
            assert answer.status_code == 200, answer.text
            return [each["reference"] for each in answer.json()["items"]]

        assert await found("state=open&state=cancelled") == ["A-1"]
        assert await found("state=cancelled") == []
        assert await found("search=martin") == []
        await stamped(database)
        async with database.transaction() as db:
            reading = await positions.read(db, after=0, limit=100)
            created = [each for each in reading.events if each.type == "order.created"]
            await search.listen(db, created)
        for text in ("martin", "ZO%C3%89+a-1", str(made["number"])):
            assert await found(f"search={text}") == ["A-1"], text
        for text in ("x" * 201, "1+2+3+4+5+6+7+8+9", "zoe%00martin"):
            refused = await client.get(f"/v1/orders?search={text}")
            assert refused.status_code == 422, refused.text
            assert [where for where, _ in told(refused)] == ["/search"]
        assert (await client.get("/v1/orders?state=lost")).status_code == 422


async def test_an_order_is_noted_rerouted_and_cancelled_by_whoever_has_the_key(
    database: Database,
) -> None:
    await shop(database)
    await count(database, {("CUP", "S-LILLE"): 5})
    built = app.build(database.settings, database, pages=())
    async with connected(built, key=await key(database, "orders:write", "orders:read")) as client:
        address = (await client.post("/v1/orders", json=GOOD)).headers["location"]
        noted = await client.post(f"{address}/notes", json={"text": "Ring twice"})
        assert (noted.status_code, noted.headers["etag"]) == (201, '"v2"')
        [note] = noted.json()["notes"]
        assert (note["note"], note["author"], note["text"]) == (
            1,
            "orders:write orders:read",
            "Ring twice",
        )
        stale = {"reason": "strike", "allocations": [1]}
        refused = await client.post(f"{address}/reroutes", json=stale, headers={"If-Match": '"v1"'})
        assert refused.status_code == 412
        moved = await client.post(f"{address}/reroutes", json=stale)
        assert (moved.status_code, moved.headers["etag"]) == (201, '"v4"')
        assert [each["location"] for each in moved.json()["allocations"]] == ["S-LILLE", "S-LYON"]
        before = await known(database)
        nowhere = await client.post(f"{address}/reroutes", json={"reason": "strike"})
        assert (nowhere.status_code, nowhere.json()["code"]) == (409, "no_other_location")
        wrong = await client.post(f"{address}/reroutes", json={**stale, "allocations": [9]})
        assert (wrong.status_code, told(wrong)) == (
            422,
            [("/allocations/0", "unknown_allocation")],
        )
        wanted = {"reason": "not wanted", "lines": [{"line": 1}]}
        seen = await client.post(f"{address}/cancellations/preview", json=wanted)
        assert (seen.status_code, seen.json()["possible"], seen.json()["whole"]) == (
            200,
            True,
            False,
        )
        assert await known(database) == before
        assert (await client.post(f"{address}/cancellations", json=wanted)).status_code == 201
        paid = {"reference": "pi", "amount": "1.00"}
        assert (await client.post(f"{address}/payments", json=paid)).status_code == 201
        history = (await client.get(f"{address}/history")).json()["items"]
        again = await client.post(f"{address}/reroutes", json=stale)
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_reroute")
    assert [(each["type"], each["author"] is None) for each in history] == [
        ("order.created", True),
        ("order.noted", False),
        ("order.rerouted", False),
        ("sourcing_plan.created", True),
        ("order.changed", False),
        ("order.paid", False),
    ]
    assert (history[1]["text"], history[2]["lines"][0]["location_name"]) == (
        "Ring twice",
        "Store Lyon",
    )
