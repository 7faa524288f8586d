"""Rights in words: what a role may do, what each scope allows, and several of them in short."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from unisono.console.languages import Language
from unisono.console.words import mark
from unisono.identity.scopes import PEOPLE, SCOPES


@dataclass(frozen=True, slots=True)
class Right:
    """A scope, and the English sentence that says what it allows."""

    scope: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Group:
    """The rights on one subject."""

    name: str
    rights: tuple[Right, ...]


ROLE_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "administrator": mark("May do everything, also change people and API keys."),
        "operations": mark("May do everything but change people and API keys."),
        "service": mark("Finds and changes orders; sees stock and the work of locations."),
        "store": mark("Does the work of the locations below and sees their stock; sees no orders."),
    }
)

GROUPS: Sequence[Group] = (
    Group(
        mark("Orders"),
        (
            Right("orders:read", mark("Read orders.")),
            Right("orders:write", mark("Capture, pay and cancel orders.")),
        ),
    ),
    Group(
        mark("Fulfillment"),
        (
            Right("fulfillment:read", mark("Read the work of locations.")),
            Right("fulfillment:write", mark("Accept, reject, pick, pack, ship and hand over.")),
        ),
    ),
    Group(
        mark("Parcels on their way"),
        (Right("tracking:write", mark("Report what happened to a package.")),),
    ),
    Group(
        mark("Stock"),
        (
            Right("stock:read", mark("Read stock levels and the ledger.")),
            Right("stock:write", mark("Set and adjust stock.")),
        ),
    ),
    Group(
        mark("Catalog"),
        (
            Right("catalog:read", mark("Read SKUs.")),
            Right("catalog:write", mark("Change SKUs.")),
        ),
    ),
    Group(
        mark("Network"),
        (
            Right("network:read", mark("Read locations, calendars, carriers, rates and places.")),
            Right(
                "network:write", mark("Change locations, calendars, carriers, rates and places.")
            ),
        ),
    ),
    Group(
        mark("Channels"),
        (
            Right("channels:read", mark("Read channels.")),
            Right("channels:write", mark("Change channels.")),
        ),
    ),
    Group(
        mark("Monitoring"),
        (Right("metrics:read", mark("Read the figures of the process for a monitoring system.")),),
    ),
    Group(
        mark("People and keys"),
        (Right(PEOPLE, mark("See and change people and API keys.")),),
    ),
)
"""Every scope, once; the sentences are those of ``SCOPES``."""

_EXAMPLES = MappingProxyType(
    {
        "orders:read": "/v1/orders",
        "fulfillment:read": "/v1/fulfillment-orders",
        "catalog:read": "/v1/skus",
        "network:read": "/v1/locations",
        "channels:read": "/v1/channels",
        "stock:read": "/v1/stock",
        "metrics:read": "/metrics",
    }
)
"""What each scope can be tried with, the most telling first; the others only change something."""


def in_short(language: Language, scopes: Collection[str]) -> list[str]:
    """Return the subjects of these scopes, each with whether it is read or changed."""
    if set(scopes) == set(SCOPES):
        return [language.text("Everything")]
    shown = []
    for group in GROUPS:
        held = {right.scope.partition(":")[2] for right in group.rights if right.scope in scopes}
        name = language.text(group.name)
        if held == {"read", "write"}:
            shown.append(language.text("%(subject)s: read and change", subject=name))
        elif held == {"read"}:
            shown.append(language.text("%(subject)s: read", subject=name))
        elif held:
            shown.append(language.text("%(subject)s: change", subject=name))
    return shown


def sentences(scopes: Collection[str]) -> list[str]:
    """Return the English sentences of these scopes, in the order in which they are chosen."""
    return [right.sentence for group in GROUPS for right in group.rights if right.scope in scopes]


def example(scopes: Collection[str], locations: Sequence[str]) -> str | None:
    """Return an address that a key can be tried with, or None when it may read nothing."""
    path = next((path for scope, path in _EXAMPLES.items() if scope in scopes), None)
    if path == "/v1/stock" and locations:
        return f"{path}?{urlencode({'location': locations[0]})}"
    return path
