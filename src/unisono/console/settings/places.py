"""The locations that rights can be bound to, by their names."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from unisono.console.languages import Language
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.texts import folded
from unisono.network import locations as network_locations
from unisono.network import network as network_area
from unisono.network.network import Network

_NAMED_MAX = 3
"""Of more locations a list tells the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A location to choose; ``kind`` is a code of ``words.LOCATION_KIND``."""

    code: str
    name: str
    kind: str
    chosen: bool


async def choices(db: Db, chosen: Collection[str]) -> list[Choice]:
    """Return every location, the chosen ones first, each by name."""
    network = await network_area.of(db)
    every = [
        Choice(code=each.code, name=each.name, kind=each.kind, chosen=each.code in chosen)
        for each in network.locations
    ]
    return sorted(every, key=lambda each: (not each.chosen, folded(each.name)))


def names(codes: Iterable[str], network: Network) -> list[str]:
    """Return the names of locations; a code that is not known stands for itself."""
    known = network.by_code
    return sorted((known[each].name if each in known else each for each in codes), key=folded)


def in_short(language: Language, codes: Sequence[str], network: Network) -> str:
    """Return which locations rights are for, short enough for a row of a list."""
    if not codes:
        return language.text("All locations")
    if len(codes) > _NAMED_MAX:
        return language.plural("%(num)s location", "%(num)s locations", len(codes))
    return language.several(names(codes, network))


async def require(db: Db, codes: Collection[str]) -> None:
    """Raise InvalidInput for a location that there is not: such a right would touch nothing."""
    unknown = sorted(await network_locations.unknown(db, codes=codes))
    if unknown:
        detail = f"there is no location {unknown[0]}"
        raise InvalidInput(Fault(pointer="/locations", code="unknown_location", detail=detail))
