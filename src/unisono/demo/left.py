"""What the demo leaves to its visitor: some work of one store and of one warehouse."""

from collections.abc import Mapping

from unisono.demo.chance import chance

STORE = "S-PARIS-RIVOLI"
WAREHOUSE = "W-ORLEANS"
SHARES: Mapping[str, float] = {STORE: 0.5, WAREHOUSE: 0.1}
"""The part of the work that is left to the visitor, by location."""
LEFT_MAX = 6
"""How much of it may lie at a location at once: beyond that, the staff does everything."""


def is_left(seed: int, reference: str, location: str) -> bool:
    """Return whether the work of an order at a location is the visitor's, if there is room."""
    share = SHARES.get(location, 0.0)
    return chance(seed, reference, location, "left") < share
