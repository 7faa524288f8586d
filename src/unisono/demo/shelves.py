"""The shelves of the simulated locations: what really lies there, whatever the figures say."""

from collections import Counter
from collections.abc import Iterable

from unisono.demo.stocking import StockPlacement


class Shelves:
    """What really lies where, in units; at first what was counted."""

    def __init__(self, placements: Iterable[StockPlacement]) -> None:
        """Begin with the goods of the first count."""
        self._units = Counter[tuple[str, str]]()
        for placement in placements:
            self._units[placement.location, placement.sku] = placement.quantity

    def take(self, location: str, sku: str, wanted: int) -> int:
        """Take units off a shelf and return how many there were, ``wanted`` at most."""
        taken = min(wanted, self._units[location, sku])
        self._units[location, sku] -= taken
        return taken

    def put_back(self, location: str, sku: str, units: int) -> None:
        """Put units on a shelf."""
        self._units[location, sku] += units
