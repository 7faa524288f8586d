"""The image: what this process remembers of free stock, so that it need not read it every time.

Per SKU an array over locations, changed by this process's own writes and by following what others
changed. It serves decisions at memory speed and guards nothing: the conditional change of the
database is the only guard, and nobody is refused from the image. It can be thrown away at any time.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unisono.core import positions, queries
from unisono.core.database import Db
from unisono.core.settings import Settings
from unisono.inventory.levels import Changed

sql = queries.beside(__file__)

FOLLOW_BATCHES_MAX = 500

Units = NDArray[np.int64]


class _Remembered:
    """One SKU: free units and versions by location index."""

    __slots__ = ("free", "versions")

    def __init__(self, locations: int) -> None:
        self.free: Units = np.zeros(locations, dtype=np.int64)
        self.versions = [-1] * locations

    def take(self, at: int | None, version: int, free: int) -> None:
        """Take over a figure if it is newer; a location that is not in the image is passed over."""
        if at is not None and version > self.versions[at]:
            self.versions[at] = version
            self.free[at] = free


def of_process(memory: dict[object, Any], settings: Settings) -> "Image":
    """Return the image that a process keeps in its memory of a database."""
    held: Image | None = memory.get(Image)
    if held is None:
        held = memory[Image] = Image(
            skus_max=settings.image_skus_max, age_ms_max=settings.image_age_ms_max
        )
    return held


class Image:
    """Free units by SKU and location index, bounded by the least recently used.

    ``locations`` maps a location's id to its index; when it changes the image begins anew.
    """

    def __init__(self, *, skus_max: int, age_ms_max: int) -> None:
        """Begin empty, with the bounds of memory and age."""
        self._skus_max = skus_max
        self._age_ms_max = age_ms_max
        self._index_of: Mapping[int, int] = {}
        self._skus: OrderedDict[int, _Remembered] = OrderedDict()
        self._one_loader = asyncio.Lock()
        self._arriving: dict[int, list[tuple[int, int, int]]] = {}
        self._position: int | None = None
        self._reached_end_at = time.monotonic()

    def __len__(self) -> int:
        """How many SKUs are remembered."""
        return len(self._skus)

    @property
    def age_ms(self) -> float:
        """Time since everything that others had changed was known."""
        return (time.monotonic() - self._reached_end_at) * 1000

    def forget(self, skus: Iterable[int] | None = None) -> None:
        """Forget some SKUs, or all: they are read again when next needed."""
        if skus is None:
            self._skus.clear()
        else:
            for sku in skus:
                self._skus.pop(sku, None)

    async def of(
        self, db: Db, *, skus: Iterable[int], index_of: Mapping[int, int]
    ) -> dict[int, Units]:
        """Return the free units of these SKUs by location index, reading those not remembered.

        The arrays are the image's own: whoever decides on them takes off what it gives away, and
        calls ``forget`` for a SKU whose claim did not go through. An image older than its age limit
        is read again.
        """
        if index_of is not self._index_of:
            self._index_of = index_of
            self._skus.clear()
        if self.age_ms > self._age_ms_max:
            self._skus.clear()
        wanted = set(skus)
        found = {sku: self._skus[sku] for sku in wanted if sku in self._skus}
        if len(found) < len(wanted):
            async with self._one_loader:
                found |= await self._load(db, [sku for sku in wanted if sku not in found])
        for sku in found:
            if sku in self._skus:
                self._skus.move_to_end(sku)
        while len(self._skus) > self._skus_max:
            self._skus.popitem(last=False)
        return {sku: remembered.free for sku, remembered in found.items()}

    def see(self, changed: Iterable[Changed]) -> None:
        """Take over levels that this process changed, once they are committed."""
        for each in changed:
            self._put(each.sku, each.location, each.version, each.free)

    async def follow(self, db: Db) -> int:
        """Take over what others changed since the last call; return how many batches were read."""
        if self._position is None:
            self._position = await positions.latest(db)
            self._skus.clear()
        batches = await positions.batches_after(db, after=self._position, limit=FOLLOW_BATCHES_MAX)
        if batches:
            rows = await db.tuples(sql.changes, {"batches": [each.batch for each in batches]})
            for columns in rows:
                for sku, location, version, free in zip(*columns, strict=True):
                    self._put(sku, location, version, free)
            self._position = batches[-1].position + batches[-1].width - 1
        if len(batches) < FOLLOW_BATCHES_MAX:
            self._reached_end_at = time.monotonic()
        return len(batches)

    async def _load(self, db: Db, skus: Sequence[int]) -> dict[int, _Remembered]:
        """Read SKUs; what changes while they are being read is kept and put in afterwards."""
        index_of = self._index_of
        fresh = {sku: _Remembered(len(index_of)) for sku in skus}
        self._arriving = {sku: [] for sku in skus}
        try:
            rows = await db.tuples(sql.free_of_skus, {"skus": list(skus)})
            for sku, location, version, free in rows:
                fresh[sku].take(index_of.get(location), version, free)
            for sku, arrived in self._arriving.items():
                for location, version, free in arrived:
                    fresh[sku].take(index_of.get(location), version, free)
        finally:
            self._arriving = {}
        if index_of is self._index_of:
            self._skus.update(fresh)
        return fresh

    def _put(self, sku: int, location: int, version: int, free: int) -> None:
        if sku in self._arriving:
            self._arriving[sku].append((location, version, free))
        remembered = self._skus.get(sku)
        if remembered is not None:
            remembered.take(self._index_of.get(location), version, free)
