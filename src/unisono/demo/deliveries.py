"""The simulated carriers: they tell how parcels travel, until every one is delivered."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from unisono.api.tracking import CarrierFacts, Noted
from unisono.demo.chance import chance
from unisono.demo.client import Client
from unisono.fulfillment.deliver import CarrierFact, Milestone

PAUSE_SECONDS = 0.3
FACTS_MAX = 200
"""Facts that a carrier sends at once."""
ATTEMPT_SHARE = 0.03
"""The part of the parcels for which nobody opens at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    carrier: str
    tracking_number: str
    ahead: tuple[Milestone, ...]


class Deliveries:
    """Every parcel that is on the way, by any carrier."""

    def __init__(self, client: Client, *, seed: int) -> None:
        """Begin with none."""
        self._client = client
        self._seed = seed
        self._travelling: deque[_Parcel] = deque()

    def collect(self, *, carrier: str, tracking_number: str, reference: str, package: int) -> None:
        """Take a parcel along."""
        ahead: tuple[Milestone, ...] = ("in_transit", "out_for_delivery", "delivered")
        if chance(self._seed, reference, package, "nobody opens") < ATTEMPT_SHARE:
            ahead = ("in_transit", "out_for_delivery", "attempted_delivery", *ahead[1:])
        self._travelling.append(
            _Parcel(carrier=carrier, tracking_number=tracking_number, ahead=ahead)
        )

    async def drive(self) -> None:
        """Tell for ever the next step of every parcel, a pause after the one before."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            for _ in range(-(-len(self._travelling) // FACTS_MAX)):
                count = min(FACTS_MAX, len(self._travelling))
                await self._tell([self._travelling.popleft() for _ in range(count)])

    async def _tell(self, parcels: Sequence[_Parcel]) -> None:
        now = datetime.now(UTC)
        facts = CarrierFacts(
            events=tuple(
                CarrierFact(
                    carrier=each.carrier,
                    tracking_number=each.tracking_number,
                    milestone=each.ahead[0],
                    at=now,
                )
                for each in parcels
            )
        )
        await self._client.post("/v1/tracking-events", facts, Noted)
        self._travelling.extend(
            _Parcel(
                carrier=each.carrier,
                tracking_number=each.tracking_number,
                ahead=each.ahead[1:],
            )
            for each in parcels
            if each.ahead[1:]
        )
