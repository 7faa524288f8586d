"""The navigation: what people do, and who may do it."""

from collections.abc import Sequence
from dataclasses import dataclass

from unisono.console.words import mark
from unisono.identity.sessions import Visitor


@dataclass(frozen=True, slots=True)
class Entry:
    """One place to go; ``needs`` is the scope without which it is not shown.

    ``key`` is what is pressed after ``g`` to go there.
    """

    text: str
    path: str
    icon: str
    needs: str
    key: str


ENTRIES: Sequence[Entry] = (
    Entry(mark("Overview"), "/", "layout-dashboard", "orders:read", "h"),
    Entry(mark("Orders"), "/orders", "shopping-cart", "orders:read", "o"),
    Entry(mark("Fulfillment"), "/fulfillment", "packages", "fulfillment:read", "f"),
    Entry(mark("Inventory"), "/inventory", "stack-2", "stock:read", "i"),
    Entry(mark("Network"), "/network", "map-pin", "network:read", "n"),
    Entry(mark("Channels"), "/channels", "world", "channels:read", "c"),
    Entry(mark("Settings"), "/settings", "settings", "people:write", "s"),
)


def entries(visitor: Visitor) -> list[Entry]:
    """Return where a person may go."""
    return [each for each in ENTRIES if each.needs in visitor.scopes]


def first_page(visitor: Visitor) -> str:
    """Return where a person's day begins: for people of a store, with its work."""
    return next((each.path for each in entries(visitor)), "/")
