"""Stock in figures: how much of the range can be sold, and what lies where.

No figure of a stock level may be indexed, so every level is read. That takes tens of milliseconds
and is done every few seconds, by whoever asks first; the others get what was found last, with its
age.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from unisono.core import clock, queries
from unisono.core.database import Db
from unisono.network import network

sql = queries.beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationStock:
    """What lies at a location, in units of all SKUs; ``free_skus`` have units that nobody claims.

    ``oversold_levels`` are SKUs of which more left than was known to be there.
    """

    location: str
    name: str
    on_hand: int
    unavailable: int
    reserved: int
    committed: int
    free_skus: int
    oversold_levels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFigures:
    """The stock at ``as_of``, ``age_seconds`` ago.

    An active SKU is sellable when an online location has a unit of it that nobody claims, whatever
    single channels keep back.
    """

    as_of: datetime
    age_seconds: float
    active_skus: int
    sellable_skus: int
    locations: tuple[LocationStock, ...]

    @property
    def out_of_stock_skus(self) -> int:
        """Active SKUs that nobody can sell."""
        return self.active_skus - self.sellable_skus

    @property
    def sellable_share(self) -> float:
        """Sellable SKUs as a share of the active ones; 1 when there are none."""
        return self.sellable_skus / self.active_skus if self.active_skus else 1.0

    @property
    def on_hand(self) -> int:
        """Units that are physically there."""
        return sum(each.on_hand for each in self.locations)

    @property
    def committed(self) -> int:
        """Units that placed orders claim."""
        return sum(each.committed for each in self.locations)

    @property
    def oversold_levels(self) -> int:
        """SKUs at locations of which more left than was known to be there."""
        return sum(each.oversold_levels for each in self.locations)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    location: int
    on_hand: int
    unavailable: int
    reserved: int
    committed: int
    free_skus: int
    oversold_levels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    active_skus: int
    sellable_skus: int


@dataclass(slots=True, kw_only=True)
class _Remembered:
    """What a process remembers of a database's stock, and whether somebody is reading it again."""

    as_of: datetime | None = None
    skus: _Range = _Range(active_skus=0, sellable_skus=0)
    locations: tuple[LocationStock, ...] = ()
    is_being_read: bool = False


async def figures(db: Db) -> StockFigures:
    """Return the stock figures, at most ``stock_figures_seconds`` old unless they are being read.

    One asker at a time reads them again, and nobody waits for another.
    """
    remembered: _Remembered = db.memory.setdefault(_Remembered, _Remembered())
    age_max = timedelta(seconds=db.settings.stock_figures_seconds)
    now = clock.now()
    as_of = remembered.as_of
    if as_of is None or (now - as_of >= age_max and not remembered.is_being_read):
        remembered.is_being_read = True
        try:
            skus, locations = await _read(db)
        finally:
            remembered.is_being_read = False
        as_of = now
        remembered.as_of, remembered.skus, remembered.locations = as_of, skus, locations
    return StockFigures(
        as_of=as_of,
        age_seconds=(now - as_of).total_seconds(),
        active_skus=remembered.skus.active_skus,
        sellable_skus=remembered.skus.sellable_skus,
        locations=remembered.locations,
    )


async def _read(db: Db) -> tuple[_Range, tuple[LocationStock, ...]]:
    everywhere = await network.of(db)
    online = [each.id for each in everywhere.locations if each.status == "online"]
    [skus] = await db.rows(_Range, sql.range_of_skus, {"online": online})
    levels = {each.location: each for each in await db.rows(_Level, sql.levels_of_locations)}
    return skus, tuple(
        LocationStock(
            location=location.code,
            name=location.name,
            on_hand=level.on_hand,
            unavailable=level.unavailable,
            reserved=level.reserved,
            committed=level.committed,
            free_skus=level.free_skus,
            oversold_levels=level.oversold_levels,
        )
        for location in everywhere.locations
        if (level := levels.get(location.id)) is not None
    )
