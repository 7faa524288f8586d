"""Normal and hot routes answer bad input alike: one problem document, and nothing was changed."""

from typing import Any

import msgspec
import pytest

from tests.api import probe
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys

GOOD = b'{"lines":[{"sku":"A","quantity":1}]}'
JSON = {"Content-Type": "application/json"}


def _line(field: str) -> bytes:
    return GOOD.replace(b'"quantity":1', field.encode())


CASES: dict[str, tuple[bytes, dict[str, str], int, str, str | None]] = {
    "no key": (GOOD, JSON | {"Authorization": ""}, 401, "key_refused", None),
    "unknown key": (GOOD, JSON | {"Authorization": "Bearer uk_x"}, 401, "key_refused", None),
    "no bearer": (GOOD, JSON | {"Authorization": "Basic abc"}, 401, "key_refused", None),
    "empty": (b"", JSON, 400, "malformed_json", None),
    "cut off": (GOOD[:-3], JSON, 400, "malformed_json", None),
    "more after it": (GOOD + b"x", JSON, 400, "malformed_json", None),
    "not UTF-8": (GOOD.replace(b"A", b"\xff"), JSON, 400, "malformed_json", None),
    "half a surrogate": (GOOD.replace(b"A", b"\\ud800"), JSON, 400, "malformed_json", None),
    "not a number": (_line('"quantity":NaN'), JSON, 400, "malformed_json", None),
    "no type": (GOOD, {}, 415, "not_json", None),
    "another type": (GOOD, {"Content-Type": "text/plain"}, 415, "not_json", None),
    "10 MB": (b" " * 10_000_000, JSON, 413, "body_too_large", None),
    "10 MB of text": (b" " * 10_000_000, {"Content-Type": "text/plain"}, 415, "not_json", None),
    "quantity 0": (_line('"quantity":0'), JSON, 422, "invalid_input", "/lines/0/quantity"),
    "negative": (_line('"quantity":-1'), JSON, 422, "invalid_input", "/lines/0/quantity"),
    "not whole": (_line('"quantity":1.5'), JSON, 422, "invalid_input", "/lines/0/quantity"),
    "a text": (_line('"quantity":"1"'), JSON, 422, "invalid_input", "/lines/0/quantity"),
    "null": (_line('"quantity":null'), JSON, 422, "invalid_input", "/lines/0/quantity"),
    "enormous": (_line('"quantity":9' + "9" * 99), JSON, 422, "invalid_input", "/lines/0/quantity"),
    "no quantity": (_line('"q":1'), JSON, 422, "invalid_input", "/lines/0/q"),
    "unknown field": (_line('"quantity":1,"a/b":1'), JSON, 422, "invalid_input", "/lines/0/a~1b"),
    "missing field": (b"{}", JSON, 422, "invalid_input", "/lines"),
    "a list": (b"[]", JSON, 422, "invalid_input", ""),
    "no lines": (b'{"lines":[]}', JSON, 422, "invalid_input", "/lines"),
    "U+0000": (GOOD.replace(b"A", b"\\u0000"), JSON, 422, "invalid_input", ""),
    "2,001 lines": (
        b'{"lines":[' + b",".join([b'{"sku":"A","quantity":1}'] * 2001) + b"]}",
        JSON,
        422,
        "invalid_input",
        "/lines",
    ),
    "refused by the rules": (GOOD.replace(b"A", b"OVERLOADED"), JSON, 503, "overloaded", None),
    "database away": (GOOD.replace(b"A", b"AWAY"), JSON, 503, "unavailable", None),
}


@pytest.mark.parametrize("case", CASES)
async def test_bad_input_gets_the_same_problem_from_both_kinds_of_route(
    database: Database, case: str
) -> None:
    body, headers, status, code, pointer = CASES[case]
    async with probe.client(database) as client:
        answers = [
            await client.post(path, content=body, headers=headers)
            for path in ("/v1/normal", "/v1/hot")
        ]
    normal, hot = answers
    assert normal.content == hot.content
    assert dict(normal.headers) == dict(hot.headers)
    assert [each.status_code for each in answers] == [status, status]
    assert normal.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = normal.json()
    assert problem.keys() == {"type", "title", "status", "detail", "code", "errors"}
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["type"] == f"/problems/{code}"
    assert [each["pointer"] for each in problem["errors"]] == ([] if pointer is None else [pointer])
    assert normal.headers.get("retry-after") == ("1" if status == 503 else None)
    assert ("www-authenticate" in normal.headers) == (status == 401)
    assert await probe.written(database) == 0


