"""A sketch of where locations lie: dots by longitude and latitude, on no map."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from unisono.network.locations import Location

SIZE = 300
MARGIN = 14
_SPAN_LEAST = 0.01
"""Degrees; locations that lie closer together than this would be blown up to nonsense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A location in the sketch; one that is ``faint`` is not what is asked for."""

    location: Location
    x: float
    y: float
    faint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Dots in a rectangle, those that stand out last, so that nothing lies over them."""

    width: int
    height: int
    dots: Sequence[Dot]


def sketch(locations: Sequence[Location], *, shown: Collection[str]) -> Sketch | None:
    """Return where locations lie; ``shown`` are the codes of those that stand out.

    None when there are fewer than three: their places say nothing.
    """
    if len(locations) < 3:  # noqa: PLR2004 - said above
        return None
    middle = math.radians(sum(each.latitude for each in locations) / len(locations))
    # A degree of longitude is shorter the farther from the equator it lies.
    easts = [each.longitude * math.cos(middle) for each in locations]
    norths = [each.latitude for each in locations]
    span = max(max(easts) - min(easts), max(norths) - min(norths), _SPAN_LEAST)
    scale = (SIZE - 2 * MARGIN) / span
    dots = [
        Dot(
            location=each,
            x=round(MARGIN + (east - min(easts)) * scale, 1),
            y=round(MARGIN + (max(norths) - north) * scale, 1),
            faint=each.code not in shown,
        )
        for each, east, north in zip(locations, easts, norths, strict=True)
    ]
    return Sketch(
        width=round((max(easts) - min(easts)) * scale) + 2 * MARGIN,
        height=round((max(norths) - min(norths)) * scale) + 2 * MARGIN,
        dots=sorted(dots, key=lambda dot: (not dot.faint, dot.location.kind != "store")),
    )
