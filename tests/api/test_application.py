"""What holds for every route of the application, whoever writes it."""

import importlib
import pkgutil
from typing import Any

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

import unisono
from tests.api import probe
from unisono import app
from unisono.api import documentation, errors
from unisono.api.authentication import needs
from unisono.core.database import Database
from unisono.core.errors import UnisonoError
from unisono.core.settings import Settings
from unisono.identity.scopes import SCOPES

PUBLIC_PATHS = ("/health/", "/problems/", "/docs", "/openapi.json", "/v1/tracking/")


def _routes(application: Litestar) -> list[tuple[str, str, HTTPRouteHandler]]:
    return [
        (route.path, method, handler)
        for route in application.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method != "OPTIONS"
    ]


def _every_error() -> set[type[UnisonoError]]:
    for module in pkgutil.walk_packages(unisono.__path__, "unisono."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type[UnisonoError]] = set()
    waiting = [UnisonoError]
    while waiting:
        kind = waiting.pop()
        found.update(kind.__subclasses__())
        waiting += kind.__subclasses__()
    return {kind for kind in found if kind.__module__.startswith("unisono.")}


async def test_every_route_says_its_scope_or_that_it_is_public(database: Database) -> None:
    routes = _routes(app.build(Settings(), database))
    assert routes
    for path, method, handler in routes:
        if "visitors" in handler.opt:
            continue
        assert "needs" in handler.opt, f"{method} {path} says neither a scope nor PUBLIC"
        needed = handler.opt["needs"]
        if needed is None:
            assert path.startswith(PUBLIC_PATHS), f"{method} {path} is open to everybody"
        else:
            assert needed in SCOPES


def test_every_error_has_a_status_or_is_of_commands_only() -> None:
    mapped = set(errors.PROBLEMS) | errors.COMMAND_ONLY
    missing = {f"{kind.__module__}.{kind.__name__}" for kind in _every_error() - mapped}
    assert missing == set()
    assert not set(errors.PROBLEMS) & errors.COMMAND_ONLY


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = _every_error()
    assert len({kind.code for kind in kinds}) == len(kinds)


async def test_every_error_is_in_the_document_and_explained(database: Database) -> None:
    document = documentation.document(app.build(Settings(), database))
    codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert codes == sorted(kind.code for kind in errors.PROBLEMS)
    async with probe.client(database) as client:
        for kind, explained in errors.PROBLEMS.items():
            answer = await client.get(f"/problems/{kind.code}")
            assert answer.json() == {
                "code": kind.code,
                "title": kind.title,
                "status": explained.status,
                "cause": explained.cause,
                "cure": explained.cure,
            }


async def test_every_documented_operation_has_a_summary_a_tag_and_problems(
    database: Database,
) -> None:
    document = documentation.document(app.build(Settings(), database))
    assert document["openapi"].startswith("3.1")
    known = {tag["name"] for tag in document["tags"]} | {"health", "problems"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], f"{method} {path} has no summary"
            assert set(operation["tags"]) <= known
            assert operation["tags"]
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}


async def test_every_reference_of_the_document_leads_somewhere(database: Database) -> None:
    document = documentation.document(app.build(Settings(), database))

    def references(node: Any) -> list[str]:  # noqa: ANN401
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [each for value in node.values() for each in references(value)]
        if isinstance(node, list):
            return [each for value in node for each in references(value)]
        return []

    for reference in references(document):
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        assert target


async def test_the_documentation_names_no_other_host(database: Database) -> None:
    async with probe.client(database) as client:
        page = await client.get("/docs")
        assert page.status_code == 200
        assert "http://" not in page.text
        assert "https://" not in page.text
        assert "//" not in page.text.replace("// The default", "")
        for name in (
            "swagger-ui-bundle.js",
            "swagger-ui-standalone-preset.js",
            "swagger-ui.css",
            "favicon-32x32.png",
        ):
            assert f"/docs/files/{name}" in page.text
            assert (await client.get(f"/docs/files/{name}")).status_code == 200


async def test_health_needs_no_key(database: Database) -> None:
    async with probe.client(database) as client:
        del client.headers["Authorization"]
        live = await client.get("/health/live")
        ready = await client.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_a_process_is_not_ready_before_its_database_is_migrated(
    own_database_url: str, settings: Settings
) -> None:
    database = Database(settings, url=own_database_url)
    await database.open()
    try:
        async with database.transaction() as db:
            await db.execute(b"DELETE FROM public.unisono_migration WHERE name LIKE '0003%'")
        async with probe.client(database) as client:
            ready = await client.get("/health/ready")
    finally:
        await database.close()
    assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
    assert "0003_identity" in ready.json()["detail"]


async def test_metrics_count_each_request_once_under_its_route(database: Database) -> None:
    async with probe.client(database, scopes=("orders:read", "metrics:read")) as client:
        await client.get("/v1/things/a")
        await client.get("/v1/things/b")
        await client.get("/v1/things?limit=0")
        await client.post("/v1/hot")
        await client.get("/nowhere")
        text = (await client.get("/metrics")).text
    counts = {
        line.partition("process=")[0] + line.partition('",')[2]
        for line in text.splitlines()
        if line.startswith(("unisono_http_request_seconds_count", "unisono_queue"))
    }
    assert any('/v1/things/{code}",status="200"} 2.0' in each for each in counts)
    assert any('/v1/things",status="422"} 1.0' in each for each in counts)
    assert any('/v1/hot",status="403"} 1.0' in each for each in counts)
    assert any('route="",status="404"} 1.0' in each for each in counts)
    assert any('queue="probe"} 0.0' in each for each in counts)


async def test_metrics_need_their_scope(database: Database) -> None:
    async with probe.client(database) as client:
        assert (await client.get("/metrics")).status_code == 403


def test_a_scope_that_does_not_exist_is_found_when_the_program_starts() -> None:
    with pytest.raises(ValueError, match="orders:steal"):
        needs("orders:steal")