@pytest.mark.parametrize("path", ["/v1/normal", "/v1/hot"])
async def test_a_key_without_the_scope_is_told_which_one(database: Database, path: str) -> None:
    async with probe.client(database, scopes=("orders:read",)) as client:
        refused = await client.post(path, content=GOOD, headers=JSON)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "the key “test” lacks the scope orders:write"
    assert await probe.written(database) == 0


@pytest.mark.parametrize("path", ["/v1/normal", "/v1/hot"])
async def test_a_mistake_of_ours_is_told_without_its_inside(
    database: Database, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with probe.client(database) as client:
        failed = await client.post(path, content=GOOD.replace(b"A", b"BROKEN"), headers=JSON)
        key = client.headers["Authorization"].removeprefix("Bearer ")
    assert failed.status_code == 500
    assert failed.json()["code"] == "unexpected"
    assert "uk_secret" not in failed.text
    incident = failed.json()["detail"].rpartition(" ")[2]
    logged = capsys.readouterr().out
    assert incident in logged
    assert key not in logged
    assert await probe.written(database) == 0


async def test_a_text_that_only_looks_like_u0000_is_taken(database: Database) -> None:
    body = msgspec.json.encode({"lines": [{"sku": "\\u0000", "quantity": 1}]})
    async with probe.client(database) as client:
        taken = await client.post("/v1/normal", content=body, headers=JSON)
    assert taken.status_code == 201


@pytest.mark.parametrize(
    ("address", "status", "code", "pointer"),
    [
        ("/v1/things?limit=0", 422, "invalid_input", "/limit"),
        ("/v1/things?limit=201", 422, "invalid_input", "/limit"),
        ("/v1/things?limit=x", 422, "invalid_input", "/limit"),
        ("/v1/things?after=x", 422, "invalid_input", "/after"),
        ("/v1/things?after=" + "x" * 501, 422, "invalid_input", "/after"),
        ("/v1/things?chanel=web", 422, "invalid_input", "/chanel"),
        ("/v1/things?channel=%00", 422, "invalid_input", "/channel"),
        ("/v1/things/%00", 404, "unknown_route", None),
        ("/v1/nothing", 404, "unknown_route", None),
        ("/v1/hot", 405, "method_refused", None),
    ],
)
async def test_wrong_addresses_and_parameters_are_problems_too(
    database: Database, address: str, status: int, code: str, pointer: str | None
) -> None:
    async with probe.client(database) as client:
        refused = await client.get(address)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert [each["pointer"] for each in refused.json()["errors"]] == (
        [] if pointer is None else [pointer]
    )
    assert refused.headers.get("allow") == ("POST" if status == 405 else None)


async def test_a_key_for_one_location_may_not_touch_another(database: Database) -> None:
    async with probe.client(database, locations=("PARIS",)) as client:
        own = await client.get("/v1/things/PARIS")
        other = await client.get("/v1/things/LYON")
    assert (own.status_code, own.headers["etag"]) == (200, '"v7"')
    assert (other.status_code, other.json()["code"]) == (403, "location_refused")


async def test_the_limit_of_a_body_is_a_setting() -> None:
    assert Settings().request_bytes_max < 10_000_000


async def test_a_refused_key_says_the_same_whatever_is_wrong_with_it(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="old", scopes=["orders:read"])
        await keys.rotate(db, name="old", overlap_hours=0)
    async with probe.client(database) as client:
        answers = [
            await client.get("/v1/things", headers={"Authorization": f"Bearer {key}"})
            for key in (old.key, "uk_never")
        ]
    assert answers[0].content == answers[1].content
