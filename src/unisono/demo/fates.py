"""What happens to an order beyond the usual: it is paid later, its customer changes their mind, ...

All shares are invented.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from unisono.demo.chance import chance

PENDING_SHARE = 0.03
"""The part of web and app orders whose payment arrives later."""
CANCEL_SHARE = 0.01
CANCEL_ONE_SHARE = 0.01
"""The part of the orders of which one unit is cancelled."""
ATTEMPT_SHARE = 0.03
"""The part of the orders for which nobody opens at first."""
LATE_SHARE = 0.04
"""The part of the orders that carriers bring late."""

_PAYS_AFTER_MAX = timedelta(hours=36)
_CANCELS_AFTER_MAX = timedelta(hours=3)
_DAYS_LATE_MAX = 3
_PAID_BY_US = frozenset(("web", "app"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What happens to an order, counted from when it was placed.

    Without ``pays_after`` it is paid at once. ``days_late`` counts days on which its carrier
    delivers; ``nobody_opens`` at the first try.
    """

    pays_after: timedelta | None = None
    cancels: Literal["nothing", "one unit", "everything"] = "nothing"
    cancels_after: timedelta = timedelta(0)
    nobody_opens: bool = False
    days_late: int = 0


def drawn(seed: int, reference: str, *, channel: str, carried_out: bool) -> Fate:
    """Return the fate of an order: always the same for a seed and a reference."""

    def number(of: str) -> float:
        return chance(seed, reference, of)

    if carried_out:
        return Fate()
    pays_later = channel in _PAID_BY_US and number("pays later") < PENDING_SHARE
    cancels: Literal["nothing", "one unit", "everything"] = "nothing"
    if number("cancels") < CANCEL_SHARE:
        cancels = "everything"
    elif number("cancels") < CANCEL_SHARE + CANCEL_ONE_SHARE:
        cancels = "one unit"
    late = number("late") < LATE_SHARE
    return Fate(
        pays_after=number("pays") * _PAYS_AFTER_MAX if pays_later else None,
        cancels=cancels,
        cancels_after=(
            timedelta(0) if cancels == "nothing" else number("thinks") * _CANCELS_AFTER_MAX
        ),
        nobody_opens=number("nobody opens") < ATTEMPT_SHARE,
        days_late=1 + int(number("days late") * _DAYS_LATE_MAX) if late else 0,
    )
