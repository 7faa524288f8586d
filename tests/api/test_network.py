from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.connecting import connected
from tests.network.samples import RELAY, RELAY_RATES, location
from unisono import app
from unisono.api import network
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys

Client = httpx.AsyncClient

STORE_HOURS = {
    "code": "STORE",
    "name": "Store hours",
    "weekly": {"monday": [{"opens": "10:00", "closes": "19:00"}]},
    "holidays": "FR",
    "exceptions": [{"date": "2026-12-24", "intervals": [{"opens": "10:00", "closes": "17:00"}]}],
}


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is any of its types
    return msgspec.json.decode(msgspec.json.encode(value))


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[Client]:
    async with database.transaction() as db:
        key = await keys.add(db, name="network", scopes=["network:read", "network:write"])
    async with connected(app.build(settings, database, areas=(network.area,), pages=())) as client:
        client.headers["Authorization"] = f"Bearer {key.key}"
        yield client


async def count(database: Database, table: str) -> int:
    async with database.read() as db:
        number: int = await db.value(f"SELECT count(*) FROM {table}".encode())
        return number


async def test_a_network_is_told_calendar_first_and_read_as_it_was_told(client: Client) -> None:
    answer = await client.put("/v1/calendars/STORE", json=STORE_HOURS)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v1"')
    closed = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    weekly: dict[str, list[object]] = {weekday: [] for weekday in closed}
    assert answer.json() == {
        **STORE_HOURS,
        "weekly": {**weekly, **STORE_HOURS["weekly"]},  # type: ignore[dict-item]
        "version": 1,
    }
    store = plain(location("S-1", calendar="STORE", line_cost="1.25", collects=True))
    answer = await client.put("/v1/locations/S-1", json=store)
    told = {**store, "parcel_cost": "0.00", "currency": "EUR", "version": 1}
    assert (answer.status_code, answer.json()) == (200, told)
    assert (await client.get("/v1/locations/S-1")).json() == told
    assert (await client.put("/v1/carriers/relay", json=plain(RELAY))).json() == {
        **plain(RELAY),
        "version": 1,
    }
    answer = await client.put("/v1/carriers/relay/rates", json=plain(RELAY_RATES))
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v2"')
    assert len(answer.json()["rates"]) == 6
    assert (await client.get("/v1/carriers/relay/rates")).json() == answer.json()
    places = [
        {
            "country": "FR",
            "postal_code": "45000",
            "name": "Orléans",
            "latitude": 47.9,
            "longitude": 1.9,
        }
    ]
    answer = await client.put("/v1/places", json={"places": places})
    assert answer.json() == {"items": [{**places[0], "version": 1}]}
    assert (await client.get("/v1/places/FR/45000")).json()["name"] == "Orléans"


async def test_a_replacement_without_the_version_that_was_read_changes_nothing(
    client: Client,
) -> None:
    await client.put("/v1/locations/S-1", json=plain(location("S-1")))
    closed = plain(location("S-1", status="offline"))
    for headers, status in (({}, 428), ({"If-Match": '"v2"'}, 412)):
        answer = await client.put("/v1/locations/S-1", json=closed, headers=headers)
        assert answer.status_code == status
    assert (await client.get("/v1/locations/S-1")).json()["status"] == "online"
    answer = await client.put("/v1/locations/S-1", json=closed, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v2"')


async def test_faults_of_a_list_point_into_the_list_and_nothing_is_put(
    client: Client, database: Database
) -> None:
    answer = await client.put(
        "/v1/locations",
        json={
            "locations": [
                plain(location("S-1")),
                plain(location("S-2", time_zone="Mars", calendar="NEVER", line_cost="1.234")),
            ]
        },
    )
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/locations/1/time_zone", "unknown_time_zone"),
        ("/locations/1/calendar", "unknown_calendar"),
        ("/locations/1/line_cost", "wrong_amount"),
    ]
    assert await count(database, "network.location") == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("latitude", 91, "out_of_range"),
        ("country", "fr", "wrong_format"),
        ("name", " x", "wrong_format"),
        ("name", "x\n", "wrong_format"),
        ("line_cost", "-1", "wrong_format"),
        ("kind", "castle", "unknown_value"),
        ("colour", "red", "unknown_field"),
    ],
)
async def test_a_wrong_field_is_pointed_at(
    client: Client, database: Database, field: str, value: object, code: str
) -> None:
    answer = await client.put("/v1/locations/S-1", json={**plain(location("S-1")), field: value})
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (f"/{field}", code)
    ]
    assert await count(database, "network.location") == 0


async def test_one_request_has_a_bounded_number_of_rows(client: Client, database: Database) -> None:
    rows = [plain(location(f"S-{n}")) for n in range(1001)]
    answer = await client.put("/v1/locations", json={"locations": rows})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/locations")
    assert await count(database, "network.location") == 0
    answer = await client.put("/v1/locations", json={"locations": rows[:1000]})
    assert (answer.status_code, len(answer.json()["items"])) == (200, 1000)


async def test_locations_are_listed_page_by_page_with_their_filters(client: Client) -> None:
    rows = [plain(location(f"S-{n}", kind="store" if n else "warehouse")) for n in (2, 0, 1)]
    await client.put("/v1/locations", json={"locations": rows})
    first = await client.get("/v1/locations?kind=store&limit=1")
    assert [each["code"] for each in first.json()["items"]] == ["S-1"]
    following = first.headers["link"].split(">")[0].removeprefix("<")
    second = await client.get(following)
    assert [each["code"] for each in second.json()["items"]] == ["S-2"]
    assert "link" not in second.headers


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/locations/NO", "unknown_location"),
        ("/v1/calendars/NO", "unknown_calendar"),
        ("/v1/carriers/NO", "unknown_carrier"),
        ("/v1/carriers/NO/rates", "unknown_carrier"),
        ("/v1/places/FR/99999", "unknown_place"),
    ],
)
async def test_what_is_not_there_is_not_found(client: Client, path: str, code: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize("kind", ["locations", "calendars", "carriers", "places"])
async def test_every_listing_begins_empty_and_refuses_another_cursor(
    client: Client, kind: str
) -> None:
    assert (await client.get(f"/v1/{kind}")).json() == {"items": []}
    answer = await client.get(f"/v1/{kind}?after=nothing")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/after")
