"""The only map from an error type to an HTTP status, and the one way to render a problem.

A new error type of any area gets its line in ``PROBLEMS``; a test fails until it has one. The
sentences are what ``GET /problems/{code}`` tells whoever meets the error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import litestar.exceptions as web
import msgspec
import psycopg
import structlog
from litestar import Request, Response
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from unisono.api import refusals, serving, shapes
from unisono.catalog import skus
from unisono.channels import channels
from unisono.core import (
    backup,
    database,
    embedded,
    idempotency,
    lifecycle,
    logs,
    migrate,
    settings,
)
from unisono.core.errors import (
    Fault,
    InvalidInput,
    Overloaded,
    Unavailable,
    UnisonoError,
    VersionMismatch,
    VersionRequired,
)
from unisono.fulfillment import carriage, reassign, records, ship
from unisono.identity import keys, people, sessions, sign_in_tries
from unisono.network import calendars, carriers, locations, places
from unisono.orders import cancel, changing, deciding, pay, repeats, reroute
from unisono.tracking import cancel as tracking_cancel
from unisono.tracking import links

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Explained:
    """What one error type means over HTTP: the status, why it happens, and what helps."""

    status: int
    cause: str
    cure: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457); ``errors`` names each field that is to blame."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A problem, ready to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes


PROBLEMS: Mapping[type[UnisonoError], Explained] = {
    # HTTP
    refusals.MalformedJson: Explained(
        400, "The body cannot be read as JSON in UTF-8.", "Send a complete JSON document."
    ),
    refusals.MalformedHeader: Explained(
        400,
        "A header such as If-Match or Idempotency-Key has another form than documented.",
        "Correct the header that the detail names.",
    ),
    refusals.MalformedRequest: Explained(
        400, "The request line, host or encoding is broken.", "Correct what the detail names."
    ),
    refusals.ClientGone: Explained(
        400, "The connection ended in the middle of the body.", "Send the request again."
    ),
    refusals.UnknownRoute: Explained(
        404, "No route has this address.", "Compare the address with the documentation at /docs."
    ),
    refusals.MethodRefused: Explained(
        405, "The address exists for other methods.", "Use a method of the Allow header."
    ),
    refusals.BodyTooLarge: Explained(
        413,
        "The body has more bytes than the setting request_bytes_max allows.",
        "Send the rows in several requests.",
    ),
    refusals.NotJson: Explained(
        415,
        "The Content-Type of the body is not application/json.",
        "Send JSON, and the header Content-Type: application/json.",
    ),
    refusals.Unexpected: Explained(
        500,
        "There is a mistake in this program.",
        "Report it with the id of the detail, under which the log has more.",
    ),
    # Who asks
    keys.KeyRefused: Explained(
        401,
        "The API key is missing, misspelt or expired.",
        "Send the header Authorization: Bearer uk_… with a live key.",
    ),
    keys.ScopeMissing: Explained(
        403,
        "The key is valid, but was made without the scope that this route needs.",
        "Use a key that has the scope which the detail names.",
    ),
    keys.LocationRefused: Explained(
        403,
        "The key was made for certain locations, and this is not one of them.",
        "Use a key of that location, or one for all locations.",
    ),
    keys.UnknownKey: Explained(
        404, "No live API key has that name.", "Make one with `unisono key add`."
    ),
    keys.KeyNameTaken: Explained(
        409,
        "A key that lives has the name.",
        "Use another name, or rotate or end the key that has it.",
    ),
    sessions.SignInRefused: Explained(
        401,
        "The address is nobody's, the password is another one, or the person was switched off.",
        "Try again with care; an administrator sets a new password with `unisono user password`.",
    ),
    sign_in_tries.SignInSlowed: Explained(
        429,
        "The password was wrong several times in a row for this address.",
        "Try again after Retry-After seconds.",
    ),
    people.UnknownPerson: Explained(
        404, "Nobody has the id or the address.", "List people with `unisono user list`."
    ),
    sessions.NotSignedIn: Explained(
        401,
        "The page is for people who are signed in, and the session has ended or never began.",
        "Sign in; what was sent is kept meanwhile.",
    ),
    sessions.ForeignForm: Explained(
        403,
        "The browser says that the form does not come from a page of this server.",
        "Open the page here and send the form from there; a proxy must keep the host's name.",
    ),
    people.EmailTaken: Explained(
        409, "The address belongs to another person.", "Use another address."
    ),
    people.LastAdministrator: Explained(
        409,
        "No other active person has the role of an administrator.",
        "Give another person that role first.",
    ),
    # Reference data
    calendars.UnknownCalendar: Explained(
        404, "No calendar has the code of the address.", "List them at /v1/calendars."
    ),
    carriers.UnknownCarrier: Explained(
        404, "No carrier has the code of the address.", "List them at /v1/carriers."
    ),
    channels.UnknownChannel: Explained(
        404, "No channel has the code of the address.", "List them at /v1/channels."
    ),
    locations.UnknownLocation: Explained(
        404, "No location has the code of the address.", "List them at /v1/locations."
    ),
    places.UnknownPlace: Explained(
        404, "No place has the postal code of the address.", "List them at /v1/places."
    ),
    skus.UnknownSku: Explained(
        404, "No SKU has the code of the address.", "List them at /v1/skus."
    ),
    # Orders
    changing.UnknownOrder: Explained(
        404, "No order has the id of the address.", "List them at /v1/orders."
    ),
    deciding.StockShort: Explained(
        409,
        "The channel has fewer units than the lines ask for; nothing was taken.",
        "Order fewer of the lines that are named, or later.",
    ),
    deciding.NotDeliverable: Explained(
        409,
        "No location that has the goods can bring them there in the way that was chosen.",
        "Choose another delivery option or destination.",
    ),
    repeats.ReferenceConflict: Explained(
        409,
        "The channel's reference belongs to an order with other content.",
        "Use a new reference for a new order; read the first one for what it holds.",
    ),
    cancel.NothingToCancel: Explained(
        409,
        "What should be cancelled has left, or was cancelled before.",
        "Read the order; what has left is returned, not cancelled.",
    ),
    reassign.NothingToReroute: Explained(
        409,
        "A location has begun to pick what should come from elsewhere, or it has left, waits for "
        "stock or was cancelled.",
        "Read the order's allocations; a location that is at work on it can reject it.",
    ),
    reroute.NoOtherLocation: Explained(
        409,
        "No other location has all of it and can bring it there; what has no other place stays.",
        "Name fewer allocations, wait for stock, or cancel them.",
    ),
    pay.PaymentDiffers: Explained(
        409,
        "The provider's reference was told before, with another amount.",
        "Use one reference for each payment.",
    ),
    pay.PaymentTooLarge: Explained(
        409,
        "With this payment more would be received than the order costs.",
        "Read the order's payments; refund what is too much at the provider.",
    ),
    # The work of locations
    records.UnknownFulfillmentOrder: Explained(
        404,
        "No fulfillment order has that id.",
        "Use an id as the listing of fulfillment orders gives it.",
    ),
    carriage.NoCarrierServes: Explained(
        409,
        "No carrier takes a package of that weight from the location to the destination.",
        "Divide it into lighter packages, or reject the work.",
    ),
    ship.TrackingNumberTaken: Explained(
        409,
        "The carrier's number is already on another package.",
        "Read the number from the label again.",
    ),
    tracking_cancel.TooLateToCancel: Explained(
        409,
        "Something of the order has left, and the customer would cancel it whole.",
        "Cancel what has not left in the customer's name, or wait for the return.",
    ),
    links.UnknownTracking: Explained(
        404,
        "The link is incomplete, or was not made by this installation.",
        "Use the link as the order gives it.",
    ),
    # Any area
    InvalidInput: Explained(
        422,
        "Fields of the request are missing, unknown or have values that are not accepted.",
        "Correct each field that errors points to.",
    ),
    lifecycle.TransitionRefused: Explained(
        409,
        "The thing is in a state from which this is not possible.",
        "Read its state again; the lifecycles are drawn in the documentation.",
    ),
    VersionMismatch: Explained(
        412,
        "Somebody changed the thing after it was read.",
        "Read it again, and send its new ETag in If-Match.",
    ),
    VersionRequired: Explained(
        428,
        "An existing thing is only replaced by who has seen its newest version.",
        "Read it, and send its ETag in If-Match.",
    ),
    idempotency.IdempotencyKeyReused: Explained(
        422,
        "The Idempotency-Key was sent before with another body to the same address.",
        "Use a new key for a new request, and the same body for a repeated one.",
    ),
    Overloaded: Explained(
        503,
        "More requests wait than may wait.",
        "Send the request again after Retry-After seconds.",
    ),
    Unavailable: Explained(
        503,
        "The database is restarting, busy or out of reach.",
        "Send the request again after Retry-After seconds.",
    ),
}

COMMAND_ONLY: frozenset[type[UnisonoError]] = frozenset(
    {
        backup.BackupFailed,
        backup.BackupUnusable,
        backup.RestoreRefused,
        database.DatabaseUnusable,
        embedded.DataDirectoryInUse,
        embedded.EmbeddedServerFailed,
        migrate.MigrationChanged,
        serving.AddressTaken,
        settings.SettingWrong,
    }
)
"""Errors that end a command before HTTP is served: nobody meets them in an answer."""


def explained(problem: UnisonoError) -> Explained:
    """Return what a problem means; a type without a line of its own counts as its nearest base."""
    for kind in type(problem).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind]
    return PROBLEMS[refusals.Unexpected]


def status_of(problem: UnisonoError) -> int:
    """Return the status with which a problem is answered."""
    return explained(problem).status


def rendered(problem: UnisonoError) -> Rendered:
    """Return the problem document of an error with its status and headers."""
    status = explained(problem).status
    headers = {"content-type": MEDIA_TYPE}
    if isinstance(problem, sign_in_tries.SignInSlowed):
        headers["retry-after"] = str(problem.seconds)
    elif status in {429, 503}:
        headers["retry-after"] = str(RETRY_SECONDS)
    elif status == 401:  # noqa: PLR2004 - HTTP demands the header with this one
        headers["www-authenticate"] = 'Bearer realm="unisono"'
    elif isinstance(problem, refusals.MethodRefused):
        headers["allow"] = ", ".join(problem.allowed)
    document = Problem(
        type=f"/problems/{problem.code}",
        title=problem.title,
        status=status,
        detail=problem.detail,
        code=problem.code,
        errors=problem.faults,
    )
    return Rendered(status=status, headers=headers, body=msgspec.json.encode(document))


def answer(request: Request[Any, Any, Any], raised: Exception) -> Response[bytes]:
    """Answer any exception with a problem document: the application's one exception handler."""
    shown = rendered(as_problem(request, raised))
    request.app.state.metrics.observe(request.scope, shown.status)
    return Response(
        content=shown.body,
        status_code=shown.status,
        headers={k: v for k, v in shown.headers.items() if k != "content-type"},
        media_type=MEDIA_TYPE,
    )


