"""The simulated carriers: they tell how parcels travel, until every one is delivered."""

import asyncio
import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from unisono.api.tracking import CarrierFacts, Noted
from unisono.demo.client import Client
from unisono.demo.tempo import Tempo
from unisono.demo.travel import Told
from unisono.fulfillment.deliver import CarrierFact, Milestone

PAUSE_SECONDS = 0.3
FACTS_MAX = 200
"""Facts that a carrier sends at once."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Parcel:
    due: datetime
    tracking_number: str
    carrier: str
    milestone: Milestone = field(compare=False)
    ahead: tuple[Told, ...] = field(compare=False)


class Deliveries:
    """Every parcel that is on the way, by any carrier."""

    def __init__(self, client: Client, tempo: Tempo) -> None:
        """Begin with none."""
        self._client = client
        self._tempo = tempo
        self._travelling: list[_Parcel] = []
        self._telling = False

    @property
    def on_the_way(self) -> int:
        """How many parcels are on the way."""
        return len(self._travelling)

    @property
    def are_told(self) -> bool:
        """Whether nothing is to be told of any parcel now."""
        return not self._telling and not self._is_due()

    def collect(self, *, carrier: str, tracking_number: str, ahead: Sequence[Told]) -> None:
        """Take a parcel along; ``ahead`` is what will be told of it, by the tempo's clock."""
        (milestone, due), *rest = ahead
        parcel = _Parcel(
            due=due,
            tracking_number=tracking_number,
            carrier=carrier,
            milestone=milestone,
            ahead=tuple(rest),
        )
        heapq.heappush(self._travelling, parcel)

    def change_tempo(self, tempo: Tempo, *, at: datetime) -> None:
        """Travel on by another tempo from ``at`` on."""
        self._tempo = tempo
        before, self._travelling = self._travelling, []
        for each in before:
            ahead = ((each.milestone, each.due), *each.ahead)
            self.collect(
                carrier=each.carrier,
                tracking_number=each.tracking_number,
                ahead=[(milestone, tempo.paced(due, at)) for milestone, due in ahead],
            )

    async def drive(self) -> None:
        """Tell for ever what is due, at most one step of a parcel at once."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            self._telling = True
            due = list(self._due())
            for at in range(0, len(due), FACTS_MAX):
                await self._tell(due[at : at + FACTS_MAX])
            self._telling = False

    def _is_due(self) -> bool:
        return bool(self._travelling) and self._tempo.has_come(self._travelling[0].due)

    def _due(self) -> Iterator[_Parcel]:
        while self._is_due():
            yield heapq.heappop(self._travelling)

    async def _tell(self, parcels: Sequence[_Parcel]) -> None:
        facts = CarrierFacts(
            events=tuple(
                CarrierFact(
                    carrier=each.carrier,
                    tracking_number=each.tracking_number,
                    milestone=each.milestone,
                    at=self._tempo.told(each.due),
                )
                for each in parcels
            )
        )
        await self._client.post("/v1/tracking-events", facts, Noted)
        for each in parcels:
            if each.ahead:
                self.collect(
                    carrier=each.carrier, tracking_number=each.tracking_number, ahead=each.ahead
                )
