"""What an API key or a person may do: a closed set, each with the sentence that users read."""

from collections.abc import Iterable
from types import MappingProxyType

from unisono.core.errors import Fault, InvalidInput

PEOPLE = "people:write"

SCOPES = MappingProxyType(
    {
        "network:read": "Read locations, calendars, carriers, rates and places.",
        "network:write": "Change locations, calendars, carriers, rates and places.",
        "catalog:read": "Read SKUs.",
        "catalog:write": "Change SKUs.",
        "channels:read": "Read channels.",
        "channels:write": "Change channels.",
        "stock:read": "Read stock levels and the ledger.",
        "stock:write": "Set and adjust stock.",
        "orders:read": "Read orders.",
        "orders:write": "Capture, pay and cancel orders.",
        "fulfillment:read": "Read the work of locations.",
        "fulfillment:write": "Accept, reject, pick, pack, ship and hand over.",
        "tracking:write": "Report what happened to a package.",
        "metrics:read": "Read the figures of the process for a monitoring system.",
        PEOPLE: "See and change people and API keys.",
    }
)


def checked(scopes: Iterable[str]) -> list[str]:
    """Return the scopes sorted, each once. Raises InvalidInput for an unknown one, or for none."""
    wanted = sorted(set(scopes))
    if not wanted:
        detail = "a key without any scope may do nothing: name at least one"
        raise InvalidInput(Fault(pointer="/scopes", code="missing_field", detail=detail))
    known = ", ".join(SCOPES)
    faults = [
        Fault(
            pointer="/scopes",
            code="unknown_scope",
            detail=f"“{scope}” is not a scope; the scopes are: {known}",
        )
        for scope in wanted
        if scope not in SCOPES
    ]
    if faults:
        raise InvalidInput(*faults)
    return wanted
