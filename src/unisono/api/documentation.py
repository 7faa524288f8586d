"""The OpenAPI document and the page that shows it, without any other host."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.routes import HTTPRoute
from litestar.static_files import create_static_files_router

from unisono import __version__
from unisono.api.area import Area
from unisono.api.authentication import PUBLIC
from unisono.api.errors import MEDIA_TYPE, PROBLEMS, Problem
from unisono.api.hot_route import HotRoute
from unisono.assets import vendor_directory
from unisono.identity.scopes import SCOPES

_PAGE = Path(__file__).with_name("docs.html").read_bytes()
_KEY = "api_key"
_PROBLEM_REFERENCE = {"$ref": "#/components/responses/Problem"}
_ABOUT = (
    "Errors are problem documents (RFC 9457) whose `errors` point to each field. POST routes take "
    "an `Idempotency-Key`; things carry an `ETag`, and replacing one needs `If-Match`; listings "
    "are followed by `Link: rel=next`. Amounts are decimal strings, times RFC 3339 in UTC."
)


class _Page(OpenAPIRenderPlugin):
    """The page at ``/docs``."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - the form of a plugin
        """Return the page; it loads the document by itself."""
        return _PAGE


def config(areas: Sequence[Area]) -> OpenAPIConfig:
    """Return what the framework needs to describe the routes of these areas."""
    return OpenAPIConfig(
        title="unisono",
        version=__version__,
        description=_ABOUT,
        components=Components(
            security_schemes={
                _KEY: SecurityScheme(
                    type="http", scheme="bearer", bearer_format="uk_…", description="An API key"
                )
            }
        ),
        security=[{_KEY: []}],
        tags=[Tag(name=area.tag, description=area.meaning) for area in areas],
        render_plugins=[_Page(path="/")],
        openapi_router=Router(
            "/docs", route_handlers=[], opt=dict(PUBLIC), include_in_schema=False
        ),
    )


@get("/openapi.json", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def read_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the OpenAPI document."""
    state = request.app.state
    if "document" not in state:
        state.document = msgspec.json.encode(document(request.app))
    return Response(content=state.document, media_type="application/json")


def files() -> Router:
    """Return the route of the files that the page loads."""
    return create_static_files_router(
        path="/docs/files",
        directories=[vendor_directory() / "swagger-ui-dist"],
        opt=dict(PUBLIC),
        include_in_schema=False,
    )


def document(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document: the framework's, with scopes, headers and problems added."""
    schema: dict[str, Any] = msgspec.to_builtins(app.openapi_schema.to_schema())
    components = schema.setdefault("components", {})
    _, problem_schemas = msgspec.json.schema_components(
        [Problem], ref_template="#/components/schemas/{name}"
    )
    problem_schemas["Problem"]["properties"]["code"]["enum"] = sorted(
        kind.code for kind in PROBLEMS
    )
    components.setdefault("schemas", {}).update(problem_schemas)
    components["responses"] = {
        "Problem": {
            "description": "A problem document; `GET /problems/{code}` explains each code.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format in schema["paths"]:
            for method, (handler, _) in route.route_handler_map.items():
                operation = schema["paths"][route.path_format].get(method.lower())
                if operation is not None:
                    _complete(operation, handler, method)
    return schema


def _leave_out(body: dict[str, Any]) -> None:
    """Say of a body that it may be left out; the framework says that it must be there or null."""
    body["required"] = False
    for content in body["content"].values():
        [content["schema"]] = [
            each for each in content["schema"]["oneOf"] if each != {"type": "null"}
        ]


def _complete(operation: dict[str, Any], handler: HTTPRouteHandler, method: str) -> None:
    statuses = {"default"}
    # The framework documents a form of error that is never sent.
    operation["responses"].pop("400", None)
    operation["summary"] = (handler.fn.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    scope = handler.opt["needs"]
    if scope is None:
        operation["security"] = []
    else:
        said = operation.get("description", "")
        operation["description"] = f"{said}\n\nScope `{scope}`: {SCOPES[scope]}".strip()
        statuses |= {"401", "403", "503"}
    if handler.parsed_data_field is not None:
        statuses |= {"400", "413", "415", "422"}
        if handler.parsed_data_field.is_optional:
            _leave_out(operation["requestBody"])
    if method == "POST" and not any(
        isinstance(each, HotRoute) for each in handler.middleware or ()
    ):
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A text of your own: the same request with it is done once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    if operation.get("parameters"):
        statuses.add("422")
    operation["responses"].update(dict.fromkeys(sorted(statuses), _PROBLEM_REFERENCE))
