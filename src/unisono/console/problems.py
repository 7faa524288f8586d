"""Problems as people read them: one sentence that says what happened, and the next action.

The technical detail of an error is for programs and logs; here each kind has its sentence, in
every language. Nothing was changed when one of these is shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from litestar import Request, Response

from unisono.catalog.skus import UnknownSku
from unisono.channels.channels import UnknownChannel
from unisono.console import signing_in
from unisono.console.navigation import first_page
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.console.words import mark
from unisono.core.errors import (
    Fault,
    InvalidInput,
    Overloaded,
    Unavailable,
    UnisonoError,
    VersionMismatch,
    VersionRequired,
)
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.carriage import NoCarrierServes
from unisono.fulfillment.reassign import NothingToReroute
from unisono.fulfillment.records import UnknownFulfillmentOrder
from unisono.fulfillment.ship import TrackingNumberTaken
from unisono.identity.keys import LocationRefused, ScopeMissing, UnknownKey
from unisono.identity.people import EmailTaken, LastAdministrator, UnknownPerson
from unisono.identity.sessions import ForeignForm, NotSignedIn
from unisono.network.calendars import UnknownCalendar
from unisono.network.carriers import UnknownCarrier
from unisono.network.locations import UnknownLocation
from unisono.orders.cancel import NothingToCancel
from unisono.orders.changing import UnknownOrder
from unisono.orders.pay import PaymentDiffers, PaymentTooLarge
from unisono.orders.reroute import NoOtherLocation
from unisono.tracking.links import UnknownTracking

AsProblem = Callable[[Request[Any, Any, Any], Exception], UnisonoError]
StatusOf = Callable[[UnisonoError], int]

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened, and what to do now."""

    happened: str
    action: str


_READ_AGAIN = mark("Look at it as it is now, and decide again.")

