"""The roles of people, and what each may do in the scopes that also bound API keys."""

from collections.abc import Mapping
from types import MappingProxyType

from unisono.identity.scopes import PEOPLE, SCOPES

ADMINISTRATOR = "administrator"
STORE = "store"
"""Its people work at certain locations, and at these alone."""

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        ADMINISTRATOR: frozenset(SCOPES),
        "operations": frozenset(SCOPES) - {PEOPLE},
        "service": frozenset(
            (
                "orders:read",
                "orders:write",
                "stock:read",
                "fulfillment:read",
                "catalog:read",
                "channels:read",
                "network:read",
            )
        ),
        STORE: frozenset(
            ("fulfillment:read", "fulfillment:write", "stock:read", "catalog:read", "network:read")
        ),
    }
)
