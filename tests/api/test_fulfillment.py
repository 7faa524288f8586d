"""The work of locations over HTTP: the whole way, versions, repeats, keys of locations."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.connecting import connected
from tests.fulfillment.floor import (
    STOCK,
    assert_sound,
    everything,
    figures,
    picked,
    released,
    to_lyon,
    told,
    types,
)
from tests.orders.shop import collected, open_shop, order
from unisono import app
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys

Client = httpx.AsyncClient
ROOT = "/v1/fulfillment-orders"


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[Client]:
    async with connected(app.build(settings, database, pages=())) as client:
        client.headers["Authorization"] = f"Bearer {await key(database)}"
        yield client


async def key(database: Database, *locations: str) -> str:
    """Make a key of the shops, for these locations or for all."""
    async with database.transaction() as db:
        made = await keys.add(
            db,
            name=f"shop {' '.join(locations)}".strip(),
            scopes=["fulfillment:read", "fulfillment:write", "tracking:write"],
            locations=locations,
        )
    return made.key


async def test_a_parcel_goes_its_whole_way(client: Client, database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    [work] = (await client.get(f"{ROOT}?location=S-LYON&state=open&state=accepted")).json()["items"]
    address = f"{ROOT}/{work['id']}"
    assert work["id"] == str(ref)
    assert work["destination"]["street"] == "1 rue Bât"
    for verb, body, state, version in (
        ("accept", None, "accepted", 2),
        ("pick", {"picked": [{"allocation": 1, "quantity": 2}]}, "picking", 3),
        ("pack", {"packages": [{"weight_g": 450}]}, "packed", 4),
        ("ship", {"packages": [{"package": 1, "tracking_number": "T1"}]}, "shipped", 5),
    ):
        answer = await client.post(f"{address}/{verb}", json=body)
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
        assert answer.headers["etag"] == f'"v{version}"'
    [package] = (await client.get(address)).json()["packages"]
    assert (package["weight_g"], package["shipping_cost"], package["tracking_number"]) == (
        450,
        "4.00",
        "T1",
    )
    told = {
        "carrier": "post",
        "tracking_number": "T1",
        "milestone": "delivered",
        "at": "2026-03-02T09:30:00Z",
    }
    answer = await client.post("/v1/tracking-events", json={"events": [told]})
    assert (answer.status_code, answer.json()) == (200, {"noted": 1})
    answer = await client.get(address)
    assert (answer.json()["state"], answer.headers["etag"]) == ("closed", '"v6"')
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    await assert_sound(database)


async def test_goods_are_collected(client: Client, database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, collected("A-1", ("CUP", 2), location="S-LYON"))
    for verb, body in (
        ("accept", None),
        ("pick", {}),
        ("pack", {}),
        ("ready-for-pickup", None),
        ("hand-over", {}),
    ):
        answer = await client.post(f"{ROOT}/{ref}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    work = (await client.get(f"{ROOT}/{ref}")).json()
    assert (work["state"], work["customer_name"]) == ("closed", "Zoé Martin")
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)


async def test_steps_may_be_told_later_than_they_happened(
    client: Client, database: Database
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, collected("A-1", ("CUP", 2), location="S-LYON"))
    verbs = ("accept", "pick", "pack", "ready-for-pickup", "hand-over")
    for n, verb in enumerate(verbs):
        at = f"2026-03-02T09:3{n}:00Z"
        answer = await client.post(f"{ROOT}/{ref}/{verb}", json={"occurred_at": at})
        assert answer.status_code == 200, answer.text
    other = await released(database, order("A-2", ("CUP", 1)))
    body = {"reason": "flooded", "occurred_at": "2026-03-02T09:30:00Z"}
    assert (await client.post(f"{ROOT}/{other}/reject", json=body)).status_code == 200
    steps = (await told(database, ref.order_id))[2:]
    assert [data["at"] for _, _, data in steps] == [
        f"2026-03-02T09:3{n}:00Z" for n in range(len(verbs))
    ]
    assert (await told(database, other.order_id))[-1][2]["at"] == "2026-03-02T09:30:00Z"


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"occurred_at":null}'])
async def test_what_needs_no_body_takes_one_or_none(
    client: Client, database: Database, body: bytes
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    headers = {"Content-Type": "application/json"} if body else {}
    answer = await client.post(f"{ROOT}/{ref}/accept", content=body, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted"), answer.text


async def test_what_may_be_left_out_is_no_less_checked_when_it_is_there(
    client: Client, database: Database
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    before = await everything(database)
    json, text = "application/json", "text/plain"
    for body, media_type, status, code in (
        (b'{"occurred_at":"2999-01-01T00:00:00Z"}', json, 422, "invalid_input"),
        (b'{"at":"2026-03-02T09:30:00Z"}', json, 422, "invalid_input"),
        (b"{", json, 400, "malformed_json"),
        (b"{}", text, 415, "not_json"),
    ):
        answer = await client.post(
            f"{ROOT}/{ref}/accept", content=body, headers={"Content-Type": media_type}
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert await everything(database) == before


async def test_a_body_that_may_be_left_out_is_documented_so(client: Client) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]

    def body(verb: str) -> object:
        return paths[ROOT + "/{fulfillment_order}/" + verb]["post"]["requestBody"]

    assert body("accept") == {
        "required": False,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Acceptance"}}},
    }
    assert body("hand-over") == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HandOver"}}},
    }


async def test_rejected_work_says_why(client: Client, database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    answer = await client.post(f"{ROOT}/{ref}/reject", json={"reason": "flooded"})
    assert (answer.status_code, answer.json()["reason"]) == (200, "flooded")


async def test_a_repeated_request_acts_once(client: Client, database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    once = {"Idempotency-Key": "tap-1"}
    first = await client.post(f"{ROOT}/{ref}/accept", headers=once)
    again = await client.post(f"{ROOT}/{ref}/accept", headers=once)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (await types(database, ref.order_id)).count("fulfillment_order.accepted") == 1
    refused = await client.post(f"{ROOT}/{ref}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_refused")


async def test_only_the_version_that_was_read_is_changed(
    client: Client, database: Database
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    before = await everything(database)
    answer = await client.post(f"{ROOT}/{ref}/accept", headers={"If-Match": '"v2"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")
    assert await everything(database) == before
    read = await client.get(f"{ROOT}/{ref}")
    answer = await client.post(f"{ROOT}/{ref}/accept", headers={"If-Match": read.headers["etag"]})
    assert answer.status_code == 200


async def test_a_key_of_a_location_sees_and_touches_its_own_work_only(
    client: Client, database: Database
) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    lyon = await released(database, order("A-1", ("CUP", 1)))
    lille = await released(database, collected("A-2", ("CUP", 1), location="S-LILLE"))
    client.headers["Authorization"] = f"Bearer {await key(database, 'S-LILLE')}"
    before = await everything(database)
    assert [work["id"] for work in (await client.get(ROOT)).json()["items"]] == [str(lille)]
    for answer in (
        await client.get(f"{ROOT}?location=S-LYON"),
        await client.get(f"{ROOT}/{lyon}"),
        await client.post(f"{ROOT}/{lyon}/accept"),
        await client.post(f"{ROOT}/{lyon}/reject", json={"reason": "no"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "location_refused")
        assert "S-LYON" in answer.json()["detail"]
    assert await everything(database) == before
    assert (await client.post(f"{ROOT}/{lille}/accept")).status_code == 200


async def test_a_key_of_a_location_reports_its_own_packages_only(
    client: Client, database: Database
) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 1)))
    assert (await client.post(f"{ROOT}/{ref}/pack", json={})).status_code == 200
    labels = {"packages": [{"package": 1, "tracking_number": "T1"}]}
    assert (await client.post(f"{ROOT}/{ref}/ship", json=labels)).status_code == 200
    told = {
        "carrier": "post",
        "tracking_number": "T1",
        "milestone": "in_transit",
        "at": "2026-03-02T09:30:00Z",
    }
    client.headers["Authorization"] = f"Bearer {await key(database, 'S-LILLE')}"
    before = await everything(database)
    answer = await client.post("/v1/tracking-events", json={"events": [told]})
    assert (answer.status_code, answer.json()["code"]) == (403, "location_refused")
    assert await everything(database) == before


async def test_pages_keep_their_filters(client: Client, database: Database) -> None:
    await open_shop(database, STOCK)
    refs = [str(await released(database, order(f"A-{n}", ("CUP", 1)))) for n in range(3)]
    address = f"{ROOT}?location=S-LYON&state=open&state=accepted&limit=2"
    answer = await client.get(address)
    assert [work["id"] for work in answer.json()["items"]] == refs[:2]
    following = answer.links["next"]["url"]
    assert "state=open&state=accepted" in following
    answer = await client.get(following)
    assert [work["id"] for work in answer.json()["items"]] == refs[2:]
    assert "link" not in answer.headers


WRONG: list[tuple[str, Any, int, str, str | None]] = [
    ("pick", {"picked": []}, 422, "invalid_input", "/picked"),
    (
        "pick",
        {"picked": [{"allocation": 1, "quantity": -1}]},
        422,
        "invalid_input",
        "/picked/0/quantity",
    ),
    (
        "pick",
        {"picked": [{"allocation": 1, "quantity": 1.5}]},
        422,
        "invalid_input",
        "/picked/0/quantity",
    ),
    (
        "pick",
        {"picked": [{"allocation": 1, "quantity": 9}]},
        422,
        "invalid_input",
        "/picked/0/quantity",
    ),
    ("pick", {"picks": []}, 422, "invalid_input", "/picks"),
    ("reject", {}, 422, "invalid_input", "/reason"),
    ("reject", {"reason": ""}, 422, "invalid_input", "/reason"),
    ("reject", {"reason": "x" * 201}, 422, "invalid_input", "/reason"),
    ("pack", {}, 409, "transition_refused", None),
    ("pack", {"packages": [{"weight_g": 0}]}, 422, "invalid_input", "/packages/0/weight_g"),
    ("ship", {"packages": []}, 422, "invalid_input", "/packages"),
    (
        "ship",
        {"packages": [{"package": 1, "tracking_number": "with blank"}]},
        422,
        "invalid_input",
        "/packages/0/tracking_number",
    ),
    (
        "ship",
        {
            "packages": [{"package": 1, "tracking_number": "T1"}],
            "occurred_at": "2026-03-02T09:30:00",
        },
        422,
        "invalid_input",
        "/occurred_at",
    ),
    ("ready-for-pickup", None, 409, "transition_refused", None),
    ("hand-over", {"occurred_at": "2999-01-01T00:00:00Z"}, 422, "invalid_input", "/occurred_at"),
    ("hand-over", {}, 409, "transition_refused", None),
    ("dance", {}, 404, "unknown_route", None),
]


@pytest.mark.parametrize(("verb", "body", "status", "code", "pointer"), WRONG)
async def test_what_is_wrong_is_named_and_nothing_changes(
    client: Client,
    database: Database,
    verb: str,
    body: object,
    status: int,
    code: str,
    pointer: str | None,
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    assert (await client.post(f"{ROOT}/{ref}/accept")).status_code == 200
    before = await everything(database)
    answer = await client.post(f"{ROOT}/{ref}/{verb}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert await everything(database) == before


async def test_what_does_not_exist_is_not_found(client: Client, database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    for missing in (f"{ref.order_id}.2", f"{ref.order_id}", "nonsense", f"{ref}0"):
        for answer in (
            await client.get(f"{ROOT}/{missing}"),
            await client.post(f"{ROOT}/{missing}/accept"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (
                404,
                "unknown_fulfillment_order",
            )
    answer = await client.get(f"{ROOT}?location=S-NOWHERE")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/location")
    answer = await client.get(f"{ROOT}?state=dancing")
    assert answer.status_code == 422