SENTENCES: Mapping[type[UnisonoError], Sentence] = MappingProxyType(
    {
        VersionMismatch: Sentence(
            mark("Somebody changed this while you were looking at it. Nothing was changed now."),
            _READ_AGAIN,
        ),
        VersionRequired: Sentence(
            mark("This page is too old to change anything. Nothing was changed."), _READ_AGAIN
        ),
        TransitionRefused: Sentence(
            mark("This has gone further meanwhile, so that it is not possible any more."),
            _READ_AGAIN,
        ),
        NothingToCancel: Sentence(
            mark("There is nothing left to cancel: it has left, or was cancelled before."),
            _READ_AGAIN,
        ),
        NoOtherLocation: Sentence(
            mark("No other location has these goods and can bring them there."),
            mark("Leave the order as it is, or cancel what cannot come."),
        ),
        NothingToReroute: Sentence(
            mark("These goods were begun, have left, wait for stock or were cancelled."),
            _READ_AGAIN,
        ),
        PaymentDiffers: Sentence(
            mark("This payment was recorded before, with another amount."),
            mark("Check its reference and its amount."),
        ),
        PaymentTooLarge: Sentence(
            mark("More would be received than the order costs."),
            mark("Check the amount, and whether it belongs to this order."),
        ),
        NoCarrierServes: Sentence(
            mark("No carrier takes a package of this weight to its destination."),
            mark("Divide it into lighter packages, or reject the work."),
        ),
        TrackingNumberTaken: Sentence(
            mark("This tracking number is already on another package."),
            mark("Read the number from the label again."),
        ),
        UnknownOrder: Sentence(
            mark("There is no such order."), mark("Search for its number or its customer.")
        ),
        UnknownFulfillmentOrder: Sentence(
            mark("There is no such work."), mark("Look for it in the list of the location.")
        ),
        UnknownSku: Sentence(
            mark("There is no such SKU."), mark("Search for its code or its name.")
        ),
        UnknownLocation: Sentence(
            mark("There is no such location."), mark("Choose one in the network.")
        ),
        UnknownCalendar: Sentence(
            mark("There is no such calendar."), mark("Choose one in the network.")
        ),
        UnknownCarrier: Sentence(
            mark("There is no such carrier."), mark("Choose one in the network.")
        ),
        UnknownChannel: Sentence(
            mark("There is no such channel."), mark("Choose one in the list of channels.")
        ),
        UnknownKey: Sentence(
            mark("There is no living key of that name."), mark("Choose one in the list.")
        ),
        UnknownTracking: Sentence(
            mark("No order is tracked at this address."),
            mark("Check that the link is complete, as it is in your message."),
        ),
        EmailTaken: Sentence(
            mark("Somebody with this e-mail address exists already."),
            mark("Use another address, or change that person."),
        ),
        LastAdministrator: Sentence(
            mark("Nobody else could change people and keys any more. Nothing was changed."),
            mark("Make somebody else an administrator first."),
        ),
        UnknownPerson: Sentence(
            mark("There is no such person."), mark("Choose one in the list of people.")
        ),
        LocationRefused: Sentence(
            mark("This belongs to a location that is not yours."),
            mark("Go back to your own work, or ask an administrator for this location."),
        ),
        ScopeMissing: Sentence(
            mark("Your role does not allow this."),
            mark("Ask somebody who may do it, or an administrator for another role."),
        ),
        ForeignForm: Sentence(
            mark("This did not come from a page of this server, so nothing was done."),
            mark("Open the page here and try again."),
        ),
        InvalidInput: Sentence(
            mark("Something in the form cannot be accepted. Nothing was changed."),
            mark("Correct what is named below, and send it again."),
        ),
        Overloaded: Sentence(
            mark("Too many people ask at once. Nothing was changed."),
            mark("Try again in a few seconds."),
        ),
        Unavailable: Sentence(
            mark("The database cannot be reached at this moment. Nothing was changed."),
            mark("Try again in a few seconds."),
        ),
    }
)
_UNEXPECTED = Sentence(
    mark("Something failed that should not have. Nothing was changed."),
    mark("Try again; if it fails again, tell your administrator the time."),
)
_REFUSED = Sentence(mark("This is not possible now. Nothing was changed."), _READ_AGAIN)
_NOTHING_HERE = Sentence(
    mark("There is nothing at this address."), mark("Go on from one of the pages on the left.")
)

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "wrong_length": mark("This is too short or too long."),
        "wrong_format": mark("This is not written as it must be."),
        "missing_field": mark("This is missing."),
        "unknown_role": mark("There is no such role."),
        "unknown_scope": mark("There is no such right."),
        "unknown_location": mark("There is no such location."),
        "unknown_sku": mark("There is no such SKU."),
        "out_of_range": mark("This is too small or too large."),
        "in_the_future": mark("This lies in the future."),
        "unknown_cursor": mark("This page of the list is not there any more."),
        "too_many_words": mark("These are too many words."),
        "not_an_amount": mark("This is not an amount: write for example 12.50."),
        "not_positive": mark("This must be more than nothing."),
        "too_large": mark("This is too large."),
    }
)
_ANY_FAULT = mark("This value is not accepted.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFault:
    """A field by its name in the form, and the sentence about it."""

    field: str
    sentence: str


def handler(
    as_problem: AsProblem, status_of: StatusOf
) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Return the exception handler of all pages.

    ``as_problem`` makes a domain error of any exception and logs what nobody foresaw;
    ``status_of`` is the one map from errors to statuses.
    """

    def answer(request: Request[Any, Any, Any], raised: Exception) -> Response[Any]:
        problem = as_problem(request, raised)
        visit = Visit(request.scope, request.receive, request.send)
        if isinstance(problem, NotSignedIn):
            return signing_in.asked_for(visit, problem)
        status = status_of(problem)
        sentence = _sentence(problem, status)
        return page(
            visit,
            "problem.html",
            status=status,
            happened=sentence.happened,
            action=sentence.action,
            faults=[_shown(fault) for fault in problem.faults],
            back=_back(visit),
        )

    return answer


def _sentence(problem: UnisonoError, status: int) -> Sentence:
    for kind in type(problem).__mro__:
        if kind in SENTENCES:
            return SENTENCES[kind]
    if status == NOT_FOUND:
        return _NOTHING_HERE
    return _REFUSED if status < 500 else _UNEXPECTED  # noqa: PLR2004 - from there it is our fault


def _shown(fault: Fault) -> ShownFault:
    return ShownFault(
        field=fault.pointer.strip("/").replace("_", " "),
        sentence=FAULTS.get(fault.code, _ANY_FAULT),
    )


def _back(visit: Visit) -> str:
    """Return the page to go on from: the one that the browser came from, if it is one of ours."""
    if visit.came_from is not None and visit.came_from != visit.address:
        return visit.came_from
    return "/" if visit.visitor is None else first_page(visit.visitor)