def as_problem(request: Request[Any, Any, Any], raised: Exception) -> UnisonoError:
    """Return the domain error that an exception stands for; what nobody foresaw is logged."""
    if isinstance(raised, UnisonoError):
        return raised
    if isinstance(raised, psycopg.OperationalError | psycopg.InterfaceError):
        log.warning("database_unavailable", path=request.url.path, reason=str(raised))
        return Unavailable("the database cannot be used at this moment; try again shortly")
    if isinstance(raised, web.HTTPException) and raised.status_code < 500:  # noqa: PLR2004
        return _of_framework(request, raised)
    incident = uuid4().hex
    log.error("unexpected", path=request.url.path, incident=incident, trace=logs.trace(raised))
    return refusals.Unexpected(f"the log has the reason under {incident}")


def _of_framework(request: Request[Any, Any, Any], raised: web.HTTPException) -> UnisonoError:
    if isinstance(raised, RequestEntityTooLarge):
        return too_large(request.app.state.settings.request_bytes_max)
    if isinstance(raised, web.MethodNotAllowedException):
        allowed = _allowed_methods(request)
        detail = f"{request.method} is not for this address; it takes {', '.join(allowed)}"
        return refusals.MethodRefused(detail, allowed=allowed)
    if isinstance(raised, web.NotFoundException):
        return refusals.UnknownRoute(f"nothing is at {request.url.path}")
    if isinstance(raised, web.ValidationException):
        return _of_parameters(raised)
    return refusals.MalformedRequest(raised.detail)


def too_large(bytes_max: int) -> refusals.BodyTooLarge:
    """Return the refusal of a body of more than ``bytes_max`` bytes."""
    return refusals.BodyTooLarge(f"a body may have {bytes_max} bytes at most")


def _of_parameters(raised: web.ValidationException) -> UnisonoError:
    """Name the parameters of path and query that the framework could not convert."""
    given = raised.extra if isinstance(raised.extra, list) else []
    faults = [
        shapes.fault_of(f"{each['message']} - at `$.{each['key']}`")
        for each in given
        if "message" in each and "key" in each
    ]
    if not faults:
        # A required parameter that is missing is told as a sentence, without a list.
        faults = [Fault(pointer="", code="missing_parameter", detail=raised.detail)]
    return InvalidInput(*faults)


def _allowed_methods(request: Request[Any, Any, Any]) -> tuple[str, ...]:
    return tuple(method for method in METHODS if _is_routed(request, method))


def _is_routed(request: Request[Any, Any, Any], method: str) -> bool:
    try:
        request.app.asgi_router.handle_routing(path=request.scope["path"], method=method)
    except (web.MethodNotAllowedException, web.NotFoundException):
        return False
    return True
