"""The audit: every stock figure recomputed from its rows, and the first faulty row named.

Each check is one statement, so that it sees one moment, on a system that goes on selling.
"""

from dataclasses import dataclass

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)

FAULTS_MAX = 100

CHECKS: dict[str, bytes] = {
    "on_hand is the sum of the movements": sql.on_hand_by_movements,
    "unavailable is the sum of the movements": sql.unavailable_by_movements,
    "unavailable is the sum of its reasons": sql.unavailable_by_reasons,
    "committed is the sum of the claims": sql.committed_by_claims,
    "shortfall is what is claimed beyond what is there": sql.shortfall_by_figures,
    "every level has its movements' SKU and location": sql.orphans,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFault:
    """A figure that its rows do not add up to; SKU and location are codes."""

    check: str
    sku: str
    location: str
    figure: int
    recomputed: int

    def __str__(self) -> str:
        """Say it in one sentence."""
        return (
            f"{self.sku} at {self.location}: {self.check}, "
            f"but the figure is {self.figure} and the rows make {self.recomputed}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    sku: str
    location: str
    figure: int
    recomputed: int


async def audit(db: Db) -> list[AuditFault]:
    """Return the figures that do not add up, at most FAULTS_MAX a check; none when all is right."""
    return [
        AuditFault(
            check=check,
            sku=row.sku,
            location=row.location,
            figure=row.figure,
            recomputed=row.recomputed,
        )
        for check, query in CHECKS.items()
        for row in await db.rows(_Row, query, {"limit": FAULTS_MAX})
    ]
